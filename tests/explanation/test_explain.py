"""`gradcli explain`: whole texts, to the letter."""

from __future__ import annotations

from gradcli.evaluation.options import Options
from gradcli.explanation.api import explain
from gradcli.explanation.writers import write


def told(source: str, width: int = 80, **inputs: object) -> str:
    """The explanation of a program as text."""
    return write(explain(source, Options(inputs=inputs)), "text", width)


def test_a_chain() -> None:
    assert told("y=2*x; z=y**2", x=1.0) == (
        "x = 1 ──·2──▶ y = 2 ──(·)²──▶ z = 4\n"
        "\n"
        "   forward           local derivative      backward, from dz/dz = 1\n"
        "1  y = 2*x  = 2      dy/dx = 2   = 2       dz/dx = dz/dy · 2   = 8   ▲\n"
        "2  z = y**2 = 4      dz/dy = 2*y = 4       dz/dy = dz/dz · 2*y = 4   │\n"
        "\n"
        "dz/dx = dz/dy · dy/dx = 2*y · 2 = 4 · 2 = 8          formula 8*x"
    )


def test_several_paths_add_up() -> None:
    lines = told("a = 3*x; b = x**2; z = a*b", x=2.0).splitlines()
    assert lines[-4:] == [
        "dz/dx, a path at a time:",
        "  x → a → z: dz/da · da/dx = 4 · 3 = 12",
        "  x → b → z: dz/db · db/dx = 6 · 4 = 24",
        "dz/dx = 12 + 24 = 36          formula 9*x**2",
    ]


def test_turns_of_a_loop_are_folded() -> None:
    text = told("for i in range(20):\n    x = x*0.5\ny = x**2", x=1.0)
    assert "… 18 more turns like these, each with slope 0.5 …" in text
    assert len(text.splitlines()) < 20


def test_a_root_without_a_name_is_a_step() -> None:
    text = told("x = param(2.)\na = 3*x\n(a*x).backward()")
    assert "2  result = (a*x) = 12" in text
    assert text.splitlines()[-1] == "x.grad: 0 + 12 = 12"
    assert "dresult/dx = 6 + 6 = 12" in text
