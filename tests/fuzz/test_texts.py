"""Programs of any shape end in a result or a GradcliError, and in a time that grows as they do."""

from __future__ import annotations

from fuzz import growth, mutants, texts
from fuzz.cases import faults


def test_mutants() -> None:
    assert not list(faults(mutants.case, 1000, seed=0))


def test_odd_texts() -> None:
    assert not list(faults(texts.case, 300, seed=0))


def test_time_grows_as_texts_do() -> None:
    assert [texts.pattern(each) for each in texts.shapes() if growth.grows_too_fast(each, 1500)] == []
