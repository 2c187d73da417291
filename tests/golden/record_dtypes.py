"""Asks PyTorch for the dtype and the numbers of every row of the promotion table; writes `dtypes.json`.

Run with PyTorch installed: `python tests/golden/record_dtypes.py`.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from golden.dtypes import OPERANDS, expressions  # noqa: E402
from golden.record_operations import NAMES  # noqa: E402


def answer(expression: str, operands: dict[str, torch.Tensor]) -> list[object]:
    """`[dtype, numbers]`, or `["error", PyTorch's sentence]`."""
    try:
        result = eval(expression, dict(NAMES), dict(operands))
    except (RuntimeError, TypeError, ValueError) as error:
        return ["error", str(error).splitlines()[0].partition(". ")[0]]
    return [str(result.dtype).removeprefix("torch."), result.tolist()]


def main() -> None:
    """Records the table under both default precisions."""
    warnings.simplefilter("ignore")
    answers = {}
    for default in ("float64", "float32"):
        torch.set_default_dtype(getattr(torch, default))
        operands = {
            name: torch.tensor(data, dtype=getattr(torch, dtype)) for name, (dtype, data) in OPERANDS.items()
        }
        answers[default] = {
            operation: {expression: answer(expression, operands) for expression in rows}
            for operation, rows in expressions().items()
        }
    lines = []
    for default, operations in answers.items():
        rows = ",\n".join(
            f"{json.dumps(name)}:{json.dumps(rows, separators=(',', ':'))}"
            for name, rows in operations.items()
        )
        lines.append(f'"{default}": {{\n{rows}\n}}')
    (HERE / "dtypes.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(sum(len(rows) for operations in answers.values() for rows in operations.values()), "rows")


if __name__ == "__main__":
    main()
