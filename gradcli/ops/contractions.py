"""Sums of products beyond the matrix product: einsum, tensordot, kron, inner, cross, addmm and its kin.

All are compositions of the contraction and the matrix product in `products`.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError
from gradcli.ops.diagonals import diagonal_of
from gradcli.ops.einsum import LETTERS, contract
from gradcli.ops.indexing import padded, section
from gradcli.ops.joining import concatenate
from gradcli.ops.products import LINEAR_ALGEBRA, bmm, check_added, mm, mv, of_rank, outer, product, size_of
from gradcli.ops.reductions import total
from gradcli.ops.registry import function
from gradcli.ops.shapes import integer, permuted, turned, viewed
from gradcli.tape import primitives
from gradcli.tape.node import BOOL, FLOATS, Node, Operand
from gradcli.tape.primitives import as_dtype, as_node, expand_to, reshape_to, scale
from gradcli.tape.promote import broadcast, dim_index, dim_indices, result_type, torch_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# ---- einsum ----


def _einsum_name(call: Mapping[str, Any]) -> str:
    """One operand is summed or permuted; of several, a contraction is a reshaped product."""
    equation, operands = str(call["equation"]).replace(" ", ""), call["operands"]
    left, arrow, right = equation.partition("->")
    letters = {each for each in left if each.isalpha()}
    kept = set(right) if arrow else {each for each in letters if left.count(each) == 1}
    if len(operands) == 1:
        return "SumBackward1" if letters - kept else "Permute"
    return "View" if letters - kept else "Mul"


@function(LINEAR_ALGEBRA, "einsum", method=False, grad_fn=_einsum_name)
def einsum(equation: str, *operands: Operand) -> Node:
    """sums of products in Einstein's notation, as "ij,jk->ik" """
    if not isinstance(equation, str):
        raise GradcliError("bad-argument", "einsum(): the first argument is the equation, a string")
    if not operands:
        raise GradcliError("bad-argument", "einsum(): must provide at least one operand")
    nodes = [as_node(each) for each in operands]
    dtype = result_type(nodes)
    nodes = [as_dtype(each, dtype) for each in nodes]
    terms, out = _parse_equation(equation, nodes)
    sizes: dict[str, int] = {}
    for at, (term, each) in enumerate(zip(terms, nodes, strict=True)):
        for letter, size in zip(term, each.shape, strict=True):
            if sizes.setdefault(letter, size) == 1:
                sizes[letter] = size
            if size not in (1, sizes[letter]):
                raise GradcliError(
                    "shape",
                    f"einsum(): subscript {letter} has size {size} for operand {at} which does not "
                    "broadcast with "
                    f"previously seen size {sizes[letter]}",
                )
    simple_nodes, simple_terms = [], []
    for index, (term, each) in enumerate(zip(terms, nodes, strict=True)):
        term, each = _without_repeats(term, each)
        elsewhere = set(out).union(*[set(other) for place, other in enumerate(terms) if place != index])
        alone = tuple([place - len(term) for place, letter in enumerate(term) if letter not in elsewhere])
        each = total(each, alone)
        term = "".join(letter for letter in term if letter in elsewhere)
        shape = tuple([sizes[letter] for letter in term])
        simple_nodes.append(primitives.expand_to(each, shape))
        simple_terms.append(term)
    if len(simple_terms) == 1:
        term = simple_terms[0]
        return turned(simple_nodes[0], [term.index(letter) - len(term) for letter in out])
    return contract(*simple_nodes, attrs=(tuple(simple_terms), out))


def _without_repeats(term: str, x: Node) -> tuple[str, Node]:
    """The diagonal over each letter that a term repeats."""
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
            f"einsum(): {'fewer' if len(nodes) < len(terms) else 'more'} operands were provided than "
            "specified in "
            f"the equation: {equation!r} has {len(terms)} for {len(nodes)}",
        )
    for at, sign in enumerate(equation):
        if not (sign.isascii() and (sign.isalpha() or sign in " ,.->")):
            raise GradcliError(
                "bad-argument",
                f"einsum(): invalid subscript given at index {at} in the equation string, subscripts "
                "must be in "
                "[a-zA-Z]",
            )
    spare = [letter for letter in LETTERS if letter not in equation]
    longest = 0
    dots = []
    for at, (term, each) in enumerate(zip(terms, nodes, strict=True)):
        count = each.ndim - len(term.replace("...", ""))
        if count < 0 or (count and "..." not in term):
            raise GradcliError(
                "shape",
                f"einsum(): the number of subscripts in the equation ({len(term)}) does not match the "
                "number of "
                f"dimensions ({each.ndim}) for operand {at} and no ellipsis was given",
            )
        dots.append(count)
        longest = max(longest, count if "..." in term else 0)
    batch = "".join(spare[:longest])
    full = [term.replace("...", batch[longest - count :]) for term, count in zip(terms, dots, strict=True)]
    letters = "".join(full)
    if arrow:
        out = right.replace("...", batch)
    else:
        out = batch + "".join(sorted(x for x in set(letters) - set(batch) if letters.count(x) == 1))
    for letter in out:
        if letter not in letters:
            raise GradcliError(
                "bad-argument",
                f"einsum(): output subscript {letter} does not appear in the equation for any input operand",
            )
        if out.count(letter) > 1:
            raise GradcliError(
                "bad-argument", f"einsum(): output subscript {letter} appears more than once in the output"
            )
    return full, out


# ---- products over chosen dims ----


def _contracted(dims: Sequence[int], rank: int) -> list[int]:
    if dims and not rank:
        raise GradcliError("shape", "Dimension specified as 0 but tensor has no dimensions")
    return [dim_index(each, rank) for each in dims]


@function(LINEAR_ALGEBRA, "tensordot", method=False, grad_fn="View")
def tensordot(a: Operand, b: Operand, dims: Any = 2) -> Node:
    """products summed over the last dims of one and the first of the other, or over two lists of dims"""
    one, other = as_node(a), as_node(b)
    if isinstance(dims, (tuple, list)):
        if len(dims) != 2:
            raise GradcliError("bad-argument", "tensordot expects dims to be a number or two lists of dims")
        said = [list(each) if isinstance(each, (tuple, list)) else [each] for each in dims]
    else:
        count = integer(dims, "dims")
        if count < 0:
            raise GradcliError("bad-argument", f"tensordot expects dims >= 0, but got dims={count}")
        if count > min(one.ndim, other.ndim):
            raise GradcliError(
                "bad-argument", f"tensordot expects dims < ndim_a or ndim_b, but got dims={count}"
            )
        said = [list(range(-count, 0)), list(range(count))]
    if len(said[0]) != len(said[1]):
        raise GradcliError("bad-argument", "both dimension lists should have same length")
    if one.dtype is not other.dtype:
        raise GradcliError("dtype", "both inputs should have same dtype")
    first, second = _contracted(said[0], one.ndim), _contracted(said[1], other.ndim)
    for at, (left, right) in enumerate(zip(first, second, strict=True)):
        sizes = one.shape[left], other.shape[right]
        if sizes[0] != sizes[1] and 1 not in sizes:
            raise GradcliError(
                "shape",
                f"contracted dimensions need to match, but first has size {sizes[0]} in dim "
                f"{said[0][at]} and second has size {sizes[1]} in dim {said[1][at]}",
            )
        # A dim of size 1 stands for as many equal ones as the other has.
        if sizes[0] != sizes[1] and sizes[0] == 1:
            other = _summed(other, right)
        elif sizes[0] != sizes[1]:
            one = _summed(one, left)
    free_one = [dim for dim in range(-one.ndim, 0) if dim not in first]
    free_other = [dim for dim in range(-other.ndim, 0) if dim not in second]
    inner = prod([one.shape[dim] for dim in first])
    shape = tuple([one.shape[dim] for dim in free_one]) + tuple([other.shape[dim] for dim in free_other])
    left_size = prod([one.shape[dim] for dim in free_one])
    right_size = prod([other.shape[dim] for dim in free_other])
    left_matrix = reshape_to(permuted(one, free_one + first), (left_size, inner))
    right_matrix = reshape_to(permuted(other, second + free_other), (inner, right_size))
    return viewed(product(left_matrix, right_matrix), shape)


def _summed(x: Node, dim: int) -> Node:
    shape = list(x.shape)
    shape[dim] = 1
    return reshape_to(total(x, (dim,)), tuple(shape))


def _inner_name(call: Mapping[str, Any]) -> str:
    ranks = [each.ndim if isinstance(each, Node) else 0 for each in (call["input"], call["other"])]
    return "View" if all(ranks) else "Mul"


@function(LINEAR_ALGEBRA, "inner", grad_fn=_inner_name)
def inner(input: Operand, other: Operand) -> Node:
    """the inner products over the last dims"""
    a, b = as_node(input), as_node(other)
    if not a.ndim or not b.ndim:
        return primitives.mul(a, b)
    if a.shape[-1] != b.shape[-1]:
        raise GradcliError(
            "shape",
            "inner() the last dimension must match on both input tensors but got shapes "
            f"{list(a.shape)} and {list(b.shape)}",
        )
    return tensordot(a, b, ([-1], [-1]))  # type: ignore[no-any-return]


@function(LINEAR_ALGEBRA, "kron", grad_fn="UnsafeView")
def kron(input: Operand, other: Operand) -> Node:
    """Kronecker's product: every element of input times all of other, as blocks"""
    a, b = as_node(input), as_node(other)
    rank = max(a.ndim, b.ndim)
    left = (1,) * (rank - a.ndim) + a.shape
    right = (1,) * (rank - b.ndim) + b.shape
    spaced_left = tuple([each for size in left for each in (size, 1)])
    spaced_right = tuple([each for size in right for each in (1, size)])
    blocks = primitives.mul(reshape_to(a, spaced_left), reshape_to(b, spaced_right))
    return viewed(blocks, tuple([one * two for one, two in zip(left, right, strict=True)]))


# ---- vectors in space ----


def _turned(x: Node, dim: int, step: int) -> Node:
    return concatenate([section(x, dim, step, 3), section(x, dim, 0, step)], dim)


def _crossed(a: Node, b: Node, dim: int) -> Node:
    shape = broadcast(a.shape, b.shape)
    a, b = expand_to(a, shape), expand_to(b, shape)
    return primitives.sub(
        primitives.mul(_turned(a, dim, 1), _turned(b, dim, 2)),
        primitives.mul(_turned(a, dim, 2), _turned(b, dim, 1)),
    )


@function(LINEAR_ALGEBRA, "linalg.cross", grad_fn="LinalgCross", method=False)
def linalg_cross(input: Operand, other: Operand, *, dim: int = -1) -> Node:
    """the cross products of the vectors of three elements along dim"""
    a, b = as_node(input), as_node(other)
    if a.ndim != b.ndim:
        raise GradcliError(
            "shape",
            "linalg.cross: inputs must have the same number of dimensions.",
            hint=f"they have shapes {list(a.shape)} and {list(b.shape)}",
        )
    axis = dim_index(dim, a.ndim)
    if not a.ndim:
        raise GradcliError("shape", f"Dimension specified as {dim} but tensor has no dimensions")
    if a.shape[axis] != 3 or b.shape[axis] != 3:
        raise GradcliError(
            "shape",
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {a.shape[axis]} and "
            f"{b.shape[axis]}",
        )
    if a.dtype == b.dtype == BOOL:
        raise GradcliError("dtype", "\"cross\" not implemented for 'Bool'", hint="use .int() first")
    return _crossed(a, b, axis)


@function(LINEAR_ALGEBRA, "cross", grad_fn="LinalgCross")
def cross(input: Operand, other: Operand, dim: int | None = None) -> Node:
    """the cross products of the vectors of three elements along dim, by default the first dim of size 3"""
    a, b = as_node(input), as_node(other)
    if dim is None:
        shape = broadcast(a.shape, b.shape)
        if 3 not in shape:
            raise GradcliError("shape", f"no dimension of size 3 in input: shape {list(shape)}")
        dim = shape.index(3) - len(shape)
    return linalg_cross(a, b, dim=dim)  # type: ignore[no-any-return]


def _vecdot_name(call: Mapping[str, Any]) -> str:
    ranks = [each.ndim if isinstance(each, Node) else 0 for each in (call["x"], call["y"])]
    return "Vdot" if ranks == [1, 1] else "SumBackward1"


@function(LINEAR_ALGEBRA, "linalg.vecdot", method=False, grad_fn=_vecdot_name)
def vecdot(x: Operand, y: Operand, *, dim: int = -1) -> Node:
    """the inner products of the vectors along dim"""
    first, second = as_node(x), as_node(y)
    if first.dtype not in FLOATS:
        message = "linalg.vecdot: Expected a floating point or complex tensor as input. Got "
        raise GradcliError("dtype", message + torch_name(first.dtype))
    if first.dtype is not second.dtype:
        raise GradcliError(
            "dtype",
            "linalg.vecdot: Expected x and y to have the same dtype, but found x of type "
            f"{torch_name(first.dtype)} and y of type {torch_name(second.dtype)} instead",
        )
    products = primitives.mul(first, second)
    return total(products, dim_indices(dim, products.ndim))


# ---- a product and a sum ----


def unread(x: Node) -> Node:
    """Zeros in place of `x`, of which nothing is read: nan is not passed on, and its gradient is zero."""
    flat = reshape_to(x, (x.size,))
    return reshape_to(padded(section(flat, -1, 0, 0), -1, 0, x.size), x.shape)


def _added(start: Node, added: Node, beta: float, alpha: float) -> Node:
    """beta*start + alpha*added, where start broadcasts to the product and counts for nothing if beta is 0."""
    extra = added.ndim - start.ndim
    if extra < 0 or any(
        one not in (1, two) for one, two in zip(start.shape, added.shape[extra:], strict=True)
    ):
        wrong = next(
            (
                at
                for at, (one, two) in enumerate(zip(start.shape, added.shape[max(extra, 0) :], strict=False))
                if one not in (1, two)
            ),
            0,
        )
        raise GradcliError(
            "shape",
            f"The expanded size of the tensor ({added.shape[wrong + max(extra, 0)]}) must match the "
            "existing size "
            f"({start.shape[wrong]}) at non-singleton dimension {wrong + max(extra, 0)}.  Target sizes: "
            f"{list(added.shape)}.  Tensor sizes: {list(start.shape)}",
        )
    first = unread(start) if beta == 0 else scale(start, beta)
    return primitives.add(first, scale(added, alpha))


@function(LINEAR_ALGEBRA, "addmm")
def addmm(input: Operand, mat1: Operand, mat2: Operand, *, beta: float = 1, alpha: float = 1) -> Node:
    """beta*input + alpha*(mat1 @ mat2)"""
    a, b = as_node(mat1), as_node(mat2)
    check_added(("self", as_node(input)), ("mat1", a), b=b)
    for each, name in ((a, "mat1"), (b, "mat2")):
        of_rank(each, 2, f"{name} must be a matrix, got {each.ndim}-D tensor")
    return _added(as_node(input), mm(mat1, mat2), beta, alpha)


@function(LINEAR_ALGEBRA, "addmv")
def addmv(input: Operand, mat: Operand, vec: Operand, *, beta: float = 1, alpha: float = 1) -> Node:
    """beta*input + alpha*(mat @ vec)"""
    x, a, b = as_node(input), as_node(mat), as_node(vec)
    if x.ndim > 1 or a.ndim != 2 or b.ndim != 1:
        raise GradcliError("shape", f"vector + matrix @ vector expected, got {x.ndim}, {a.ndim}, {b.ndim}")
    return _added(as_node(input), mv(mat, vec), beta, alpha)


@function(LINEAR_ALGEBRA, "baddbmm")
def baddbmm(input: Operand, batch1: Operand, batch2: Operand, *, beta: float = 1, alpha: float = 1) -> Node:
    """beta*input + alpha*(batch1 @ batch2), matrix by matrix"""
    for each, dim in ((as_node(batch1), 0), (as_node(batch1), 1), (as_node(batch2), 2)):
        size_of(each, dim)  # asked for before it is known that there are three
    return _added(as_node(input), bmm(batch1, batch2), beta, alpha)


@function(LINEAR_ALGEBRA, "addbmm")
def addbmm(input: Operand, batch1: Operand, batch2: Operand, *, beta: float = 1, alpha: float = 1) -> Node:
    """beta*input + alpha times the sum of the products of the matrices in two batches"""
    return _added(as_node(input), total(bmm(batch1, batch2), (-3,)), beta, alpha)


@function(LINEAR_ALGEBRA, "addr")
def addr(input: Operand, vec1: Operand, vec2: Operand, *, beta: float = 1, alpha: float = 1) -> Node:
    """beta*input + alpha times the outer product of two vectors"""
    for each, name in ((as_node(vec1), "vec1"), (as_node(vec2), "vec2")):
        of_rank(each, 1, f"addr: Expected 1-D argument {name}, but got {each.ndim}-D")
    return _added(as_node(input), outer(vec1, vec2), beta, alpha)
