"""What an operation saves for backward, found out by overwriting its operands: the replay of `saved.json`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import gradcli
from golden.operations import Case, cases, dtype_of, families, make, shape_of
from golden.replay import recorded

RESULT = "the result"


def rows() -> Iterator[tuple[str, Case, str, list[str]]]:
    """Family, case, which input requires grad ("all": each does), and the names that PyTorch saves."""
    answers = recorded("saved.json")
    for family in families():
        for case in cases(family):
            for alone, saved in answers[family].get(case.key, {}).items():
                yield family, case, alone, saved


def program(case: Case, alone: str, written: str, floats: list[str]) -> str:
    """The program that overwrites `written` between the operation and its backward."""
    lines = []
    for name in case.inputs:
        if name in floats and alone in ("all", name):
            lines.append(f"{name} = leaf_{name} * 1")
        else:
            lines.append(f"{name} = leaf_{name}.detach().clone()")
    out = "out" if written == RESULT else written
    lines += [
        f"out = {case.expression}",
        f"with no_grad(): {out}.copy_({out}.clone())",
        "out.backward(ones_like(out))",
    ]
    return "\n".join(lines)


def arrays_of(case: Case) -> dict[str, np.ndarray]:
    """The inputs of a case."""
    found = {}
    for name, recipe in case.inputs.items():
        array = np.array(make(recipe), dtype=dtype_of(recipe))
        found[name] = array.reshape(shape_of(recipe)) if isinstance(recipe, str) else array
    return found


def saved_here(case: Case, alone: str) -> list[str]:
    """The names that are refused here."""
    arrays = arrays_of(case)
    floats = [
        name
        for name, array in arrays.items()
        if array.dtype.kind == "f" and not str(case.inputs[name]).startswith("const ")
    ]
    found = []
    for name in (*case.inputs, RESULT):
        text = program(case, alone, name, floats)
        given = {f"leaf_{each}": array for each, array in arrays.items()}
        try:
            gradcli.evaluate(text, given, wrt=[f"leaf_{each}" for each in floats])
        except gradcli.GradcliError as error:
            if "modified by an inplace operation" in error.message:
                found.append(name)
            else:
                raise
    return found
