"""`gradcli plot`: the command line around the pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands import Gradcli


def test_the_picture_and_what_is_said_of_it(gradcli: Gradcli) -> None:
    ran = gradcli(
        "plot", "y = x**3 - 3*x", "--range", "x=-2:2", "--order", "1", "--at", "1.5", "--height", "6"
    )
    assert ran.status == 0
    assert "━━ y\n━━ dy/dx\n" in ran.out
    assert "at           x = 1.5: y = -1.125, dy/dx = 3.75, tangent 3.75*x - 6.75\n" in ran.out
    assert "zeros        -1.732050808, 0, 1.732050808\n" in ran.out
    assert ran.err == ""


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"LC_ALL": "", "LC_CTYPE": "", "LANG": "POSIX"}])
def test_ascii_in_the_c_locale(
    monkeypatch: pytest.MonkeyPatch, gradcli: Gradcli, locale: dict[str, str]
) -> None:
    for name, value in locale.items():
        monkeypatch.setenv(name, value)
    gradcli("plot", "x**2", "--range", "x=-1:1").out.encode("ascii")
    gradcli("graph", "x**2", "-s", "x=1").out.encode("ascii")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert not gradcli("graph", "x**2", "-s", "x=1").out.isascii()


def test_ascii_on_request(gradcli: Gradcli) -> None:
    gradcli("plot", "sin(x)", "--range", "x=-pi:pi", "--ascii").out.encode("ascii")


def test_a_family_and_several_programs(gradcli: Gradcli) -> None:
    ran = gradcli("plot", "exp(-a*x)", "1/(1+a*x)", "--range", "x=0:5", "--range", "a=1,2")
    assert ran.out.startswith("━━ exp(-a*x) (a=1)\n━━ exp(-a*x) (a=2)\n━━ 1/(1+a*x) (a=1)\n")


def test_two_ranges_are_contours(gradcli: Gradcli) -> None:
    ran = gradcli("plot", "f = (1-x)**2 + 100*(y-x**2)**2", "--range", "x=-2:2", "--range", "y=-1:3")
    assert "minimum  (1, 1) f = 0\n" in ran.out


def test_data_over_the_curve(gradcli: Gradcli, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("0,0\n1,1.1\n2,3.9\n")
    ran = gradcli("plot", "x**2", "--range", "x=0:2", "--points", str(data))
    assert ran.out.count("•") == 3


def test_files_by_their_ending(gradcli: Gradcli, tmp_path: Path) -> None:
    for ending, start in (("svg", "<svg"), ("html", "<!doctype html"), ("csv", "curve,"), ("txt", "x**2\n")):
        path = tmp_path / f"picture.{ending}"
        assert gradcli("plot", "x**2", "--range", "x=0:2", "-o", str(path)).out == ""
        assert path.read_text().startswith(start)
        assert gradcli("plot", "x", "--range", "x=0:2", "-o", str(path)).status == 0


def test_a_file_of_another_kind_stays_unless_it_is_forced_away(gradcli: Gradcli, tmp_path: Path) -> None:
    path = tmp_path / "picture.svg"
    path.write_text("my notes")
    ran = gradcli("plot", "x", "--range", "x=0:2", "-o", str(path))
    assert (ran.status, path.read_text()) == (3, "my notes")
    assert "--force" in ran.err
    assert gradcli("plot", "x", "--range", "x=0:2", "-o", str(path), "--force").status == 0
    assert path.read_text().startswith("<svg")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["x"], 2, "--range x=-2:2"),
        (["x", "--range", "x=1,2"], 2, "goes from a value to another"),
        (["x", "--range", "x"], 2, "is not NAME=FROM:TO"),
        (["x", "--range", "x=2:1"], 3, "the range of x goes up"),
        (["x", "--range", "x=0:inf"], 3, "no end of a range"),
        (["x", "--range", "x=-1e308:1e308"], 5, "has no room for differences"),
        (["x", "--range", "x=5e-324:1e-323"], 5, "has no room for differences"),
        (["x", "--range", "x=0:1", "--range", "x=0:2"], 2, "x is given twice"),
        (["x", "--range", "x=0:1", "--range", "y=0:1", "--range", "z=0:1"], 2, "one or two ranges"),
        (["x", "--range", "x=0:1", "--at", "y=1"], 3, "the picture goes along x, not y"),
        (["x", "--range", "x=0:1", "--log", "x"], 3, "begins above 0"),
        (["x*ones(30)", "--range", "x=0:1"], 5, "30 curves are no picture"),
        (["z", "--range", "x=0:1"], 3, "it reads z"),
        (["x**", "--range", "x=0:1"], 3, "expected an expression"),
        (["x", "--range", "x=0:1", "-o", "a.gif"], 2, ".svg"),
        (["x", "--range", "x=0:1", "--watch"], 2, "a program in a file"),
        (["x*ones(2)*y", "--range", "x=0:1", "--range", "y=0:1"], 3, "one number, not 2"),
    ],
)
def test_bad_input_gets_one_clear_line(gradcli: Gradcli, arguments: list[str], code: int, said: str) -> None:
    ran = gradcli("plot", *arguments)
    assert (ran.status, ran.out) == (code, "")
    assert said in ran.err


@pytest.mark.parametrize("program", ["x*1.7e308", "1e300*exp(x)", "1e-300*x", "-1/x"])
def test_huge_and_tiny_values_are_drawn_without_a_word(gradcli: Gradcli, program: str) -> None:
    ran = gradcli("plot", program, "--range", "x=-1:30")
    assert (ran.status, ran.err) == (0, "")


def test_a_pole_at_the_edge_of_what_is_defined(gradcli: Gradcli) -> None:
    assert "poles  x = 0, -inf on the right\n" in gradcli("plot", "log(x)", "--range", "x=-1:3").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["x^2", "--range", "x=2:-2"], "write --range x=-2:2"),
        (["a x^2", "a=2", "--range", "x=0:2"], "write a*x^2"),
        (["y = x^2*z; dy/dz", "z=2", "--range", "x=0:3"], "give --range z=FROM:TO"),
    ],
)
def test_what_is_wrong_with_a_picture_has_a_hint(gradcli: Gradcli, arguments: list[str], told: str) -> None:
    ran = gradcli("plot", *arguments)
    assert ran.status == 3
    assert f"hint: {told}\n" in ran.err


def test_a_function_is_named_as_a_line_that_could_be_typed(gradcli: Gradcli) -> None:
    assert gradcli("plot", "f(x) = x^2", "--range", "x=0:2").out.startswith("def f(x): return x^2; f(x)\n")
