"""The rules that `gradcli functions` shows: right for every row, and a rule or words for every primitive."""

from __future__ import annotations

import re

import numpy as np
import pytest

import gradcli
from gradcli.cli.functions import describe, summaries
from gradcli.formula.shown import CALLS, INDICES, rule
from rows import by_rows

SIZES = {"n": 3, "m": 4, "k": 2}


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("matmul", ["dA = g @ B.T", "dB = A.T @ g"]),
        ("sum", ["dX = outer(ones(n), g)"]),
        ("cumsum", ["dx = flip(cumsum(flip(g, 0), 0), 0)"]),
        ("softmax", ["dx = y*(g - g@y)"]),
        ("pick", ["dx = pad(g, (1, 0))"]),
        ("solve", ["dA = -linalg.solve(A.T, g) @ y.T", "dB = linalg.solve(A.T, g)"]),
        ("inv", ["dA = -y.T @ g @ y.T"]),
        (
            "amax",
            ["dX = where(X == y[:, None], (g/sum(where(X == y[:, None], 1, 0), 1))[:, None], 0)"],
        ),
    ],
)
def test_rules_to_the_letter(name: str, rules: list[str]) -> None:
    assert [f"{wrt} = {formula}" for wrt, formula in rule(name)] == rules


@by_rows("name", [(each,) for each in CALLS])
def test_every_rule_is_what_eval_computes(name: str) -> None:
    call = CALLS[name]
    random = np.random.default_rng(3)
    inputs: dict[str, object] = {
        each: np.arange(np.prod(shape)).reshape(shape) % 9 for each, shape in INDICES.items()
    }
    for wrt, dims in call.shapes.items():
        value = random.uniform(
            0.2, 1, [SIZES[each] if each in SIZES else int(each) for each in dims.split(",")]
        )
        if value.ndim == 2 and value.shape[0] == value.shape[1]:
            value = value @ value.T + np.eye(len(value))
        inputs[wrt] = value
    program = f"y = {call.program}"
    y = gradcli.evaluate(program, inputs, wrt=[], unused_inputs=True).values["y"]
    g = random.uniform(0.2, 1, np.shape(y))
    found = gradcli.evaluate(program, inputs, wrt=list(call.shapes), weights=[g], unused_inputs=True).grads
    for wrt, formula in rule(name):
        known = {**inputs, "y": y, "g": g, **{each: float(size) for each, size in SIZES.items()}}
        ours = gradcli.evaluate(f"r = {formula}", known, wrt=[], unused_inputs=True).values["r"]
        assert np.allclose(ours, found[wrt[1:]], rtol=1e-9, atol=1e-12), (wrt, formula)


def test_no_function_says_that_its_rule_is_its_own() -> None:
    for each in summaries()[::6]:
        for primitive, partials, words in describe(each.name).made_of:
            assert partials or words, (each.name, primitive)
            assert not re.search("a rule of its own|is its transpose", words)


@pytest.mark.parametrize("name", ["ctc_loss", "nanquantile"])
def test_examples_may_call_functions_and_hold_what_is_no_number(name: str) -> None:
    assert describe(name).made_of
