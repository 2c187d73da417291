"""The canvases: the same picture as text, SVG, HTML, Graphviz, Mermaid, JSON and PNG."""

from __future__ import annotations

import json
import shutil
import subprocess
from io import BytesIO
from xml.etree import ElementTree

import pytest

from gradcli.graphs.canvas import DRAWN, drawn
from gradcli.graphs.canvas.text import draw
from gradcli.graphs.folding import folded
from gradcli.graphs.picture import Picture, Tape
from gradcli.text import cells
from graphs.test_picture import LOOP, tape

SOURCE = "y = 2*x; z = y**2 + sin(x)*y"
TEXT = """\
             ╭─────────────────────╮
             │          x          │
             │ = 1.0  grad 10.7635 │
             ╰─────────────────────╯
                        │
            ┌───────────┴────────────┐
            ▼                        ▼
┌─────────────────────┐  ┌──────────────────────┐
│          y          │  │        sin(x)        │
│         2*x         │  │ = 0.841471  grad 2.0 │
│ = 2.0  grad 4.84147 │  │        saved         │
│        saved        │  └──────────────────────┘
└─────────────────────┘              │
            │                        │
            ├────────────────────┐   └───┐
            ▼                    ▼       ▼
  ┌─────────────────┐     ┌─────────────────────┐
  │       y**2      │     │       sin(x)*y      │
  │ = 4.0  grad 1.0 │     │ = 1.68294  grad 1.0 │
  │      saved      │     │        saved        │
  └─────────────────┘     └─────────────────────┘
            │                        │
            └───────┐       ┌────────┘
                    ▼       ▼
             ╔═════════════════════╗
             ║          z          ║
             ║   y**2 + sin(x)*y   ║
             ║ = 5.68294  grad 1.0 ║
             ╚═════════════════════╝
"""


@pytest.fixture(scope="module")
def whole() -> Tape:
    found = tape(SOURCE, x=1.0)
    found.animate()
    return found


@pytest.fixture(scope="module")
def picture(whole: Tape) -> Picture:
    return whole.picture


def test_text(picture: Picture) -> None:
    assert draw(picture) == TEXT


def test_text_is_never_wider_than_asked_and_ascii_on_request(picture: Picture) -> None:
    for width in (20, 40, 80):
        for each in (picture, folded(tape(LOOP, x=0.5), 40)):
            text = draw(each, width, ascii=True)
            assert max(map(len, text.splitlines())) <= width
            text.encode("ascii")


@pytest.mark.parametrize("name", ["变量", "x\u0308", "ｘ", "длинное_имя"])
def test_borders_stand_below_each_other_whatever_the_letters(name: str) -> None:
    rows = draw(tape(f"y = 2*{name}; z = y**2", **{name: 1.0}).picture).splitlines()
    leaf = rows[: [row.endswith("╯") for row in rows].index(True) + 1]
    assert len({cells.width(row) for row in leaf}) == 1


def test_plain_numbers_are_boxes_and_nothing_is_nothing() -> None:
    assert [each.lines for each in tape("x = 3; 2*x").picture.boxes] == [["x", "= 3"], ["result", "= 6"]]
    assert draw(tape("print(1)").picture) == ""


def test_svg_names_everything_and_no_labels_overlap(picture: Picture) -> None:
    root = ElementTree.fromstring(str(drawn(picture, "svg")))
    space = "{http://www.w3.org/2000/svg}"
    boxes = [each for each in root.iter(f"{space}g") if "node" in each.get("class", "")]
    assert len(boxes) == 2 * len(picture.boxes)
    assert all(box.find(f"{space}title") is not None for box in boxes)
    frames = [
        tuple(float(box.find(f"{space}rect").get(key)) for key in ("x", "y", "width", "height"))  # type: ignore[union-attr,arg-type]
        for box in boxes
    ]
    for at, (x, y, wide, high) in enumerate(frames):
        for other_x, other_y, other_wide, other_high in frames[:at]:
            beside = x >= other_x + other_wide or other_x >= x + wide
            above = y >= other_y + other_high or other_y >= y + high
            assert beside or above
    assert "AccumulateGrad" in [each.text for each in root.iter(f"{space}text")]


def test_names_cannot_end_the_markup() -> None:
    found = tape("z = where(x < 1, x, 1)", x=0.5).picture
    ElementTree.fromstring(str(drawn(found, "svg")))
    assert "x < 1" not in str(drawn(found, "html"))
    assert "x #lt; 1" in str(drawn(found, "mmd"))


def test_mermaid_stays_within_its_limit() -> None:
    many = folded(tape(LOOP.replace("100", "600"), x=0.5), 10_000, arrows=500)
    assert len(many.arrows) <= 500
    text = str(drawn(many, "mmd"))
    assert text.startswith("flowchart TB\n")
    assert text.count("-->") == len(many.arrows)


def test_json_holds_everything(picture: Picture) -> None:
    found = json.loads(str(drawn(picture, "json")))
    assert [box["title"] for box in found["boxes"]] == [box.title for box in picture.boxes]
    assert [tuple(arrow) for arrow in found["arrows"]] == picture.arrows
    assert all({"x", "y", "gradient", "marks"} <= set(box) for box in found["boxes"])


def test_png_is_a_picture(picture: Picture) -> None:
    image = pytest.importorskip("PIL.Image")
    with image.open(BytesIO(drawn(picture, "png"))) as opened:
        assert min(opened.size) > 200


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not here")
def test_graphviz_reads_what_is_written_for_it(picture: Picture) -> None:
    ran = subprocess.run(
        ["dot", "-Tplain"], input=str(drawn(picture, "dot")), text=True, capture_output=True, check=True
    )
    assert ran.stdout.count("\nnode ") == len(picture.boxes)


def test_the_same_run_gives_the_same_bytes() -> None:
    for ending in DRAWN:
        if ending != "png":
            assert drawn(tape(SOURCE, x=1.0).picture, ending) == drawn(tape(SOURCE, x=1.0).picture, ending)
