"""What is replayed to be measured is the program: names as they were, noise as it is, time as it is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.checking import runner
from gradcli.checking.numerical import Tolerance, Verdict, measure
from gradcli.checking.results import FAIL, PASS, UNMEASURABLE
from gradcli.evaluation.options import Options

OWN = "def f(x):\n    return {value}\n@backward(f)\ndef b(g, x):\n    return {gradient}\n"


def statuses(source: str, **options: object) -> dict[str, str]:
    report = gradcli.check(source, **options)  # type: ignore[arg-type]
    return {check.label: check.status for check in report.checks if check.kind != "forward-reverse"}


# ---- names that change ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gradient", "status"),
    [("g*4*x", "pass"), ("g*6*x", "fail"), ("g*2*k*x", "fail")],
    ids=["as it was called", "as it is later", "reads it later"],
)
def test_a_name_has_the_value_that_it_had_when_the_function_was_called(gradient: str, status: str) -> None:
    own = OWN.format(value="k*x*x", gradient=gradient)
    found = statuses(f"k = 2.0\n{own}x = param(1.5)\ny = f(x)\nk = 3.0\nz = 2*y\n")
    assert found == {"dz/dx": status, "own gradient of f": status}


def test_a_gradient_reads_names_as_they_were_when_it_was_asked_for() -> None:
    own = OWN.format(value="k*x*x", gradient="g*2*k*x")
    found = statuses(f"x = param(1.5)\n{own}for k in [1.0, 2.0, 3.0]:\n    f(x).backward()\n")
    assert found == {"x.grad": "pass", "own gradient of f": "pass"}


@pytest.mark.parametrize(("factor", "status"), [("2", "pass"), ("3", "fail")])
def test_a_name_around_a_function_inside_a_function(factor: str, status: str) -> None:
    source = (
        "def make(x):\n    k = 2.0\n    def f(x):\n        return k*x\n    @backward(f)\n    def b(g, x):\n"
        f"        return {factor}*g\n    y = f(x)\n    k = 3.0\n    return y\nx = param(1.5)\nz = make(x)\n"
    )
    assert statuses(source) == {"dz/dx": status, "own gradient of f": status}


@pytest.mark.parametrize(("factor", "status"), [("2", "pass"), ("3", "fail")])
@pytest.mark.parametrize(
    "body",
    [
        "return x*x",
        "return x*x.detach()",
        "return x*float(x)",
        "return tensor([x.item()])[0]*x",
        "with no_grad(): y = x*1\n    return y*x",
        "y = x*1\n    with no_grad(): y += x\n    return y*x/2",
        "if x > 1: return x*x\n    return 3*x",
        "return x*x + 0*rand(1)[0]",
    ],
)
def test_a_function_is_measured_with_all_that_it_does(body: str, factor: str, status: str) -> None:
    """What it takes out of its history, looks at or draws is no constant when it is called elsewhere."""
    own = OWN.replace("return {value}", body).format(gradient=f"{factor}*g*x")
    assert statuses(f"{own}x = param(1.5)\nz = f(x)\n")["own gradient of f"] == status


@pytest.mark.parametrize(("factor", "status"), [("2", "pass"), ("3", "fail")])
def test_where_a_call_cannot_be_repeated_the_program_is_run_again(factor: str, status: str) -> None:
    own = OWN.format(value="k[0]*x", gradient=f"{factor}*g")
    found = statuses(f"k = [2.0]\n{own}x = param(1.5)\ny = f(x)\nk[0] = 3.0\nz = 2*y\n")
    assert found == {"dz/dx": status, "own gradient of f": "unmeasurable"}


def test_where_that_is_no_way_either_nothing_is_claimed() -> None:
    own = OWN.format(value="k[0]*x", gradient="3*g")
    source = f"k = [2.0]\n{own}x = param(1.5)\ny = f(x)\nk[0] = 3.0\nz = 2*y + x.detach()\n"
    report = gradcli.check(source)
    assert {check.status for check in report.checks} == {"unmeasurable"}
    assert "it reads what has changed since" in str(report)


# ---- functions with noise ------------------------------------------------------------------------


def noisy(claimed: float, function: Callable[[Any], Any]) -> Verdict:
    with np.errstate(all="ignore"):
        (found,) = measure(
            lambda t: np.array([function(np.float64(0.7) + t)]), np.array([claimed]), Tolerance()
        )
    return found


def bisected(x: float) -> float:
    low, high = -10.0, 10.0
    while high - low > 1e-10:
        middle = (low + high) / 2
        low, high = (middle, high) if middle**3 + middle < x else (low, middle)
    return low


ROOT = 1 / (3 * bisected(0.7) ** 2 + 1)
NOISY = [
    (lambda x: float(np.float32(np.sin(x))), np.cos(0.7)),
    (lambda x: float(np.sin(np.float32(x))), np.cos(0.7)),
    (lambda x: round(float(np.sin(x)), 7), np.cos(0.7)),
    (lambda x: np.sin(x) + 1e-7 * np.sin(1e17 * x), np.cos(0.7)),
    (lambda x: (np.sin(x) + 1e9) - 1e9, np.cos(0.7)),
    (bisected, ROOT),
]


@pytest.mark.parametrize(("function", "slope"), NOISY)
def test_a_function_with_noise_says_no_more_than_it_can(function: Callable[[Any], Any], slope: float) -> None:
    assert noisy(slope, function).status in (PASS, UNMEASURABLE)
    for wrong in (2 * slope, -slope, slope + 0.01):
        assert noisy(wrong, function).status == FAIL
    assert noisy(0.0, function).status != PASS  # that of the stairs


def test_a_wave_is_no_noise_if_steps_can_follow_it() -> None:
    def wave(x: float) -> float:
        return float(np.sin(x) + 1e-7 * np.sin(1e9 * x))

    assert noisy(np.cos(0.7) + 100 * np.cos(1e9 * 0.7), wave).status != FAIL
    assert noisy(np.cos(0.7), wave).status != PASS


def test_an_element_whose_terms_are_small_beside_the_others_is_moved_far() -> None:
    point = np.array([1e-6, 1.0, 1e5])
    gradcli.assert_gradients(lambda x: np.sum(x**2), point, 2 * point)
    with pytest.raises(AssertionError, match=r"at index \[0\]"):
        gradcli.assert_gradients(lambda x: np.sum(x**2), point, [4e-6, 2.0, 2e5])


# ---- limits --------------------------------------------------------------------------------------

LOOP = """\
def f(x):
    return (x - 1)**2
@backward(f)
def b(g, x):
    return g*2*(x - 1)*(2 if k == 21 else 1)
x = param(3.0)
for k in range(40):
    f(x).backward()
    with no_grad():
        x -= 0.01*x.grad
    x.grad = None
"""


def test_more_samples_look_at_more_backward_passes() -> None:
    assert "11 of 40 backward passes" in str(gradcli.check(LOOP))
    report = gradcli.check(LOOP, samples=100)
    assert ", 40 backward passes" in str(report)
    assert [check.status for check in report.checks] == ["fail", "fail"]


class Clock:
    """A clock that is so much later each time it is looked at."""

    def __init__(self, *seconds: float) -> None:
        self.seconds = list(seconds)
        self.now = 0.0

    def monotonic(self) -> float:
        self.now += self.seconds.pop(0) if len(self.seconds) > 1 else self.seconds[0]
        return self.now

    perf_counter = monotonic


def test_what_was_not_looked_at_when_the_time_was_over_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "time", Clock(1.0))
    checker = runner.Checker(Options(inputs={"x": 1.0, "w": 2.0}, max_seconds=35))
    report = checker("two", "z = x*w + sin(x)*w")
    assert report.status == 5
    assert [(check.label, check.status) for check in report.checks] == [
        ("dz/dx", "pass"), ("dz/dw", "error"), ("forward = reverse: dz by x, w", "error"),
    ]  # fmt: skip
    assert "not looked at: the program took longer than 35 seconds" in report.checks[1].message


def test_points_that_were_not_looked_at_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "time", Clock(1.0))
    checker = runner.Checker(Options(max_seconds=150), domains={None: (1.0, 2.0)}, samples=50)
    report = checker("points", "z = x*x")
    assert (report.status, report.checks[0].status) == (5, "pass")
    assert report.checks[-1].label.endswith(" of 50 random points")
    assert report.checks[-1].message.startswith("not looked at: ")


def test_a_slow_step_is_not_begun_that_would_take_longer_than_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "time", Clock(0.0, 1.0, 0.1, 3.0, 0.1, 2.0))
    clock = runner._Clock(9.0)
    for _ in range(4):
        clock()  # until 6.2 of 9 seconds, and one step took 3
    with pytest.raises(gradcli.GradcliError, match="longer than 9"):
        clock()


# ---- what was not looked at ----------------------------------------------------------------------


def test_a_program_without_a_root_says_that_its_gradients_were_not_looked_at() -> None:
    source = OWN.format(value="x*x", gradient="2*g*x") + "x = param(2.0)\ny = f(x)\nfor k in [1]:\n    pass\n"
    report = gradcli.check(source)
    assert [(check.label, check.status) for check in report.checks] == [
        ("gradients", "unmeasurable"),
        ("own gradient of f", "pass"),
    ]
    assert "--root names what is to be" in report.checks[0].message
