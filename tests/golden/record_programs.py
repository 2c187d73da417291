"""Grows random programs, asks PyTorch for their values and derivatives, and writes `programs.json`.

Run with PyTorch installed: `python tests/golden/record_programs.py`.
"""

from __future__ import annotations

import json
import random
import re
import sys
import warnings
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from golden.programs import LEAF_SHAPES, Grower  # noqa: E402
from golden.record_operations import NAMES, fixed  # noqa: E402

PROGRAMS = 300
LARGEST = 40
"""Elements in a tensor, at most: the answers are committed."""


def short(tensor: torch.Tensor) -> object:
    """Nested lists with 14 digits, which is beyond what the replay asks for."""

    def cut(entry: object) -> object:
        return [cut(part) for part in entry] if isinstance(entry, list) else float(f"{entry:.14g}")

    return cut(tensor.detach().tolist())


def tame(tensor: object) -> bool:
    """Whether a value is small, finite and away from the accidents of rounding near a kink."""
    if not isinstance(tensor, torch.Tensor) or tensor.numel() == 0 or tensor.numel() > LARGEST:
        return False
    size = tensor.detach().abs()
    whole = (tensor.detach() - tensor.detach().round()).abs()
    near = ((size < 1e-5) & (size > 0)) | ((whole < 1e-7) & (whole > 0))
    return bool(torch.isfinite(size).all()) and float(size.max()) < 30 and not bool(near.any())


def evaluated(expression: str, values: dict[str, torch.Tensor]) -> torch.Tensor | None:
    """The value of a proposal, or None where it does not fit or is not tame."""
    try:
        value = eval(expression, dict(NAMES), dict(values))
    except (RuntimeError, IndexError, TypeError, ValueError):
        return None
    return value if tame(value) else None


def grow(seed: int) -> dict[str, object]:
    """One program with PyTorch's answers."""
    draw = random.Random(f"program {seed}")
    values: dict[str, torch.Tensor] = {}
    for name in ["x", "y", "z"][: draw.randint(1, 3)]:
        shape = draw.choice(LEAF_SHAPES)
        count = int(torch.Size(shape).numel())
        numbers = [round(draw.uniform(-1.6, 1.6), 3) for _ in range(count)]
        values[name] = torch.tensor(numbers).reshape(shape).requires_grad_()
    leaves = dict(values)
    grower = Grower(draw, {name: tuple(value.shape) for name, value in values.items()})
    lines: list[str] = []
    length = draw.randint(5, 25)
    for _ in range(40 * length):
        if len(lines) == length:
            break
        expression = grower.proposal()
        value = evaluated(expression, values)
        if value is not None:
            name = f"t{len(lines) + 1}"
            lines.append(f"{name} = {expression}")
            values[name] = value
            grower.shapes[name] = tuple(value.shape)
    read = {word for line in lines for word in re.findall(r"\w+", line.partition(" = ")[2])}
    unread = [name for name in values if name not in read]
    root = " + ".join(f"{draw.choice(['mean', 'sum'])}({name})" for name in dict.fromkeys([*unread, *leaves]))
    lines.append(f"root = {root}")
    values["root"] = eval(root, dict(NAMES), dict(values))
    grads = torch.autograd.grad(values["root"], list(leaves.values()), create_graph=True)
    total = sum((grad * fixed(tuple(grad.shape), "v")).sum() for grad in grads)
    row = {
        "source": "\n".join(lines),
        "inputs": {name: short(leaf) for name, leaf in leaves.items()},
        "values": {name: short(value) for name, value in values.items() if name not in leaves},
        "grads": {name: short(grad) for name, grad in zip(leaves, grads, strict=True)},
    }
    if seed % 2 == 0 and total.requires_grad:
        twice = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
        if all(grad is None or torch.isfinite(grad).all() for grad in twice):
            row["directions"] = {name: short(fixed(tuple(leaf.shape), "v")) for name, leaf in leaves.items()}
            row["second"] = {
                name: short(torch.zeros_like(leaf) + (grad if grad is not None else 0))
                for (name, leaf), grad in zip(leaves.items(), twice, strict=True)
            }
    return row


def main() -> None:
    """Records all programs."""
    warnings.simplefilter("ignore")
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    rows = [grow(seed) for seed in range(PROGRAMS)]
    text = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    (HERE / "programs.json").write_text(f"[\n{text}\n]\n", encoding="utf-8")
    lengths = [str(row["source"]).count("\n") for row in rows]
    print(f"{len(rows)} programs of {min(lengths)} to {max(lengths)} assignments")


if __name__ == "__main__":
    main()
