"""The check that forward mode equals reverse mode: what it passes, what it fails and what it leaves open.

Both modes come from one rule, so that no program can set them apart: a transpose is made wrong by a factor.
"""

from __future__ import annotations

import math

import pytest

import gradcli
from gradcli.checking.results import FAIL, PASS, UNMEASURABLE, Check
from gradcli.ops import scans
from gradcli.tape.node import Node
from gradcli.tape.primitives import scale

PROGRAM = "y = cumsum(x*x, 0).sum()"


def _checked(
    monkeypatch: pytest.MonkeyPatch, factor: float, program: str = PROGRAM, **options: float
) -> Check | None:
    right = scans.running_sum.transpose

    def transpose(cotangent: Node, node: Node) -> list[Node | None]:
        return [each if each is None else scale(each, factor) for each in right(cotangent, node)]

    monkeypatch.setattr(scans.running_sum, "transpose", transpose)
    report = gradcli.check(program, {"x": [1.0, 2.0, 3.0]}, **options)
    found = [each for each in report.checks if each.kind == "forward-reverse"]
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize(
    ("factor", "options", "status", "message"),
    [
        # the tolerance of the check is what passes
        (1.0, {}, PASS, "differ by 0.0e+00"),
        (1.0, {"rtol": 0.0, "atol": 0.0}, PASS, "differ by 0.0e+00"),
        (1 + 1e-9, {}, PASS, "differ by 4.0e-09"),
        (1 + 1e-4, {"rtol": 1e-3}, PASS, "differ by 4.0e-04"),
        (1.5, {"atol": 3.0}, PASS, "differ by 2.0e+00"),
        # what is neither within it nor clearly wrong elsewhere is left open
        (1 + 1e-7, {}, UNMEASURABLE, "rounding hides it"),
        (1 + 2e-6, {}, UNMEASURABLE, "rounding hides it"),
        # anything more is wrong
        (1 + 1e-4, {}, FAIL, "forward mode gives -4.0, reverse mode -4.0004 along the same direction"),
        (1.5, {}, FAIL, "forward mode gives -4.0, reverse mode -6.0 along the same direction"),
        (0.5, {}, FAIL, "forward mode gives -4.0, reverse mode -2.0 along the same direction"),
        (-1.0, {}, FAIL, "forward mode gives -4.0, reverse mode 4.0 along the same direction"),
        (0.0, {}, FAIL, None),
        (1e300, {}, FAIL, None),
    ],
)
def test_a_rule_that_is_off_by_a_factor(
    monkeypatch: pytest.MonkeyPatch,
    factor: float,
    options: dict[str, float],
    status: str,
    message: str | None,
) -> None:
    check = _checked(monkeypatch, factor, **options)
    assert check is not None
    assert (check.status, check.label) == (status, "forward = reverse: dy by x")
    assert message is None or check.message == message


def test_both_numbers_are_in_the_details(monkeypatch: pytest.MonkeyPatch) -> None:
    check = _checked(monkeypatch, 1.5)
    assert check is not None
    assert check.details == {"forward": -4.0, "reverse": -6.0}
    assert check.line == 1


def test_an_infinite_gradient_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _checked(monkeypatch, math.inf) is None
