"""The algebra that rules are written with: nothing is recorded for what is zero or one."""

from __future__ import annotations

import numpy as np

import gradcli
from gradcli.engine.run import value
from gradcli.ops.elementwise import exp
from gradcli.tape import context
from gradcli.tape.node import FLOAT64, leaf
from gradcli.tape.primitives import expand_to, literal, mul, plus, reshape_to, source_of, times

X = leaf(np.array([1.0, 2.0]))


def test_zero_is_nothing_and_one_is_the_factor() -> None:
    for zero in (0, 0.0, literal(0.0, FLOAT64)):
        assert times(X, zero) is None
    for one in (1, 1.0, literal(1.0, FLOAT64)):
        assert times(X, one) is X
    assert times(literal(1.0, FLOAT64), X) is X
    for minus in (-1, literal(-1.0, FLOAT64)):
        negated = times(X, minus)
        assert negated is not None
        assert negated.op.name == "neg"


def test_nothing_adds_nothing() -> None:
    assert plus(None, X) is X
    assert plus(X, None) is X
    assert plus(None, None) is None


def test_one_number_everywhere_has_any_shape_without_being_moved() -> None:
    number = leaf(np.array(2.5))
    once = reshape_to(expand_to(number, (2, 3)), (6,))
    assert (once.op.name, once.inputs, once.shape) == ("expand", (number,), (6,))
    rows = reshape_to(expand_to(X, (3, 2)), (6,))
    assert (rows.op.name, rows.shape) == ("reshape", (6,))


def test_what_a_node_was_before_it_was_broadcast_or_had_another_shape() -> None:
    x = exp(X)
    assert source_of(expand_to(reshape_to(x, (2, 1)), (2, 3))) is x
    assert source_of(x) is x


def test_equal_numbers_beside_nodes_share_one_but_for_zeros_of_other_signs() -> None:
    with context.equal_constants_shared():
        products = [mul(X, number) for number in (2.5, 2.5, 0.0, -0.0)]
    assert products[0].inputs[1] is products[1].inputs[1]
    assert [np.signbit(value(each)).tolist() for each in products[2:]] == [[False] * 2, [True] * 2]


def test_means_of_float32_divide_by_their_count_both_ways() -> None:
    """A number of times 1/n has another last digit; these are PyTorch's."""
    found = gradcli.evaluate(
        "import torch\nx = torch.tensor([0.3, 0.0, 0.0])\nw = torch.ones(2, 5, requires_grad=True)\n"
        "(w.mean(1)*torch.tensor([0.1, 0.4])).sum().backward()\ny = x.mean()\ng = w.grad[:, 0]",
        wrt=[],
    )
    assert found.values["y"].item() == float.fromhex("0x1.99999ap-4")
    assert found.values["g"].tolist() == [float.fromhex("0x1.47ae14p-6"), float.fromhex("0x1.47ae14p-4")]
