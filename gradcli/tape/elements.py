"""What leads from an array of a few elements to numbers and back, and sums and products of those.

The engine records these where it takes arrays apart; nobody differentiates them.
"""

from __future__ import annotations

import operator
from math import isfinite
from typing import Any

import numpy as np

from gradcli.tape.node import Primitive


class Element(Primitive):
    """A primitive that is asked for nothing but how it is computed."""

    def __init__(self, name: str, compute: Any, scalar: Any = None, commutative: bool = False) -> None:
        self.name = name
        self.compute = compute  # type: ignore[method-assign]
        self.scalar = scalar
        self.commutative = commutative


def _sure(x: float, term: float) -> float:
    if isfinite(x) and isfinite(term):
        return x
    raise ArithmeticError  # the kernels know which zeros win


LISTED = Element("listed", lambda x: x.ravel().tolist())
"""The elements of an array, in a list."""
CHOSEN = Element("chosen", operator.getitem, operator.getitem)
"""One of that list."""
READ = Element("read", np.ndarray.item, np.ndarray.item)
"""One element of an array."""
PACKED = Element("packed", lambda *numbers: np.array(numbers[:-1]).reshape(numbers[-1]))
"""An array of such numbers."""
SURE = Element("sure", _sure, _sure)
"""The first number where both are finite: what is shielded, where there is nothing to shield."""
SUM = Element("plus", operator.add, operator.add, True)
PRODUCT = Element("times", operator.mul, operator.mul, True)
