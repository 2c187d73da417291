"""The second step: the order within each layer, with few crossings.

Sweeps put each vertex at the median or the mean of its neighbours in the layer before (Sugiyama; Gansner,
Koutsofios, North and Vo), exchanges of neighbours remove what a sweep leaves. Several beginnings, the best of
all is kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from gradcli.graphs.layers import Layered

SWEEPS = 24
EXCHANGED = 600
"""Vertices up to which neighbours are exchanged after every sweep; beyond, at the end only."""
LARGE = 4_000
"""Vertices from which on fewer sweeps must do."""


def ordered(graph: Layered) -> int:
    """Orders the layers in place; how many crossings are left."""
    best, fewest = [list(layer) for layer in graph.layers], crossings(graph)
    sweeps = SWEEPS if graph.count <= LARGE else 8
    for beginning in _beginnings(graph):
        graph.layers[:] = [list(layer) for layer in beginning]
        idle = 0
        for sweep in range(sweeps):
            _sweep(graph, downwards=sweep % 2 == 0, by_median=sweep % 4 < 2)
            if graph.count <= EXCHANGED:
                _exchange(graph)
            count = crossings(graph)
            if count < fewest:
                best, fewest, idle = [list(layer) for layer in graph.layers], count, 0
            else:
                idle += 1
            if not fewest or idle > 6:
                break
        if not fewest:
            break
    graph.layers[:] = best
    if fewest and graph.count > EXCHANGED:
        _exchange(graph, rounds=2)
        fewest = crossings(graph)
    return fewest


def _beginnings(graph: Layered) -> Iterator[list[list[int]]]:
    yield [list(layer) for layer in graph.layers]
    yield _searched(graph, graph.down, range(graph.count))
    if graph.count <= LARGE:
        yield _searched(graph, graph.up, reversed(range(graph.count)))


def _searched(graph: Layered, beside: list[list[int]], starts: range | Iterator[int]) -> list[list[int]]:
    """Layers in the order in which a search meets their vertices."""
    found: list[list[int]] = [[] for _ in graph.layers]
    seen = [False] * graph.count
    for start in starts:
        stack = [start]
        while stack:
            vertex = stack.pop()
            if seen[vertex]:
                continue
            seen[vertex] = True
            found[graph.layer[vertex]].append(vertex)
            stack.extend(each for each in reversed(beside[vertex]) if not seen[each])
            other = graph.up if beside is graph.down else graph.down
            stack.extend(each for each in other[vertex] if not seen[each])
    return found


def _sweep(graph: Layered, *, downwards: bool, by_median: bool) -> None:
    levels = range(1, len(graph.layers)) if downwards else range(len(graph.layers) - 2, -1, -1)
    beside = graph.up if downwards else graph.down
    place = [0] * graph.count
    for layer in graph.layers:
        for at, vertex in enumerate(layer):
            place[vertex] = at
    for level in levels:
        layer = graph.layers[level]
        keys = {}
        for vertex in layer:
            places = sorted([place[each] for each in beside[vertex]])
            keys[vertex] = (_middle(places) if by_median else sum(places) / len(places)) if places else None
        free = [vertex for vertex in layer if keys[vertex] is not None]
        free.sort(key=lambda vertex: (keys[vertex], place[vertex]))
        moved = iter(free)
        layer[:] = [next(moved) if keys[vertex] is not None else vertex for vertex in layer]
        for at, vertex in enumerate(layer):
            place[vertex] = at


def _middle(places: list[int]) -> float:
    """The median; of an even number the one that leans to where neighbours are closer together."""
    half, odd = divmod(len(places), 2)
    if odd:
        return places[half]
    if len(places) == 2:
        return (places[0] + places[1]) / 2
    left, right = places[half - 1] - places[0], places[-1] - places[half]
    if left + right == 0:
        return (places[half - 1] + places[half]) / 2
    return (places[half - 1] * right + places[half] * left) / (left + right)


def crossings(graph: Layered) -> int:
    """How many arrows cross, between all layers."""
    return sum(_between(graph, level) for level in range(len(graph.layers) - 1))


def _between(graph: Layered, level: int) -> int:
    """Inversions of the ends of arrows in the order of their beginnings, by a tree of counts."""
    place = {vertex: at for at, vertex in enumerate(graph.layers[level + 1])}
    size = 1
    while size < len(place):
        size *= 2
    counts = [0] * (2 * size)
    total = 0
    for vertex in graph.layers[level]:
        ends = sorted([place[each] for each in graph.down[vertex]])
        for end in ends:  # those that end further to the right and began before
            at = end + size
            while at > 1:
                if not at & 1:
                    total += counts[at + 1]
                at >>= 1
        for end in ends:
            at = end + size
            while at:
                counts[at] += 1
                at >>= 1
    return total


def _exchange(graph: Layered, rounds: int = 4) -> None:
    """Exchanges neighbours in a layer as long as that removes crossings."""
    place = [0] * graph.count
    for layer in graph.layers:
        for at, vertex in enumerate(layer):
            place[vertex] = at
    ends_up = [sorted([place[each] for each in graph.up[vertex]]) for vertex in range(graph.count)]
    ends_down = [sorted([place[each] for each in graph.down[vertex]]) for vertex in range(graph.count)]
    for _ in range(rounds):
        improved = False
        for layer in graph.layers:
            changed = False
            for at in range(len(layer) - 1):
                left, right = layer[at], layer[at + 1]
                gain = _pair(ends_up[left], ends_up[right]) - _pair(ends_up[right], ends_up[left])
                gain += _pair(ends_down[left], ends_down[right]) - _pair(ends_down[right], ends_down[left])
                if gain > 0:
                    layer[at], layer[at + 1] = right, left
                    place[left], place[right] = at + 1, at
                    improved = changed = True
            if changed:
                for vertex in layer:
                    for each in graph.up[vertex]:
                        ends_down[each] = sorted([place[one] for one in graph.down[each]])
                    for each in graph.down[vertex]:
                        ends_up[each] = sorted([place[one] for one in graph.up[each]])
        if not improved:
            return


def _pair(left: list[int], right: list[int]) -> int:
    """Crossings between the arrows of two neighbours, `left` on the left, by the sorted places of their
    ends."""
    total = at = 0
    for end in left:
        while at < len(right) and right[at] < end:
            at += 1
        total += at
    return total
