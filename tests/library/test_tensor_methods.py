"""In-place methods are derived from the rows; what they overwrite stays known to their own rule."""

from __future__ import annotations

import pytest

import gradcli


@pytest.mark.parametrize(
    ("method", "gradient"),
    [
        ("erf_()", 2 / 3.141592653589793**0.5 * 2.718281828459045**-1),
        ("arctan_()", 0.5),
        ("absolute_()", 1.0),
        ("lgamma_()", -0.5772156649015329),
        ("square_()", 2.0),
        ("xlogy_(tensor(2.0))", 0.6931471805599453),
        ("cumsum_(0)", 1.0),
    ],
)
def test_rows_have_in_place_methods(method: str, gradient: float) -> None:
    program = f"x = param([1.0])\ny = x*1\ny.{method}\ny.sum()"
    assert gradcli.evaluate(program).grads["x"] == pytest.approx([gradient])


def test_what_pytorch_has_not_in_place_is_no_method() -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate("x = ones(2)\nx.maximum_(x)")
    assert caught.value.code == "unknown-function"


def test_an_operand_that_was_overwritten_is_refused() -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate("x = param([1.0])\ny = x*1\ny.mul_(y)\ny.sum()")
    assert caught.value.code == "in-place"


def test_reading_the_gradient_of_what_is_no_leaf_warns_once() -> None:
    program = "import torch\nx = torch.ones(2, requires_grad=True)\ny = x*2\n"
    program += "y.sum().backward()\ny.grad; print(y.grad)"
    (note,) = gradcli.evaluate(program).notes
    assert note.startswith(
        "UserWarning: The .grad attribute of a Tensor that is not a leaf Tensor is being accessed"
    )
    assert gradcli.evaluate(program.replace("y = x*2", "y = x*2; y.retain_grad()")).notes == ()
