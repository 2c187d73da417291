"""`gradcli explain`: the command line around the story."""

from __future__ import annotations

from pathlib import Path

from commands import Gradcli

CHAIN = ("explain", "y=2*x; z=y**2", "-s", "x=1")


def test_the_formats(gradcli: Gradcli, tmp_path: Path) -> None:
    assert gradcli(*CHAIN).out.endswith("= 8          formula 8*x\n")
    assert gradcli(*CHAIN, "--format", "json").object["grads"] == {"dz/dx": 8.0}
    for ending, start in (("txt", "x = 1 "), ("md", "```python"), ("json", "{"), ("html", "<!doctype html")):
        path = tmp_path / f"story.{ending}"
        assert gradcli(*CHAIN, "-o", str(path)).out == ""
        assert path.read_text(encoding="utf-8").startswith(start)


def test_a_broken_rule_is_told_and_is_an_error(gradcli: Gradcli) -> None:
    ran = gradcli("explain", "x = param(2.); y = x**2; y.backward(); y.backward()")
    assert ran.status == 4
    assert "line 1: x**2 saved its operands for its derivative" in ran.out
    assert ran.err.startswith("error[graph-freed]: ")


def test_what_is_no_program_is_an_error_as_in_eval(gradcli: Gradcli) -> None:
    for source, status in (("2*", 3), ("x**2", 3), ("sine(2)", 3)):
        ran = gradcli("explain", source)
        assert (ran.status, ran.out) == (status, "")
    assert gradcli(*CHAIN, "--expect", "four").status == 2
    assert gradcli(*CHAIN, "--element", "x[0]").status == 3
    assert gradcli("explain", "x", "y").status == 2


def test_a_check(gradcli: Gradcli) -> None:
    ran = gradcli(*CHAIN, "--check")
    assert ran.status == 0
    assert ran.out.endswith("7 of 7 equations hold; 2 of 2 local derivatives agree with differences\n")


def test_every_format_replaces_its_own(gradcli: Gradcli, tmp_path: Path) -> None:
    for ending in ("txt", "md", "json", "html"):
        path = tmp_path / f"story.{ending}"
        for number in ("2", "3"):
            assert gradcli("explain", "x**2", "-s", f"x={number}", "-o", str(path)).status == 0
        assert "9" in path.read_text(encoding="utf-8")
    path = tmp_path / "notes.md"
    path.write_text("mine")
    assert gradcli("explain", "x**2", "-s", "x=2", "-o", str(path)).status == 3
    assert path.read_text() == "mine"
