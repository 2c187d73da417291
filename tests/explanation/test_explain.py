"""`gradcli explain`: whole texts, to the letter."""

from __future__ import annotations

import math

import pytest

from gradcli.evaluation.options import Options
from gradcli.explanation.api import explain
from gradcli.explanation.verify import verified
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
    assert len(text.splitlines()) < 24


def test_a_root_without_a_name_is_a_step() -> None:
    text = told("x = param(2.)\na = 3*x\n(a*x).backward()")
    assert "2  result = (a*x) = 12" in text
    assert text.splitlines()[-1] == "x.grad: 0 + 12 = 12"
    assert "dresult/dx = 6 + 6 = 12" in text


def test_the_gradient_is_evals_to_the_bit() -> None:
    weights = [0.1 * each for each in range(12)]
    line = " ".join(told("L = sum(sin(w)*w)", w=weights).split("\n\n")[-1].split())
    (label, value), *_ = explain("L = sum(sin(w)*w)", Options(inputs={"w": weights})).final
    assert line.startswith(f"{label} = ")
    assert f" = [0, {', '.join([repr(float(each)) for each in value[1:]])}]" in line


def test_only_what_is_asked_for_is_told_of() -> None:
    story = explain("y = 2*x; z = y**2", Options(inputs={"x": 1.0}, wrt=["y"]))
    assert write(story, "text").splitlines()[-1] == "dz/dy = 2*y = 4          formula 4*x"
    assert story.findings == []


def test_ascii() -> None:
    story = explain("y = 2*x; z = y**5", Options(inputs={"x": 1.0}))
    assert write(story, "text", ascii=True).startswith("x = 1 --*2--> y = 2 --(*)^5--> z = 32\n")


def test_an_expected_gradient_is_hunted_for() -> None:
    def lines(source: str, label: str, value: float, **inputs: float) -> list[str]:
        return explain(source, Options(inputs=inputs), expect=[(label, value)]).expected

    twice = "x = param(2.); y = x**2; y.backward(retain_graph=True); y.backward()"
    assert "  4 is what one backward adds; the sum of both passes is twice that" in lines(twice, "x.grad", 4)
    for label in ("dz/dx", "x", ""):
        assert lines("y=2*x; z=y**2", label, 8, x=1.0) == ["dz/dx is 8, as expected"]
    assert lines("x**2", "dy/dx", 4, x=2.0) == ["dresult/dx is 4, as expected"]
    assert lines("y=x**2; z=3*y", "dy/dx", 5, x=2.0)[0] == "dz/dx is 12, not 5:"
    for label in ("dz/dy", "dq/dy", "y"):
        assert lines("y=x**2; z=3*y", label, 3, x=2.0) == ["dz/dy is 3, as expected"]
    several = lines("z=x*w", "", 8, x=1.0, w=2.0)
    assert several == ["8, of what: the program has no gradient of that name; it has dz/dx, dz/dw"]
    assert "  3 is what the path x → a → z alone contributes" in lines("a=3*x; z=a+x**2", "dz/dx", 3, x=1.0)
    mean = lines("x = param([1., 2.]); L = (x*6).mean()", "dL/dx", 6)
    assert "  6 is 2 times the gradient: a sum over 2 elements, not their mean" in mean
    other = lines("a = x**2; b = x*5; b", "db/dx", 4, x=2.0)
    assert "  4 is da/dx (line 1): the walk began at b" in other
    assert lines("x**2", "dresult/dx", 77, x=2.0)[-1] == "  77 is no factor, path, sum or value of this walk"


def test_an_element_is_followed() -> None:
    source = "x = tensor([1., 2.]); w = param([[1., 2.], [3., 4.]]); L = sum((w @ x)**2)"
    lines = explain(source, element="w[0,1]").element
    assert lines[0] == "w[0,1] = 2"
    assert lines[-1] == "dL/dw[0,1] = 20"


def test_calls_are_opened_on_request() -> None:
    source = "def f(a):\n    b = a*a\n    return b + a\ny = f(x)"
    names = [
        [step.name for step in explain(source, Options(inputs={"x": 2.0}), depth=n).steps] for n in (0, 1)
    ]
    assert names == [["y"], ["b", "y"]]


def test_a_check_finds_what_does_not_hold() -> None:
    story = explain("y=2*x; z=y**2", Options(inputs={"x": 1.0}), check=True)
    assert story.checked == [
        "checked: 7 of 7 equations hold; 2 of 2 local derivatives agree with differences"
    ]
    story.equations[0].text = "3*x"
    assert verified(story)[1] == ["y = 3*x"]
    assert explain("y = abs(x)", Options(inputs={"x": 0.0}), check=True).checked is not None


@pytest.mark.parametrize(
    ("source", "expected", "words"),
    [
        ("z = log(x**2 + 1)", 0.5, "without the factor 2 of x**2"),
        ("z = sin(3*x)**2", 2 * math.sin(3.0) * math.cos(3.0), "without the factor 3 of 3*x"),
        ("m = x*x; loss = 10*m; acc = m + 1; acc", 20.0, "dloss/dx (line 1): the walk began at acc"),
        ("h = relu(x - 2); z = 5*h", 5.0, "5 is dz/dh"),
        ("u = x*y; z = u + x", 7.0, "what the path x → u → z alone contributes"),
        ("z = x**3", -3.0, "the sign is the other"),
    ],
)
def test_expected_gradients_are_found_in_other_places(source: str, expected: float, words: str) -> None:
    inputs = {"x": 1.0, "y": 7.0} if "y" in source else {"x": 1.0}
    story = explain(
        source, Options(inputs=inputs), expect=[("dz/dx" if "z" in source else "dacc/dx", expected)]
    )
    assert any(words in line for line in story.expected), story.expected


def test_an_input_keeps_its_name_in_functions_that_are_opened() -> None:
    source = "def f(a):\n    u = a**2\n    return 3*u\nz = f(x) + x"
    story = explain(source, Options(inputs={"x": 2.0}), depth=1)
    assert [each.name for each in story.walks[0].results] == ["x"]
    assert story.final == [("dz/dx", 13.0)]
    assert not story.findings
    assert write(story, "text", 100).splitlines()[-1].startswith("dz/dx = 12 + 1 = 13")


def test_long_lines_are_wrapped_at_their_equals_signs() -> None:
    source = "a = sin(x)*exp(x); b = a**2 + cos(x); c = a*b; L = sum(c*a)"
    text = write(explain(source, Options(inputs={"x": [0.1, 0.2, 0.3, 0.4]})), "text", 60)
    assert max(map(len, text.splitlines())) <= 60
    text = write(explain("a = sin(x); b = exp(a)*x; z = a*b", Options(inputs={"x": 0.1})), "text", 60)
    assert max(map(len, text.splitlines())) <= 60
    path = text[text.index("  x → a → b → z:") :].splitlines()
    assert path[1] == "    dz/db · db/da · da/dx"
    assert path[2].startswith("      = 0.09983341664682815 · ")


def test_each_of_several_roots_is_told_by_its_own_formula() -> None:
    lines = [line for line in told("x^2, 3*x", x=2.0).splitlines() if "result[" in line and " = " in line]
    assert "1  result[0] = x^2 = 4" in lines
    assert "2  result[1] = 3*x = 6" in lines


def test_a_program_without_steps_is_told_to_have_none() -> None:
    assert told("5") == "there are no steps: nothing here is computed from tensors"
