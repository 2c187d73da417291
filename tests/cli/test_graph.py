"""`gradcli graph`: the command line around the pictures of runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands import Gradcli


def test_the_picture_of_a_chain(gradcli: Gradcli) -> None:
    ran = gradcli("graph", "y=2*x; z=y**2", "-s", "x=1")
    assert (ran.status, ran.err) == (0, "")
    assert "= 1.0  grad 8.0" in ran.out
    assert "╔" in ran.out


def test_files_by_their_ending(gradcli: Gradcli, tmp_path: Path) -> None:
    starts = {
        "svg": "<svg",
        "html": "<!doctype html",
        "dot": "digraph",
        "mmd": "flowchart TB",
        "json": "{",
        "txt": " ",
    }
    for ending, start in starts.items():
        path = tmp_path / f"picture.{ending}"
        assert gradcli("graph", "y=2*x; z=y**2+x", "-s", "x=1", "-o", str(path)).status == 0
        assert path.read_text().startswith((start, "╭"))
        assert gradcli("graph", "y=x**2", "-s", "x=1", "-o", str(path)).status == 0


def test_folding_is_told(gradcli: Gradcli) -> None:
    loop = "z = x\nfor i in range(100):\n    z = sin(z)*x\nz"
    ran = gradcli("graph", loop, "-s", "x=0.5")
    assert "calls are folded into others" in ran.err
    assert len(ran.out.splitlines()) < 100


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["y=2*x", "z=y", "-s", "x=1"], 2, "one program at a time"),
        (["y=2*x", "-s", "x=1", "-o", "a.gif"], 2, ".svg"),
        (["y=2*x"], 3, "x"),
        (["y=2*", "-s", "x=1"], 3, "expected an expression"),
        (["y=x*[1,2]", "-s", "x=1"], 4, "scalar outputs"),
        (["x=1/0", "--watch"], 2, "a program in a file"),
    ],
)
def test_bad_input_gets_one_clear_line(gradcli: Gradcli, arguments: list[str], code: int, said: str) -> None:
    ran = gradcli("graph", *arguments)
    assert (ran.status, ran.out) == (code, "")
    assert said in ran.err
