"""The second step: the order within each layer, with few crossings.

Several orders are begun, from positions that are smoothed over all arrows; in each every vertex goes to the
mean of its neighbours in the layer before (Sugiyama). Annealing then shows soon which one leads to few
crossings, and makes that better.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from gradcli.graphs.annealing import annealed, settled
from gradcli.graphs.layers import Layered

Layers = list[list[int]]
Array = np.ndarray[Any, np.dtype[Any]]

SPREAD = (0, 2, 3, 5, 7, 11, 13, 17)
"""Positions begin as multiples of the roots of these, which repeat nothing; the first ones are the same."""
TRYING, FALLING = (0.6, 0.3), (1.2, 0.25)
"""Temperatures for every order, and for those that look best."""
WORK, MOST = 90_000, 4_000_000
"""So many pairs of arrows' pieces are looked at in all orders that go on, if there are several; at most."""


class Effort(NamedTuple):
    """What is done for a picture.

    Attributes:
        begun: how many orders are begun.
        smoothed: how often their positions are.
        tried: turns of annealing for each.
        turns: turns of annealing for those that go on.
        kept: how many do.
    """

    begun: int
    smoothed: int
    tried: int
    turns: int
    kept: int = 7


SMALL, LARGE = Effort(7, 30, 20, 30), Effort(5, 60, 6, 60)
FEW = 60
"""Vertices of a small picture, at most."""


def ordered(graph: Layered) -> int:
    """Orders the layers in place; how many crossings are left."""
    found: list[tuple[int, Layers]] = []
    for begun in (list(graph.layers), _searched(graph, upwards=False), _searched(graph, upwards=True)):
        graph.layers[:] = begun
        found.append((crossings(graph), begun))
        if not found[-1][0]:
            break
    else:
        _anneal(graph, found)
    fewest, best = min(found, key=lambda each: each[0])
    # What comes first in the program is rather on the left.
    turned: Layers = [layer[::-1] for layer in best]
    best = min(best, turned, key=lambda each: (_backwards(each), each))
    graph.layers[:] = best
    return fewest


def _backwards(layers: Layers) -> int:
    """How many neighbours stand against the order of the program, less those that stand in it."""
    return sum((right < left) - (left < right) for layer in layers for left, right in pairwise(layer))


def _anneal(graph: Layered, found: list[tuple[int, Layers]]) -> None:
    """Adds better orders, with their crossings, to those that were found."""
    effort = _effort(graph)
    for begun in _beginnings(graph, effort):
        fewest = annealed(graph, _smoothed(graph, begun), effort.tried, *TRYING)
        found.append((fewest, list(graph.layers)))
    found.sort(key=lambda each: each[0])
    for fewest, begun in found[: effort.kept]:
        graph.layers[:] = [list(layer) for layer in begun]
        fewest = settled(graph, annealed(graph, fewest, effort.turns, *FALLING))
        found.append((fewest, list(graph.layers)))
        if not fewest:
            break


def _effort(graph: Layered) -> Effort:
    """What is done for this picture: less where boxes with many arrows stand side by side."""
    near = zip(graph.up, graph.down, strict=True)
    pairs = sum(1 + len(up) ** 2 + len(down) ** 2 for up, down in near)
    effort, most = (SMALL if graph.count <= FEW else LARGE), max(1, MOST // pairs)
    kept = min(effort.kept, max(1, WORK // (pairs * effort.turns)))
    return effort._replace(tried=min(effort.tried, most), turns=min(effort.turns, most), kept=kept)


def _beginnings(graph: Layered, effort: Effort) -> list[Layers]:
    """Orders by positions that are smoothed over all arrows, and kept apart from each other."""
    near = [
        [*up, *down] or [vertex] for vertex, (up, down) in enumerate(zip(graph.up, graph.down, strict=True))
    ]
    degree = np.asarray([float(len(each)) for each in near])[:, None]
    ends, begin = np.concatenate(near), np.cumsum([0, *map(len, near[:-1])])
    x: Array = np.arange(graph.count)[:, None] * np.sqrt(SPREAD[: effort.begun + 1]) % 1
    x[:, 0] = 1
    for time in range(effort.smoothed):
        if time % 10 == 0:  # what is the same everywhere, or in a position before, is taken out
            x /= np.abs(x).max(0) + 1e-300
            for one in range(1, effort.begun + 1):
                before = x[:, :one] * degree
                x[:, one] -= x[:, :one] @ (x[:, one] @ before / ((x[:, :one] * before).sum(0) + 1e-300))
        mean = np.add.reduceat(x[ends], begin, 0) / degree
        x = (x + mean) / 2 if time % 5 == 0 else mean  # both: every second layer alone would keep its places
    return [[sorted(layer, key=places.__getitem__) for layer in graph.layers] for places in x.T[1:].tolist()]


def _smoothed(graph: Layered, begun: Layers) -> int:
    """Orders the layers as begun, or as it is once smoothed, whichever has fewer crossings; how many."""
    graph.layers[:] = begun
    fewest = crossings(graph)
    _smooth(graph, downwards=True)
    _smooth(graph, downwards=False)
    now = crossings(graph)
    if now > fewest:
        now, graph.layers[:] = fewest, begun
    return now


def _smooth(graph: Layered, *, downwards: bool) -> None:
    """Puts each vertex to the mean place of its neighbours in the layer before; what has none stays."""
    near, place = graph.up if downwards else graph.down, [0.0] * graph.count
    for level in range(len(graph.layers))[:: 1 if downwards else -1]:
        layer = graph.layers[level]
        mean = {}
        for vertex in layer:
            beside = near[vertex]
            if beside:
                total = 0.0
                for each in beside:
                    total += place[each]
                mean[vertex] = total / len(beside)
        moved = sorted(mean, key=mean.__getitem__)
        if len(moved) < len(layer):
            moving = iter(moved)
            moved = [next(moving) if vertex in mean else vertex for vertex in layer]
        graph.layers[level] = moved
        for at, vertex in enumerate(moved):
            place[vertex] = at


def _searched(graph: Layered, *, upwards: bool) -> list[list[int]]:
    """Layers in the order in which a search meets their vertices."""
    near = [graph.up, graph.down] if upwards else [graph.down, graph.up]
    found: list[list[int]] = [[] for _ in graph.layers]
    seen = [False] * graph.count
    for start in reversed(range(graph.count)) if upwards else range(graph.count):
        stack = [start]
        while stack:
            vertex = stack.pop()
            if seen[vertex]:
                continue
            seen[vertex] = True
            found[graph.layer[vertex]].append(vertex)
            stack.extend(each for each in reversed(near[0][vertex]) if not seen[each])
            stack.extend(each for each in near[1][vertex] if not seen[each])
    return found


def crossings(graph: Layered) -> int:
    """How many arrows cross, between all layers."""
    return sum(_between(graph, level) for level in range(len(graph.layers) - 1))


def _between(graph: Layered, level: int) -> int:
    """Inversions of the ends of arrows in the order of their beginnings."""
    place = {vertex: at for at, vertex in enumerate(graph.layers[level + 1])}
    ended: list[int] = []
    total = 0
    for vertex in graph.layers[level]:
        ends = sorted([place[each] for each in graph.down[vertex]])
        for end in ends:  # those that end further to the right and began before
            total += len(ended) - bisect_right(ended, end)
        for end in ends:
            insort(ended, end)
    return total
