"""Operations taken apart into loops of ufuncs, for what runs these one after the other.

Each loop of a recipe is a ufunc, the dtypes of one of its loops, and its operands: "a", "b" … are those of
the operation, "A", "B" … the results of the loops before, and numbers stand for themselves, integers for
their bits. Where a loop is said to read integers ("l"), it reads the bits of whatever has as many; of a bool
it reads seven bytes too many, which is done only where they are known to be there: not in what the operation
is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Recipe = Sequence[tuple[np.ufunc, str, tuple[Any, ...]]]
    Recipes = Callable[..., Recipe | None]

REDUCED = "reduced"
"""In place of the dtypes of a loop: the reduction of the only operand, where an operation goes by rows."""
COPY_BOOL = (np.logical_or, "??->?")
"""What copies a bool."""
COPY = (np.bitwise_or, "ll->l")
"""What copies eight bytes, with 0."""
MASK: Recipe = (
    (*COPY_BOOL, ("a", "a")),
    (np.bitwise_and, "ll->l", ("A", 1)),
    (np.negative, "l->l", ("B",)),
)
"""All bits or none, by a condition."""


def fixed(kinds: str, *loops: tuple[np.ufunc, str, tuple[Any, ...]]) -> Recipes:
    """One recipe, for operands and a result of some dtypes, whatever the attributes."""
    return lambda found, *attrs: loops if found == kinds else None


where = fixed(
    "?dd->d",
    *MASK,
    (np.bitwise_xor, "ll->l", ("b", "c")),
    (np.bitwise_and, "ll->l", ("D", "C")),
    (np.bitwise_xor, "ll->l", ("E", "c")),
)
from_bool = fixed("?->d", *MASK, (np.bitwise_and, "ll->l", ("C", int(np.float64(1).view(np.int64)))))
rsqrt = fixed("d->d", (np.sqrt, "d->d", ("a",)), (np.divide, "dd->d", (1.0, "A")))
relu = fixed("d->d", (np.maximum, "dd->d", (0.0, "a")))
sigmoid = fixed(
    "d->d",
    (np.negative, "d->d", ("a",)),
    (np.exp, "d->d", ("A",)),
    (np.add, "dd->d", ("B", 1.0)),
    (np.divide, "dd->d", (1.0, "C")),
)
sign = fixed(
    "d->d",
    (np.greater, "dd->?", ("a", 0.0)),
    (np.bitwise_and, "ll->l", ("A", 1)),
    (np.negative, "l->l", ("B",)),
    (np.bitwise_and, "ll->l", ("C", int(np.float64(1).view(np.int64)))),
    (np.less, "dd->?", ("a", 0.0)),
    (np.bitwise_and, "ll->l", ("E", 1)),
    (np.negative, "l->l", ("F",)),
    (np.bitwise_and, "ll->l", ("G", int(np.float64(-1).view(np.int64)))),
    (np.bitwise_or, "ll->l", ("D", "H")),
)


others = fixed(
    "d->d",
    (np.add, REDUCED, ("a",)),
    (np.subtract, "dd->d", ("A", 1.0)),
    (np.floor, "d->d", ("a",)),
    (np.subtract, "dd->d", ("a", "C")),
    (np.add, REDUCED, ("D",)),
    (np.less, "dd->?", ("A", 1.5)),
    (np.bitwise_and, "ll->l", ("F", 1)),
    (np.negative, "l->l", ("G",)),
    (np.bitwise_xor, "ll->l", ("E", "B")),
    (np.bitwise_and, "ll->l", ("I", "H")),
    (np.bitwise_xor, "ll->l", ("J", "B")),
)


def power(found: str, n: float) -> Recipe | None:
    """Powers by numbers, as the kernel takes them."""
    if found != "d->d" or type(n) not in (int, float):
        return None
    square = (np.multiply, "dd->d", ("a", "a"))
    known: dict[float, list[tuple[np.ufunc, str, tuple[Any, ...]]]] = {
        2: [square],
        3: [square, (np.multiply, "dd->d", ("A", "a"))],
        4: [square, (np.multiply, "dd->d", ("A", "A"))],
        0.5: [(np.sqrt, "d->d", ("a",))],
        -1: [(np.divide, "dd->d", (1.0, "a"))],
    }
    return known.get(n) or ([(np.power, "dd->d", ("a", float(n)))] if n % 1 == 0 else None)


def softplus(found: str, beta: float, threshold: float) -> Recipe | None:
    """As the kernel has it; what comes first is the condition."""
    if found != "d->d":
        return None
    return (
        (np.multiply, "dd->d", ("a", float(beta))),
        (np.greater, "dd->?", ("A", float(threshold))),
        (np.logaddexp, "dd->d", ("A", 0.0)),
        (np.divide, "dd->d", ("C", float(beta))),
        (np.bitwise_and, "ll->l", ("B", 1)),
        (np.negative, "l->l", ("E",)),
        (np.bitwise_xor, "ll->l", ("a", "D")),
        (np.bitwise_and, "ll->l", ("G", "F")),
        (np.bitwise_xor, "ll->l", ("H", "D")),
    )
