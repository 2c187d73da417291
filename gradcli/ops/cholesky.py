"""Cholesky's decomposition, and what reverse mode makes of it.

The rule is quicker for what likelihoods are made of: solutions of systems with the factor, and its diagonal.
It sees them in the cotangent, which reverse mode has just recorded as a sum, and then has no products of n
rows, n columns and n terms to take but those for the inverse.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradcli.engine import triangles
from gradcli.engine.triangles import LOADED, lapack_threads
from gradcli.errors import GradcliError
from gradcli.machine import blas_alone
from gradcli.ops.diagonals import band, diagonal_of, embedded, lower_triangle, upper_triangle
from gradcli.ops.indexing import place
from gradcli.ops.linalg import (
    batch_element,
    each_matrix,
    in_double,
    invert_triangle,
    solve_triangle,
    square,
    times,
    transposed,
)
from gradcli.ops.products import LINEAR_ALGEBRA, matmul_primitive
from gradcli.ops.registry import function
from gradcli.ops.shapes import permute_primitive
from gradcli.tape import primitives
from gradcli.tape.dims import along_batch
from gradcli.tape.general import General
from gradcli.tape.node import Node, Operand, Shape
from gradcli.tape.primitives import LITERAL, expand_to, literal, plus, reshape_to, scale
from gradcli.tape.share import exact
from gradcli.tape.untaken import Shield

DEEP = 6
"""How many operations deep it is looked whether one thing is a multiple of another, or the same."""


def _kernel(given: Any) -> Any:
    x = in_double(given)
    if x.shape[-1] <= LOADED:
        with contextlib.suppress(np.linalg.LinAlgError), blas_alone():
            return np.linalg.cholesky(x).astype(given.dtype, copy=False)
    found = []
    for index, each in enumerate(each_matrix(x)):
        with lapack_threads(x):
            low, order = triangles.cholesky(each)
        if order:
            raise GradcliError(
                "bad-argument",
                f"linalg.cholesky: {batch_element(x.shape, index)}The factorization could not be "
                "completed because "
                f"the input is not positive-definite (the leading minor of order {order} is not "
                "positive-definite).",
            )
        found.append(low)
    result = found[0] if len(found) == 1 else np.array(found, x.dtype)
    return result.reshape(x.shape).astype(given.dtype, copy=False)


# ---- what the cotangent of a factor is made of ----


@dataclass(slots=True)
class _Terms:
    """The sum P = L' G of which the lower triangle counts, G being the cotangent of L.

    Attributes:
        products: X and Y of terms X Y'.
        diagonal: what stands on the diagonal of G.
        others: terms of G itself.
    """

    products: list[tuple[Node, Node]] = field(default_factory=list)
    diagonal: Node | None = None
    others: Node | None = None


def _terms(cotangent: Node, factor: Node) -> _Terms:
    found = _Terms()
    pending = [(cotangent, 1.0, False)]
    while pending:
        x, number, turned = pending.pop()
        x, also = _upright(x)
        turned = turned is not also
        if x.op is primitives.add and all(each.shape == x.shape for each in x.inputs):
            pending.extend([(each, number, turned) for each in x.inputs])
        elif x.op is primitives.neg:
            pending.append((x.inputs[0], -number, turned))
        elif x.op is primitives.scale_primitive:
            pending.append((x.inputs[0], number * x.attrs[0], turned))
        elif (pair := _product(x, turned, factor)) is not None:
            found.products.append((scale(pair[0], number), pair[1]))
        elif (diagonal := _on_diagonal(x)) is not None:
            found.diagonal = plus(found.diagonal, scale(diagonal, number))
        else:
            found.others = plus(found.others, scale(transposed(x) if turned else x, number))
    return found


def _bare(x: Node) -> Node:
    while isinstance(x.op, Shield):
        x = x.inputs[0]
    return x


def _upright(x: Node) -> tuple[Node, bool]:
    """What a matrix is the transpose of, and whether it is."""
    x, turned = _bare(x), False
    while x.op is permute_primitive and x.attrs[0] == (*range(-x.ndim, -2), -1, -2):
        x, turned = _bare(x.inputs[0]), not turned
    return x, turned


def _product(x: Node, turned: bool, factor: Node) -> tuple[Node, Node] | None:
    """X and Y if the lower triangle of L' G is that of X Y': what a system with L or L' leaves in G.

    The cotangent of A in A Y = B is a triangle of -W Y' with A' W = C, the cotangent of Y. So with A = L this
    is L' (-W Y') = -C Y', and with A = L', which leaves the transpose, L' (-Y W') = -B W'.

    Args:
        x: a term of G, or its transpose, if `turned`.
        factor: L.
    """
    if x.op is not band or x.attrs != ((0, None) if turned else (None, 0)):
        return None
    x = _bare(x.inputs[0])
    if x.op is not primitives.neg or x.inputs[0].op is not matmul_primitive:
        return None
    w, y = x.inputs[0].inputs
    y, transposes = _upright(y)
    if not (transposes and w.op is y.op is solve_triangle):
        return None
    for system, upper in ((w, not turned), (y, turned)):
        matrix, is_transposed = _upright(system.inputs[0])
        if matrix is not factor or is_transposed is not upper or system.attrs != (upper, False):
            return None
    return (primitives.neg(y.inputs[1]), w) if turned else (primitives.neg(w.inputs[1]), y)


def _on_diagonal(x: Node) -> Node | None:
    """The vector that stands on the diagonal of what is zero elsewhere."""
    if x.op is not primitives.reshape or x.inputs[0].op is not place:
        return None
    spread = x.inputs[0]
    n = x.shape[-1]
    return spread.inputs[0] if spread.attrs[1][-1] == (0, n * n, n + 1) and x.shape[-2] == n else None


def _same(x: Node, y: Node, deep: int = DEEP) -> bool:
    """Whether two nodes are seen to have the same value."""
    x, y = _bare(x), _bare(y)
    if x is y or (x.op is LITERAL and y.op is LITERAL and exact(x.attrs) == exact(y.attrs)):
        return True
    if not deep or x.op is not y.op or not x.inputs or x.shape != y.shape or exact(x.attrs) != exact(y.attrs):
        return False
    return all(_same(*both, deep - 1) for both in zip(x.inputs, y.inputs, strict=True))


def _multiple(x: Node, of: Node, deep: int = DEEP) -> Node | None:
    """A number, or one for each column, which times the columns `of` is `x`; None if none is seen."""
    x = _bare(x)
    if _same(x, of):
        return literal(1.0, of.dtype)
    if not deep or not x.inputs:
        return None
    first = _multiple(x.inputs[0], of, deep - 1)
    if x.op is primitives.scale_primitive or x.op is primitives.neg:
        return None if first is None else scale(first, x.attrs[0] if x.attrs else -1.0)
    if of.size == of.shape[-2] and x.op in (primitives.reshape, permute_primitive):
        return first  # elements of a vector keep their order
    if len(x.inputs) != 2:
        return None
    second = _multiple(x.inputs[1], of, deep - 1)
    if x.op is primitives.add:
        return None if first is None or second is None else primitives.add(first, second)
    if x.op in (primitives.mul, primitives.guarded_mul, matmul_primitive):
        for found, other in ((first, x.inputs[1]), (second, x.inputs[0])):
            number = _for_columns(other, x.shape)
            if found is None or number is None or (number.size > 1 and x.op is matmul_primitive):
                continue
            return _times(found, number)
    return None


def _for_columns(x: Node, shape: Shape, deep: int = DEEP) -> Node | None:
    """Numbers that are the same for all rows of something of that shape."""
    x = _bare(x)
    if x.op is primitives.expand:
        x = x.inputs[0]
    if x.size == 1:
        return reshape_to(x, ())
    if len(shape) > 1 and (x.ndim < 2 or x.shape[-2] == 1):
        return x
    if deep and x.op is primitives.mul:
        found = [_for_columns(each, shape, deep - 1) for each in x.inputs]
        return None if None in found else _times(*found)  # type: ignore[arg-type]
    return None


def _times_diagonal(x: Node, factor: Node) -> Node:
    """The product of a vector with the diagonal of the factor: what a logarithm divides by that is undone."""
    if x.op is primitives.scale_primitive:
        return scale(_times_diagonal(x.inputs[0], factor), x.attrs[0])
    diagonals = [diagonal_of(each, -2, -1) for each in (factor, transposed(factor))]
    if x.op is primitives.div and any(_same(x.inputs[1], each) for each in diagonals):
        return x.inputs[0]
    return primitives.mul(diagonals[0], x)


def _times(x: Node, y: Node) -> Node:
    """The product of two numbers, or of one and what is to be multiplied by it."""
    return scale(y, x.attrs[0]) if x.op is LITERAL else primitives.mul(x, y)


# ---- the rule ----


@dataclass(slots=True)
class _Symmetric:
    """Products X Y' of a sum by whether they are symmetric.

    Attributes:
        squares: f and Y where X is f Y.
        pairs: f, X and Y of f X Y' and f Y X', which are both there.
        others: the sum of what isn't.
    """

    squares: list[tuple[Node, Node]] = field(default_factory=list)
    pairs: list[tuple[Node, Node, Node]] = field(default_factory=list)
    others: Node | None = None


def _by_symmetry(products: list[tuple[Node, Node]]) -> _Symmetric:
    found = _Symmetric()
    left = [*products]
    while left:
        x, y = left.pop(0)
        number = _multiple(x, y)
        if number is not None:
            found.squares.append((number, y))
            continue
        for place_, (other_x, other_y) in enumerate(left):
            numbers = _multiple(x, other_y), _multiple(other_x, y)
            if None not in numbers and _same(*numbers):  # type: ignore[arg-type]
                del left[place_]
                found.pairs.append((numbers[0], other_y, y))  # type: ignore[arg-type]
                break
        else:
            found.others = plus(found.others, times(x, transposed(y)))
    return found


def _rule(g: Node, node: Node) -> list[Node | None]:
    # Murray 2016: half of L'^-1 (Φ + Φ') L^-1, where Φ is the lower triangle of P = L' G with half its
    # diagonal. A symmetric P is Φ + Φ' itself.
    terms = _terms(g, node)
    products = _by_symmetry(terms.products)
    diagonal = None
    if terms.diagonal is not None:
        diagonal = _times_diagonal(terms.diagonal, node)
    inner = plus(times(transposed(node), terms.others) if terms.others is not None else None, products.others)
    if inner is None:
        return [scale(_sandwiched(node, products, diagonal), 0.5)]
    both = primitives.add(lower_triangle(inner), upper_triangle(transposed(inner), 1))
    for number, y in products.squares:
        both = primitives.add(both, times(_times(number, y), transposed(y)))
    for number, x, y in products.pairs:
        both = primitives.add(both, _mirrored(_times(number, x), y))
    if diagonal is not None:
        both = primitives.add(both, embedded(expand_to(diagonal, node.shape[:-1])))
    inverse = invert_triangle(node, attrs=(False,))
    return [scale(times(transposed(inverse), both, inverse), 0.5)]


def _square(number: Node, y: Node) -> Node:
    """f Y Y', where f is a number, or one for each column."""
    if number.size == 1:
        return _times(number, times(y, transposed(y)))
    return times(primitives.mul(y, number), transposed(y))


def _mirrored(x: Node, y: Node) -> Node:
    product = times(x, transposed(y))
    return primitives.add(product, transposed(product))


def _sandwiched(factor: Node, products: _Symmetric, diagonal: Node | None) -> Node:
    """L'^-1 S L^-1 for a symmetric S whose terms are known by their factors: each of them is solved for."""
    inverse = invert_triangle(factor, attrs=(False,)) if diagonal is not None else None

    def solved(x: Node) -> Node:
        if inverse is None or x.shape[-1] <= triangles.FEW:
            return solve_triangle(transposed(factor), x, attrs=(True, False))
        return times(transposed(inverse), x)

    total: Node | None = None
    if diagonal is not None and inverse is not None:
        number = _for_columns(diagonal, ())
        if number is not None and number.size == 1:
            total = _times(number, times(transposed(inverse), inverse))
        else:
            rows = reshape_to(diagonal, (*diagonal.shape, 1))
            total = times(transposed(inverse), primitives.mul(rows, inverse))
    wide: Node | None = None  # more columns than rows: the product first
    for number, y in products.squares:
        if y.shape[-1] > y.shape[-2]:
            wide = plus(wide, _square(number, y))
        else:
            total = plus(total, _square(number, solved(y)))
    if wide is not None:
        inverse = invert_triangle(factor, attrs=(False,))
        total = plus(total, times(transposed(inverse), wide, inverse))
    for number, x, y in products.pairs:
        total = plus(total, _mirrored(_times(number, solved(x)), solved(y)))
    assert total is not None
    return total


cholesky_primitive = General(
    "cholesky",
    _kernel,
    lambda x: (x.shape, x.dtype),
    _rule,
    along=along_batch,
    workspace=2,
)
"""The lower triangular L with L L' = A, reading the lower triangle of A."""


def _cholesky(x: Node, upper: bool) -> Node:
    return transposed(cholesky_primitive(transposed(x))) if upper else cholesky_primitive(x)


@function(LINEAR_ALGEBRA, "linalg.cholesky", method=False, grad_fn="LinalgCholeskyEx")
def linalg_cholesky(A: Operand, *, upper: bool = False) -> Node:
    """the triangular factor L with L @ L.T = A, for symmetric positive-definite matrices"""
    return _cholesky(square(A, "linalg.cholesky"), bool(upper))


@function(LINEAR_ALGEBRA, "cholesky")
def cholesky(input: Operand, upper: bool = False) -> Node:
    """the triangular factor L with L @ L.T = A, for symmetric positive-definite matrices"""
    return _cholesky(square(input, "cholesky"), bool(upper))
