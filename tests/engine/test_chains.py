"""Steps done by NumPy's loops alone give what NumPy's own calls give, however everything lies in memory."""

from __future__ import annotations

import math
import mmap

import numpy as np
import pytest

import gradcli
from gradcli.engine import chains, loops, settings
from gradcli.engine.chains import LoopChain
from gradcli.engine.numbering import Numbered
from gradcli.engine.plan import plan_of
from gradcli.engine.run import pending
from gradcli.engine.steps import Fused
from gradcli.ops import elementwise as e
from gradcli.ops.in_rows import sum_of_others
from gradcli.tape.node import BOOL, leaf
from gradcli.tape.primitives import cast, expand_to, mul, neg, reduce_sum, reshape_to, where

CAN = loops.runner() is not None
CUTS = [(1, 1), (7, 1), (7, 2), (640, 2), (4000, 1), (49_152, 2)]
SPECIAL = (0.0, -0.0, math.inf, -math.inf, math.nan, 1.0, -1.0, 5e-324, 1e308)


def computed(wanted, block, threads, **more):
    order, _ = pending(wanted)
    with settings.using(threads=threads, block=block, large=0, eager=True, **more):
        numbered = Numbered(order, wanted, large=True)
        plan = plan_of(numbered)
        found = dict(zip(plan.outputs, plan.run(numbered.values()), strict=True))
    return [found[numbered.number[node]] for node in wanted], plan


def agree(wanted, exact=True):
    """Asserts that chains give what calls give, to the last bit unless something is added up."""
    for block, threads in CUTS:
        plain, _ = computed(wanted, block, threads, chains=False)
        chained, _ = computed(wanted, block, threads)
        for one, other in zip(chained, plain, strict=True):
            if exact:
                assert np.asarray(one).tobytes() == np.asarray(other).tobytes()
            else:
                np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-13)


def chain_of(plan):
    """The chains of a plan."""
    return [
        unit
        for step in plan.steps
        if isinstance(step, Fused)
        for unit in step.blocks.units
        if isinstance(unit, LoopChain)
    ]


def numbers(*shape, seed=0):
    found = np.random.default_rng(seed).standard_normal(shape)
    found.reshape(-1)[: min(found.size, len(SPECIAL))] = SPECIAL[: found.size]
    return found


@pytest.mark.skipif(not CAN, reason="only the interpreter here")
def test_a_chain_takes_the_place_of_calls():
    x = leaf(numbers(300, 40))
    _, plan = computed([e.exp(mul(x, e.sin(x)))], 4000, 1)
    (chain,) = chain_of(plan)
    assert [each.ufunc for each in chain.loops] == [np.sin, np.multiply, np.exp]


@pytest.mark.parametrize("shape", [(1000,), (37, 41), (5, 3, 67), (200, 2), (2, 300)])
@pytest.mark.parametrize(
    "operation",
    [
        e.relu,
        e.sigmoid,
        e.sign,
        e.rsqrt,
        e.floor,
        e.absolute,
        e.erf,
        lambda x: e.power_number(x, attrs=(2,)),
        lambda x: e.power_number(x, attrs=(3,)),
        lambda x: e.power_number(x, attrs=(0.5,)),
        lambda x: e.power_number(x, attrs=(-1,)),
        lambda x: e.power_number(x, attrs=(-3,)),
        lambda x: e.softplus(x, attrs=(2.0, 20.0)),
        lambda x: where(e.gt(x, 0.25), e.exp(x), x),
        lambda x: where(e.isnan(x), 3.0, x),
        lambda x: cast(e.le(x, 0.0), np.dtype(np.float64)),
        lambda x: e.maximum(x, neg(x)),
    ],
)
def test_each_operation_is_what_its_kernel_gives(shape, operation):
    x = leaf(numbers(*shape))
    agree([mul(operation(x), e.exp(operation(x)))])


def test_fourth_powers_are_squares_of_squares():
    x = leaf(np.random.default_rng(2).standard_normal(3000))
    agree([e.exp(e.power_number(x, attrs=(4,)))], exact=False)


def test_rows_and_columns_are_broadcast():
    x, row, column = leaf(numbers(61, 33)), leaf(numbers(33, seed=1)), leaf(numbers(61, 1, seed=2))
    y = mul(e.exp(row), mul(x, e.sin(column)))
    agree([where(e.gt(row, 0.0), y, e.cos(y))])


@pytest.mark.parametrize("shape", [(500, 3), (3, 500), (40, 17, 5), (4, 700), (260, 70)])
@pytest.mark.parametrize("dim", [-1, -2])
def test_a_reduction_goes_on(shape, dim):
    x = leaf(np.random.default_rng(3).standard_normal(shape))
    kept = tuple(1 if at == len(shape) + dim else size for at, size in enumerate(shape))
    total = expand_to(reshape_to(reduce_sum(e.exp(x), attrs=((dim,),)), kept), shape)
    shares = mul(e.exp(x), e.reciprocal(total))
    agree([shares, reduce_sum(shares, attrs=(tuple(range(-len(shape), 0)),))], exact=False)


@pytest.mark.parametrize("dims", [(-1,), (-2,), (-3,), (-1, -2), (-1, -3), (-2, -3), (-1, -2, -3)])
def test_the_parts_of_a_reduction_are_left(dims):
    x = leaf(np.random.default_rng(4).standard_normal((23, 19, 31)))
    small = reduce_sum(e.exp(leaf(np.random.default_rng(5).standard_normal((23, 1, 1)))), attrs=((-1, -2),))
    agree([reduce_sum(e.sin(mul(x, x)), attrs=(dims,)), small], exact=False)


def test_what_lacks_an_axis_is_added_once():
    x, w = (
        leaf(np.random.default_rng(6).standard_normal((70, 90))),
        leaf(np.random.default_rng(7).standard_normal(70)),
    )
    column = e.exp(w)
    wide = mul(x, reshape_to(column, (70, 1)))
    agree([reduce_sum(column, attrs=((-1,),)), wide, reduce_sum(wide, attrs=((-1, -2),))], exact=False)


def test_a_long_sum_keeps_its_digits():
    x = np.random.default_rng(8).uniform(0.5, 1.5, (4000, 50))
    for dims, axis in (((-2,), 0), ((-1,), 1)):
        (found,), _ = computed([reduce_sum(mul(leaf(x), leaf(x)), attrs=(dims,))], 49_152, 1)
        exact = [math.fsum(each) for each in (np.moveaxis(x * x, axis, 0).T)]
        np.testing.assert_allclose(found, exact, rtol=1e-15 * 4)


@pytest.mark.parametrize("shape", [(300_000,), (700, 500), (3000, 40), (60, 70, 80)])
def test_what_else_is_computed_does_not_change_a_sum(shape):
    x = leaf(np.random.default_rng(11).standard_normal(shape))
    y = mul(x, e.sqrt(e.absolute(x)))
    axes = [tuple(range(-len(shape), 0)), (-1,), (-len(shape),)]
    sums = [reduce_sum(y, attrs=(each,)) for each in axes]
    others = [mul(e.exp(y), mul(e.log(e.absolute(x)), mul(e.floor(x), e.tanh(y)))), e.relu(y)]
    for each in sums:
        (alone,), _ = computed([each], 98_304, 1)
        beside, _ = computed([each, *others], 98_304, 2)
        np.testing.assert_array_equal(alone, beside[0])


@pytest.mark.parametrize("dim", [-1, -2])
def test_the_others_of_a_softmax(dim):
    x = np.random.default_rng(9).standard_normal((60, 50)) * 30
    x[:5] = 1.0  # several are the largest
    powers = np.exp(x - x.max(dim, keepdims=True))
    wanted = sum_of_others(e.absolute(leaf(powers)), attrs=((dim,), None))
    (found,), _ = computed([e.log1p(wanted)], 49_152, 1)
    rest = np.sort(powers, dim)
    rest = rest[:, :-1] if dim == -1 else rest[:-1]
    np.testing.assert_allclose(found, np.log1p(rest.sum(dim)), rtol=1e-13)


@pytest.mark.parametrize(
    "laid", ["plain", "reversed", "strided", "turned", "broadcast", "unaligned", "swapped"]
)
def test_arrays_lie_as_they_like(laid):
    x = numbers(50, 60)
    given = {
        "plain": lambda: x,
        "reversed": lambda: x[::-1, ::-1].copy()[::-1, ::-1],
        "strided": lambda: np.repeat(np.repeat(x, 2, 0), 3, 1)[::2, ::3],
        "turned": lambda: np.asfortranarray(x),
        "broadcast": lambda: np.broadcast_to(x[:1], (50, 60)),
        "unaligned": lambda: np.frombuffer(b"x" + x.tobytes(), np.uint8)[1:].view(np.float64).reshape(50, 60),
        "swapped": lambda: x.astype(">f8"),
    }[laid]()
    text = "y = where(x > 0, x*w, sigmoid(x))\nloss = sum(y*y/sum(exp(-y*y), 1, keepdim=True))"
    w = numbers(60, seed=1)
    found = []
    for more in ({"chains": False}, {}):
        with settings.using(block=640, **more):
            found.append(gradcli.evaluate(text, {"x": given, "w": w}, wrt=["x", "w"]))
    for name in ("x", "w"):
        np.testing.assert_allclose(found[0].grads[name], found[1].grads[name], rtol=1e-12)


def test_nothing_is_read_beyond_an_array_of_bools():
    page = mmap.PAGESIZE
    memory = mmap.mmap(-1, 4 * page)
    chosen = np.frombuffer(memory, np.bool_)  # which ends where the mapping does
    x = leaf(numbers(chosen.size))
    agree([e.exp(where(leaf(chosen), x, mul(x, x)))])


def test_nothing_is_read_beyond_bools_that_somebody_gets():
    x, chosen = leaf(numbers(1000)), leaf(np.arange(1000) % 3 == 0)
    copy = e.logical_or(chosen, chosen)  # the same that a recipe makes for itself
    wanted = [copy, e.exp(where(chosen, x, mul(x, x)))]
    agree(wanted)
    _, plan = computed(wanted, 640, 1)
    (group,) = [step.blocks for step in plan.steps if isinstance(step, Fused)]
    read_as_words = [
        operand
        for chain in chain_of(plan)
        for each in chain.loops
        for operand, kind in zip(each.operands, each.types, strict=False)
        if kind == "l" and type(operand) is int and group.dtype(operand) is BOOL
    ]
    assert all(group.padded(each) for each in read_as_words)


def test_a_machine_without_loops_calls(monkeypatch):
    x = leaf(numbers(100, 30))
    wanted = [e.exp(e.sin(x))]
    chained, _ = computed(wanted, 640, 2)
    monkeypatch.setattr(chains, "runner", lambda: None)
    called, plan = computed(wanted, 640, 2)
    assert not chain_of(plan)
    assert np.array_equal(chained[0], called[0], equal_nan=True)


@pytest.mark.parametrize("machine", ["aarch64", "arm64"])
def test_other_processors_have_no_such_instructions(monkeypatch, machine):
    monkeypatch.setattr(loops.platform, "machine", lambda: machine)
    assert loops.runner.__wrapped__() is None


def test_a_system_that_refuses_is_left_alone(monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(loops.os, "memfd_create", refuse, raising=False)
    assert loops.runner.__wrapped__() is None


def test_there_are_loops_for_what_numpy_has_loops_for():
    assert loops.loop(np.add, "dd->d") is not None
    assert loops.loop(np.less, "dd->?") is not None
    assert loops.loop(np.add, "OO->O") is None
    assert loops.loop(np.add, "d->d") is None
    assert loops.loop(np.matmul, "dd->d") is None


@pytest.mark.parametrize("offset", [1, 4])
def test_elements_may_lie_anywhere(offset):
    room = np.zeros(8 * 5001, np.uint8)[offset : offset + 8 * 5000].view(np.float64)
    room[:] = np.linspace(0, 1, 5000)
    assert not room.flags.aligned
    x = leaf(room)
    agree([mul(e.exp(x), e.exp(neg(x)))])
