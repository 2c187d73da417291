"""Claims: how they are read, where they are tried, and what refutes them."""

from __future__ import annotations

import pytest

import gradcli
from gradcli.checking.claims import parse_claim
from gradcli.checking.results import Check
from gradcli.errors import GradcliError


@pytest.mark.parametrize(
    ("text", "names", "root", "wrt", "formula"),
    [
        ("dz/dx = 8*x", ["x", "z"], "z", ("x",), "8*x"),
        (" d z / d x=1", ["x", "z"], "z", ("x",), "1"),
        ("d2z/dx2 = 2", ["x", "z"], "z", ("x", "x"), "2"),
        ("d^2z/dx^2 = 2", ["x", "z"], "z", ("x", "x"), "2"),
        ("d2z/dxdw = 1", ["x", "w", "z"], "z", ("x", "w"), "1"),
        ("d2z/(dx dw) = 1", ["x", "w", "z"], "z", ("x", "w"), "1"),
        ("d3loss/dx2dw = 1", ["x", "w", "loss"], "loss", ("x", "x", "w"), "1"),
        ("dz/dx2 = 1", ["x2", "z"], "z", ("x2",), "1"),
        ("d2z/dx22 = 1", ["x2", "z"], "z", ("x2", "x2"), "1"),
        ("dz2/ddx = 1", ["dx", "z2"], "z2", ("dx",), "1"),
        ("x.grad = [1, 2]", ["x"], None, ("x",), "[1, 2]"),
        ("dz/dx = 2*x if x >= 0 else 1", ["x", "z"], "z", ("x",), "2*x if x >= 0 else 1"),
    ],
)
def test_a_claim_is_read(
    text: str, names: list[str], root: str | None, wrt: tuple[str, ...], formula: str
) -> None:
    claim = parse_claim(text, names)
    assert (claim.root, claim.wrt, claim.formula) == (root, wrt, formula)


@pytest.mark.parametrize(
    ("text", "names", "code", "part"),
    [
        ("dz/dx", ["x", "z"], "syntax", "no ="),
        ("dz/dx == 2", ["x", "z"], "syntax", "no ="),
        ("dz/dx = ", ["x", "z"], "syntax", "nothing"),
        ("z = 2", ["x", "z"], "syntax", "no derivative"),
        ("dz/dy = 2", ["x", "z"], "unknown-name", "no name y"),
        ("dy/dx = 2", ["x", "z"], "unknown-name", "no name y"),
        ("y.grad = 2", ["x", "z"], "unknown-name", "no name y"),
        ("d2z/dx = 2", ["x", "z"], "bad-argument", "order 2 above and 1 below"),
        ("d0z/dx = 2", ["x", "z"], "bad-argument", "the order of a derivative is at least 1"),
        ("d2z/dx2 = 2", ["x", "x2", "z", "dx2"], "", ""),
        ("d2z/dxdw = 2", ["x", "w", "xdw", "z"], "", ""),
        ("d2z/dxdxdx = 2", ["x", "xdx", "z"], "", ""),
        ("d2z/dadbdc = 2", ["a", "adb", "bdc", "c", "z"], "bad-argument", "two readings"),
    ],
)
def test_what_is_no_claim_is_told(text: str, names: list[str], code: str, part: str) -> None:
    if not code:
        assert parse_claim(text, names)
        return
    with pytest.raises(GradcliError) as caught:
        parse_claim(text, names)
    assert caught.value.code == code
    assert part in caught.value.message


def the_check(source: str, claim: str, **keywords: object) -> Check:
    report = gradcli.check(source, claims=claim, **keywords)  # type: ignore[arg-type]
    return next(check for check in report.checks if check.kind == "claim")


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        ("z = (2*x)**2", "dz/dx = 8*x"),
        ("z = sigmoid(x)", "dz/dx = z*(1-z)"),
        ("z = sigmoid(x)", "d2z/dx2 = z*(1-z)*(1-2*z)"),
        ("z = x**3*w", "d3z/dx2dw = 6*x"),
        ("sin(x)", "dresult/dx = cos(x)"),
        ("y = 2*x; z = y**2", "dz/dy = 2*y"),
        ("def f(t):\n    return t**3\nz = f(x)", "dz/dx = 3*f(x)/x if x != 0 else 0"),
        ("import torch\nz = torch.sin(x)", "dz/dx = torch.cos(x)"),
    ],
)
def test_a_true_claim_holds_at_many_points(source: str, claim: str) -> None:
    check = the_check(source, claim)
    assert (check.status, check.details["points"] >= 90) == ("pass", True), check


@pytest.mark.parametrize(
    ("source", "claim", "counterexample", "claimed", "true", "ratio"),
    [
        ("z = (2*x)**2", "dz/dx = 4*x", {"x": 1.0}, 4.0, 8.0, 2.0),
        ("z = (2*x)**2", "dz/dx = -8*x", {"x": 1.0}, -8.0, 8.0, -1.0),
        ("z = x**3", "dz/dx = 3*x", {"x": 2.0}, 6.0, 12.0, 2.0),
        ("z = x**2*w", "d2z/dxdw = 2*w", {"x": 1.0, "w": 2.0}, 4.0, 2.0, 0.5),
        ("z = abs(x)", "dz/dx = 1", {"x": -1.0}, 1.0, -1.0, -1.0),
        ("z = where(x > 2.5, 3*x, x)", "dz/dx = 1", {"x": 3.0}, 1.0, 3.0, 3.0),
    ],
)
def test_a_false_claim_has_a_simple_counterexample(
    source: str, claim: str, counterexample: dict[str, float], claimed: float, true: float, ratio: float
) -> None:
    check = the_check(source, claim)
    details = check.details
    assert check.status == "fail"
    assert (details["counterexample"], details["claimed"], details["derivative"]) == (
        counterexample,
        claimed,
        pytest.approx(true),
    )
    assert details["ratio"] == pytest.approx(ratio)


def test_the_counterexample_lies_in_the_domain() -> None:
    check = the_check("z = log(x)", "dz/dx = 2/x", domain={"x": (0.15, 0.95)})
    assert check.status == "fail"
    assert 0.15 <= check.details["counterexample"]["x"] <= 0.95
    assert check.details["counterexample"]["x"] == 0.5


def test_points_without_a_derivative_are_set_aside_and_counted() -> None:
    check = the_check("z = relu(x)", "dz/dx = where(x >= 0, 1.0, 0.0)")
    assert check.status == "pass"
    assert check.details["set_aside"] >= 1
    assert check.details["points"] + check.details["set_aside"] == 100
    assert "a kink: " in check.message


@pytest.mark.parametrize("source", ["z = log(-1 - x**2)", "z = sqrt(-1 - x*x)"])
def test_a_claim_that_no_point_can_tell_is_unproven(source: str) -> None:
    report = gradcli.check(source, claims="dz/dx = 1")
    (check,) = report.checks
    assert (check.status, report.status) == ("unproven", 1)
    assert check.details["set_aside"] == 100


def test_at_the_given_point_a_number_will_do_and_a_formula_has_to_hold_nearby() -> None:
    assert the_check("z = x**3", "dz/dx = 3", inputs={"x": 1.0}).status == "pass"
    assert the_check("z = x**3", "dz/dx = 3*x**2", inputs={"x": 1.0}).status == "pass"
    wrong = the_check("z = x**3", "dz/dx = 3*x", inputs={"x": 1.0})
    assert wrong.status == "fail"
    assert "right at the given point, wrong near it" in wrong.notes


def test_inputs_that_are_set_stay_and_the_others_move() -> None:
    check = the_check("z = x*w", "dz/dx = 3", inputs={"w": 3.0})
    assert check.status == "pass"
    assert list(check.details["domain"]) == ["x"]


def test_the_number_of_points_and_the_seed_are_the_callers() -> None:
    assert the_check("z = x*x", "dz/dx = 2*x", samples=7).details["points"] == 7
    first = the_check("z = exp(x)", "dz/dx = z + 1e-9*z", seed=1)
    again = the_check("z = exp(x)", "dz/dx = z + 1e-9*z", seed=1)
    assert first == again


@pytest.mark.parametrize(
    ("source", "claim", "code"),
    [
        ("z = x", "dz/dx = q", "unknown-name"),
        ("z = x", "dz/dq = 1", "unknown-name"),
        ("z = x", "dz/dx = 1 +", "syntax"),
        ("z = x @ w", "dz/dx = w", "shape"),
        ("z = x", "dz/dx = [1, 2]", "shape"),
    ],
)
def test_a_claim_that_makes_no_sense_is_an_error(source: str, claim: str, code: str) -> None:
    report = gradcli.check(source, claims=claim)
    assert report.status == 3
    assert report.checks[-1].details["code"] == code
