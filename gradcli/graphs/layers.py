"""The first step of a layout: which layer each box is on, with bends for arrows over several layers."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.graphs.ranks import ranks
from gradcli.record import Record

SHARING = 1.5
"""Arrows of one box share their bends where there would be so many times the vertices otherwise."""


class Layered(Record):
    """A graph whose arrows go from each layer to the next.

    Attributes:
        count: how many vertices there are; those from `real` on are bends of long arrows.
        real: how many of them are boxes.
        layers: the vertices of each layer, in order.
        layer: the layer of each vertex.
        up, down: the neighbours of each vertex in the layer before and after.
        chains: for each arrow its vertices from start to end.
    """

    real: int
    layers: list[list[int]]
    layer: list[int]
    up: list[list[int]]
    down: list[list[int]]
    chains: list[list[int]]

    @property
    def count(self) -> int:
        """All vertices."""
        return len(self.layer)

    def places(self) -> list[int]:
        """Where in its layer each vertex stands."""
        place = [0] * self.count
        for layer in self.layers:
            for at, vertex in enumerate(layer):
                place[vertex] = at
        return place


def layered(count: int, arrows: Sequence[tuple[int, int]], *, shared: bool | None = None) -> Layered:
    """Layers for `count` boxes, numbered inputs first.

    Args:
        count: how many boxes.
        arrows: from and to, each once.
        shared: whether arrows from one box have their bends in common as long as they can; else only where
            that saves much, since arrows that are drawn one by one can cross less.
    """
    layer = ranks(count, arrows)
    up: list[list[int]] = [[] for _ in range(count)]
    down: list[list[int]] = [[] for _ in range(count)]
    chains = []
    bend: dict[tuple[int, int, int], int] = {}
    if shared is None:
        farthest = list(layer)
        for start, stop in arrows:
            farthest[start] = max(farthest[start], layer[stop] - 1)
        single = sum(layer[stop] - layer[start] - 1 for start, stop in arrows)
        shared = count + single > SHARING * (count + sum(farthest) - sum(layer))
    for start, stop in arrows:
        chain = [start]
        for level in range(layer[start] + 1, layer[stop]):
            key = (start, level, -1 if shared else stop)
            if key not in bend:
                bend[key] = len(layer)
                layer.append(level)
                up.append([])
                down.append([])
                down[chain[-1]].append(bend[key])
                up[bend[key]].append(chain[-1])
            chain.append(bend[key])
        chain.append(stop)
        down[chain[-2]].append(stop)
        up[stop].append(chain[-2])
        chains.append(chain)
    layers: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
    for vertex, level in enumerate(layer):
        layers[level].append(vertex)
    return Layered(count, layers, layer, up, down, chains)
