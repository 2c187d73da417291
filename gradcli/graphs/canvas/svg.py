"""Pictures as SVG: forward on the left, backward mirrored on the same layers on the right.

Text stays text, colours follow the reader's light or dark theme, every box has a title for screen readers.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import pairwise

from gradcli.graphs.layout import Layout, laid_out
from gradcli.graphs.picture import Box, Picture
from gradcli.text.cells import width

ROW, CHARACTER, PADDING = 16.0, 6.7, 9.0
GAP, RISE, MARGIN, BETWEEN, HEAD = 22.0, 42.0, 20.0, 70.0, 64.0

STYLE = """
.n{--p:#fff;--t:#1a1d21;--m:#6b7280;--b:#f3f5f8;--l:#e3f0ff;--r:#e8f7ec;--k:#1366d6;--g:#b45309;--x:#be123c;
font:12px ui-monospace,SFMono-Regular,Menlo,monospace;fill:var(--t)}
@media (prefers-color-scheme:dark){.n{--p:#14171a;--t:#e6e8eb;--m:#9aa3ad;--b:#22272d;--l:#17304d;--r:#173823;
--k:#6aa8ff;--g:#ffb45c;--x:#ff8fa3}}
.n .paper{fill:var(--p)}.n .head{font:600 13px ui-sans-serif,system-ui,sans-serif}
.n .small{fill:var(--m);font-size:11px}
.n rect.box{fill:var(--b);stroke:var(--m)}.n .leaf rect.box{fill:var(--l);stroke:var(--k)}
.n .root rect.box{fill:var(--r);stroke:var(--t);stroke-width:2}.n .constant rect.box{stroke-dasharray:2 3}
.n .fold rect.box{stroke-width:3;stroke-dasharray:none}.n .cut rect.box{stroke:var(--x);stroke-dasharray:6 3}
.n .freed rect.box{fill-opacity:.35}.n .way{fill:none;stroke:var(--m);stroke-width:1.3}
.n .back .way{stroke:var(--g)}.n .back rect.box{stroke:var(--g);fill:var(--p)}
.n .mark{fill:var(--x);font-size:10px}
.n .lit .way,.n .way.lit{stroke:var(--k);stroke-width:2.4}.n .lit rect.box{stroke:var(--k);stroke-width:2.4}
"""


class SvgSheet:
    """A picture laid out for SVG, with both halves."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.sizes = [_size(box, forward=True) for box in picture.boxes]
        mirrored = [_size(box, forward=False) for box in picture.boxes]
        whole = [(max(a[0], b[0]), max(a[1], b[1])) for a, b in zip(self.sizes, mirrored, strict=True)]
        self.backward = any(box.gradient for box in picture.boxes)
        self.sizes = whole if self.backward else self.sizes
        self.layout: Layout = laid_out(picture, self.sizes, GAP, RISE, 8.0)
        self.half = self.layout.width
        self.width = 2 * MARGIN + self.half * (2 if self.backward else 1) + (BETWEEN if self.backward else 0)
        self.height = self.layout.height + HEAD + 2 * MARGIN

    def place(self, number: int, *, forward: bool = True) -> tuple[float, float]:
        """The middle of a box on the sheet."""
        x = self.layout.x[number]
        return self.across(x, forward=forward), self.layout.y[number] + HEAD

    def across(self, x: float, *, forward: bool) -> float:
        """From the layout to the sheet; backward is mirrored."""
        return MARGIN + x if forward else MARGIN + 2 * self.half + BETWEEN - x

    def way(self, at: int, *, forward: bool) -> list[tuple[float, float]]:
        """The points of an arrow, in its direction."""
        points = [(self.across(x, forward=forward), y + HEAD) for x, y in self.layout.ways[at]]
        return points if forward else points[::-1]


def _size(box: Box, *, forward: bool) -> tuple[float, float]:
    lines = forward_lines(box) if forward else backward_lines(box)
    widest = max([width(line) for line in lines] + [len(" ".join(box.marks)) if forward else 0])
    return max(44.0, widest * CHARACTER + 2 * PADDING), len(lines) * ROW + 10.0


def forward_lines(box: Box) -> list[str]:
    """What a box of the forward half says."""
    return [each for each in (box.title, box.expression, box.shape, box.value and f"= {box.value}") if each]


def backward_lines(box: Box) -> list[str]:
    """What a box of the backward half says."""
    name = box.title if box.kind in ("leaf", "root") or box.expression else ""
    return [
        each
        for each in (box.function or box.title, name and f"d/d {name}", box.gradient and f"= {box.gradient}")
        if each
    ]


def draw(picture: Picture) -> str:
    """The picture as one SVG document."""
    sheet = SvgSheet(picture)
    said = f"{len(picture.boxes)} boxes and {len(picture.arrows)} arrows"
    width, height = f"{sheet.width:.0f}", f"{sheet.height:.0f}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="n" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-labelledby="title desc">\n'
        f'<title id="title">{escape(picture.title)}</title>\n<desc id="desc">{said}</desc>\n'
        f"<style>{STYLE}</style>\n" + "\n".join(_parts(sheet)) + "\n</svg>\n"
    )


def _parts(sheet: SvgSheet) -> Iterator[str]:
    picture = sheet.picture
    yield f'<rect class="paper" width="{sheet.width:.0f}" height="{sheet.height:.0f}"/>'
    yield (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="context-stroke"/></marker></defs>'
    )
    title = (
        picture.title if len(picture.title) < sheet.width / 8 else picture.title[: int(sheet.width / 8)] + "…"
    )
    yield f'<text class="head" x="{MARGIN:.0f}" y="20">{escape(title)}</text>'
    heads = [(MARGIN, "forward")] + ([(MARGIN + sheet.half + BETWEEN, "backward")] if sheet.backward else [])
    for x, text in heads:
        yield f'<text class="small" x="{x:.1f}" y="40">{text}</text>'
    for forward in (True, False) if sheet.backward else (True,):
        yield f'<g class="{"forward" if forward else "back"}">'
        for at, (start, stop) in enumerate(picture.arrows):
            if forward or (picture.boxes[start].gradient and picture.boxes[stop].gradient):
                way = curve(sheet.way(at, forward=forward))
                ends = f'data-from="{start}" data-to="{stop}"'
                yield f'<path class="way" {ends} d="{way}" marker-end="url(#tip)"/>'
        for number, box in enumerate(picture.boxes):
            if forward or box.gradient:
                yield _drawn(sheet, number, box, forward=forward)
        yield "</g>"


def curve(points: list[tuple[float, float]]) -> str:
    """Straight through layers, bent between them."""
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x0, y0), (x1, y1) in pairwise(points):
        if abs(x0 - x1) < 0.05:
            parts.append(f"L{x1:.1f} {y1:.1f}")
        else:
            half = (y0 + y1) / 2
            parts.append(f"C{x0:.1f} {half:.1f} {x1:.1f} {half:.1f} {x1:.1f} {y1:.1f}")
    return "".join(parts)


def _drawn(sheet: SvgSheet, number: int, box: Box, *, forward: bool) -> str:
    x, y = sheet.place(number, forward=forward)
    width, height = sheet.sizes[number]
    lines = forward_lines(box) if forward else backward_lines(box)
    rounded = 14 if box.kind in ("leaf", "constant") else 4
    classes = " ".join(["node", box.kind, *box.marks])
    top = y - (len(lines) - 1) * ROW / 2 + 4
    texts = "".join(
        f'<text x="{x:.1f}" y="{top + at * ROW:.1f}" text-anchor="middle"{SMALL if at else ""}>'
        f"{escape(line)}</text>"
        for at, line in enumerate(lines)
    )
    marks = " ".join(mark for mark in box.marks if mark != "cut") if forward else ""
    mark = (
        f'<text class="mark" x="{x + width / 2 - 14:.1f}" y="{y - height / 2 - 3:.1f}">{marks}</text>'
        if marks
        else ""
    )
    said = "; ".join([*box.lines, *box.marks, *([f"line {box.line}"] if box.line else [])])
    return (
        f'<g class="{classes}" data-id="{number}"><title>{escape(said)}</title>'
        f'<rect class="box" x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" rx="{rounded}"/>{texts}{mark}</g>'
    )


SMALL = ' class="small"'
