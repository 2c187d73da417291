"""Tables for a terminal, to the letter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.derivatives.sparse import Sparse
from gradcli.report.table import table_text

CHAIN = """\
╭────────────┬───────╮
│ derivative │ value │
├────────────┼───────┤
│ dz/dx      │ 8.0   │
╰────────────┴───────╯
╭──────┬───────┬─────────┬───────────────┬──────────────╮
│ name │ value │ dtype   │ requires grad │ grad_fn      │
├──────┼───────┼─────────┼───────────────┼──────────────┤
│ x    │ 1.0   │ float64 │ yes           │              │
│ y    │ 2.0   │ float64 │ yes           │ MulBackward0 │
│ z    │ 4.0   │ float64 │ yes           │ PowBackward0 │
╰──────┴───────┴─────────┴───────────────┴──────────────╯
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
╭──────┬────────────────────────────────┬────────┬─────────┬───────────────╮
│ name │ value                          │ shape  │ dtype   │ requires grad │
├──────┼────────────────────────────────┼────────┼─────────┼───────────────┤
│ a    │ [[0.333333,    100.0],         │ [2, 2] │ float64 │ yes           │
│      │  [     nan,     -inf]]         │        │         │               │
│ b    │ [   0,    1,    2,    3,    4, │ [2000] │ int64   │               │
│      │     5,    6,  ..., 1993, 1994, │        │         │               │
│      │  1995, 1996, 1997, 1998, 1999] │        │         │               │
│ c    │ 0.333333                       │        │ float64 │ yes           │
│ d    │ []                             │ [0, 3] │ float64 │ yes           │
╰──────┴────────────────────────────────┴────────┴─────────┴───────────────╯
"""
NARROW = """\
╭──────┬──────────────────────────┬────────╮
│ name │ value                    │ shape  │
├──────┼──────────────────────────┼────────┤
│ a    │ [[0.333333,    100.0],   │ [2, 2] │
│      │  [     nan,     -inf]]   │        │
│ b    │ [   0,    1,    2,    3, │ [2000] │
│      │     4,  ..., 1995, 1996, │        │
│      │  1997, 1998, 1999]       │        │
│ c    │ 0.333333                 │        │
│ d    │ []                       │ [0, 3] │
╰──────┴──────────────────────────┴────────╯
"""
KINDS = """\
╭──────┬─────────────────┬───────┬───────╮
│ name │ value           │ shape │ dtype │
├──────┼─────────────────┼───────┼───────┤
│ i    │ 3               │       │ int   │
│ f    │ 0.333333        │       │ float │
│ b    │ True            │       │ bool  │
│ s    │ 'a\\x1bb'        │       │ str   │
│ l    │ [1.0, 2.0, 3.0] │ [3]   │ list  │
╰──────┴─────────────────┴───────┴───────╯
"""
SPARSE = """\
╭──────────────┬───────────────────┬────────╮
│ derivative   │ value             │ shape  │
├──────────────┼───────────────────┼────────┤
│ hessian[x,x] │ (0, 0) 2.0   ■■·· │ [4, 4] │
│              │ (0, 1) 1.5   ■··· │        │
│              │ (1, 0) 1.5   ···· │        │
│              │ (3, 3) 4.0   ···■ │        │
╰──────────────┴───────────────────┴────────╯
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
    assert table_text(arrays, width=50, color=False) == NARROW


@pytest.mark.parametrize("width", [40, 50, 64, 80, 120])
def test_no_line_is_wider_than_the_terminal(everything: Any, arrays: Any, width: int) -> None:
    for result in (everything, arrays):
        lines = table_text(result, width=width, color=False).splitlines()
        assert max(map(len, lines)) <= width
        assert {line[-1] for line in lines} <= set("╮│┤╯")


def test_printed_text_is_left_out(arrays: Any) -> None:
    assert arrays.printed
    assert arrays.printed[0] not in table_text(arrays, color=False)


def test_colour_unless_no_color_is_set(evaluation: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in table_text(evaluation())
    monkeypatch.setenv("NO_COLOR", "1")
    assert table_text(evaluation()) == CHAIN


def test_precision(evaluation: Any) -> None:
    text = table_text(evaluation(values={"x": np.array(1 / 3)}, grads={}), color=False, precision=2)
    assert "│ x    │ 0.33  │" in text


def test_no_zeros_stand_for_digits_that_are_left_out(evaluation: Any) -> None:
    values = {"x": np.array(12345678.9), "y": np.array([1.0, -87654321.5]), "z": np.array(2.5e9)}
    text = table_text(evaluation(values=values, grads={}), color=False)
    for shown in ("│ 1.23457e+07 ", "│ [         1.0, -8.76543e+07] ", "│ 2500000000.0 "):
        assert shown in text


def test_a_row_is_not_broken_for_dots_that_are_narrower_than_numbers(evaluation: Any) -> None:
    text = table_text(evaluation(values={"x": np.full((30, 30), 1 / 3)}, grads={}), color=False, width=80)
    assert "[[0.333333,  ..., 0.333333]," in text


def test_values_that_are_no_tensors(evaluation: Any) -> None:
    values = {
        "i": np.array(3),
        "f": np.array(1 / 3),
        "b": np.array(True),
        "s": "a\x1bb",
        "l": np.arange(3) + 1.0,
    }
    assert table_text(evaluation(values=values, grads={}, nodes={}), color=False) == KINDS


def test_a_sparse_matrix_is_its_entries_and_where_they_are(evaluation: Any) -> None:
    rows, cols = np.array([0, 0, 1, 3]), np.array([0, 1, 0, 3])
    matrix = Sparse(rows, cols, np.array([2.0, 1.5, 1.5, 4.0]), (4, 4))
    result = evaluation(values={}, grads={}, nodes={}, hessian={"x": {"x": matrix}})
    assert table_text(result, color=False) == SPARSE
    assert "(3, 3) 4.0   ...#" in table_text(result, color=False, ascii_only=True)
    many = Sparse(np.arange(500), np.arange(500), np.ones(500), (500, 500))
    text = table_text(evaluation(values={}, grads={}, nodes={}, hessian={"x": {"x": many}}), color=False)
    assert "more" in text
    assert len(text.splitlines()) <= 24


@pytest.mark.parametrize(
    "shape", [(1000,), (10**6,), (40, 40), (3, 4, 5, 6), (1000, 2), (2, 1000), (7, 1, 9)], ids=str
)
@pytest.mark.parametrize(("width", "height"), [(80, 24), (50, 24), (200, 60)])
def test_a_report_fits_the_window(evaluation: Any, node: Any, shape: Any, width: int, height: int) -> None:
    array = np.linspace(-1, 1, int(np.prod(shape))).reshape(shape)
    result = evaluation(values={"x": array}, grads={"x": array}, nodes={"x": node(shape=shape)})
    lines = table_text(result, width=width, height=height, color=False).splitlines()
    assert len(lines) <= height
    assert max(map(len, lines)) <= width


def test_all_of_an_array_where_it_is_wanted(evaluation: Any) -> None:
    result = evaluation(values={"x": np.arange(500)}, grads={}, nodes={})
    text = table_text(result, height=None, color=False)
    assert all(f"{number}" in text for number in range(500))
    assert "..." not in text


def test_no_number_stands_alone_in_the_last_line(evaluation: Any) -> None:
    for count in range(10, 60):
        result = evaluation(values={"x": np.arange(count) + 1000}, grads={}, nodes={})
        lines = [line for line in table_text(result, height=60, color=False).splitlines() if "10" in line]
        assert len(lines) == 1 or lines[-1].count("10") > 1, count
