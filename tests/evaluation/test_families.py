"""Programs that differ only in their numbers: they share parse and plan, and nobody can tell."""

from __future__ import annotations

import random

import pytest

from gradcli.errors import GradcliError
from gradcli.evaluation.api import evaluate
from gradcli.evaluation.families import Batch
from gradcli.report.json_text import json_text


def _told(run, text: str) -> str:
    """Everything that is told of a program, results or error."""
    try:
        return json_text(run(text), "source")
    except GradcliError as error:
        return repr((error.code, error.message, error.span, error.hint, error.notes))


FAMILIES = [
    (
        "arithmetic",
        "x = param(0.5); y = 3*x + sin(x); z = y**2 + exp(y*0.25) / cos(x)",
        "x = param(1.25); y = 7*x + sin(x); z = y**2 + exp(y*0.75) / cos(x)",
    ),
    ("signs", "x = param(-0.5); -2*x - -3*x/4", "x = param(-1.5); -5*x - -7*x/9"),
    (
        "exponents",
        "x = param(2.0); x**2",
        "x = param(2.0); x**3",
        "x = param(3.0); x**2",
        "x = param(0.0); x**0",
    ),
    ("sizes", "x = param(2.0); sum(x*ones(3))", "x = param(2.0); sum(x*ones(4))"),
    (
        "dims",
        "a = ones(2, 3)*2.0; a.requires_grad; sum(a*param(1.0), 0)[1]",
        "a = ones(2, 3)*4.0; a.requires_grad; sum(a*param(1.0), 1)[1]",
    ),
    ("conditions", "x = param(1.0); 2*x if 3 > 2 else x*x", "x = param(1.0); 2*x if 1 > 2 else x*x"),
    ("data decides", "x = param(1.0); 2*x if x > 0 else 3*x", "x = param(-1.0); 2*x if x > 0 else 3*x"),
    ("an item", "x = param(1.5); x*x.item()", "x = param(2.5); x*x.item()"),
    ("detached", "x = param(1.5); 2*x*x.detach()", "x = param(2.5); 3*x*x.detach()"),
    ("plain arithmetic", "k = 2*3; x = param(1.0); k*0.5*x", "k = 4*5; x = param(2.0); k*0.25*x"),
    ("plain names", "k = 2; m = k*0.5; x = param(1.0); m*x", "k = 3; m = k*0.7; x = param(1.0); m*x"),
    ("integers", "a = tensor(3); x = param(0.5); a*2*x", "a = tensor(4); x = param(0.5); a*5*x"),
    ("int and float", "a = tensor(3); a*2 + param(1.0)", "a = tensor(3); a*2.5 + param(1.0)"),
    ("equal numbers", "x = param(2.0); 2*x + 2*x**2", "x = param(2.0); 3*x + 5*x**2"),
    ("rounded the same", "x = param(0.5); y = 0.5*x; z = 0.5", "x = param(0.25); y = 0.75*x; z = 0.125"),
    ("to infinity", "x = param(2.0); 1/(x - 1)", "x = param(1.0); 1/(x - 1)", "x = param(3.0); exp(x*1000)"),
    ("out of domain", "x = param(2.0); log(x)*2", "x = param(-2.0); log(x)*2", "x = param(0.0); log(x)*2"),
    ("errors", "x = param(2.0); 2*x + undefined", "x = param(30.25); 25*x + undefined"),
    ("syntax errors", "x = param(2.0); 2x", "x = param(30.25); 25x"),
    ("shapes that don't fit", "ones(2)*param(1.0) + ones(3)", "ones(2)*param(1.25) + ones(4)"),
    ("texts", "print('1'); param(1.0)*2", "print('2'); param(1.5)*3"),
    ("in place", "x = tensor(1.0); x.add_(2); x", "x = tensor(2.0); x.add_(3); x"),
    ("own backward", "x = param(1.0); (x*2).backward(); x.grad", "x = param(1.0); (x*3).backward(); x.grad"),
    (
        "loops",
        "x = param(1.0)\nfor i in range(3): x = x*2\nx",
        "x = param(1.0)\nfor i in range(4): x = x*3\nx",
    ),
    ("random", "x = param(1.0); x*randn(2)[0]*3", "x = param(1.0); x*randn(2)[1]*4"),
    ("written differently", "param(1e-3)*0x10", "param(2e-3)*0x11", "param(1_0.5)*2"),
    ("no gradient", "2*3", "2*4", "tensor(2.0)*3"),
    ("lists", "x = param([1.0, 2.0]); sum(3*x)", "x = param([1.5, 2.0]); sum(4*x)"),
    (
        "shadowed",
        "param = 3; y = tensor(1.0, requires_grad=True)*2",
        "param = 4; y = tensor(2.0, requires_grad=True)*3",
    ),
]


@pytest.mark.parametrize("programs", [row[1:] for row in FAMILIES], ids=[row[0] for row in FAMILIES])
def test_sharing_is_not_seen(programs: tuple[str, ...]) -> None:
    batch = Batch({}, {})
    # Each program comes before and after every other one.
    for text in (*programs, *reversed(programs), *programs):
        told = _told(lambda text: batch.evaluate(text, None), text)
        assert told == _told(lambda text: evaluate(text, unused_inputs=True), text)


@pytest.mark.parametrize(
    "options", [{"wrt": ["x"]}, {"wrt": ["y", "x"]}, {"roots": ["y"]}, {"passes": 2}, {"order": 2}]
)
def test_sharing_is_not_seen_under_options(options: dict[str, object]) -> None:
    batch = Batch({"a": 2.0}, options)
    for number in ("0.5", "1.5", "0.25"):
        text = f"x = param({number}); y = {number}*x*x; z = sin(y)*x + a*{number}"
        told = _told(lambda text: batch.evaluate(text, None), text)
        assert told == _told(lambda text: evaluate(text, {"a": 2.0}, unused_inputs=True, **options), text)


def test_random_programs_are_told_as_if_each_came_alone() -> None:
    draw = random.Random(0)
    operators, functions = ["+", "-", "*", "/", "**"], ["sin", "exp", "log", "sqrt", "abs", "relu"]
    batch = Batch({}, {})

    def expression(depth: int) -> str:
        if depth == 0:
            return draw.choice(["x", "y", str(draw.randint(0, 3)), f"{draw.uniform(-2, 2):.1f}"])
        if draw.random() < 0.3:
            return f"{draw.choice(functions)}({expression(depth - 1)})"
        return f"({expression(depth - 1)} {draw.choice(operators)} {expression(depth - 1)})"

    for _ in range(40):
        shape = f"x = param(0.5); y = 1.5*x; z = {expression(3)} + x"
        for _ in range(3):
            text = "".join(str(draw.randint(0, 4)) if each in "0123" else each for each in shape)
            told = _told(lambda text: batch.evaluate(text, None), text)
            assert told == _told(lambda text: evaluate(text, unused_inputs=True), text), text


def test_a_family_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = Batch({}, {})
    batch.evaluate("x = param(0.5); 2*x + sin(x)", None)

    def refuse(text: str, *_: object, **__: object) -> None:
        raise AssertionError(f"{text} was parsed")

    monkeypatch.setattr("gradcli.evaluation.families.parse", refuse)
    monkeypatch.setattr("gradcli.evaluation.families.evaluate_with", refuse)
    assert batch.evaluate("x = param(1.0); 7*x + sin(x)", None).values["x"] == 1.0
