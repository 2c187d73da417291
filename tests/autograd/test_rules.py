"""PyTorch's rules about freeing, in-place work, views and kinks: its recorded answers, to the letter."""

from __future__ import annotations

from typing import Any

import pytest

import gradcli
from golden.replay import recorded
from golden.rules import PROGRAMS, SETUP
from rows import grouped

CODES = {
    "graph-freed": ("backward through the graph a second time",),
    "in-place": (
        "cannot resize",
        "in-place operation",
        "inplace operation",
        "memory location",
        "no_grad mode",
        "is being modified inplace",
    ),
    "no-grad": (
        "requires_grad flags of leaf",
        "can't retain_grad",
        "not differentiable with respect",
        "cannot register a hook",
    ),
    "int-requires-grad": ("floating point",),
    "shape": (
        "broadcast shape",
        "of size",
        "must match the size",
        "view size",
        "dimensions must larger",
        "source tensor shape",
    ),
    "dtype": ("with dtype", "can't be cast", "dtypes match", "the same dtype", "expected scalar type"),
    "bad-argument": (
        "length",
        "out of range",
        "own grad",
        "could not be completed",
        "out of bounds",
        "converged",
        "between 0 and 1",
        "without overflow",
        "to converge",
        "on non-leaf tensors",
    ),
}
"""Our code, and what the first lines of PyTorch's errors of that kind have in them."""

ROWS = [("rules", name, (text, recorded("rules.json")["rules"][name])) for name, text in PROGRAMS.items()]


@grouped("text, answer", ROWS)
def test_prints_and_refuses_what_pytorch_does(text: str, answer: dict[str, Any]) -> None:
    assert answer["text"] == text, "a changed row needs a new recording"
    if answer["refused"] is None:
        assert gradcli.evaluate(SETUP + text).printed == answer["printed"]
        return
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(SETUP + text)
    assert any(part in answer["refused"] for part in CODES[caught.value.code]), caught.value


@pytest.mark.parametrize(
    ("program", "gradient"),
    [
        ("x*det([[x, 1], [2, x]])", 25.0),
        ("trace([[x, 1], [2, x**2]])", 7.0),
        ("sum([[[1, 2]], [[x, 3]]])", 1.0),
        ("matmul([[x, 1.], [2., 3.]], [5., 2.])[0]", 5.0),
    ],
)
def test_lists_in_lists_keep_the_paths_of_their_tensors(program: str, gradient: float) -> None:
    assert gradcli.evaluate(program, {"x": 3.0}).grads["x"] == pytest.approx(gradient, rel=1e-12)
