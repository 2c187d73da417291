"""Sampling: few points where a curve is smooth, and lines that end where it breaks."""

from __future__ import annotations

import numpy as np

from gradcli.evaluation.api import evaluate
from gradcli.evaluation.options import Options
from gradcli.plotting.along import Along
from gradcli.plotting.curves import curves
from gradcli.plotting.sampling import Sampler, simplest

SMOOTH = "exp(sin(3*x))/(1 + x**2)"


def test_all_points_of_a_pass_are_what_evaluate_gives_one_by_one() -> None:
    along = Along(SMOOTH, "x", Options(), 2, 0.3, 1.0)
    samples = along.at([-2.0, -0.1, 0.0, 1.7])
    for at, x in enumerate(samples.x):
        result = evaluate(SMOOTH, {"x": x}, order=2)
        expected = [result.values["result"], *result.orders["x"]]
        np.testing.assert_allclose(samples.y[:, 0, at], np.ravel(expected), rtol=1e-13)


def test_a_program_that_decides_by_its_data_has_a_path_for_each_decision() -> None:
    source = "y = x\nwhile y > 1:\n    y = y/2\ny**2"
    along = Along(source, "x", Options(), 1, 0.3, 1.0)
    samples = along.at([0.5, 1.5, 3.0])
    assert samples.y[0, 0].tolist() == [0.25, 0.5625, 0.5625]
    assert samples.y[1, 0].tolist() == [1.0, 0.75, 0.375]
    assert len(set(samples.paths.tolist())) == 3


def test_smooth_curves_take_few_points() -> None:
    course = Sampler(Along("sin(x)", "x", Options(), 2, 0.3, 6.0), 0, 6, 161, 1 / 400).course()
    assert len(course.samples.x) <= 321
    assert not course.breaks


def test_no_line_crosses_a_pole_or_a_jump() -> None:
    for source in ("tan(x)", "1/x", "floor(x)", "atan(1/x)", "where(x > 0.123, x, -1)"):
        figure = curves([source], "x", (-2.0, 2.0), Options())
        (line,) = figure.lines
        cuts = [*figure.poles, *(mark.x for mark in figure.marks if mark.kind == "jump")]
        assert cuts
        for x, _ in line.parts:
            assert not any(x[0] < cut - 1e-9 and x[-1] > cut + 1e-9 for cut in cuts)


def test_the_simplest_number_between_two_floats() -> None:
    assert simplest(0.29999999999999993, 0.30000000000000004) == 0.3
    assert simplest(-1e-17, 1e-18) == 0.0
    assert simplest(99.99999999999999, 100.00000000000001) == 100.0
