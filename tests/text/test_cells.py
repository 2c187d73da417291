"""Columns of a terminal, against the ones that terminals have."""

from __future__ import annotations

import pytest

from gradcli.text import cells


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("变量", 4), ("x\u0308", 1), ("ｘ", 2), ("é", 1), ("", 0), ("→", 1)]
)
def test_width(text: str, columns: int) -> None:
    assert cells.width(text) == columns
    assert cells.width(cells.left(text, 9)) == cells.width(cells.middle(text, 9)) == 9


@pytest.mark.parametrize(
    ("text", "most", "found"), [("变量变量", 5, "变量…"), ("变量", 4, "变量"), ("abcd", 3, "ab…")]
)
def test_cut(text: str, most: int, found: str) -> None:
    assert cells.cut(text, most) == found
