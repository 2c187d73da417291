"""What comes of many comparisons: errors that count, zeros, symmetric matrices, what is wrong nearby."""

from __future__ import annotations

import numpy as np
import pytest

import gradcli
from gradcli.checking.comparing import Compared, Settings, compare
from gradcli.checking.numerical import Tolerance, Verdict, measure
from gradcli.checking.results import FAIL, PASS, Check


def _checks(source: str, **options: object) -> list[Check]:
    return list(gradcli.check(source, **options).checks)  # type: ignore[arg-type]


@pytest.mark.parametrize(("of_the_error", "counts"), [(20.5, True), (19.5, False)])
def test_a_difference_counts_where_the_derivative_is_twenty_times_its_error(
    of_the_error: float, counts: bool
) -> None:
    comparison = Compared(1)
    comparison.add(Verdict(PASS, 1.0, 0.99, 1 / of_the_error), 1.0, [0])
    assert (comparison.error > 0) == counts


def test_a_slope_where_all_is_zero_is_wrong() -> None:
    (verdict,) = measure(lambda t: np.array([0.0]), np.array([1.0]), Tolerance())
    assert verdict.status == FAIL


@pytest.mark.parametrize("dims", [(2, 2), (1, 2, 2)])
def test_functions_of_symmetric_matrices_are_moved_on_both_sides(dims: tuple[int, ...]) -> None:
    matrix = np.array([[2.0, 1.0], [1.0, 3.0]]).reshape(dims)
    for check in _checks("z = sum(linalg.eigvalsh(x)*tensor([1., 2.]))", inputs={"x": matrix}):
        assert check.status == PASS, check


def test_a_tiny_second_derivative_that_is_wrong_is_caught() -> None:
    source = (
        "def f(x): return 1e-17*x**3\n@backward(f)\ndef b(g, x): return g*3e-17*x*x.detach()\n"
        "x = param(1.5)\nz = f(x)"
    )
    first, *_, second = [
        check for check in _checks(source, order=2) if check.kind in ("gradient", "second-order")
    ]
    assert (first.status, second.status) == (PASS, FAIL)


def test_where_a_gradient_is_wrong_nearby_is_told_in_numbers() -> None:
    source = "def f(x): return x**2\n@backward(f)\ndef b(g, x): return g*2\nx = param(1.0)\nz = f(x)"
    (wrong,) = [check for check in _checks(source) if check.kind == "gradient"]
    assert wrong.status == FAIL
    assert any(note.startswith("right at the given point, wrong near it") for note in wrong.notes)
    assert isinstance(wrong.details["point"]["x"], float)


def test_errors_are_told_in_units_of_the_input() -> None:
    comparison = Compared(1)
    comparison.add(Verdict(FAIL, 8.0, 4.0, 1e-3), 4.0, [0])
    assert comparison.worst == Verdict(FAIL, 2.0, 1.0, 2.5e-4)


def test_each_component_has_a_size_of_its_own() -> None:
    found = measure(
        lambda t: np.array([[t, 2 * t]]), np.array([[1.0, 2.0]]), Tolerance(), sizes=np.array([[1.0, 2.0]])
    )
    assert [each.status for each in found] == [PASS, PASS]


def test_a_program_that_fails_nearby_is_checked_where_it_runs() -> None:
    source = (
        "def f(x): return x**2\n@backward(f)\ndef b(g, x): return g*2*x\n"
        "if x.item() != 1.0: x = x.detach()\nz = f(x)"
    )
    checks = _checks(source, inputs={"x": 1.0})
    assert [check.status for check in checks if check.kind == "gradient"] == [PASS]


def test_why_something_passed_is_noted_once() -> None:
    comparison = Compared(2)
    for index in ([0], [1]):
        comparison.add(Verdict(PASS, 1.0, 1.0, 0.0, "moved together"), 1.0, index)
    assert comparison.notes == ["moved together"]


@pytest.mark.parametrize("wrong", range(8))
def test_the_element_that_is_wrong_is_found_beside_far_larger_ones(wrong: int) -> None:
    slopes = np.array([1000.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 500.0])
    claimed = slopes.copy()
    claimed[wrong] += 0.5
    found = compare(
        lambda v: float(slopes @ np.sin(v)), np.zeros(8), claimed, Settings(Tolerance()), elements=0
    )
    assert (found.status, found.index) == (FAIL, [wrong])
