"""What has no gradient, no finite value or no place on its axes is drawn as far as it can be, and told of."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.evaluation.options import Options
from gradcli.plotting.curves import curves
from gradcli.plotting.figure import Figure
from gradcli.plotting.surface import surface


def along(source: str, low: float = 0.0, high: float = 1.0, log: str = "", orders: int = 0) -> Figure:
    return curves([source], "x", (low, high), Options(), log=log, orders=orders)


def notes(figure: Figure) -> dict[str, str]:
    return dict(figure.notes)


@pytest.mark.parametrize(
    ("source", "function"),
    [
        ("x > 0.25", lambda x: 1.0 * (x > 0.25)),
        ("x.detach()**2", lambda x: x**2),
        ("x.item()*3", lambda x: 3 * x),
        ("with no_grad():\n    y = sin(x)\ny", np.sin),
    ],
)
def test_values_without_a_gradient_are_drawn(source: str, function: object) -> None:
    figure = along(source, orders=1)
    (line,) = figure.lines  # nothing is drawn of a derivative that there isn't
    for x, y in line.parts:
        assert y == pytest.approx(function(x), abs=1e-12)  # type: ignore[operator]
    assert "detach" in notes(figure)["no gradient"]


def test_a_step_is_a_jump_and_nothing_else() -> None:
    figure = along("x > 0.25")
    assert [(mark.kind, mark.x) for mark in figure.marks] == [("jump", 0.25)]
    assert len(figure.lines[0].parts) == 2


def test_copied_values_are_several_curves() -> None:
    figure = along("tensor([x, x**2])")
    assert [line.label for line in figure.lines] == ["tensor([x, x**2])[0]", "tensor([x, x**2])[1]"]
    (part,) = figure.lines[1].parts
    assert part[1] == pytest.approx(part[0] ** 2, abs=1e-12)


@pytest.mark.parametrize("source", ["x/0", "log(-1 - x)", "sqrt(x - 2)", "x - x/0"])
def test_what_is_nowhere_finite_has_no_poles(source: str) -> None:
    figure = along(source)
    assert (figure.poles, figure.marks, figure.lines[0].parts) == ([], [], [])
    assert "no finite value" in notes(figure)["nowhere"]


def test_a_logarithmic_axis_tells_what_it_leaves_out() -> None:
    assert "all along" in notes(along("-x - 1", log="y"))["left out"]
    assert "in part" in notes(along("x - 0.5", log="y"))["left out"]
    assert "left out" not in notes(along("x + 0.5", log="y"))


def test_surfaces_that_have_no_contours_say_why() -> None:
    def over(source: str) -> dict[str, str]:
        return notes(surface(source, ("x", "y"), ((0.0, 1.0), (0.0, 1.0)), Options(), columns=9, rows=7))

    assert over("3 + 0*x + 0*y") == {"constant": "result = 3 all over"}
    assert over("log(-1 - x - y)") == {"nowhere": "result has no finite value there"}
    assert over("x > y") == {
        "levels": "0.5",
        "no gradient": "result has none: it was cut off, as by a comparison or detach",
    }


def test_entries_without_a_gradient_are_drawn_beside_those_that_have_one() -> None:
    figure = along("[x > 0.5, x**2, 2.0]")
    assert [line.label for line in figure.lines] == ["x > 0.5", "x**2", "2.0"]
    assert notes(figure)["no gradient"].startswith("of x > 0.5, 2.0 by x: ")
    assert notes(figure)["jumps of x > 0.5"] == "x = 0.5 from 0 to 1, value 0"
    both = along("[x > 0.5, x > 0.25]")
    assert [line.label for line in both.lines] == ["x > 0.5", "x > 0.25"]


def test_a_surface_tells_which_entries_it_leaves_out() -> None:
    figure = surface("[x > 0.5, x*y]", ("x", "y"), ((0.0, 1.0), (0.0, 1.0)), Options())
    assert notes(figure)["left out"] == "result[0]: a picture of two inputs shows one number"


def test_points_are_evaluated_as_memory_allows() -> None:
    """161 points of a program with 25,000 elements at once would take more than ten times this memory."""
    source = "v = linspace(0, 1, 25000)\nmean(sin(3*x*v))"
    figure = curves([source], "x", (0.5, 1.0), Options(max_memory=16 << 20))
    ((x, y),) = figure.lines[0].parts
    means = [np.sin(3 * each * np.linspace(0, 1, 25000)).mean() for each in x]
    assert y == pytest.approx(means, rel=1e-12)
