"""Each row of docs/differences.md is what gradcli does, and not what PyTorch did when it was recorded."""

from __future__ import annotations

import pytest

from differences import DOCUMENT, ROW, of_gradcli, shown

ROWS = [row.groupdict() for row in ROW.finditer(DOCUMENT.read_text(encoding="utf-8"))]


def test_the_table_is_found() -> None:
    assert len(ROWS) >= 12


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["program"][:40])
def test_the_row_is_true(row: dict[str, str]) -> None:
    assert shown(of_gradcli(row["program"])) == row["gradcli"] != row["torch"]
