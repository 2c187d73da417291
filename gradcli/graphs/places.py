"""The third step: where each vertex stands in its layer (Brandes and Köpf, with boxes of different widths).

Vertices are aligned with the median of their neighbours in four ways (from above or below, leaning to the
left or the right); each is as narrow as it can be, and the middle of the four is taken. Long arrows stay
straight.
"""

from __future__ import annotations

from itertools import pairwise

from gradcli.graphs.layers import Layered


def placed(graph: Layered, widths: list[float], gap: float) -> list[float]:
    """The middle of each vertex, from 0 on; neighbours have `gap` between them."""
    if not graph.count:
        return []
    marked = _conflicts(graph)
    found = []
    for upwards in (False, True):
        for mirrored in (False, True):
            layers = graph.layers[::-1] if upwards else graph.layers
            if mirrored:
                layers = [layer[::-1] for layer in layers]
            beside = graph.down if upwards else graph.up
            root = _aligned(graph.count, layers, beside, marked)
            x = _compacted(graph.count, layers, root, widths, gap)
            found.append([-each for each in x] if mirrored else x)
    return _balanced(graph, found, widths)


def _conflicts(graph: Layered) -> set[tuple[int, int]]:
    """Pieces that cross a piece of a long arrow, and so are not kept straight."""
    marked: set[tuple[int, int]] = set()
    place = graph.places()
    for level in range(1, len(graph.layers)):
        layer = graph.layers[level]
        last = len(graph.layers[level - 1])
        start, left = 0, -1
        for at, vertex in enumerate(layer):
            inner = (
                next((each for each in graph.up[vertex] if each >= graph.real), None)
                if vertex >= graph.real
                else None
            )
            if inner is None and at < len(layer) - 1:
                continue
            right = place[inner] if inner is not None else last
            for other in layer[start : at + 1]:
                for each in graph.up[other]:
                    if not left <= place[each] <= right and not (other >= graph.real and each >= graph.real):
                        marked.add((each, other))
            start, left = at + 1, right
    return marked


def _aligned(
    count: int, layers: list[list[int]], beside: list[list[int]], marked: set[tuple[int, int]]
) -> list[int]:
    """For each vertex the first of its block: of those that stand above each other."""
    root, align = list(range(count)), list(range(count))
    place = [0] * count
    for layer in layers:
        for at, vertex in enumerate(layer):
            place[vertex] = at
    for layer in layers:
        last = -1
        for vertex in layer:
            near = sorted(beside[vertex], key=place.__getitem__)
            if not near:
                continue
            half = len(near) - 1
            for at in dict.fromkeys((half // 2, (half + 1) // 2)):
                other = near[at]
                if align[vertex] != vertex:
                    break
                if last < place[other] and (other, vertex) not in marked and (vertex, other) not in marked:
                    align[other] = vertex
                    root[vertex] = root[other]
                    align[vertex] = root[vertex]
                    last = place[other]
    return root


def _compacted(
    count: int, layers: list[list[int]], root: list[int], widths: list[float], gap: float
) -> list[float]:
    """Blocks as far to the left as those beside them allow: longest paths from block to block."""
    before: dict[int, dict[int, float]] = {}
    for layer in layers:
        for left, right in pairwise(layer):
            apart = (widths[left] + widths[right]) / 2 + gap
            known = before.setdefault(root[right], {})
            known[root[left]] = max(known.get(root[left], 0.0), apart)
    x = [0.0] * count
    done = [False] * count
    for vertex in range(count):
        stack = [root[vertex]]
        while stack:
            block = stack[-1]
            if done[block]:
                stack.pop()
                continue
            waiting = [each for each in before.get(block, ()) if not done[each]]
            if waiting:
                stack.extend(waiting)
                continue
            x[block] = max((x[each] + apart for each, apart in before.get(block, {}).items()), default=0.0)
            done[block] = True
            stack.pop()
    _pull(root, before, x, count)
    return [x[root[vertex]] for vertex in range(count)]


def _pull(root: list[int], before: dict[int, dict[int, float]], x: list[float], count: int) -> None:
    """Blocks with nothing on their left are moved to the right, towards what they stand beside."""
    after: dict[int, dict[int, float]] = {}
    for right, lefts in before.items():
        for left, apart in lefts.items():
            after.setdefault(left, {})[right] = apart
    for block in sorted({root[vertex] for vertex in range(count)}, key=lambda each: -x[each]):
        if block not in before and block in after:
            room = min(x[right] - apart for right, apart in after[block].items())
            x[block] = max(x[block], room)


def _balanced(graph: Layered, found: list[list[float]], widths: list[float]) -> list[float]:
    """The mean of the two middle ones of all four, moved to the narrowest; then from 0 on."""
    bounds = [
        (
            min(x[vertex] - widths[vertex] / 2 for vertex in range(graph.count)),
            max(x[vertex] + widths[vertex] / 2 for vertex in range(graph.count)),
        )
        for x in found
    ]
    narrow = min(range(4), key=lambda at: bounds[at][1] - bounds[at][0])
    for at, x in enumerate(found):
        # Those that lean to the left share the left end, the others the right one.
        shift = bounds[narrow][0] - bounds[at][0] if at % 2 == 0 else bounds[narrow][1] - bounds[at][1]
        found[at] = [each + shift for each in x]
    middle = [sum(sorted(x[vertex] for x in found)[1:3]) / 2 for vertex in range(graph.count)]
    least = min(middle[vertex] - widths[vertex] / 2 for vertex in range(graph.count))
    return [each - least for each in middle]
