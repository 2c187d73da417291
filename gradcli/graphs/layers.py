"""The first step of a layout: which layer each box is on, with bends for arrows over several layers.

Layers are as few as there can be; a box that nothing forces up stands close to what reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradcli.record import Record

FEW = 300
"""Up to so many boxes each is moved by itself; more need a solver to make arrows short."""


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


def layered(count: int, arrows: Sequence[tuple[int, int]]) -> Layered:
    """Layers for `count` boxes, numbered inputs first."""
    after: list[list[int]] = [[] for _ in range(count)]
    before: list[list[int]] = [[] for _ in range(count)]
    for start, stop in arrows:
        after[start].append(stop)
        before[stop].append(start)
    layer = [0] * count
    for vertex in range(count):
        if before[vertex]:
            layer[vertex] = 1 + max(layer[each] for each in before[vertex])
    if count > FEW:
        layer = _shortest(count, arrows)
    else:
        _shorten(layer, before, after)
    lowest = min(layer, default=0)
    layer = [each - lowest for each in layer]
    up: list[list[int]] = [[] for _ in range(count)]
    down: list[list[int]] = [[] for _ in range(count)]
    chains = []
    bend: dict[tuple[int, int], int] = {}
    for start, stop in arrows:
        chain = [start]
        for level in range(layer[start] + 1, layer[stop]):
            key = (start, level)  # arrows from one box share their way as long as they can
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


def _shorten(layer: list[int], before: list[list[int]], after: list[list[int]]) -> None:
    """Moves boxes within what their neighbours allow to where their arrows are shortest."""
    for _ in range(30):
        moved = False
        for vertex in reversed(range(len(layer))):
            if not after[vertex]:
                continue
            most = min(layer[each] for each in after[vertex]) - 1
            least = 1 + max((layer[each] for each in before[vertex]), default=most - 1)
            # What has more arrows below than above is drawn down, else up.
            pull = len(after[vertex]) - len(before[vertex])
            wanted = most if pull > 0 or not before[vertex] else least if pull < 0 else layer[vertex]
            wanted = max(least, min(most, wanted))
            if wanted != layer[vertex]:
                layer[vertex] = wanted
                moved = True
        if not moved:
            return


def _shortest(count: int, arrows: Sequence[tuple[int, int]]) -> list[int]:
    """Layers for which all arrows together are as short as they can be: a linear program with whole
    solutions."""
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    ends = np.asarray(arrows)
    number = np.arange(len(ends))
    pull = np.bincount(ends[:, 1], minlength=count) - np.bincount(ends[:, 0], minlength=count)
    entries = np.concatenate([np.ones(len(ends)), -np.ones(len(ends))])
    places = (np.concatenate([number, number]), np.concatenate([ends[:, 0], ends[:, 1]]))
    apart = coo_array((entries, places), shape=(len(ends), count)).tocsr()
    found: Any = linprog(  # type: ignore[call-overload,unused-ignore]
        pull, A_ub=apart, b_ub=-np.ones(len(ends)), bounds=(0, count), method="highs-ds"
    )
    return [round(each) for each in found.x.tolist()]
