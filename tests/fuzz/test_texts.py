"""Programs of any shape end in a result or a GradcliError, and in a time that grows as they do."""

from __future__ import annotations

import pytest

from fuzz import growth, lines, mutants, texts
from fuzz.cases import faults


def test_mutants() -> None:
    assert not list(faults(mutants.case, 600, seed=0))


def test_mistyped_lines() -> None:
    assert not list(faults(lines.case, 3000, seed=0))


def test_odd_texts() -> None:
    assert not list(faults(texts.case, 300, seed=0))


def test_time_grows_as_texts_do() -> None:
    assert [texts.pattern(each) for each in texts.shapes() if growth.grows_too_fast(each, 1000)] == []


@pytest.mark.parametrize("inside", ["", "1", "param(1.0)"])
def test_lists_that_hold_themselves_twice_take_no_time(inside: str) -> None:
    """Each turn doubles what the last value seems to hold; none of it is looked at twice."""
    texts.run(f"l = [{inside}]\nfor i in range(60): l = [l, l]\nl")
    texts.run("[" * 900 + inside + "]" * 900)
