"""Pictures for the terminal: boxes and arrows of box-drawing characters, or of ASCII, never wider than
asked."""

from __future__ import annotations

from gradcli.graphs.layout import Layout, laid_out
from gradcli.graphs.picture import Box, Picture
from gradcli.text import cells

BOXES = {
    "leaf": "╭─╮│ │╰─╯", "constant": "╭┄╮┊ ┊╰┄╯", "call": "┌─┐│ │└─┘", "root": "╔═╗║ ║╚═╝",
    "fold": "┏━┓┃ ┃┗━┛",
}  # fmt: skip
ASCII_BOXES = dict.fromkeys(BOXES, "+-+| |+-+") | {"root": "#=## ##=#", "leaf": ".-.| |'-'"}
JOINED = {
    frozenset("ns"): "│", frozenset("ew"): "─", frozenset("ne"): "└", frozenset("nw"): "┘",
    frozenset("se"): "┌", frozenset("sw"): "┐", frozenset("nse"): "├", frozenset("nsw"): "┤",
    frozenset("sew"): "┬",
    frozenset("new"): "┴", frozenset("nsew"): "┼", frozenset("n"): "│", frozenset("s"): "│",
    frozenset("e"): "─", frozenset("w"): "─",
}  # fmt: skip
COLORS = {"leaf": 36, "root": 32, "fold": 35, "constant": 90}


def draw(picture: Picture, width: int = 80, *, ascii: bool = False, color: bool = False) -> str:
    """The picture as text; what does not fit side by side is a list."""
    if not picture.boxes:
        return ""
    most = max(12, width - 4)
    texts = [[_cut(line, most, ascii) for line in _lines(box)] for box in picture.boxes]
    sizes = [(float(max(map(cells.width, lines)) + 4), float(len(lines) + 2)) for lines in texts]
    layout = laid_out(picture, sizes, 2.0, 0.0, 1.0)
    if layout.width > width:
        return _listed(picture, width, ascii)
    lanes = _lanes(picture, layout)
    tops, height = _heights(layout, lanes)
    sheet = CharacterSheet(int(layout.width) + 2, height + 1, ascii)
    rows = [_row_of(layout, number) for number in range(len(picture.boxes))]
    heads = [
        tops[row] + (round(layout.rows[row][1] - layout.rows[row][0]) - round(size[1])) // 2
        for row, size in zip(rows, sizes, strict=True)
    ]
    for at, (start, stop) in enumerate(picture.arrows):
        pieces = _pieces(layout, at)
        for number, (gap, left, right) in enumerate(pieces):
            bottom = tops[gap] + round(layout.rows[gap][1] - layout.rows[gap][0])
            begin = heads[start] + round(sizes[start][1]) if not number else tops[gap]
            sheet.piece(left, begin, bottom + 1 + lanes[gap].get(start, 0), right, tops[gap + 1])
        sheet.down(pieces[-1][2], tops[rows[stop]], heads[stop])
        sheet.tip(pieces[-1][2], heads[stop] - 1)
    for number, box in enumerate(picture.boxes):
        left = round(layout.x[number] - sizes[number][0] / 2)
        sheet.box(left, heads[number], texts[number], box.kind)
    return sheet.text(width, color)


def _pieces(layout: Layout, at: int) -> list[tuple[int, int, int]]:
    """For each gap between layers that an arrow goes through: its number, its beginning and its end."""
    way = layout.ways[at]
    first = next(row for row, (top, bottom) in enumerate(layout.rows) if top <= way[0][1] <= bottom)
    xs = [way[0][0], *[way[index][0] for index in range(1, len(way) - 1, 2)], way[-1][0]]
    return [(first + step, round(xs[step]), round(xs[step + 1])) for step in range(len(xs) - 1)]


def _row_of(layout: Layout, number: int) -> int:
    y = layout.y[number]
    return next(at for at, (top, bottom) in enumerate(layout.rows) if top <= y <= bottom)


def _lanes(picture: Picture, layout: Layout) -> list[dict[int, int]]:
    """For each gap the row of each box's arrows, so that those of two boxes do not run into each other."""
    spans: list[dict[int, tuple[int, int]]] = [{} for _ in layout.rows]
    for at, (start, _) in enumerate(picture.arrows):
        for gap, left, right in _pieces(layout, at):
            known = spans[gap].get(start)
            ends = (min(left, right), max(left, right))
            spans[gap][start] = ends if known is None else (min(known[0], ends[0]), max(known[1], ends[1]))
    found = []
    for span in spans:
        taken: list[list[tuple[int, int]]] = []
        chosen: dict[int, int] = {}
        for start, (left, right) in sorted(span.items(), key=lambda item: (item[1][1] - item[1][0], item[0])):
            if left == right:  # nothing goes across
                chosen[start] = 0
                continue
            lane = next(
                (
                    at
                    for at, others in enumerate(taken)
                    if all(right < low or high < left for low, high in others)
                ),
                len(taken),
            )
            if lane == len(taken):
                taken.append([])
            taken[lane].append((left, right))
            chosen[start] = lane
        found.append(chosen)
    return found


def _heights(layout: Layout, lanes: list[dict[int, int]]) -> tuple[list[int], int]:
    """The first line of each layer, and how many lines there are."""
    tops, line = [], 0
    for (top, bottom), gap in zip(layout.rows, lanes, strict=True):
        tops.append(line)
        line += round(bottom - top) + max(gap.values(), default=0) + 3
    return tops, tops[-1] + round(layout.rows[-1][1] - layout.rows[-1][0]) if tops else 0


def _lines(box: Box) -> list[str]:
    found = [box.title]
    if box.expression:
        found.append(box.expression)
    parts = [
        part
        for part in (box.shape, box.value and f"= {box.value}", box.gradient and f"grad {box.gradient}")
        if part
    ]
    if parts:
        found.append("  ".join(parts))
    if box.marks:
        found.append(", ".join(box.marks))
    return found


def _cut(text: str, most: int, ascii: bool) -> str:
    text = cells.cut(text, most)
    return text.replace("…", "~").encode("ascii", "replace").decode() if ascii else text


def _listed(picture: Picture, width: int, ascii: bool) -> str:
    """Line by line, each box with what it reads."""
    found = []
    reads: dict[int, list[str]] = {}
    for start, stop in picture.arrows:
        reads.setdefault(stop, []).append(picture.boxes[start].title)
    for number, box in enumerate(picture.boxes):
        inputs = f"  <- {', '.join(reads[number])}" if number in reads else ""
        found.append(_cut(" | ".join(_lines(box)) + inputs, width, ascii))
    return "\n".join(found) + "\n"


class CharacterSheet:
    """Characters on a grid; lines that meet are joined."""

    def __init__(self, width: int, height: int, ascii: bool) -> None:
        self.width, self.height, self.ascii = width, height, ascii
        self.signs = [[" "] * width for _ in range(height)]
        self.tints = [[0] * width for _ in range(height)]
        self.joints: dict[tuple[int, int], set[str]] = {}
        self.tips: set[tuple[int, int]] = set()

    def piece(self, left: int, bottom: int, lane: int, right: int, top: int) -> None:
        """From below a layer down to a lane, across in it, and down to the next layer."""
        self.down(left, bottom - 1, lane)
        if left != right:
            self._across(lane, left, right)
        self.down(right, lane, top)

    def tip(self, x: int, y: int) -> None:
        """An arrow ends here."""
        self.tips.add((x, y))

    def down(self, x: int, start: int, stop: int) -> None:
        """A line from one row to another."""
        for y in range(start, stop):
            self._join(x, y, "s")
            self._join(x, y + 1, "n")

    def _across(self, y: int, start: int, stop: int) -> None:
        step = 1 if stop > start else -1
        for x in range(start, stop, step):
            self._join(x, y, "e" if step > 0 else "w")
            self._join(x + step, y, "w" if step > 0 else "e")

    def _join(self, x: int, y: int, side: str) -> None:
        self.joints.setdefault((x, y), set()).add(side)

    def box(self, left: int, top: int, lines: list[str], kind: str) -> None:
        """A box around some lines."""
        signs = (ASCII_BOXES if self.ascii else BOXES)[kind]
        wide = max(map(cells.width, lines)) + 2
        tint = COLORS.get(kind, 0)
        self._put(left, top, signs[0] + signs[1] * wide + signs[2], tint)
        for at, line in enumerate(lines, 1):
            self._put(left, top + at, signs[3] + cells.middle(line, wide) + signs[5], tint)
        self._put(left, top + len(lines) + 1, signs[6] + signs[7] * wide + signs[8], tint)

    def _put(self, left: int, y: int, text: str, tint: int) -> None:
        x = left
        for sign in text:
            room = cells.columns(sign)
            if not room:  # it goes with what stands before it
                self.signs[y][max(0, x - 1)] += sign
            for at in range(x, x + room):
                if 0 <= at < self.width and 0 <= y < self.height:
                    self.signs[y][at] = sign if at == x else ""
                    self.tints[y][at] = tint
                    self.joints.pop((at, y), None)
                    self.tips.discard((at, y))
            x += room

    def text(self, width: int, color: bool) -> str:
        """All rows."""
        for (x, y), sides in self.joints.items():
            if 0 <= x < self.width and 0 <= y < self.height:
                plain = "|" if sides <= {"n", "s"} else "-" if sides <= {"e", "w"} else "+"
                self.signs[y][x] = plain if self.ascii else JOINED[frozenset(sides)]
        for x, y in self.tips:
            if 0 <= x < self.width and 0 <= y < self.height:
                self.signs[y][x] = "v" if self.ascii else "▼"
        rows = []
        for signs, tints in zip(self.signs, self.tints, strict=True):
            if not color:
                rows.append(cells.cut("".join(signs).rstrip(), width))
                continue
            parts = [
                f"\x1b[{tint}m{sign}\x1b[0m" if tint and sign != " " else sign
                for sign, tint in zip(signs, tints, strict=True)
            ]
            rows.append("".join(parts).rstrip())
        return "\n".join(rows).rstrip("\n") + "\n"
