"""Normalisation, similarity and bilinear forms: compositions over products and norms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.einsum import contract
from gradcli.ops.functions import sub
from gradcli.ops.norms import normed, vector_norm_over
from gradcli.ops.products import of_rank, size_of
from gradcli.ops.reductions import count, kept, total
from gradcli.ops.registry import function
from gradcli.ops.shapes import sizes
from gradcli.tape import primitives
from gradcli.tape.custom import detached
from gradcli.tape.node import FLOAT16, FLOAT32, FLOATS, Node, Operand
from gradcli.tape.primitives import as_dtype, as_node, require_float, reshape_to, scale
from gradcli.tape.promote import broadcast, dim_index, dim_indices, result_type, torch_name

if TYPE_CHECKING:
    from collections.abc import Sequence


NN = "nn"


@function(NN, "normalize", method=False, grad_fn="Div")
def normalize(input: Operand, p: float | str = 2.0, dim: int | Sequence[int] = 1, eps: float = 1e-12) -> Node:
    """input divided by its p-norm over dim, or by eps where the norm is smaller"""
    x = normed(as_node(input))
    dims = dim_indices(dim, x.ndim)
    if isinstance(p, str) and p != "fro":
        raise GradcliError("bad-argument", f"normalize() takes a number or 'fro' as p, not {p!r}")
    p = 2.0 if isinstance(p, str) else p
    length = e.clamp_number(vector_norm_over(x, float(p), dims), attrs=(eps, None))
    return primitives.div(x, kept(length, x.shape, dims))


def normalized(given: int | Sequence[int]) -> tuple[int, ...]:
    """The dims that a norm is over, from its `normalized_shape`."""
    shape = sizes(given if isinstance(given, (tuple, list)) else (given,))
    if not shape:
        raise GradcliError(
            "shape",
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, "
            "but got normalized_shape = []",
        )
    return shape


def check_parameters(x: Node, *parameters: Operand | None) -> None:
    """Raises for floating-point parameters of another dtype than what they scale and shift.

    They may be float32 where that is float16.
    """
    given = [each for each in parameters if isinstance(each, Node) and each.dtype in FLOATS]
    if not given or all(each.dtype is x.dtype for each in given):
        return
    if given[0].dtype is x.dtype:
        other = next(each for each in given if each.dtype is not x.dtype)
        said = f"expected scalar type {torch_name(x.dtype)} but found {torch_name(other.dtype)}"
    elif any(each.dtype is not FLOAT32 for each in given):
        said = "mixed dtype (CPU): expect parameter to have scalar type of Float"
    elif x.dtype is FLOAT16:
        return
    else:
        said = "mixed dtype (CPU): all inputs must share same datatype."
    raise GradcliError("dtype", said)


@function(NN, "layer_norm", method=False, grad_fn="NativeLayerNorm")
def layer_norm(
    input: Operand,
    normalized_shape: int | Sequence[int],
    weight: Operand | None = None,
    bias: Operand | None = None,
    eps: float = 1e-5,
) -> Node:
    """input with mean 0 and variance 1 over its last dims, then times weight plus bias"""
    x, shape = as_node(input), normalized(normalized_shape)
    for name, each in (("weight", weight), ("bias", bias)):
        if isinstance(each, Node) and each.shape != shape:
            raise GradcliError(
                "shape",
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape "
                f"{list(each.shape)} and normalized_shape = {list(shape)}",
            )
    if x.shape[-len(shape) :] != shape or x.ndim < len(shape):
        raise GradcliError(
            "shape",
            f"Given normalized_shape={list(shape)}, expected input with shape "
            f"[*, {', '.join(map(str, shape))}], but got input of size{list(x.shape)}",
        )
    check_parameters(x, weight, bias)
    x = require_float(x, "layer_norm", "LayerNormKernelImpl")
    dims = tuple(range(-len(shape), 0))
    share = 1 / max(count(x.shape, dims), 1)
    centred = primitives.sub(x, kept(scale(total(x, dims), share), x.shape, dims))
    variance = scale(total(e.power_number(centred, attrs=(2,)), dims), share)
    result = primitives.mul(centred, kept(e.rsqrt(primitives.add(variance, eps)), x.shape, dims))
    if weight is not None:
        result = primitives.mul(result, weight)
    return as_dtype(result if bias is None else primitives.add(result, bias), x.dtype)


@function(
    NN,
    "bilinear",
    method=False,
    grad_fn=lambda call: "View" if call["bias"] is None else "Add",
)
def bilinear(input1: Operand, input2: Operand, weight: Operand, bias: Operand | None = None) -> Node:
    """input1 @ weight[k] @ input2 for each k, plus bias"""
    a, b, w = as_node(input1), as_node(input2), as_node(weight)
    if a.ndim != b.ndim:
        raise GradcliError(
            "shape",
            f"bilinear(): input dimensions do not match: got {a.ndim} and {b.ndim}",
        )
    for dim, (one, other) in enumerate(zip(a.shape[:-1], b.shape[:-1], strict=True)):
        if one != other:
            raise GradcliError(
                "shape",
                f"bilinear(): input batch dimensions do not match at dim {dim}: got {one} and {other}",
            )
    if not a.dtype is b.dtype is w.dtype:
        given = ", ".join(
            f"{name}: {_KINDS.get(each.dtype.name, torch_name(each.dtype).lower())}"
            for name, each in (("input1", a), ("input2", b), ("weight", w))
        )
        raise GradcliError("dtype", f"All tensors must have the same dtype, got {given}")
    for number, each in ((1, a), (2, b)):
        size = size_of(w, number)
        if size_of(each, -1) != size:
            raise GradcliError(
                "shape",
                f"bilinear(): input{number} size does not match weight size: got {each.shape[-1]} but "
                f"expected {size}",
            )
    of_rank(w, 3, f"bilinear(): a weight has 3 dimensions, not {w.ndim}")
    if isinstance(bias, Node) and bias.shape != (w.shape[0],):
        raise GradcliError(
            "shape",
            f"bilinear(): bias size does not match weight size: got {bias.size} but expected {w.shape[0]}",
        )
    batch = a.shape[:-1]
    left = reshape_to(a, (a.size // max(a.shape[-1], 1) if a.size else _rows(batch), a.shape[-1]))
    right = reshape_to(b, (left.shape[0], b.shape[-1]))
    result = contract(left, w, right, attrs=(("bi", "kij", "bj"), "bk"))
    result = reshape_to(result, (*batch, w.shape[0]))
    return result if bias is None else primitives.add(result, bias)


_KINDS = {"int64": "long int", "float16": "c10::Half", "uint8": "unsigned char", "int8": "signed char"}
"""What C++ calls dtypes, where that isn't PyTorch's name."""


def _rows(batch: tuple[int, ...]) -> int:
    rows = 1
    for size in batch:
        rows *= size
    return rows


@function(NN, "cosine_similarity", method=False, grad_fn="SumBackward1")
def cosine_similarity(x1: Operand, x2: Operand, dim: int = 1, eps: float = 1e-8) -> Node:
    """the cosine of the angle between x1 and x2 over dim; norms below eps count as eps"""
    a, b = as_node(x1), as_node(x2)
    shape = broadcast(a.shape, b.shape)
    if a.shape != b.shape:  # then both are views, also the one that has the shape
        a, b = primitives.expand(a, attrs=(shape,)), primitives.expand(b, attrs=(shape,))
    dtype = result_type((a, b))  # of what has become alike: a 0-d tensor counts as much
    if dtype not in FLOATS:
        raise GradcliError(
            "dtype",
            f"expected common dtype to be floating point, yet common dtype is {torch_name(dtype)}",
        )
    a, b = as_dtype(a, dtype), as_dtype(b, dtype)
    axis = dim_index(dim, len(shape))
    dims = (axis,) if shape else ()
    return total(primitives.mul(_unit(a, dims, eps), _unit(b, dims, eps)), dims)


def _unit(x: Node, dims: tuple[int, ...], eps: float) -> Node:
    """`x` over its norm, or over eps where that is larger, though differentiated as if it never were."""
    length = vector_norm_over(x, 2.0, dims)
    plain = detached(length)
    lifted = primitives.add(length, primitives.sub(e.clamp_number(plain, attrs=(eps, None)), plain))
    return primitives.div(x, kept(lifted, x.shape, dims))


@function(NN, "pairwise_distance", method=False, grad_fn="NormBackward1")
def pairwise_distance(
    x1: Operand, x2: Operand, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Node:
    """the p-norm of x1 - x2 + eps over the last dim"""
    x = primitives.add(sub(x1, x2), eps)
    dims = (-1,) if x.ndim else ()
    result = vector_norm_over(x, float(p), dims)
    return kept(result, x.shape, dims) if keepdim else result
