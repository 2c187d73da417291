"""Products of matrices: the primitive `matmul`, and what PyTorch builds on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import core
from gradcli.ops.core import General, Operand, as_dtype, as_node, reshape_to, sum_to
from gradcli.ops.reductions import total
from gradcli.ops.registry import function
from gradcli.ops.shapes import permuted, swapped
from gradcli.tape.node import Node, Shape
from gradcli.tape.promote import broadcast, result_type

if TYPE_CHECKING:
    from collections.abc import Sequence

LINEAR_ALGEBRA = "linear algebra"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _matmul_infer(a: Node, b: Node) -> tuple[Shape, np.dtype[Any]]:
    return (*broadcast(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-1]), a.dtype


def _matmul_rule(g: Node, node: Node) -> list[Node | None]:
    a, b = node.inputs
    return [
        sum_to(matmul_primitive(g, swapped(b, -1, -2)), a.shape) if a.requires_grad else None,
        sum_to(matmul_primitive(swapped(a, -1, -2), g), b.shape) if b.requires_grad else None,
    ]


def _matmul_tangent(node: Node, tangents: Sequence[Node | None]) -> Node | None:
    (a, b), (da, db) = node.inputs, tangents
    left = matmul_primitive(da, b) if da is not None else None
    right = matmul_primitive(a, db) if db is not None else None
    return core.plus(left, right)


def _matmul_batched(node: Node, inputs: Sequence[Node], batched: Sequence[bool], size: int) -> Node:
    rank = node.ndim + 1
    aligned = [
        reshape_to(each, (size, *(1,) * (rank - each.ndim), *each.shape[1:])) if flag else each
        for each, flag in zip(inputs, batched, strict=True)
    ]
    return matmul_primitive(*aligned)


matmul_primitive = General(
    "matmul",
    lambda a, b: np.matmul(a, b),
    _matmul_infer,
    _matmul_rule,
    tangent=_matmul_tangent,
    batched=_matmul_batched,
)
"""The product of matrices in the last two dims, the others broadcast."""


def product(a: Node, b: Node) -> Node:
    """`a @ b` as PyTorch and NumPy define it for every rank from 1."""
    if a.dtype is not b.dtype:
        raise GradcliError(
            "dtype", f"expected m1 and m2 to have the same dtype, but got: {a.dtype} != {b.dtype}"
        )
    left = reshape_to(a, (1, *a.shape)) if a.ndim == 1 else a
    right = reshape_to(b, (*b.shape, 1)) if b.ndim == 1 else b
    result = matmul_primitive(left, right)
    shape = list(result.shape)
    if b.ndim == 1:
        del shape[-1]
    if a.ndim == 1:
        del shape[-2 if b.ndim > 1 else -1]
    return reshape_to(result, tuple(shape))


@function(LINEAR_ALGEBRA, "matmul", grad_fn="Mm")
def matmul(input: Operand, other: Operand) -> Node:
    """the matrix product, with vectors and batches as PyTorch has them"""
    a, b = as_node(input), as_node(other)
    if not a.ndim or not b.ndim:
        raise GradcliError(
            "shape",
            f"both arguments to matmul need to be at least 1D, but they are {a.ndim}D and {b.ndim}D",
            hint="use * for a product with a number",
        )
    inner = b.shape[-2] if b.ndim > 1 else b.shape[-1]
    if a.shape[-1] != inner:
        raise GradcliError(
            "shape",
            f"mat1 and mat2 shapes cannot be multiplied: {list(a.shape)} @ {list(b.shape)}, where {a.shape[-1]} "
            f"columns meet {inner} rows",
        )
    return product(a, b)


@function(LINEAR_ALGEBRA, "dot")
def dot(input: Operand, tensor: Operand) -> Node:
    """the inner product of two vectors"""
    a, b = as_node(input), as_node(tensor)
    if a.ndim != 1 or b.ndim != 1:
        raise GradcliError("shape", f"1D tensors expected, but got {a.ndim}D and {b.ndim}D tensors")
    if a.shape != b.shape:
        raise GradcliError(
            "shape",
            f"inconsistent tensor size, expected tensor {list(a.shape)} and src {list(b.shape)} to have the same "
            f"number of elements, but got {a.size} and {b.size} elements respectively",
        )
    return product(a, b)


@function(LINEAR_ALGEBRA, "outer", "ger", grad_fn="Mul")
def outer(input: Operand, vec2: Operand) -> Node:
    """the products of every element of one vector with every element of another"""
    a, b = as_node(input), as_node(vec2)
    if a.ndim != 1 or b.ndim != 1:
        raise GradcliError("shape", f"outer: Expected 1-D argument self, but got {a.ndim}-D and {b.ndim}-D")
    return core.mul(reshape_to(a, (*a.shape, 1)), b)


@function("nn", "linear", method=False, grad_fn="Addmm")
def linear(input: Operand, weight: Operand, bias: Operand | None = None) -> Node:
    """input @ weight.T + bias"""
    x, w = as_node(input), as_node(weight)
    if x.shape[-1:] != w.shape[-1:]:
        raise GradcliError(
            "shape",
            f"mat1 and mat2 shapes cannot be multiplied: the input's last dim is {list(x.shape)[-1:]}, the weight "
            f"{list(w.shape)} takes {list(w.shape)[-1:]}",
        )
    y = product(x, swapped(w, -1, -2) if w.ndim > 1 else w)
    return y if bias is None else core.add(y, bias)


# ---- einsum ----


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
    return np.einsum(f"{','.join(terms)}->{out}", *arrays, optimize=len(arrays) > 1)


def _einsum_tangent(node: Node, tangents: Sequence[Node | None]) -> Node | None:
    result: Node | None = None
    for index, tangent in enumerate(tangents):
        if tangent is not None:
            inputs = list(node.inputs)
            inputs[index] = tangent
            result = core.plus(result, contract(*inputs, attrs=node.attrs))
    return result


def _einsum_batched(node: Node, inputs: Sequence[Node], batched: Sequence[bool], size: int) -> Node:
    terms, out = node.attrs
    spare = next(letter for letter in LETTERS if letter not in "".join(terms) + out)
    terms = tuple([spare + term if flag else term for term, flag in zip(terms, batched, strict=True)])
    return contract(*inputs, attrs=(terms, spare + out))


contract = General(
    "einsum",
    _einsum_kernel,
    _einsum_infer,
    _einsum_rule,
    tangent=_einsum_tangent,
    batched=_einsum_batched,
)
"""A contraction whose terms have no repeated letter, and whose every letter stands in two terms or the output."""


@function(LINEAR_ALGEBRA, "einsum", method=False)
def einsum(equation: str, *operands: Operand) -> Node:
    """sums of products in Einstein's notation, as "ij,jk->ik" """
    if not isinstance(equation, str):
        raise GradcliError("bad-argument", "einsum(): the first argument is the equation, a string")
    nodes = [as_node(each) for each in operands]
    dtype = result_type(nodes)
    nodes = [as_dtype(each, dtype) for each in nodes]
    terms, out = _parse_equation(equation, nodes)
    sizes: dict[str, int] = {}
    for term, each in zip(terms, nodes, strict=True):
        for letter, size in zip(term, each.shape, strict=True):
            if sizes.setdefault(letter, size) == 1:
                sizes[letter] = size
            if size not in (1, sizes[letter]):
                raise GradcliError(
                    "shape",
                    f"einsum(): subscript {letter} has size {size} for an operand where it has size {sizes[letter]} "
                    "for another",
                )
    simple_nodes, simple_terms = [], []
    for index, (term, each) in enumerate(zip(terms, nodes, strict=True)):
        term, each = _without_repeats(term, each)
        elsewhere = set(out).union(*[set(other) for place, other in enumerate(terms) if place != index])
        alone = tuple([place - len(term) for place, letter in enumerate(term) if letter not in elsewhere])
        each = total(each, alone)
        term = "".join(letter for letter in term if letter in elsewhere)
        shape = tuple([sizes[letter] for letter in term])
        simple_nodes.append(core.expand_to(each, shape))
        simple_terms.append(term)
    if len(simple_terms) == 1:
        term = simple_terms[0]
        return permuted(simple_nodes[0], [term.index(letter) - len(term) for letter in out])
    return contract(*simple_nodes, attrs=(tuple(simple_terms), out))


def _without_repeats(term: str, x: Node) -> tuple[str, Node]:
    """The diagonal over each letter that a term repeats."""
    from gradcli.ops.diagonals import diagonal_of

    for letter in dict.fromkeys(term):
        while term.count(letter) > 1:
            first = term.index(letter)
            second = term.index(letter, first + 1)
            x = diagonal_of(x, first - x.ndim, second - x.ndim)
            term = term[:first] + term[first + 1 : second] + term[second + 1 :] + letter
    return term, x


def _parse_equation(equation: str, nodes: Sequence[Node]) -> tuple[list[str], str]:
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(nodes):
        raise GradcliError(
            "bad-argument",
            f"einsum(): the equation {equation!r} has {len(terms)} terms for {len(nodes)} operands",
        )
    spare = [letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter not in equation]
    longest = 0
    dots = []
    for term, each in zip(terms, nodes, strict=True):
        count = each.ndim - len(term.replace("...", ""))
        if count < 0 or (count and "..." not in term):
            raise GradcliError(
                "shape",
                f"einsum(): the number of subscripts in the equation ({len(term)}) does not match the number of "
                f"dimensions ({each.ndim}) for an operand",
            )
        dots.append(count)
        longest = max(longest, count if "..." in term else 0)
    batch = "".join(spare[:longest])
    full = [term.replace("...", batch[longest - count :]) for term, count in zip(terms, dots, strict=True)]
    letters = "".join(full)
    if not all(letter.isascii() and letter.isalpha() for letter in letters):
        raise GradcliError("bad-argument", f"einsum(): subscripts are letters, in {equation!r}")
    if arrow:
        out = right.replace("...", batch)
    else:
        out = batch + "".join(sorted(x for x in set(letters) - set(batch) if letters.count(x) == 1))
    for letter in out:
        if letter not in letters or out.count(letter) > 1:
            raise GradcliError(
                "bad-argument", f"einsum(): output subscript {letter} must appear once, in an input"
            )
    return full, out
