"""Partial derivatives as an elementwise primitive states them, and classes of what its elements cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.tape.node import Node, Operand


class Static:
    """A partial that is a number known from the attributes alone, so that nothing is saved."""

    __slots__ = ("of",)

    def __init__(self, of: Callable[..., float]) -> None:
        self.of = of


class Over:
    """A partial of the form 1/d, applied by dividing: one operation, one rounding."""

    __slots__ = ("of",)

    def __init__(self, of: Callable[..., Operand]) -> None:
        self.of = of


class InTurn:
    """A partial that is a product of two, by which a factor is multiplied one after the other."""

    __slots__ = ("of",)

    def __init__(self, of: Callable[..., tuple[Operand, Operand]]) -> None:
        self.of = of


class When:
    """A partial that is 1 where a condition holds and 0 elsewhere, applied by selecting."""

    __slots__ = ("of",)

    def __init__(self, of: Callable[..., Node]) -> None:
        self.of = of


class Zeros:
    """A partial whose product with a factor is 0 where the factor is, or at places where it is not finite.

    Attributes:
        of: the partial; it is finite at those places.
        at: the places, or None where the zeros of the factor win, or if there are no such places.
        both: the zeros of the factor win as well as these places.
    """

    __slots__ = ("at", "both", "of")

    def __init__(
        self, of: Callable[..., Operand], at: Callable[..., Node | None] | None = None, both: bool = False
    ) -> None:
        self.of = of
        self.at = at
        self.both = both


if TYPE_CHECKING:
    Partial = float | Static | Over | InTurn | When | Zeros | Callable[..., Operand]
"""How one input moves the result. Callables get the inputs, the result and the attributes."""


class Cost:
    """Classes of elementwise operations by what an element takes in a block that lies in the cache.

    In nanoseconds on a processor with vector units; without them a `FUNCTION` takes several times as long.
    The planner weighs them against storing and loading a value (about 3), so their order is what matters.
    """

    ARITHMETIC = 0.15
    """One instruction: sums, products, comparisons, rounding."""
    DIVISION = 0.4
    """Quotients, and what takes two or three passes of arithmetic."""
    FUNCTION = 0.8
    """Roots, exponentials and the like, where NumPy computes several elements at once."""
    SELECTION = 1.5
    """Copies under a mask."""
    LIBRARY = 8.0
    """A call of the C library for each element."""
    SPECIAL = 30.0
    """SciPy's special functions: series and continued fractions."""
