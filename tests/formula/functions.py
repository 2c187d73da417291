"""Every differentiable function of the language, differentiated: which calls have a formula that proves.

The calls are those of which PyTorch's answers are recorded. `python tests/formula/functions.py` tries them
all and names those without a formula; a few are a test.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

import gradcli
from golden.replay import input_arrays
from golden.test_operations import DIFFERENTIABLE

WITHOUT = {
    "cov(x, fweights=f, aweights=a)": "its derivative by aweights",
    "x.index_put((x > 0,), v) ** 2": "its places are read off the values of x",
    "linalg.pinv(a, hermitian=True)": "of a half of the matrix",
}
"""Calls without a formula, and why; `docs/diff.md` tells of them."""


class Call(NamedTuple):
    """A call of a function, the shapes of what it is differentiated by, and the other inputs."""

    function: str
    expression: str
    shapes: dict[str, tuple[int, ...]]
    inputs: dict[str, Any]


def calls() -> Iterator[Call]:
    """Each recorded call once for inputs of the same shapes."""
    seen = set()
    for _, expression, (case, pool) in DIFFERENTIABLE:
        arrays = input_arrays(case, pool)
        shapes = {name: np.shape(arrays[name]) for name in case["grads"]}
        given = {name: value for name, value in arrays.items() if name not in shapes}
        key = (expression, *shapes.items())
        if key not in seen:
            seen.add(key)
            yield Call(case["name"], expression, shapes, given)


def failure(call: Call) -> str | None:
    """Why a call has no formula; None if it has one."""
    try:
        gradcli.diff(
            f"out = {call.expression}", list(call.shapes), call.shapes, inputs=call.inputs, weights="g"
        )
    except gradcli.GradcliError as error:
        return error.message
    return None


def main() -> int:
    """Tries all calls; 1 if one fails that is not known to."""
    status = found = 0
    functions = set()
    for call in calls():
        why = failure(call)
        found += why is None
        functions.add(call.function)
        if why is not None:
            status |= call.expression not in WITHOUT
            print(f"{call.function}: {call.expression} of {call.shapes}: {why}")
    print(f"{found} calls of {len(functions)} functions have a formula")
    return status


if __name__ == "__main__":
    sys.exit(main())
