"""Asks PyTorch for derivatives beyond the gradient and writes them to `higher.json`.

Run with PyTorch installed: `python tests/golden/record_higher.py`. The replay needs none.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as functional

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from golden.higher import FUNCTIONAL, PROGRAMS, A, Program  # noqa: E402

NAMES: dict[str, Any] = {name: getattr(torch, name) for name in dir(torch) if not name.startswith("_")}
NAMES |= {"torch": torch, "F": functional, "linalg": torch.linalg, "abs": torch.abs}


def plain(value: Any) -> Any:
    """Tensors as nested lists, with 15 digits."""
    if isinstance(value, torch.Tensor):
        return plain(value.detach().tolist())
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return float(f"{value:.15g}") if isinstance(value, float) else value


def answer(program: Program) -> dict[str, Any]:
    """What PyTorch says of a program."""
    names = list(program.inputs)

    def run(*leaves: torch.Tensor) -> torch.Tensor:
        found = eval(program.text, {**NAMES, "A": torch.tensor(A), **dict(zip(names, leaves, strict=True))})
        assert isinstance(found, torch.Tensor)
        return found

    leaves = tuple(torch.tensor(value, requires_grad=True) for value in program.inputs.values())
    found: dict[str, Any] = {"value": plain(run(*leaves))}
    if program.orders:
        found["orders"] = {}
        for name, leaf in zip(names, leaves, strict=True):
            series, last = [], run(*leaves)
            for _ in range(program.orders):
                (gradient,) = torch.autograd.grad(
                    last.sum(), leaf, create_graph=True, allow_unused=True, materialize_grads=True
                )
                series.append(plain(gradient))
                last = gradient if gradient.requires_grad else (leaf * 0).sum() + gradient
            found["orders"][name] = series
    if program.hessian:
        found["hessian"] = plain(torch.autograd.functional.hessian(run, leaves))
    if program.jacobian:
        found["jacobian"] = plain(torch.autograd.functional.jacobian(run, leaves))
    return found


def main() -> None:
    torch.set_default_dtype(torch.float64)
    functions = {}
    for name, text in FUNCTIONAL.items():
        scope: dict[str, Any] = {"torch": torch}
        exec(text, scope)
        functions[name] = plain(scope["result"])
    recorded = {
        "torch": torch.__version__,
        "programs": [answer(each) for each in PROGRAMS],
        "functional": functions,
    }
    (HERE / "higher.json").write_text(json.dumps(recorded) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
