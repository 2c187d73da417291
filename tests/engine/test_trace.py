"""A trace computes for other values of its inputs what the tape computes, as code and as a plan alike."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.engine import settings
from gradcli.engine.trace import Trace
from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.linalg import inverse
from gradcli.tape import primitives
from gradcli.tape.custom import detached
from gradcli.tape.node import leaf
from gradcli.tape.primitives import expand_to, reduce_sum


def functions(inputs, outputs):
    """The trace's function, generated and planned."""
    trace = Trace(inputs, outputs)
    yield trace.compiled()
    with settings.using(large=0, block=7, threads=1):
        yield trace.planned()


def test_equal_computations_are_done_once_and_unneeded_ones_not_at_all():
    x = leaf(np.arange(3.0), True)
    both = primitives.add(e.sin(x), e.sin(x))
    wanted = primitives.mul(both, expand_to(leaf(2.0), (3,)))
    calls = []
    kernel, e.sin.compute = e.sin.compute, lambda value, **_: calls.append(value) or np.sin(value)
    try:
        (result,) = Trace([x], [wanted]).compiled()(np.arange(3.0) + 1)
    finally:
        e.sin.compute = kernel
    assert len(calls) == 1
    np.testing.assert_allclose(result, 4 * np.sin(np.arange(3.0) + 1))


@pytest.mark.parametrize("value", [1.0, np.full(5, 1.0)])
def test_inputs_that_are_equal_stay_two_and_a_detached_one_is_the_input(value):
    x, y = leaf(value, True), leaf(value, True)
    outputs = [primitives.sub(x, primitives.mul(detached(y), 3.0)), y, detached(x), leaf(7.0), None]
    for run in functions([x, y], outputs):
        difference, second, first, constant, absent = run(value * 5, value * 2)
        np.testing.assert_allclose(difference, value * -1)
        np.testing.assert_array_equal(second, value * 2)
        np.testing.assert_array_equal(first, value * 5)
        assert constant == 7.0
        assert absent is None


def test_zeros_of_both_signs_are_two_constants():
    x = leaf(np.full(4, 2.0), True)
    outputs = [primitives.div(x, leaf(0.0)), primitives.div(x, leaf(-0.0))]
    for run in functions([x], outputs):
        with np.errstate(all="ignore"):
            above, below = run(np.full(4, 3.0))
        np.testing.assert_array_equal(above, np.inf)
        np.testing.assert_array_equal(below, -np.inf)


def test_what_python_refuses_the_kernels_answer():
    x = leaf(1.0, True)
    for run in functions([x], [e.log(x), primitives.div(1.0, x)]):
        with np.errstate(all="ignore"):
            logarithm, quotient = run(0.0)
        assert logarithm == -np.inf
        assert quotient == np.inf


def test_an_expanded_operand_is_handed_over_as_it_was():
    x, c = leaf(np.ones((3, 4)), True), leaf(np.array(2.0), True)
    wanted = reduce_sum(primitives.mul(x, expand_to(c, (3, 4))), attrs=((-2,),))
    for run in functions([x, c], [wanted]):
        np.testing.assert_allclose(run(np.ones((3, 4)), 5.0)[0], np.full(4, 15.0))


def test_what_depends_on_constants_alone_is_computed_once():
    x, table = leaf(np.arange(3.0), True), leaf(np.array([3.0, 1.0, 2.0]))
    calls = []
    kernel, e.sin.compute = e.sin.compute, lambda value, **_: calls.append(value) or np.sin(value)
    try:
        constant = e.sin(e.sin(table))
        (run, _) = functions([x], [primitives.mul(constant, x), constant, e.sin(x)])
        for value in (1.0, 2.0):
            product, alone, changing = run(np.full(3, value))
            np.testing.assert_allclose(product, np.sin(np.sin([3.0, 1.0, 2.0])) * value)
            np.testing.assert_allclose(alone, np.sin(np.sin([3.0, 1.0, 2.0])))
            np.testing.assert_allclose(changing, np.sin(np.full(3, value)))
    finally:
        e.sin.compute = kernel
    assert len(calls) == 4


def test_what_a_kernel_refuses_of_constants_is_refused_when_it_runs():
    x, singular = leaf(np.ones((2, 2)), True), leaf(np.zeros((2, 2)))
    run = Trace([x], [primitives.mul(x, inverse(singular))]).compiled()
    with pytest.raises(GradcliError, match="singular"):
        run(np.ones((2, 2)))
