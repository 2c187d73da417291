"""The Python interface as a user's typed program has it."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import gradcli
from user_program import curvature, formula, many, problem, shapes, slope, verdict


def test_a_typed_program_runs() -> None:
    assert slope("x**2", 3.0) == 6.0
    assert shapes("y = x.sum(1); y[0]", {"x": np.ones((2, 3))}) == {"x": (2, 3), "y": (2,), "result": ()}
    np.testing.assert_array_equal(curvature("sum(x**2)", np.ones(2)), [[2, 0], [0, 2]])
    assert many("x**3", [1.0, 2.0]) == [3.0, 12.0]
    assert verdict("z = 4*x**2", "dz/dx = 8*x")
    assert formula("y = 2*x; z = y**2") == "dz/dx = 8*x"
    assert problem("sine(x)") == "unknown-function"


@pytest.mark.parametrize("name", sorted({*gradcli.__all__} - {"__version__"}))
def test_what_a_public_function_returns_can_be_imported(name: str) -> None:
    public = getattr(gradcli, name)
    target = public.__call__ if name == "Program" else public
    if inspect.isclass(target):
        return
    returned = inspect.signature(target).return_annotation
    assert returned in ("None", "Any", *gradcli.__all__)
