"""A trace computes for other values of its inputs what the tape computes, as code and as a plan alike."""

from __future__ import annotations

import numpy as np
import pytest

import gradcli
from gradcli.engine import settings
from gradcli.engine.run import pending
from gradcli.engine.trace import LONG, Trace, _elementwise
from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.indexing import along_last
from gradcli.ops.linalg import inverse
from gradcli.ops.shapes import swapped
from gradcli.ops.softmax import log_softmax_primitive, log_sum_exp_primitive
from gradcli.tape import primitives
from gradcli.tape.custom import detached
from gradcli.tape.node import LARGE, leaf
from gradcli.tape.primitives import expand_to, reduce_sum
from gradcli.tape.reverse import reverse
from gradcli.tape.untaken import _shield


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


def test_what_depends_on_constants_through_what_is_broadcast_is_computed_once():
    x = leaf(np.arange(3.0), True)
    half = expand_to(leaf(0.5), (3,))
    chosen = primitives.where(leaf(np.array([True, False, True])), half, 0.0)
    trace = Trace([x], [primitives.mul(x, chosen), primitives.add(x, half)])
    assert [row[0].name for row in trace.numbered.rows if not isinstance(row[0], str)] == [
        "mul",
        "expand",
        "add",
    ]
    for run in functions([x], [primitives.mul(x, chosen), primitives.add(x, half)]):
        found, other = run(np.ones(3))
        np.testing.assert_array_equal(found, [0.5, 0, 0.5])
        np.testing.assert_array_equal(other, [1.5, 1.5, 1.5])


ROWS = np.array([[0.0, 40.0, -3.0], [1.0, 1.0, 1.0], [-np.inf, 0.5, 2.0], [-700.0, 0.0, -745.0]])


@pytest.mark.parametrize("dim", [-1, -2])
@pytest.mark.parametrize("one", [True, False])
def test_the_gradient_of_log_softmax_is_one_call_where_it_is_small(dim, one):
    rows = np.repeat(ROWS, ROWS.shape[1], 0)
    x = leaf(rows if dim == -1 else np.ascontiguousarray(rows.T), requires_grad=True)
    y = log_softmax_primitive(x, attrs=(dim,))
    if one:
        y = swapped(y, -1, -2) if dim == -2 else y
        y = along_last(y, leaf(np.tile([-2, -1, 0], len(ROWS)).reshape(-1, 1)))
    given = np.random.default_rng(4).normal(size=y.shape)
    given[::3] = 0
    wanted = reverse([y], [leaf(given)], [x])
    order, _ = pending(wanted)
    trace = Trace([x], wanted)
    names = [row[0].name for row in trace.numbered.rows if not isinstance(row[0], str)]
    assert ("off_logs_picked" if one and dim == -1 else "off_logs") in names
    assert "where" not in names
    (found,) = trace.compiled()(x.value)
    values = {}
    for node in order:
        values[node] = node.op.compute(*[values.get(each, each.value) for each in node.inputs], *node.attrs)
    np.testing.assert_allclose(found, values[wanted[0]], rtol=1e-14, atol=0)
    np.testing.assert_array_equal(np.signbit(found[found == 0]), np.signbit(values[wanted[0]][found == 0]))


@pytest.mark.parametrize("dim", [-1, -2])
@pytest.mark.parametrize("many", [1, 150])
def test_the_gradient_of_a_logarithm_of_sums_is_one_call_where_it_is_small(dim, many):
    rows = np.array([*ROWS, [np.inf, 0.0, 1.0], [-np.inf] * 3, [np.nan, 0.0, 1.0]])
    rows = np.tile(rows, (many, 1))
    x = leaf(rows if dim == -1 else np.ascontiguousarray(rows.T), requires_grad=True)
    y = log_sum_exp_primitive(x, attrs=(dim,))
    wanted = reverse([y], [leaf(np.random.default_rng(4).normal(size=y.shape))], [x])
    order, _ = pending(wanted)
    trace = Trace([x], wanted)
    names = [row[0].name for row in trace.numbered.rows if not isinstance(row[0], str)]
    assert "shares" in names
    assert "where" not in names
    with np.errstate(all="ignore"):
        (found,) = trace.compiled()(x.value)
        values = {}
        for node in order:
            inputs = [values.get(each, each.value) for each in node.inputs]
            values[node] = node.op.compute(*inputs, *node.attrs)
    np.testing.assert_allclose(found, values[wanted[0]], rtol=1e-12, atol=0)


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


def test_indices_are_computed_once_though_they_are_many():
    x, places = leaf(np.ones(LARGE + 1), True), np.arange(LARGE + 1) % 3
    for constant, again in ((leaf(places), False), (leaf(places * 1.0), True)):
        rows = Trace([x], [primitives.mul(x, primitives.neg(constant))]).numbered.rows
        assert (primitives.neg in [row[0] for row in rows]) == again


def test_from_so_many_operations_on_arrays_on_a_plan_is_thought_of():
    x = leaf(np.ones(12), True)
    for count in (LONG - 1, LONG):
        y = x
        for _ in range(count):
            y = e.sin(y)
        assert _elementwise(pending([y])[0]) == (count == LONG)


def test_what_a_kernel_refuses_of_constants_is_refused_when_it_runs():
    x, singular = leaf(np.ones((2, 2)), True), leaf(np.zeros((2, 2)))
    run = Trace([x], [primitives.mul(x, inverse(singular))]).compiled()
    with pytest.raises(GradcliError, match="singular"):
        run(np.ones((2, 2)))


def test_a_compiled_program_does_without_what_guards_until_it_is_needed():
    source = "y = where(x > 0, log(x), 0.0); L = linalg.cholesky(a); loss = sum(y) + sum(log(diagonal(L)))"
    program = gradcli.compile(source, wrt=["x", "a"])
    a, x = np.eye(20) + 0.1, np.linspace(0.5, 3, 20)
    plain = gradcli.evaluate(source, inputs={"x": x, "a": a}, wrt=["x", "a"]).grads
    shields = []
    kernel, _shield.compute = _shield.compute, lambda *values: shields.append(1) or kernel(*values)
    try:
        for _ in range(4):
            before = len(shields)
            found = program(x=x, a=a).grads
        assert before == len(shields)
        np.testing.assert_allclose(found["a"], plain["a"], rtol=1e-12)
        x[3] = 0.0
        for _ in range(2):  # the product of 0 and 1/0 is not a number, and only the guards make it 0
            found = program(x=x, a=a).grads
        assert found["x"][3] == 0
        np.testing.assert_array_equal(found["x"][4:], 1 / x[4:])
    finally:
        _shield.compute = kernel
    x[3] = 1.0
    np.testing.assert_array_equal(program(x=x, a=a).grads["x"], 1 / x)


def test_what_has_several_results_is_no_number_and_the_function_does_not_begin_anew(monkeypatch):
    program = gradcli.compile("loss = logdet(a)", wrt=["a"])
    a = np.array([[2.0, 1.0], [0.5, 3.0]])
    program(a=a)
    computed = []
    usual = np.linalg.slogdet
    monkeypatch.setattr(np.linalg, "slogdet", lambda x: computed.append(1) or usual(x))
    for _ in range(3):
        computed.clear()
        found = program(a=a)
        assert len(computed) == 1
    np.testing.assert_allclose(found.grads["a"], np.linalg.inv(a).T)
