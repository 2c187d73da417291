"""Fewer boxes: calls of one statement, loop or function folded into one, until a picture can be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradcli.graphs.picture import Box, Picture, Tape
from gradcli.syntax import tree

DEEPEST = 8


def folded(tape: Tape, most: int, depth: int | None = None, arrows: int | None = None) -> Picture:
    """The picture with at most `most` boxes (and `arrows`), or as deep as `depth` says.

    Args:
        tape: the calls.
        most: boxes that can be read.
        depth: how many levels of statements are opened; None chooses.
        arrows: as many as a format may have.
    """
    whole = tape.picture
    if depth is None:
        if fits(whole, most, arrows):
            return whole
        depths: Sequence[int] = range(DEEPEST, -1, -1)
    else:
        depths = [depth]
    found = whole
    for level in depths:
        found = _at(tape, level)
        if fits(found, most, arrows):
            return found
    return found if depth is not None else _by_runs(found, most, arrows)


def fits(picture: Picture, most: int, arrows: int | None) -> bool:
    """Whether a picture has no more boxes and arrows than that."""
    return len(picture.boxes) <= most and (arrows is None or len(picture.arrows) <= arrows)


def _at(tape: Tape, depth: int) -> Picture:
    """Calls of one statement, of those that are opened, are one box."""
    spans = list(_statements(tape.module.body, depth))
    keys = []
    for number, node in enumerate(tape.nodes):
        span = node.call.span if node.call is not None else None
        key: object = number
        if span is not None:
            inside = [at for at, (start, stop) in enumerate(spans) if start <= span[0] and span[1] <= stop]
            if inside:
                key = ("statement", min(inside, key=lambda at: spans[at][1] - spans[at][0]))
        keys.append(key)
    return merged(tape.picture, keys)


def _statements(body: Sequence[tree.Statement], depth: int) -> Iterator[tuple[int, int]]:
    for statement in body:
        yield statement.span
        if depth > 0:
            for block in statement.blocks:
                yield from _statements(block, depth - 1)


def _by_runs(picture: Picture, most: int, arrows: int | None) -> Picture:
    """Neighbours in the order of the program as one box, as many as it takes."""
    size = 2
    found = picture
    while not fits(found, most, arrows) and size < 4 * len(picture.boxes):
        keys: list[object] = []
        count = 0
        for number, box in enumerate(picture.boxes):
            if box.kind in ("call", "fold"):
                keys.append(("run", count // size))
                count += 1
            else:
                keys.append(number)
        found = merged(picture, keys)
        size *= 2
    if not fits(found, most, arrows):
        found = merged(
            found,
            ["all" if box.kind in ("leaf", "constant") else number for number, box in enumerate(found.boxes)],
        )
    return found


def merged(picture: Picture, keys: Sequence[object]) -> Picture:
    """Boxes with equal keys as one; those that would lie on a circle as well, since arrows go one way."""
    group = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    of = [group[key] for key in keys]
    edges = {(of[start], of[stop]) for start, stop in picture.arrows if of[start] != of[stop]}
    component = _components(len(group), edges)
    of = [component[each] for each in of]
    members: dict[int, list[int]] = {}
    for number, each in enumerate(of):
        members.setdefault(each, []).append(number)
    number_of = {each: number for number, each in enumerate(members)}
    boxes = [_together([picture.boxes[number] for number in numbers]) for numbers in members.values()]
    arrows = sorted(
        {
            (number_of[of[start]], number_of[of[stop]])
            for start, stop in picture.arrows
            if of[start] != of[stop]
        }
    )
    hidden = sum(box.count for box in boxes) - len(boxes)
    order = _order(len(boxes), arrows)
    place = {each: number for number, each in enumerate(order)}
    return Picture(
        picture.title,
        [boxes[each] for each in order],
        sorted(
            ((place[start], place[stop]) for start, stop in arrows), key=lambda arrow: (arrow[1], arrow[0])
        ),
        hidden,
    )


def _together(boxes: Sequence[Box]) -> Box:
    if len(boxes) == 1:
        return boxes[0]
    last = boxes[-1]
    lines = sorted({box.line for box in boxes if box.line})
    where = f"line {lines[0]}" if len(lines) == 1 else f"lines {lines[0]} to {lines[-1]}" if lines else ""
    count = sum(box.count for box in boxes)
    roots = [box for box in boxes if box.kind == "root"]
    marks = tuple(dict.fromkeys(mark for box in boxes for mark in box.marks if mark != "retained"))
    shown = roots[-1] if roots else last
    return Box(
        "root" if roots else "fold",
        shown.title if roots or shown.expression else where or f"{count} calls",
        expression=f"{count} calls" + (f", {where}" if where and (roots or shown.expression) else ""),
        value=shown.value,
        gradient=shown.gradient,
        shape=shown.shape,
        marks=marks,
        line=lines[0] if lines else 0,
        count=count,
    )


def _components(count: int, edges: set[tuple[int, int]]) -> list[int]:
    """For each vertex the number of its strongly connected component (Tarjan), without recursion."""
    after: list[list[int]] = [[] for _ in range(count)]
    for start, stop in sorted(edges):
        after[start].append(stop)
    index = [-1] * count
    low = [0] * count
    found = [-1] * count
    stack: list[int] = []
    counter = 0
    for root in range(count):
        if index[root] >= 0:
            continue
        work = [(root, 0)]
        while work:
            vertex, at = work.pop()
            if at == 0:
                index[vertex] = low[vertex] = counter
                counter += 1
                stack.append(vertex)
            again = False
            for position in range(at, len(after[vertex])):
                other = after[vertex][position]
                if index[other] < 0:
                    work.append((vertex, position + 1))
                    work.append((other, 0))
                    again = True
                    break
                if found[other] < 0:
                    low[vertex] = min(low[vertex], index[other])
            if again:
                continue
            if low[vertex] == index[vertex]:
                while True:
                    other = stack.pop()
                    found[other] = vertex
                    if other == vertex:
                        break
            if work:
                above = work[-1][0]
                low[above] = min(low[above], low[vertex])
    return found


def _order(count: int, arrows: Sequence[tuple[int, int]]) -> list[int]:
    """Inputs before what reads them, otherwise as they stand."""
    import heapq

    missing = [0] * count
    after: list[list[int]] = [[] for _ in range(count)]
    for start, stop in arrows:
        missing[stop] += 1
        after[start].append(stop)
    ready = [each for each in range(count) if not missing[each]]
    found = []
    while ready:
        each = heapq.heappop(ready)
        found.append(each)
        for stop in after[each]:
            missing[stop] -= 1
            if not missing[stop]:
                heapq.heappush(ready, stop)
    return found
