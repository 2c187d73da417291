"""What one decomposition of a matrix is enough for, in compiled programs and plans, and never on a tape.

A gradient solves with the transpose of the matrix that its value solved with, and that of a determinant has
the inverse: each by itself decomposes the matrix again, which is most of what it takes. So where several want
the factors of one matrix, the operations of `linalg` and `determinants` are those here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import triangles
from gradcli.engine.factoring import decomposed_in
from gradcli.tape.node import FLOAT32, FLOAT64, Node, Primitive

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.tape.node import Shape

    Kernel = Callable[..., Any]


class Factors(Primitive):
    """The factors of a matrix: as LAPACK has those of its transpose, and which rows it exchanged."""

    name = "factors"
    parts = 2

    def __call__(self, x: Node) -> Node:
        """The operation, for a plan."""
        return Node(self, (x,), (), x.shape, x.dtype, False)

    def compute(self, *args: Any) -> Any:
        return triangles.factors(np.asarray(args[0]))


factors = Factors()


class Factored(Primitive):
    """An operation on a matrix whose factors are known.

    Args:
        name: for people.
        kernel: from the two factors, the other operands, and whether it is for the transpose.
        otherwise: the kernel from the matrix and those, for a singular one.
    """

    def __init__(self, name: str, kernel: Kernel, otherwise: Kernel, parts: int = 0) -> None:
        self.name = name
        self.parts = parts
        self._kernel = kernel
        self._otherwise = otherwise

    def __call__(self, a: Node, others: tuple[Node, ...], shape: Shape) -> Node | None:
        """The operation, where it is for one matrix that is large enough."""
        if a.ndim != 2 or a.shape[0] <= triangles.LOADED or a.dtype not in (FLOAT64, FLOAT32):
            return None
        if any(each.ndim != 2 or each.dtype is not a.dtype for each in others):
            return None
        base, turned = decomposed_in(a)
        return Node(self, (factors(base), base, *others), (turned,), shape, a.dtype, False)

    def compute(self, *args: Any) -> Any:
        (found, swaps), a, *others, turned = args
        if not np.diagonal(found).all():  # which to say what is wrong with
            return self._otherwise(a.T if turned else a, *others)
        return self._kernel(found, swaps, *others, turned)


def _determinant(found: Any, swaps: Any, turned: bool) -> Any:
    diagonal = np.diagonal(found)
    odd = np.count_nonzero(swaps != np.arange(len(swaps))) + np.count_nonzero(diagonal < 0)
    sign = np.asarray(-1.0 if odd % 2 else 1.0, found.dtype)
    size = np.add.reduce(np.log(np.abs(diagonal)))
    return (sign if size == size else np.full_like(sign, np.nan)), np.asarray(size)


def solution(otherwise: Kernel) -> Callable[[Node, Node], Node | None]:
    """The solution of A X = B as an operation on the factors of A, by what else does it."""
    op = Factored("solve", triangles.solution_of, otherwise)
    return lambda a, b: op(a, (b,), b.shape)


def inverse(otherwise: Kernel) -> Callable[[Node], Node | None]:
    """The inverse as one."""
    op = Factored("inv", triangles.inverse_of, otherwise)
    return lambda a: op(a, (), a.shape)


def determinant(otherwise: Kernel) -> Callable[[Node], Node | None]:
    """The sign and the logarithm of the determinant as one."""
    op = Factored("slogdet", _determinant, otherwise, parts=2)
    return lambda a: op(a, (), ())
