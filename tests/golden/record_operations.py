"""Asks PyTorch for the answers to the table of operations and writes them to `operations/<family>.json`.

Run with PyTorch installed: `python tests/golden/record_operations.py [family …]`. The replay needs none.
"""

from __future__ import annotations

import json
import math
import random
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from golden.operations import PROMISED, Case, cases, dtype_of, families, make, shape_of  # noqa: E402

# Where torch and torch.nn.functional have the same name with other arguments, the language means the latter.
FROM_FUNCTIONAL = f"{PROMISED['networks']} {PROMISED['losses']} softmin pad one_hot".split()


class NumpyNames:
    """`np.` of the language: the same functions, NumPy's argument names."""

    def __getattr__(self, name: str) -> object:
        return getattr(torch, name)


def namespace() -> dict[str, object]:
    """What the bare names of the language mean in PyTorch."""
    names: dict[str, object] = {}
    for module in (torch.special, torch):
        names |= {name: getattr(module, name) for name in dir(module) if not name.startswith("_")}
    names |= {name: getattr(functional, name) for name in FROM_FUNCTIONAL}
    names |= {
        "torch": torch,
        "F": functional,
        "nn": torch.nn,
        "linalg": torch.linalg,
        "special": torch.special,
    }
    names |= {"np": NumpyNames(), "pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan}
    return names


NAMES = namespace()


def fixed(shape: tuple[int, ...], key: str) -> torch.Tensor:
    """Fixed pseudo-random weights of a shape, two digits each."""
    draw = random.Random(f"{key} {shape}")
    count = math.prod(shape)
    return torch.tensor(
        [round(draw.uniform(0.2, 1.8), 2) for _ in range(count)], dtype=torch.float64
    ).reshape(shape)


def cut(stored: object) -> object:
    """Nested lists with floats of 15 digits: the last ones vary from run to run."""
    if isinstance(stored, list):
        return [cut(part) for part in stored]
    if not isinstance(stored, float) or abs(stored) > 1e300:  # rounding up could leave the range
        return stored
    return float(f"{stored:.15g}")


def compact(tensor: torch.Tensor) -> object:
    """A tensor as nested lists; its shape beside it only where the lists can't tell (an empty tensor)."""
    return cut(tensor.detach().tolist()) if tensor.numel() else {"shape": list(tensor.shape)}


def evaluate(case: Case, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    """The expression in PyTorch."""
    torch.manual_seed(0)
    source = case.expression.replace(" ^ ", " ** ")
    return eval(source, dict(NAMES), dict(inputs))


def fresh(case: Case) -> dict[str, torch.Tensor]:
    """The inputs as new leaves; floating-point ones require grad."""
    made = {}
    for name, recipe in case.inputs.items():
        array = np.array(make(recipe), dtype=dtype_of(recipe))
        if isinstance(recipe, str):
            array = array.reshape(shape_of(recipe))
        constant = isinstance(recipe, str) and recipe.startswith("const ")
        made[name] = torch.tensor(array, requires_grad=array.dtype.kind == "f" and not constant)
    return made


def freed_by_first_walk(case: Case) -> bool:
    """Whether a second backward without `retain_graph` raises."""
    result = evaluate(case, fresh(case))
    result.backward(torch.ones_like(result))
    try:
        result.backward(torch.ones_like(result))
    except RuntimeError as error:
        if "second time" not in str(error):
            raise
        return True
    return False


def record(case: Case) -> dict[str, object]:
    """PyTorch's answers to one case."""
    inputs = fresh(case)
    result = evaluate(case, inputs)
    assert isinstance(result, torch.Tensor), (case.key, type(result))
    assert not result.is_complex(), case.key
    row: dict[str, object] = {
        "name": case.name,
        "expression": case.expression,
        "inputs": dict(case.inputs),
        "dtype": str(result.dtype).removeprefix("torch."),
        "value": compact(result),
    }
    leaves = {name: tensor for name, tensor in inputs.items() if tensor.requires_grad}
    if not result.requires_grad or not leaves:
        return row
    row["grad_fn"] = result.grad_fn.name() if result.grad_fn is not None else None
    weights = fixed(tuple(result.shape), "w")
    try:
        grads = torch.autograd.grad(result, list(leaves.values()), weights, allow_unused=True)
    except RuntimeError as error:
        if "is not implemented" not in str(error):
            raise
        row["differentiable"] = False
        return row
    row["weights"] = compact(weights)
    row["grads"] = named(leaves, grads)
    again = fresh(case)
    leaves = {name: again[name] for name in leaves}
    result = evaluate(case, again)
    grads = torch.autograd.grad(result, list(leaves.values()), weights, create_graph=True, allow_unused=True)
    recorded = named(leaves, grads)
    if disagree(row["grads"], recorded):  # a few of PyTorch's formulas change when the walk is recorded
        row["recorded_grads"] = recorded
    row["freed"] = freed_by_first_walk(case)
    second = second_order(leaves, grads)
    if second is not None:
        row["directions"] = {
            name: compact(fixed(tuple(leaf.shape), "v" + name)) for name, leaf in leaves.items()
        }
        row["second"] = second
    return row


def named(leaves: dict[str, torch.Tensor], grads: tuple[torch.Tensor | None, ...]) -> dict[str, object]:
    """The gradients by name; zero where PyTorch has None."""
    stored: dict[str, object] = {}
    for (name, leaf), grad in zip(leaves.items(), grads, strict=True):
        stored[name] = compact(torch.zeros_like(leaf) + (0 if grad is None else grad))
    return stored


def disagree(one: dict[str, object], other: dict[str, object]) -> bool:
    """Whether two sets of gradients differ by more than rounding."""
    return any(
        not isinstance(one[name], dict)
        and not np.allclose(np.array(one[name]), np.array(other[name]), rtol=1e-9, atol=1e-14, equal_nan=True)
        for name in one
    )


def second_order(
    leaves: dict[str, torch.Tensor], grads: tuple[torch.Tensor | None, ...]
) -> dict[str, object] | None:
    """The gradient of `sum(grad * v)`; None where PyTorch has none or it is not finite."""
    total = torch.zeros((), dtype=torch.float64)
    for (name, leaf), grad in zip(leaves.items(), grads, strict=True):
        if grad is not None:
            total = total + (grad * fixed(tuple(leaf.shape), "v" + name)).sum()
    try:
        twice = (
            torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
            if total.requires_grad
            else [None] * len(leaves)
        )
    except (RuntimeError, NotImplementedError):
        return None
    finite = [bool(torch.isfinite(grad).all()) for grad in [*twice, total] if grad is not None]
    return named(leaves, twice) if all(finite) else None


def main(chosen: list[str]) -> None:
    """Records the chosen families, or all."""
    warnings.simplefilter("ignore")
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    folder = HERE / "operations"
    folder.mkdir(exist_ok=True)
    failures = []
    for family in chosen or list(families()):
        rows, used = [], {}
        for case in cases(family):
            try:
                rows.append(record(case))
            except Exception as error:  # the table is wrong: say where, go on
                failures.append(f"{case.key}: {type(error).__name__}: {str(error).splitlines()[0]}")
            for recipe in case.inputs.values():
                if isinstance(recipe, str):
                    used[recipe] = make(recipe)
        lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
        made = ",\n".join(f"{json.dumps(key)}:{json.dumps(used[key], separators=(',', ':'))}" for key in used)
        version = torch.__version__.split("+")[0]
        text = f'{{"torch": "{version}",\n"inputs": {{\n{made}\n}},\n"cases": [\n{lines}\n]}}\n'
        (folder / f"{family}.json").write_text(text, encoding="utf-8")
        print(f"{family}: {len(rows)} cases")
    if failures:
        print("\n".join(failures), file=sys.stderr)
        raise SystemExit(f"{len(failures)} cases of the table fail in PyTorch")


if __name__ == "__main__":
    main(sys.argv[1:])
