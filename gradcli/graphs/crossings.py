"""The second step: the order within each layer, with few crossings.

Several orders are improved side by side: some as a search meets the vertices, some from positions that are
smoothed over all arrows. In each round every vertex goes to the mean of its neighbours, in the layer before
(Sugiyama) or in both; then each in turn is put where it crosses least in its layer (sifting: Matuszewski,
Schönfeld and Molitor), for every second layer at a time, since those do not depend on each other; and the
best so far is mixed with what came of it, layer by layer, as is cheapest.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from gradcli.graphs.layers import Layered
from gradcli.graphs.sifting import Orders

WORK = 3, 1_000_000, 12_000_000
"""So many pairs of places in layers are looked at in all, for each pair of vertices; the least; the most."""
WIDEST = 400
"""Wider layers are not sifted, which takes the cube of it."""
MEMBERS = 4
"""So many orders at most are begun from positions."""
KEPT = (3, 2)
"""The best orders that go on after the first rounds."""
CHEAP = 1_000
"""With so many passes or more all of them go on, and longer."""
ROUNDS = "smooth", "down", "smooth", "up"
MOST_ROUNDS = 12
IDLE = 2
"""After so many rounds without a gain nothing more is expected; twice as many where passes are cheap."""
SMOOTHED = 60
PASSES = 2
"""How often in a round each vertex is put where it crosses least."""


def ordered(graph: Layered) -> int:
    """Orders the layers in place; how many crossings are left."""
    fewest = crossings(graph)
    if not fewest:
        return 0
    found = [_searched(graph, upwards=upwards) for upwards in (False, True)]
    orders = Orders(graph)
    work = min(WORK[2], max(WORK[1], WORK[0] * graph.count**2))
    pairs = orders.count * orders.wide**2
    if pairs <= work and orders.wide <= WIDEST:
        found = [_improved(orders, [graph.layers, *found], work // pairs)]
    else:
        found += [orders.layers(each) for each in orders.beginnings(MEMBERS, SMOOTHED)]
    for layers in found:
        before, graph.layers[:] = list(graph.layers), layers
        now = crossings(graph)
        if now >= fewest:
            graph.layers[:] = before
        fewest = min(fewest, now)
    return fewest


def _improved(orders: Orders, searched: list[list[list[int]]], passes: int) -> list[list[int]]:
    """The best order that is found with so many passes over the layers of one order."""
    order = orders.beginnings(min(MEMBERS, max(1, passes // (2 * PASSES))), SMOOTHED)
    if passes >= 4 * PASSES * (MEMBERS + len(searched)):
        order = np.concatenate([orders.of(searched), order])
    orders.settle(order, PASSES)
    best, crossed = order, orders.crossings(order, order)
    fewest, idle = crossed.sum(1), 0
    for number in range(min(MOST_ROUNDS, passes // (4 * PASSES))):
        if not fewest.min() or idle > (2 * IDLE if passes >= CHEAP else IDLE):
            break
        most = len(fewest) if passes >= CHEAP else KEPT[min(number, len(KEPT) - 1)]
        kept = fewest.argsort(kind="stable")[:most]
        order, best, crossed = order[kept], best[kept], crossed[kept]
        way = ROUNDS[number % len(ROUNDS)]
        order = orders.smoothed(order, 3) if way == "smooth" else orders.swept(order, downwards=way == "down")
        orders.settle(order, PASSES)
        best, crossed = orders.mixed(best, order, crossed)
        before, fewest = fewest.min(), crossed.sum(1)
        idle = 0 if fewest.min() < before else idle + 1
    best = best[[fewest.argmin()]]
    orders.settle(best, 5 * PASSES)
    layers = orders.layers(best[0])
    # What comes first in the program is rather on the left.
    onwards = sum(np.sign(after - before) for layer in layers for before, after in pairwise(layer))
    return layers if onwards >= 0 else [layer[::-1] for layer in layers]


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
    """Inversions of the ends of arrows in the order of their beginnings, by a tree of counts."""
    place = {vertex: at for at, vertex in enumerate(graph.layers[level + 1])}
    size = 1
    while size < len(place):
        size *= 2
    counts = [0] * (2 * size)
    total = 0
    for vertex in graph.layers[level]:
        ends = [place[each] for each in graph.down[vertex]]
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
