"""Layouts: layers go down, nothing overlaps, few arrows cross, and the same picture is laid out the same."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from gradcli.graphs.crossings import crossings, ordered
from gradcli.graphs.layers import layered
from gradcli.graphs.layout import Layout, laid_out
from gradcli.graphs.picture import Box, Picture


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


@pytest.mark.parametrize(("count", "most"), [(20, 3), (100, 82), (400, 800)])
def test_few_arrows_cross(count: int, most: int) -> None:
    """Graphviz's dot has 3 and 75 crossings on the first two."""
    graph_ = layered(count, graph(count, count))
    found = ordered(graph_)
    assert found == crossings(graph_)
    assert found <= most


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
