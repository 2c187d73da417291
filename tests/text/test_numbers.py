"""Numbers as text: the shortest that round-trips, and summaries of long arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli.text.numbers import json_numbers, number_text

TEXTS = [
    (8.0, "8.0"),
    (5, "5"),
    (True, "True"),
    (0.1 + 0.2, "0.30000000000000004"),
    (1e16, "1e+16"),
    (-0.0, "-0.0"),
    (float("nan"), "nan"),
    (np.float64(2.5), "2.5"),
    (np.float32(0.1), "0.1"),
    (np.array(1 / 3, dtype=np.float32), "0.33333334"),
    (np.array(0.1, dtype=np.float16), "0.1"),
    (np.array([1, 2]), "[1, 2]"),
    (np.array([True, False]), "[True, False]"),
    (np.array([[1.0, np.inf], [-np.inf, np.nan]]), "[[1.0, inf], [-inf, nan]]"),
    (np.array([0.1, 16777216.0, np.nan], dtype=np.float32), "[0.1, 16777216.0, nan]"),
    (np.zeros(0), "[]"),
    (np.zeros((0, 3)), "[]  # shape [0, 3]"),
    (np.zeros((2, 0)), "[[], []]  # shape [2, 0]"),
    (np.arange(2000.0), "[0.0, 1.0, 2.0, ..., 1997.0, 1998.0, 1999.0]  # shape [2000]"),
    (
        np.arange(1200).reshape(3, 400),
        "[[0, 1, ..., 398, 399], [400, 401, ..., 798, 799], [800, 801, ..., 1198, 1199]]  # shape [3, 400]",
    ),
    (
        np.arange(1200).reshape(10, 2, 60),
        "[[[0, ..., 59], [60, ..., 119]], ..., [[1080, ..., 1139], [1140, ..., 1199]]]  # shape [10, 2, 60]",
    ),
]


@pytest.mark.parametrize(("value", "text"), TEXTS)
def test_text(value: object, text: str) -> None:
    assert number_text(value) == text  # type: ignore[arg-type]


def test_a_thousand_elements_are_written_in_full() -> None:
    assert number_text(np.arange(1000)) == repr(list(range(1000)))


@pytest.mark.parametrize(
    ("value", "precision", "text"),
    [
        (1 / 3, 4, "0.3333"),
        (1234567.0, 2, "1200000.0"),
        (8.0, 1, "8.0"),
        (1234567, 2, "1234567"),
        (float("inf"), 2, "inf"),
        (np.float32(1 / 3), 3, "0.333"),
        (np.array([1 / 3, 2e-7 / 3]), 2, "[0.33, 6.7e-08]"),
        (np.array([True]), 2, "[True]"),
    ],
)
def test_precision_counts_significant_digits_of_floats(value: object, precision: int, text: str) -> None:
    assert number_text(value, precision) == text  # type: ignore[arg-type]


def test_json_has_strings_for_what_it_has_no_numbers_for() -> None:
    assert json_numbers(np.array([[1.5, np.nan], [np.inf, -np.inf]])) == [
        [1.5, "NaN"],
        ["Infinity", "-Infinity"],
    ]
    assert json_numbers(float("nan")) == "NaN"
    assert json_numbers(np.array([0.1, np.nan], dtype=np.float32)) == [0.1, "NaN"]


@given(st.floats(allow_nan=False))
def test_doubles_round_trip(number: float) -> None:
    assert float(number_text(number)) == number


@given(st.floats(allow_nan=False, width=32))
def test_singles_round_trip_with_at_most_nine_digits(number: float) -> None:
    text = number_text(np.float32(number))
    assert np.float32(text) == np.float32(number)
    assert len(text.split("e")[0].replace(".", "").strip("-0")) <= 9 or "inf" in text
