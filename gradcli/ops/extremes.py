"""The largest and the smallest along dims, as primitives: the functions over them stand in `reductions`."""

from __future__ import annotations

import numpy as np

from gradcli.ops import elementwise as e
from gradcli.tape import primitives
from gradcli.tape.dims import along_others, drop_dims, keep_dims
from gradcli.tape.general import General
from gradcli.tape.node import Node
from gradcli.tape.primitives import cast, literal, reduce_sum, reshape_to, where
from gradcli.tape.totals import extreme


def _extreme_rule(g: Node, node: Node) -> list[Node | None]:
    # Evenly over ties; where the result is nan, over the nans.
    (x,), (dims,) = node.inputs, node.attrs
    whole = keep_dims(x.shape, dims)
    winners = e.logical_or(e.eq(x, reshape_to(node, whole)), e.isnan(x))
    ties = cast(winners, x.dtype)
    number = reshape_to(reduce_sum(ties, attrs=(dims,)) if dims else ties, whole)
    return [where(winners, primitives.div(reshape_to(g, whole), number), literal(0.0, x.dtype))]


def _extreme(name: str, ufunc: np.ufunc) -> General:
    return General(
        name,
        lambda x, dims: extreme(ufunc, x, dims) if dims else x,
        lambda x, dims: (drop_dims(x.shape, dims), x.dtype),
        _extreme_rule,
        selects=True,
        along=along_others,
        reduces=ufunc,
    )


reduce_max = _extreme("amax", np.maximum)
reduce_min = _extreme("amin", np.minimum)
