"""Odd calls end in a result or a GradcliError: a few of them, from every table."""

from __future__ import annotations

from fuzz import calls
from fuzz.cases import faults


def test_odd_calls() -> None:
    assert not list(faults(calls.case, 800, seed=0))
