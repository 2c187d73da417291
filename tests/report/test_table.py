"""Tables for a terminal, to the letter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.report.table import table_text

CHAIN = """\
╭──────┬───────┬─────────┬──────┬──────────────╮
│ name │ value │ dtype   │ grad │ grad_fn      │
├──────┼───────┼─────────┼──────┼──────────────┤
│ x    │ 1.0   │ float64 │ yes  │              │
│ y    │ 2.0   │ float64 │ yes  │ MulBackward0 │
│ z    │ 4.0   │ float64 │ yes  │ PowBackward0 │
╰──────┴───────┴─────────┴──────┴──────────────╯
╭────────────┬───────╮
│ derivative │ value │
├────────────┼───────┤
│ dz/dx      │ 8.0   │
╰────────────┴───────╯
"""
NUMBER = """\
╭────────┬───────┬───────╮
│ name   │ value │ dtype │
├────────┼───────┼───────┤
│ result │ 5     │ int   │
╰────────┴───────┴───────╯
"""
NUMBER_IN_ASCII = """\
+------------------------+
| name   | value | dtype |
|--------+-------+-------|
| result | 5     | int   |
+------------------------+
"""
ARRAYS = """\
[b]hello[/b]
╭──────┬──────────────────────────┬────────┬─────────┬──────┬──────────────────╮
│ name │ value                    │ shape  │ dtype   │ grad │ grad_fn          │
├──────┼──────────────────────────┼────────┼─────────┼──────┼──────────────────┤
│ a    │ [[0.333333,    100.0],   │ [2, 2] │ float64 │ yes  │                  │
│      │  [     nan,     -inf]]   │        │         │      │                  │
│ b    │ [   0,    1,    2,  ..., │ [2000] │ int64   │      │                  │
│      │  1997, 1998, 1999]       │        │         │      │                  │
│ c    │ 0.3333333333333333       │        │ float64 │ yes  │ BinaryCrossEntro │
│      │                          │        │         │      │ pyWithLogitsBack │
│      │                          │        │         │      │ ward0            │
│ d    │ []                       │ [0, 3] │ float64 │ yes  │                  │
╰──────┴──────────────────────────┴────────┴─────────┴──────┴──────────────────╯
"""
NARROW = """\
╭──────┬────────────────────────────────┬────────╮
│ name │ value                          │ shape  │
├──────┼────────────────────────────────┼────────┤
│ a    │ [[0.333333,    100.0],         │ [2, 2] │
│      │  [     nan,     -inf]]         │        │
│ b    │ [   0,    1,    2,  ..., 1997, │ [2000] │
│      │  1998, 1999]                   │        │
│ c    │ 0.3333333333333333             │        │
│ d    │ []                             │ [0, 3] │
╰──────┴────────────────────────────────┴────────╯
"""


@pytest.fixture
def arrays(evaluation: Any, node: Any) -> Any:
    return evaluation(
        values={
            "a": np.array([[1 / 3, 100.0], [np.nan, -np.inf]]),
            "b": np.arange(2000),
            "c": np.array(1 / 3),
            "d": np.zeros((0, 3)),
        },
        grads={},
        nodes={
            "a": node(shape=(2, 2)),
            "b": node(shape=(2000,), dtype="int64", requires_grad=False),
            "c": node(is_leaf=False, grad_fn="BinaryCrossEntropyWithLogitsBackward0"),
            "d": node(shape=(0, 3)),
        },
        printed=["[b]hello[/b]"],
    )


def number(evaluation: Any) -> Any:
    return evaluation(roots=("result",), values={"result": 5}, grads={}, nodes={})


def test_a_chain(evaluation: Any) -> None:
    assert table_text(evaluation(), color=False) == CHAIN


def test_columns_with_nothing_to_say_are_left_out(evaluation: Any) -> None:
    assert table_text(number(evaluation), color=False) == NUMBER


def test_a_terminal_without_unicode(evaluation: Any) -> None:
    assert table_text(number(evaluation), color=False, ascii_only=True) == NUMBER_IN_ASCII


def test_arrays_fit_eighty_columns(arrays: Any) -> None:
    assert table_text(arrays, color=False) == ARRAYS


def test_a_narrow_terminal_keeps_the_numbers(arrays: Any) -> None:
    assert table_text(arrays, width=50, color=False, printed=False) == NARROW


@pytest.mark.parametrize("width", [40, 50, 64, 80, 120])
def test_no_line_is_wider_than_the_terminal(everything: Any, arrays: Any, width: int) -> None:
    for result in (everything, arrays):
        lines = table_text(result, width=width, color=False, printed=False).splitlines()
        assert max(map(len, lines)) <= width
        assert {line[-1] for line in lines} <= set("╮│┤╯")


def test_printed_text_can_be_left_out(arrays: Any) -> None:
    assert table_text(arrays, color=False, printed=False) == ARRAYS.removeprefix("[b]hello[/b]\n")


def test_colour_unless_no_color_is_set(evaluation: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in table_text(evaluation())
    monkeypatch.setenv("NO_COLOR", "1")
    assert table_text(evaluation()) == CHAIN


def test_precision(evaluation: Any) -> None:
    text = table_text(evaluation(values={"x": np.array(1 / 3)}, grads={}), color=False, precision=2)
    assert "│ x    │ 0.33  │" in text
