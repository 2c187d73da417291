"""The arbiter of one gradient on a tape: made when it is first needed, since mpmath takes a while to load.

`gradcli.checking.model`, `walks` and `own_gradients` have tapes, and `comparing` asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checking.rerun import Rerun

if TYPE_CHECKING:
    from gradcli.checking.arbiter import Arbiter

Array = np.ndarray[Any, np.dtype[Any]]

MOST_PRECISE = 20_000
"""Elements on a tape beyond which it is not run in more digits: each takes some ten microseconds."""


def settling(
    values: Rerun, gradients: Rerun, leaves: Mapping[str, Any], name: str, root: int | None, *weights: Array
) -> Callable[[], Arbiter | None]:
    """Gives, once it is asked for, what settles a gradient in more digits; None where nothing can.

    Args:
        values, gradients: from `leaves`, in order, to the roots and to the gradients of each leaf.
        name: the leaf that is moved.
        root: which root it is about, with its weights; None for all, with the weights of each.
    """

    @cache
    def made() -> Arbiter | None:
        size = sum(max(1, step.node.size) for tape in (values, gradients) for step in tape.steps)
        if size > MOST_PRECISE:
            return None
        from gradcli.checking import precise
        from gradcli.checking.arbiter import Arbiter

        at = list(leaves).index(name)

        def point(moved: Array) -> list[Any]:
            return [moved if key == name else value for key, value in leaves.items()]

        def function(moved: Array) -> Any:
            found = precise.replay(values, point(moved))
            return precise.total(found if root is None else [found[root]], weights)

        def gradient(moved: Array, shaken: np.random.Generator | None = None) -> Array | None:
            return precise.replay(gradients, point(moved), shaken)[at]

        def shaken(moved: Array) -> Array | None:
            return gradient(moved, np.random.default_rng(0))

        try:
            return Arbiter(function, gradient, leaves[name], shaken=shaken)
        except precise.Unavailable:
            return None

    return made
