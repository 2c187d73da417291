"""Many values through one tape: each row is what the tape computes for its value alone."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.engine.run import value
from gradcli.ops.indexing import along_last, put_last, scatter_last, take_last
from gradcli.tape.node import Node, leaf, postorder, topological
from gradcli.tape.vmap import batched

NUMBERS = np.array([[0.5, 1.5, 2.5], [3.5, 4.5, 5.5]])
PLACES = np.array([[2, 0, 0], [1, 1, 2]])

INDEXED = {
    # how it is recorded, and whether rows with indices of their own still are one call
    "take": (lambda x, i: take_last(x, i), False),
    "put": (lambda x, i: put_last(x, i, attrs=(4,)), False),
    "along": (lambda x, i: along_last(x, i), True),
    "scatter": (lambda x, i: scatter_last(x, i, attrs=(4,)), True),
}


@pytest.mark.parametrize("name", INDEXED)
@pytest.mark.parametrize("moving", ["numbers", "both"])
def test_rows_may_have_indices_of_their_own(name: str, moving: str) -> None:
    record, together = INDEXED[name]
    x, places = leaf(NUMBERS[0], True), leaf(PLACES[0])
    root = record(x, places)
    replaced: dict[Node, Node] = {x: leaf(NUMBERS)}
    if moving == "both":
        replaced[places] = leaf(PLACES)
    (found,) = batched([root], replaced, 2, topological([root]))
    indices = PLACES if moving == "both" else PLACES[[0, 0]]
    alone = [value(record(leaf(row), leaf(at))) for row, at in zip(NUMBERS, indices, strict=True)]
    assert found.dtype == root.dtype
    np.testing.assert_array_equal(value(found), alone)
    assert value(found).dtype == root.dtype
    by_row = "each_row" in {node.op.name for node in postorder([found])}
    assert by_row is (moving == "both" and not together)
