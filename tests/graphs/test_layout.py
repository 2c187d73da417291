"""Layouts: layers go down, nothing overlaps, few arrows cross, and the same picture is laid out the same."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest

from gradcli.graphs.crossings import crossings
from gradcli.graphs.layers import layered
from gradcli.graphs.layout import Layout, laid_out
from gradcli.graphs.picture import Box, Picture
from gradcli.graphs.ranks import ranks


def graph(count: int, seed: int) -> list[tuple[int, int]]:
    source = random.Random(seed)
    arrows = {
        (source.randrange(max(0, stop - 30), stop), stop)
        for stop in range(1, count)
        for _ in range(source.choice([1, 2]))
    }
    return sorted(arrows)


def laid(count: int, arrows: list[tuple[int, int]]) -> tuple[Layout, list[tuple[float, float]]]:
    sizes = [(40.0 + 17 * (at % 5), 20.0 + 9 * (at % 3)) for at in range(count)]
    return laid_out(Picture("", [Box("call", "")] * count, arrows), sizes, 12.0, 30.0), sizes


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [2, 20, 100, 400])
def test_boxes_do_not_overlap_and_arrows_go_down(count: int, seed: int) -> None:
    arrows = graph(count, seed)
    layout, sizes = laid(count, arrows)
    by_row: dict[float, list[int]] = {}
    for number in range(count):
        by_row.setdefault(layout.y[number], []).append(number)
    for members in by_row.values():
        members.sort(key=layout.x.__getitem__)
        for left, right in pairwise(members):
            apart = layout.x[right] - layout.x[left]
            assert apart >= (sizes[left][0] + sizes[right][0]) / 2 + 12.0 - 1e-6
    assert all(layout.y[start] < layout.y[stop] for start, stop in arrows)
    for (start, stop), way in zip(arrows, layout.ways, strict=True):
        assert way[0] == (layout.x[start], layout.y[start] + sizes[start][1] / 2)
        assert abs(way[-1][0] - layout.x[stop]) <= sizes[stop][0] / 2
        assert all(after[1] >= before[1] for before, after in pairwise(way))


def test_trees_have_no_crossings() -> None:
    arrows = [((stop - 1) // 2, stop) for stop in range(1, 127)]
    assert laid(127, arrows)[0].crossings == 0
    upside_down = sorted((126 - stop, 126 - start) for start, stop in arrows)
    assert laid(127, upside_down)[0].crossings == 0


DOT = {
    20: (
        2, 3, 1, 8, 0, 5, 1, 1, 0, 1, 2, 1, 5, 6, 11, 1, 7, 3, 3, 3, 1, 1, 5, 0, 2, 2, 2, 3, 4, 2,
        2, 0, 7, 8, 5, 8, 2, 4, 3, 8,
    ),
    100: (
        107, 97, 110, 95, 144, 135, 163, 73, 131, 122, 77, 130, 129, 113, 120, 114,
    ),
    500: (
        769,
    ),
}  # fmt: skip
"""Crossings of Graphviz's dot 2.43 (`dot -v`) for seeds from 1 on."""


@pytest.mark.parametrize("count", DOT)
def test_no_more_arrows_cross_than_in_graphviz(count: int) -> None:
    found = [laid(count, graph(count, seed))[0].crossings for seed in range(1, len(DOT[count]) + 1)]
    assert all(ours <= 1.1 * theirs for ours, theirs in zip(found, DOT[count], strict=True)), found
    assert sum(found) <= 0.9 * sum(DOT[count])


def test_arrows_share_their_bends_where_many_leave_one_box() -> None:
    """A parameter that every turn of a loop uses is drawn as one line along them, and not as many."""
    turns = 12
    arrows = sorted([(0, 1 + turn) for turn in range(turns)] + [(turn, turn + 1) for turn in range(1, turns)])
    assert layered(1 + turns, arrows).count <= 2 * turns
    assert layered(1 + turns, arrows, shared=False).count > 5 * turns
    assert laid(1 + turns, arrows)[0].crossings == 0


@pytest.mark.parametrize("seed", range(8))
def test_arrows_are_as_short_as_they_can_be(seed: int) -> None:
    """SciPy's linear program has whole solutions, since every arrow has two ends."""
    from scipy.optimize import linprog  # whose import takes longer than these tests

    count, arrows = 60, graph(60, seed)
    layer = ranks(count, arrows)
    assert all(layer[start] < layer[stop] for start, stop in arrows)
    ends = np.zeros((len(arrows), count))
    for row, (start, stop) in enumerate(arrows):
        ends[row, start], ends[row, stop] = 1, -1
    best = linprog(-ends.sum(0), A_ub=ends, b_ub=-np.ones(len(arrows)), bounds=(0, count), method="highs")
    assert sum(layer[stop] - layer[start] for start, stop in arrows) == round(best.fun)


def test_wide_layers_are_ordered_too() -> None:
    arrows = [(start, 1500 + (start * 7) % 1500) for start in range(1500)]
    assert laid(3000, arrows)[0].crossings == 0


def test_crossings_are_those_that_one_sees() -> None:
    graph_ = layered(4, [(0, 2), (0, 3), (1, 2), (1, 3)])
    assert crossings(graph_) == 1
    source = random.Random(3)
    for _ in range(30):
        arrows = sorted({(source.randrange(6), 6 + source.randrange(6)) for _ in range(14)})
        graph_ = layered(12, arrows)
        up = {vertex: at for layer in graph_.layers for at, vertex in enumerate(layer)}
        pieces = [(chain[at], chain[at + 1]) for chain in graph_.chains for at in range(len(chain) - 1)]
        seen = {
            frozenset((a, b))
            for a in pieces
            for b in pieces
            if graph_.layer[a[0]] == graph_.layer[b[0]] and (up[a[0]] - up[b[0]]) * (up[a[1]] - up[b[1]]) < 0
        }
        assert crossings(graph_) == len(seen)


def test_the_same_picture_has_the_same_layout() -> None:
    first, second = laid(60, graph(60, 1))[0], laid(60, graph(60, 1))[0]
    assert (first.x, first.y, first.ways) == (second.x, second.y, second.ways)
