"""The algebra that rules are written with: nothing is recorded for what is zero or one."""

from __future__ import annotations

import numpy as np

from gradcli.tape.node import FLOAT64, leaf
from gradcli.tape.primitives import literal, plus, times

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
