"""What is said of a graph that was freed and a value that was overwritten: which call, where, what pass."""

from __future__ import annotations

from typing import Any

import pytest

import gradcli


def _said(text: str, **options: Any) -> str:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(text, **options)
    return caught.value.message


def test_what_was_overwritten_is_told_with_the_call_that_saved_it() -> None:
    said = _said("x = param([1.0, 2.0])\ny = exp(x)\nz = sum(y*y)\ny.add_(1)\nz.backward()")
    assert said == (
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        "[torch.DoubleTensor [2]], which is output 0 of Add, is at version 1; expected version 0 instead: "
        "mul at line 3, column 9 saved it before it was overwritten at line 4, column 1"
    )


def test_what_an_own_function_gives_back_of_its_input_is_not_written_to() -> None:
    text = (
        "import torch\nclass Same(torch.autograd.Function):\n"
        "    @staticmethod\n    def forward(ctx, a): return a.view(3)\n"
        "    @staticmethod\n    def backward(ctx, g): return g\n"
        "x = torch.tensor([1., 2., 3.], requires_grad=True)\ny = Same.apply(x*1)\ny.add_(1)"
    )
    assert _said(text) == (
        "Output 0 of Same is a view and is being modified inplace. This view was created inside a custom "
        "Function (or because an input was returned as-is) and the autograd logic to handle view+inplace "
        "would override the custom backward associated with the custom Function, leading to incorrect "
        "gradients. This behavior is forbidden. You can fix this by cloning the output of the custom "
        "Function."
    )


def test_the_passes_of_a_program_count_among_those_that_are_asked_for() -> None:
    text = "x = param(3.0)\ny = x*x\nfor i in range({}): y.backward(retain_graph=True)\ny"
    for own in (0, 1, 5):
        said = _said(text.format(own), roots=["y"], passes=2)
        assert said.endswith(f"was freed by backward pass {own + 1}"), said


def test_passes_that_a_loop_repeats_count_as_well() -> None:
    text = "x = param(3.0)\nfor i in range(9):\n    y = x*x\n    y.backward()\nz = x*x"
    assert _said(text, roots=["z"], passes=2).endswith("was freed by backward pass 10")


def test_a_gradient_that_was_recorded_says_which_call_recorded_it() -> None:
    text = (
        "x = param(3.0)\ny = x**3\ny.backward(create_graph=True)\ng = x.grad\nx.grad = None\n"
        "g.backward()\ng.backward()"
    )
    said = _said(text)
    assert "what grad at line 3, column 1 saved was freed by backward() at line 6, column 1" in said, said


@pytest.mark.parametrize("use", ["print(y[0].item())", "print((y*2)[0].item())"])
def test_a_large_result_that_was_overwritten_is_there_after_the_walk(use: str) -> None:
    text = (
        "x = zeros(200000, requires_grad=True)\ny = x*x + 1\nwith no_grad(): y.mul_(3)\n"
        f"z = (y*x).sum()\nz.backward()\n{use}"
    )
    wanted = "3.0" if "*2" not in use else "6.0"
    assert gradcli.evaluate(text).printed == [wanted]
