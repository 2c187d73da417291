"""Asks PyTorch which operands each operation of the table saves, and whether its result: `saved.json`.

What is saved must not be overwritten before backward. Run with PyTorch installed:
`python tests/golden/record_saved.py`. The replay needs none.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from golden.operations import Case, cases, families  # noqa: E402
from golden.record_operations import evaluate, fresh  # noqa: E402

RESULT = "the result"
CASES = 2
"""How many of each function."""


def names(case: Case) -> list[str]:
    """What may be overwritten."""
    return [*case.inputs, RESULT]


def refused(case: Case, name: str, alone: str | None) -> bool | None:
    """Whether backward is refused once `name` was overwritten; None where there is nothing to ask.

    Only the input `alone` requires grad, or all do.
    """
    inputs = {}
    for each, leaf in fresh(case).items():
        tensor = leaf.detach().clone()
        if leaf.requires_grad and alone in (None, each):
            tensor = leaf * 1
        inputs[each] = tensor
    try:
        result = evaluate(case, inputs)
    except Exception:  # a row that only the language accepts as it stands
        return None
    written = result if name == RESULT else inputs[name]
    if not isinstance(result, torch.Tensor) or not result.requires_grad:
        return None
    if name == RESULT and any(written is each for each in inputs.values()):
        return None
    with torch.no_grad():
        try:
            written.copy_(written.clone())
        except RuntimeError:  # more than one element in a place
            return None
    try:
        result.backward(torch.ones_like(result))
    except RuntimeError as error:
        if "modified by an inplace operation" in str(error):
            return True
        return None
    return False


def record(case: Case) -> dict[str, list[str]]:
    """For all inputs, and for each that requires grad alone: what is saved."""
    floats = [name for name, leaf in fresh(case).items() if leaf.requires_grad]
    found = {}
    for alone in (None, *(floats if len(floats) > 1 else ())):
        answers = {name: refused(case, name, alone) for name in names(case)}
        if None not in answers.values():
            found[alone or "all"] = [name for name, answer in answers.items() if answer]
    return found


def main() -> None:
    """Records a few cases of every function."""
    warnings.simplefilter("ignore")
    rows: dict[str, dict[str, dict[str, list[str]]]] = {}
    for family in families():
        counts: dict[str, int] = {}
        rows[family] = {}
        for case in cases(family):
            if counts.get(case.name, 0) < CASES and (answer := record(case)):
                counts[case.name] = counts.get(case.name, 0) + 1
                rows[family][case.key] = answer
    (HERE / "saved.json").write_text(json.dumps(rows, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
