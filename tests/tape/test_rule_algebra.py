"""The algebra that rules are written with: nothing is recorded for what is zero or one."""

from __future__ import annotations

import numpy as np

from gradcli.tape.node import FLOAT64, leaf
from gradcli.tape.primitives import expand_to, literal, plus, reshape_to, times

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
