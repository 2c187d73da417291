"""The tensor as Python sees it: a handle that has no other attributes than its own."""

from __future__ import annotations

import gc

import pytest

from gradcli.autograd.session import Session
from gradcli.autograd.tensor import BARRED, LOOKED_AT
from gradcli.evaluation.api import evaluate


@pytest.mark.parametrize("shares", [False, True])
def test_a_tensor_has_no_attribute_that_is_not_its_own(shares: bool) -> None:
    session = Session()
    tensor = session.tensor([1.0, 2.0])
    view = session.index(tensor, slice(1))
    with pytest.raises(AttributeError, match=r"^nothing$"):
        _ = (view if shares else tensor).nothing
    session.assign_in_place(view, 3.0)
    with pytest.raises(AttributeError, match=r"^nothing$"):
        _ = tensor.nothing
    assert tensor.node is not None


def test_a_list_of_tensors_keeps_their_history() -> None:
    program = "y = dot([x, x**2, 7], tensor([3., 5., 1.]))"
    assert evaluate(program, {"x": 2.0}).grads == {"x": 3.0 + 5.0 * 2 * 2.0}


def test_a_view_that_every_turn_looks_at_is_noted_once() -> None:
    before = len(LOOKED_AT)
    evaluate(
        "import torch\ny = torch.ones(3, requires_grad=True) * 1\nv = y[0]\n"
        "for i in range(20):\n    y.mul_(2.)\n    s = v.item()"
    )
    assert len(LOOKED_AT) <= before + 1


def test_what_was_made_of_a_view_of_itself_is_not_kept() -> None:
    gc.collect()
    before = len(BARRED)
    evaluate(
        "import torch\nx = torch.ones(3, requires_grad=True)\ny = x * 1\n"
        "with torch.no_grad():\n    v = y[0]\n"
        "y[1] = v * 3"
    )
    gc.collect()
    assert len(BARRED) == before
