"""Scaled dot-product attention: two products of matrices with a softmax between them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.dropping import dropout_mask
from gradcli.ops.products import matmul_primitive
from gradcli.ops.reductions import kept, total
from gradcli.ops.registry import function
from gradcli.ops.shapes import swapped
from gradcli.ops.softmax import softmax
from gradcli.tape import primitives
from gradcli.tape.node import BOOL, Node, Operand, leaf
from gradcli.tape.primitives import as_node, reshape_to, scale, where

if TYPE_CHECKING:
    from collections.abc import Mapping


def _name(call: Mapping[str, Any]) -> str:
    q, k, v = (as_node(call[each]) for each in ("query", "key", "value"))
    mask = call["attn_mask"]
    heads = 1 if call["enable_gqa"] else 2
    same = q.ndim == k.ndim == v.ndim == 4 and q.shape[:heads] == k.shape[:heads] == v.shape[:heads]
    differentiated = isinstance(mask, Node) and mask.requires_grad
    if same and q.shape[-1] == v.shape[-1] and not call["dropout_p"] and not differentiated:
        return "ScaledDotProductFlashAttentionForCpu"
    return "Mm" if max(q.ndim, k.ndim, v.ndim) == 2 else "UnsafeView"


@function("nn", "scaled_dot_product_attention", method=False, grad_fn=_name)
def scaled_dot_product_attention(
    query: Operand,
    key: Operand,
    value: Operand,
    attn_mask: Operand | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Node:
    """softmax(query @ key.mT * scale + mask) @ value, with scale 1/sqrt(E) over the E features"""
    q, k, v = as_node(query), as_node(key), as_node(value)
    _check(q, k, v)
    if is_causal and attn_mask is not None:
        raise GradcliError(
            "bad-argument",
            "scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True",
        )
    if enable_gqa:
        k, v = _repeated_heads(k, q.shape[-3]), _repeated_heads(v, q.shape[-3])
    factor = 1 / math.sqrt(q.shape[-1]) if scale is None and q.shape[-1] else scale or 0.0
    scores = _scaled(matmul_primitive(q, swapped(k, -1, -2)), factor)
    allowed = _allowed(scores, attn_mask, is_causal)
    if allowed is not None:
        scores = where(allowed, scores, float("-inf"))
    elif attn_mask is not None:
        scores = primitives.add(scores, attn_mask)
    weights = _safe_softmax(scores)
    if dropout_p > 0:
        weights = primitives.mul(weights, leaf(dropout_mask(weights, dropout_p)))
    return matmul_primitive(weights, v)


def _scaled(x: Node, factor: float) -> Node:
    return scale(x, factor)


def _check(q: Node, k: Node, v: Node) -> None:
    if min(q.ndim, k.ndim, v.ndim) < 2:
        raise GradcliError(
            "shape",
            "Expected query, key, and value to all be  at least 2 dimensional, but got "
            f"query.dim: {q.ndim} key.dim: {k.ndim} and value.dim: {v.ndim} instead.",
        )
    if not q.dtype is k.dtype is v.dtype:
        raise GradcliError(
            "dtype",
            "Expected query, key, and value to have the same dtype, but got query.dtype: "
            f"{q.dtype}, key.dtype: {k.dtype}, and value.dtype: {v.dtype} instead.",
        )
    if q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise GradcliError(
            "shape",
            f"scaled_dot_product_attention: query {list(q.shape)}, key {list(k.shape)} and value "
            f"{list(v.shape)} do not fit: query and key have as many features, key and value as many rows",
        )


def _repeated_heads(x: Node, heads: int) -> Node:
    """Grouped queries: each head of key and value serves several heads of the query."""
    own = x.shape[-3]
    if own == 0 or heads % own:
        raise GradcliError(
            "shape",
            f"Number of heads in key and value must divide the number of heads in query: {own} and {heads}",
        )
    times = heads // own
    spread = reshape_to(x, (*x.shape[:-2], 1, *x.shape[-2:]))
    spread = primitives.expand_to(spread, (*x.shape[:-2], times, *x.shape[-2:]))
    return reshape_to(spread, (*x.shape[:-3], heads, *x.shape[-2:]))


def _allowed(scores: Node, mask: Operand | None, is_causal: bool) -> Node | None:
    """Which scores count, where a mask says so."""
    if is_causal:
        return leaf(np.tri(*scores.shape[-2:], dtype=bool))
    return mask if isinstance(mask, Node) and mask.dtype is BOOL else None


def _safe_softmax(scores: Node) -> Node:
    """softmax over the last dim; a row of -inf, in which nothing counts, is zero."""
    if not scores.size:
        return softmax(scores, -1)  # type: ignore[no-any-return]
    counted = total(primitives.cast(e.ne(scores, float("-inf")), scores.dtype), (-1,))
    empty = kept(e.eq(counted, 0), scores.shape, (-1,))
    return where(empty, 0.0, softmax(where(empty, 0.0, scores), -1))
