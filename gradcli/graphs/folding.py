"""Fewer boxes: what one statement, loop or call recorded folded into one, until a picture can be read."""

from __future__ import annotations

from collections.abc import Sequence

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
    """What one statement recorded, or one call of the program's functions, of those opened, is one box."""
    keys = [_key(tape, number, depth) for number in range(len(tape.nodes))]
    return merged(tape.picture, keys)


def _key(tape: Tape, number: int, depth: int) -> object:
    """What a box is folded into: from the module inwards, `depth` blocks and calls are opened."""
    node = tape.nodes[number]
    if node.call is None or node.call.span is None:
        return number
    body: Sequence[tree.Statement] = tape.module.body
    path = tape.made.get(node, ())
    for at, called in enumerate(path):
        statement, opened = _innermost(body, called.site, depth)
        if statement is None or statement.blocks:
            return "statement", path[:at], statement and statement.span
        depth -= opened
        if depth <= 0:
            return "call", path[: at + 1]
        body, depth = called.function.body, depth - 1
    statement, _ = _innermost(body, node.call.span, depth)
    return number if statement is None else ("statement", path, statement.span)


def _innermost(
    body: Sequence[tree.Statement], span: tuple[int, int], depth: int
) -> tuple[tree.Statement | None, int]:
    """The statement around a place, at most `depth` blocks inside, and in how many blocks it stands."""
    found, opened = None, -1
    while opened < depth:
        around = next((each for each in body if each.span[0] <= span[0] and span[1] <= each.span[1]), None)
        if around is None:
            break
        found, opened = around, opened + 1
        body = [each for block in around.blocks for each in block]
    return found, max(0, opened)


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
    boxes = [
        _together([picture.boxes[number] for number in numbers], [keys[number] for number in numbers])
        for numbers in members.values()
    ]
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


def _together(boxes: Sequence[Box], keys: Sequence[object]) -> Box:
    if len(boxes) == 1:
        return boxes[0]
    last = boxes[-1]
    lines = sorted({box.line for box in boxes if box.line})
    where = f"line {lines[0]}" if len(lines) == 1 else f"lines {lines[0]} to {lines[-1]}" if lines else ""
    count = sum(box.count for box in boxes)
    roots = [box for box in boxes if box.kind == "root"]
    marks = tuple(dict.fromkeys(mark for box in boxes for mark in box.marks if mark != "retained"))
    shown = roots[-1] if roots else last
    called = {each[1][-1].function.name for each in keys if isinstance(each, tuple) and each[0] == "call"}
    title = shown.title if roots or shown.expression else where or f"{count} calls"
    if len(called) == 1 and not roots:
        title = f"{called.pop()}(…)" + (f" → {shown.title}" if shown.expression else "")
    return Box(
        "root" if roots else "fold",
        title,
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
