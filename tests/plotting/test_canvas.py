"""The canvases: each draws the same figure in its own way."""

from __future__ import annotations

import csv
import json
import re
import warnings
from io import BytesIO, StringIO
from xml.etree import ElementTree

import numpy as np
import pytest

from gradcli.evaluation.options import Options
from gradcli.plotting.canvas import drawn
from gradcli.plotting.canvas.braille import clip, draw
from gradcli.plotting.curves import curves
from gradcli.plotting.figure import Axis, Figure, ticks
from gradcli.plotting.surface import contour, surface

LINE = """\
x
  2 |       **
    |    ****
1.5 | ****
  1 |**
    +---------
     1  1.5  2
"""


@pytest.fixture(scope="module")
def cubic() -> Figure:
    return curves(["x**3 - 3*x"], "x", (-2.0, 2.0), Options(), orders=1, at=[1.5])


def test_text_is_never_wider_than_asked(cubic: Figure) -> None:
    for width in (30, 57, 120):
        assert max(map(len, draw(cubic, width, 9).splitlines())) <= width


def test_ascii_has_nothing_else(cubic: Figure) -> None:
    draw(cubic, 60, 12, ascii=True).encode("ascii")


def test_a_straight_line_in_ascii() -> None:
    figure = curves(["x"], "x", (1.0, 2.0), Options())
    assert draw(figure, 14, 4, ascii=True) == LINE


def test_svg_is_xml_with_a_title_and_readable_text(cubic: Figure) -> None:
    root = ElementTree.fromstring(drawn(cubic, "svg"))
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    assert root.find(f"{space}title").text == "x**3 - 3*x"  # type: ignore[union-attr]
    texts = [each.text for each in root.iter(f"{space}text")]
    assert "dresult/dx" in texts
    assert "zeros: -1.732050808, 0, 1.732050808" in texts


def test_names_cannot_end_the_markup() -> None:
    figure = curves(["where(x<1, x, 1)"], "x", (0.0, 2.0), Options())
    ElementTree.fromstring(drawn(figure, "svg"))
    assert "<1" not in str(drawn(figure, "html")).split("<script>")[0]


def test_csv_holds_what_is_drawn(cubic: Figure) -> None:
    rows = list(csv.DictReader(StringIO(str(drawn(cubic, "csv")))))
    curve = [row for row in rows if row["curve"] == "result"]
    x = np.asarray([float(row["x"]) for row in curve])
    np.testing.assert_allclose([float(row["y"]) for row in curve], x**3 - 3 * x, atol=1e-14)
    np.testing.assert_allclose([float(row["slope"]) for row in curve], 3 * x**2 - 3, atol=1e-14)


def test_html_carries_its_data(cubic: Figure) -> None:
    page = str(drawn(cubic, "html"))
    match = re.search(r"const data = (\{.*\});", page)
    assert match
    data = json.loads(match.group(1))
    assert [line["label"] for line in data["lines"]] == ["result", "dresult/dx"]
    assert not re.search(r"(src|href)=", page)


def test_png_is_a_picture(cubic: Figure) -> None:
    image = pytest.importorskip("PIL.Image")
    with image.open(BytesIO(drawn(cubic, "png"))) as picture:
        assert picture.size[0] == 1440
        assert len(picture.getcolors(1 << 20)) > 10


def test_ticks_are_round_and_inside() -> None:
    assert ticks(Axis("", -2.08, 2.08), 4) == [-2, -1, 0, 1, 2]
    assert ticks(Axis("", 0.0, 0.3), 3) == [0, 0.1, 0.2, 0.3]
    assert ticks(Axis("", 0.5, 2e4, log=True), 4) == [1, 10, 100, 1000, 10000]
    assert len(ticks(Axis("", 1e9, 1e9 + 1), 5)) >= 2


def test_lines_are_cut_at_the_frame() -> None:
    assert clip((-1.0, 0.5), (2.0, 0.5), (0, 0, 1, 1)) == ((0.0, 0.5), (1.0, 0.5))
    assert clip((-1.0, 2.0), (2.0, 2.0), (0, 0, 1, 1)) is None
    assert clip((0.0, float("nan")), (1.0, 1.0), (0, 0, 1, 1)) is None


def test_a_contour_of_a_circle_is_one_closed_line() -> None:
    x = y = np.linspace(-2, 2, 81)
    height = x[None, :] ** 2 + y[:, None] ** 2
    ((across, up),) = contour(x, y, height, 1.0)
    np.testing.assert_allclose(np.hypot(across, up), 1, atol=1e-3)
    assert (across[0], up[0]) == (across[-1], up[-1])


def test_critical_points_by_kind() -> None:
    figure = surface("x**3 - 3*x + y**2", ("x", "y"), ((-2.0, 2.0), (-1.0, 1.0)), Options())
    assert sorted((mark.kind, round(mark.x, 12), abs(round(mark.y, 12))) for mark in figure.marks) == [
        ("minimum", 1, 0),
        ("saddle", -1, 0),
    ]


def test_arrows_are_the_gradient() -> None:
    figure = surface("x*y", ("x", "y"), ((-1.0, 1.0), (-1.0, 1.0)), Options())
    assert all(arrow.dx == arrow.y and arrow.dy == arrow.x for arrow in figure.arrows)


def test_what_runs_far_out_of_the_picture_warns_of_nothing() -> None:
    figure = curves(["exp(1/x)"], "x", (-2.5, 2.0), Options(), orders=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert draw(figure, 80, 20)
        assert drawn(figure, "svg")
