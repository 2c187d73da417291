"""A picture laid out: a place for each box, a way for each arrow. The same picture gives the same layout."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.graphs.crossings import ordered
from gradcli.graphs.layers import Layered, layered
from gradcli.graphs.picture import Picture
from gradcli.graphs.places import placed
from gradcli.record import Record

FEW = 24
"""Of up to so many boxes all arrows share their bends that can, or none do, whichever has fewer crossings."""


class Layout(Record):
    """Where everything stands, in the units of the sizes that were given.

    Attributes:
        x, y: the middle of each box.
        ways: for each arrow the points it goes through, from box to box.
        rows: the top and the bottom of each layer.
        width, height: of the whole.
        crossings: how many arrows cross.
    """

    x: list[float]
    y: list[float]
    ways: list[list[tuple[float, float]]]
    rows: list[tuple[float, float]]
    width: float
    height: float
    crossings: int


def laid_out(
    picture: Picture, sizes: Sequence[tuple[float, float]], gap: float, rise: float, bend: float = 0.0
) -> Layout:
    """Places for boxes of these sizes.

    Args:
        picture: boxes numbered inputs first, and arrows.
        sizes: width and height of each box.
        gap: between neighbours in a layer.
        rise: between layers.
        bend: the room that a passing arrow takes.
    """
    graph, crossings = _ordered(len(sizes), picture.arrows)
    widths = [width for width, _ in sizes] + [bend] * (graph.count - len(sizes))
    x = placed(graph, widths, gap)
    rows, y, top = [], [0.0] * graph.count, 0.0
    for layer in graph.layers:
        height = max((sizes[vertex][1] for vertex in layer if vertex < graph.real), default=0.0)
        for vertex in layer:
            y[vertex] = top + height / 2
        rows.append((top, top + height))
        top += height + rise
    ways: list[list[tuple[float, float]]] = []
    ports = _ports(graph, x, widths)
    for at, chain in enumerate(graph.chains):
        way = []
        for vertex in chain:
            first, last = rows[graph.layer[vertex]]
            if vertex < graph.real:
                half = sizes[vertex][1] / 2
                begins = vertex == chain[0]
                way.append((x[vertex], y[vertex] + half) if begins else (ports[at], y[vertex] - half))
            else:
                way += [(x[vertex], first), (x[vertex], last)]
        ways.append(way)
    width = max((x[vertex] + widths[vertex] / 2 for vertex in range(graph.count)), default=0.0)
    count = len(sizes)
    return Layout(x[:count], y[:count], ways, rows, width, max(0.0, top - rise), crossings)


def _ordered(count: int, arrows: Sequence[tuple[int, int]]) -> tuple[Layered, int]:
    """Layers with their order and crossings: the better of two where there are few boxes."""
    if count > FEW:
        graph = layered(count, arrows)
        return graph, ordered(graph)
    found = []
    for shared in (True, False):
        graph = layered(count, arrows, shared=shared)
        found.append((graph, ordered(graph)))
        if not found[-1][1]:
            break
    return min(found, key=lambda each: each[1])


def _ports(graph: Layered, x: list[float], widths: list[float]) -> list[float]:
    """Where each arrow enters its box: side by side, in the order in which they come."""
    coming: dict[int, list[tuple[float, int]]] = {}
    for at, chain in enumerate(graph.chains):
        coming.setdefault(chain[-1], []).append((x[chain[-2]], at))
    found = [0.0] * len(graph.chains)
    for vertex, arrows in coming.items():
        step = widths[vertex] / (len(arrows) + 1)
        for number, (_, at) in enumerate(sorted(arrows), 1):
            found[at] = x[vertex] - widths[vertex] / 2 + number * step
    return found
