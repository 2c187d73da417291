"""Neighbours in the layers of a graph change places: while it is hot also if more arrows cross then."""

from __future__ import annotations

from functools import cache
from itertools import cycle
from math import log

from gradcli.graphs.layers import Layered

CHANCES = 997
"""How many different chances there are."""
SETTLED = 12
"""So often at most the layers are gone through at the end."""
NEARLY = 1e-9


def annealed(graph: Layered, crossings: int, turns: int, hot: float, cold: float) -> int:
    """Changes neighbours in place, at a temperature that falls in so many turns from hot to cold.

    Args:
        crossings: how many there are.

    Returns:
        How many are left.
    """
    up, down, layers, place = graph.up, graph.down, graph.layers, graph.places()
    chances = cycle(_chances())
    heat, slower = hot, (cold / hot) ** (1 / turns)
    for _ in range(turns):
        for layer in layers:
            left = layer[0]
            above, below = up[left], down[left]
            for at in range(1, len(layer)):
                right = layer[at]
                over, under = up[right], down[right]
                # Crossings with `left` on the left, less those with it on the right. Both halves are
                # written out: calling a function for each takes a tenth of all the time.
                gain = 0
                if over:
                    for one in above:
                        here = place[one]
                        for other in over:
                            there = place[other]
                            if here > there:
                                gain += 1
                            elif here < there:
                                gain -= 1
                if under:
                    for one in below:
                        here = place[one]
                        for other in under:
                            there = place[other]
                            if here > there:
                                gain += 1
                            elif here < there:
                                gain -= 1
                if gain >= 0 or gain >= -heat * next(chances):
                    layer[at - 1], layer[at] = right, left
                    place[right], place[left] = at - 1, at
                    crossings -= gain
                else:
                    left, above, below = right, over, under
        if not crossings:
            break
        heat *= slower
    return crossings


def settled(graph: Layered, crossings: int) -> int:
    """Changes neighbours in place until no change gains; what may stand either way stands as what it is
    joined to does. How many crossings are left."""
    place, near = graph.places(), (graph.up, graph.down)
    middle = [(len(graph.layers[level]) - 1) / 2 for level in graph.layer]

    def lean(vertex: int) -> float:
        beside = [place[each] - middle[each] for each in (*graph.up[vertex], *graph.down[vertex])]
        return sum(beside) / len(beside) if beside else 0.0

    for _ in range(SETTLED):
        moved = False
        for layer in graph.layers:
            for at in range(1, len(layer)):
                left, right = layer[at - 1], layer[at]
                gain = sum(
                    (place[one] > place[other]) - (place[one] < place[other])
                    for beside in near
                    for one in beside[left]
                    for other in beside[right]
                )
                if gain > 0 or (gain == 0 and lean(right) < lean(left) - NEARLY):
                    layer[at - 1], layer[at] = right, left
                    place[right], place[left] = at - 1, at
                    crossings -= gain
                    moved = True
        if not moved:
            break
    return crossings


@cache
def _chances() -> list[float]:
    """Numbers with the density exp(-x), the same ones each time."""
    state, found = 1, []
    for _ in range(CHANCES):
        state = state * 48271 % 2147483647
        found.append(-log(state / 2147483647))
    return found
