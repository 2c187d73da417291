"""Elements of one line of memory at strides: a linear primitive, of which `as_strided` is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.indexing import put_last
from gradcli.tape.node import Node, Shape, leaf
from gradcli.tape.primitives import Linear

if TYPE_CHECKING:
    from gradcli.ops.layout import Strides


def _strided_kernel(x: Any, shape: Shape, steps: Strides, offset: int) -> Any:
    x = np.asarray(x)[..., offset:]
    within = (*x.strides[:-1], *[step * x.strides[-1] for step in steps])
    return np.lib.stride_tricks.as_strided(x, (*x.shape[:-1], *shape), within)


def _strided_transpose(g: Node, node: Node) -> list[Node | None]:
    (x,) = node.inputs
    size = x.shape[-1]
    places = _strided_kernel(np.arange(size), *node.attrs)
    return [put_last(g, leaf(np.ascontiguousarray(places)), attrs=(size,))]


strided = Linear(
    "strided",
    _strided_kernel,
    lambda x, shape, steps, offset: ((*x.shape[:-1], *shape), x.dtype),
    _strided_transpose,
    selects=True,
    moves=True,
    views=True,
)
"""Elements of the last dim, so many steps apart from an offset on, in the place of that dim."""
