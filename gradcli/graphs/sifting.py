"""Orders of the layers of a graph, several side by side as arrays, and what makes them better.

An order has the shape (members, layers, places): which vertex of a layer stands at each place, counted within
it. Layers have different sizes; what is beyond the size of one has no neighbours, and stays at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from gradcli.graphs.layers import Layered

Array = np.ndarray[Any, np.dtype[Any]]

SPREAD = (2, 3, 5, 7, 11, 13, 17, 19)
"""Positions to begin with are multiples of the roots of these, which repeat nothing."""


class Orders:
    """Orders of a graph with at least two layers.

    Attributes:
        size: of each layer.
        down: before each layer, and behind the last, 1 where a piece of an arrow leads from a vertex of the
            layer before to one of it, shape (layers + 1, vertices, vertices).
        up: the same from below.
    """

    def __init__(self, graph: Layered) -> None:
        self.size = np.asarray([len(layer) for layer in graph.layers])
        self.count, self.wide = len(graph.layers), int(self.size.max())
        self.layer = np.asarray(graph.layer)
        self.slot = np.zeros(graph.count, int)
        for members in graph.layers:
            self.slot[members] = np.arange(len(members))
        self.graph = graph
        near = [[*graph.up[vertex], *graph.down[vertex]] or [vertex] for vertex in range(graph.count)]
        self.degree = np.asarray([len(each) for each in near])
        self.near = np.concatenate([np.asarray(each) for each in near])
        self.begin = np.cumsum(self.degree) - self.degree
        self.halves = [np.arange(first, self.count, 2) for first in (0, 1)]

    @cached_property
    def down(self) -> Array:
        ends = np.asarray([(start, stop) for start, stops in enumerate(self.graph.down) for stop in stops])
        pieces = np.zeros((self.count + 1, self.wide, self.wide), np.float32)
        pieces[self.layer[ends[:, 1]], self.slot[ends[:, 0]], self.slot[ends[:, 1]]] = 1
        return pieces

    @cached_property
    def up(self) -> Array:
        return np.ascontiguousarray(self.down.swapaxes(1, 2))

    def layers(self, order: Array) -> list[list[int]]:
        """The vertices of each layer, by the order of one member."""
        return [
            [layer[at] for at in row[: len(layer)]]
            for layer, row in zip(self.graph.layers, order.tolist(), strict=True)
        ]

    def of(self, found: Sequence[Sequence[Sequence[int]]]) -> Array:
        """Orders from lists of the vertices of each layer."""
        order = np.broadcast_to(np.arange(self.wide), (len(found), self.count, self.wide)).copy()
        for member, layers in enumerate(found):
            for level, layer in enumerate(layers):
                order[member, level, : len(layer)] = self.slot[layer]
        return order

    # ---- positions ----

    def beginnings(self, members: int, times: int) -> Array:
        """Orders by positions that are smoothed over all arrows, and kept apart from each other."""
        x = np.arange(1.0, len(self.layer) + 1)[:, None] * np.sqrt(SPREAD[:members]) % 1
        weight = self.degree[:, None] / self.degree.sum()
        for time in range(times):
            x = self._smoothed(x)
            if time % 8 == 7:  # what is the same everywhere, or in another member, is taken out
                x -= (x * weight).sum(0)
                x /= np.abs(x).max(0) + 1e-300
                for one in range(1, members):
                    for other in range(one):
                        both = weight[:, 0] * x[:, other]
                        x[:, one] -= x[:, other] * (both @ x[:, one] / (both @ x[:, other] + 1e-300))
        return self._by(x)

    def smoothed(self, order: Array, times: int) -> Array:
        """Orders by the places of these, which every vertex shares with its neighbours."""
        x = (inverse(order) - (self.size[:, None] - 1) / 2)[:, self.layer, self.slot].T
        for _ in range(times):
            x = self._smoothed(x)
        return self._by(x)

    def _smoothed(self, x: Array) -> Array:
        found: Array = (x + np.add.reduceat(x[self.near], self.begin, 0) / self.degree[:, None]) / 2
        return found

    def _by(self, x: Array) -> Array:
        keys = np.full((x.shape[1], self.count, self.wide), np.inf)
        keys[:, self.layer, self.slot] = x.T
        return keys.argsort(2, kind="stable")

    # ---- sweeps ----

    def swept(self, order: Array, *, downwards: bool) -> Array:
        """Orders by the mean place of the neighbours in the layer before; what has none stays about there."""
        order, place = order.copy(), inverse(order).astype(np.float32)
        pieces = self.down[:-1] if downwards else self.up[1:]
        degree = pieces.sum(1)
        levels = range(1, self.count) if downwards else range(self.count - 2, -1, -1)
        for level in levels:
            beside = place[:, level - 1 if downwards else level + 1] @ pieces[level]
            mean = np.where(degree[level], beside / np.maximum(degree[level], 1), place[:, level])
            keys = mean + 1e-4 * place[:, level]
            keys[:, self.size[level] :] = np.inf
            order[:, level] = keys.argsort(1, kind="stable")
            place[:, level] = inverse(order[:, level])
        return order

    # ---- sifting ----

    def settle(self, order: Array, passes: int) -> None:
        """Puts vertices where they cross least in their layer, in place, until nothing gets better."""
        for _ in range(passes):
            moved = [self._sift(order, half) for half in self.halves]
            if not any(moved):
                return

    def _sift(self, order: Array, levels: Array) -> bool:
        """Puts each vertex of these layers, of which no two are neighbours, where it crosses least."""
        costs = self._costs(order, levels)
        shape = order[:, levels].shape
        flat = order[:, levels].reshape(-1, self.wide)
        gains = np.zeros((*costs.shape[:2], self.wide + 1), np.float32)
        np.cumsum(np.take_along_axis(costs, flat[:, None, :], 2), 2, out=gains[:, :, 1:])
        better = gains.max(2) > np.take_along_axis(gains, inverse(flat)[:, :, None], 2)[:, :, 0]
        rows = better.any(1).nonzero()[0]
        if not rows.size:
            return False
        found = flat[rows]
        self._put(costs[rows], found, better.any(0).nonzero()[0].tolist())
        flat[rows] = found
        order[:, levels] = flat.reshape(shape)
        return True

    def _put(self, costs: Array, order: Array, vertices: Sequence[int]) -> None:
        """Puts these vertices of each row, one after the other, where its row of costs says."""
        count, wide = order.shape
        flat, places = costs.reshape(-1), np.arange(wide)
        begins = np.arange(count)[:, None] * wide * wide
        gains = np.zeros((count, wide + 1), np.float32)
        every, row = gains.reshape(-1), np.arange(count) * (wide + 1)
        place = inverse(order)
        for vertex in vertices:
            np.cumsum(flat.take(order + (begins + vertex * wide)), 1, out=gains[:, 1:])
            best, now = gains.argmax(1), place[:, vertex]
            moved = (every.take(row + best) > every.take(row + now)).nonzero()[0]
            if not moved.size:
                continue
            now, best = now[moved, None], best[moved, None]
            new = best - (best > now)
            others = place[moved]
            step = ((others < now) & (others >= new)).astype(int) - ((others > now) & (others <= new))
            others += step
            others[:, vertex] = new[:, 0]
            place[moved] = others
            order[moved[:, None], others] = places

    def _costs(self, order: Array, levels: Array) -> Array:
        """For two vertices of a layer how many crossings more there are if the first is on the left."""
        found: Any = 0
        for pieces, step in ((self.down, -1), (self.up, 1)):
            beside = order[:, (levels + step).clip(0, self.count - 1)]
            ends = pieces[
                (levels + (step > 0))[:, None], beside
            ]  # of each vertex, by the place where they are
            found = found + ends.swapaxes(2, 3) @ (np.cumsum(ends, 2) - ends)
        costs: Array = (found - found.swapaxes(2, 3)).reshape(-1, self.wide, self.wide)
        return costs

    # ---- crossings and mixtures ----

    def crossings(self, upper: Array, lower: Array) -> Array:
        """Crossings behind each layer but the last, (members, layers - 1): those as in `upper`, what is
        behind them as in `lower`."""
        gaps = np.arange(1, self.count)
        found = self.down[gaps[:, None, None], upper[:, :-1, :, None], lower[:, 1:, None, :]]
        right = found.sum(3, keepdims=True) - np.cumsum(found, 3)
        above = np.cumsum(right, 2) - right
        counted: Array = np.einsum("mlij,mlij->ml", found, above)
        return counted

    def mixed(self, one: Array, two: Array, known: Array) -> tuple[Array, Array]:
        """For each member the layers of one order or the other, as is cheapest, and the crossings.

        Args:
            known: the crossings of `one`.
        """
        gaps = np.asarray(
            [[known, self.crossings(one, two)], [self.crossings(two, one), self.crossings(two, two)]]
        )
        members = np.arange(len(one))
        cost = np.zeros((2, len(one)), np.float32)
        came = np.zeros((self.count, 2, len(one)), int)
        for level in range(1, self.count):
            ways = cost[:, None] + gaps[..., level - 1]
            came[level], cost = ways.argmin(0), ways.min(0)
        taken = np.zeros((len(one), self.count), int)
        taken[:, -1] = cost.argmin(0)
        for level in range(self.count - 1, 0, -1):
            taken[:, level - 1] = came[level, taken[:, level], members]
        crossed = gaps[taken[:, :-1], taken[:, 1:], members[:, None], np.arange(self.count - 1)]
        return np.where(taken[:, :, None] == 0, one, two), crossed


def inverse(order: Array) -> Array:
    """The place of each vertex, from the vertex at each place, along the last axis."""
    found = np.empty_like(order)
    np.put_along_axis(found, order, np.broadcast_to(np.arange(order.shape[-1]), order.shape), order.ndim - 1)
    return found
