"""The contraction of several arrays at once, as `einsum` has it: the primitive.

Which functions are products of matrices is seen in `contractions`, which comes here for the rest. Plans have
products in place of the contractions that are some.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.machine import blas_alone
from gradcli.ops.products import matmul_primitive
from gradcli.ops.shapes import permuted
from gradcli.tape import primitives
from gradcli.tape.general import General
from gradcli.tape.node import Node
from gradcli.tape.primitives import reshape_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.tape.node import Shape

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _einsum_rule(g: Node, node: Node) -> list[Node | None]:
    terms, out = node.attrs
    grads: list[Node | None] = []
    for index, each in enumerate(node.inputs):
        if not each.requires_grad:
            grads.append(None)
            continue
        others = [other for other in range(len(terms)) if other != index]
        grads.append(
            contract(
                g,
                *[node.inputs[other] for other in others],
                attrs=((out, *[terms[other] for other in others]), terms[index]),
            )
        )
    return grads


def _einsum_infer(*args: Any) -> tuple[Shape, np.dtype[Any]]:
    *inputs, terms, out = args
    known = {
        letter: size
        for term, each in zip(terms, inputs, strict=True)
        for letter, size in zip(term, each.shape, strict=True)
    }
    return tuple([known[letter] for letter in out]), inputs[0].dtype


def _einsum_kernel(*args: Any) -> Any:
    *arrays, terms, out = args
    with blas_alone():
        return np.einsum(f"{','.join(terms)}->{out}", *arrays, optimize=len(arrays) > 1)


def _einsum_tangent(node: Node, tangents: Sequence[Node | None]) -> Node | None:
    result: Node | None = None
    for index, tangent in enumerate(tangents):
        if tangent is not None:
            inputs = list(node.inputs)
            inputs[index] = tangent
            result = primitives.plus(result, contract(*inputs, attrs=node.attrs))
    return result


def _einsum_batched(node: Node, inputs: Sequence[Node], batched: Sequence[bool], size: int) -> Node:
    terms, out = node.attrs
    spare = next(letter for letter in LETTERS if letter not in "".join(terms) + out)
    terms = tuple([spare + term if flag else term for term, flag in zip(terms, batched, strict=True)])
    return contract(*inputs, attrs=(terms, spare + out))


def _as_product(a: Node, b: Node, *rest: Any) -> Node | None:
    """A contraction of two arrays as the product of matrices that it is, but for the order of their dims."""
    if len(rest) != 2:
        return None  # of more than two
    (left, right), out = rest
    shared = [letter for letter in left if letter in right]
    batch = [letter for letter in shared if letter in out]
    inner = [letter for letter in shared if letter not in out]
    rows, columns = [[letter for letter in term if letter not in shared] for term in (left, right)]
    if len(inner) != 1 or len(rows) > 1 or len(columns) > 1 or not (rows or columns):
        return None
    size = dict(zip(left + right, a.shape + b.shape, strict=True))
    lead = [size[letter] for letter in batch]

    def matrix(x: Node, term: str, *dims: list[str]) -> Node:
        order = [*batch, *dims[0], *dims[1]]
        x = permuted(x, [term.index(letter) - len(term) for letter in order])
        return reshape_to(x, (*lead, *[size[each[0]] if each else 1 for each in dims]))

    found = matmul_primitive(matrix(a, left, rows, inner), matrix(b, right, inner, columns))
    order = [*batch, *rows, *columns]
    found = reshape_to(found, tuple([size[letter] for letter in order]))
    return permuted(found, [order.index(letter) - len(order) for letter in out])


contract = General(
    "einsum",
    _einsum_kernel,
    _einsum_infer,
    _einsum_rule,
    tangent=_einsum_tangent,
    batched=_einsum_batched,
    terms=lambda node: node.attrs,
    composed=_as_product,
)
"""A contraction in which no term repeats a letter, and every letter stands in two terms or in the output."""
