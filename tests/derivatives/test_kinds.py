"""The table of the kinds of derivatives: everything that reads it has a place for each row."""

from __future__ import annotations

import numpy as np
import pytest

import gradcli
from gradcli.cli.commands import load
from gradcli.derivatives import higher
from gradcli.derivatives.kinds import KINDS, DerivativeKind
from gradcli.evaluation.options import OPTIONS

ASKED = {
    "order": 2,
    "partials": [("x", "w")],
    "hessian": True,
    "jacobian": True,
    "hvp": {"x": 1.0},
    "jvp": {"x": 1.0},
}
"""A value of each option."""


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_a_kind_has_an_option_a_function_a_part_and_a_row(kind: DerivativeKind) -> None:
    assert kind.option in OPTIONS
    assert kind.part in gradcli.Evaluation.fields
    assert callable(getattr(higher, kind.part))
    (row,) = [each for each in load("eval").options if each.name == kind.option]
    assert (row.flags, row.help) == ((f"--{kind.name}",), kind.help)


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_what_is_asked_for_is_found_and_nothing_else(kind: DerivativeKind) -> None:
    result = gradcli.evaluate("z = x*x*w", {"x": 3.0, "w": 2.0}, **{kind.option: ASKED[kind.option]})
    assert [each.part for each in KINDS if getattr(result, each.part)] == [kind.part]


def test_what_asks_for_nothing() -> None:
    result = gradcli.evaluate("x*x", {"x": 3.0}, order=None, partials=[], hessian=False, hvp=None)
    assert not any(getattr(result, kind.part) for kind in KINDS)


def test_arrays_that_were_found_are_the_callers_own() -> None:
    w = np.linspace(1.0, 2.0, 3)
    result = gradcli.evaluate("z = sum(w*x)", {"x": np.ones(3), "w": w}, jacobian=True, order=1, jvp={"x": w})
    result.jacobian["z"]["x"][0] = 9.0
    result.orders["x"][0][0] = 9.0
    assert w[0] == 1.0
    assert result.values["w"][0] == 1.0
