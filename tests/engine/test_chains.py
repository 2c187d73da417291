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
from gradcli.ops.activations import elu_primitive, prelu_primitive
from gradcli.ops.in_rows import sum_of_others
from gradcli.ops.softmax import log_softmax_primitive
from gradcli.ops.special import lgamma
from gradcli.tape.node import BOOL, leaf
from gradcli.tape.primitives import cast, expand_to, guarded_mul, mul, neg, reduce_sum, reshape_to, where
from gradcli.tape.reverse import reverse

CAN = loops.runner() is not None
CUTS = [(1, 1), (7, 1), (7, 2), (640, 2), (4000, 1), (49_152, 2)]
SPECIAL = (0.0, -0.0, math.inf, -math.inf, math.nan, 1.0, -1.0, 5e-324, 1e308)


def computed(wanted, block, threads, vectors=False, **more):
    order, _ = pending(wanted)
    with settings.using(threads=threads, block=block, large=0, eager=True, vectors=vectors, **more):
        numbered = Numbered(order, wanted, large=True)
        plan = plan_of(numbered)
        found = dict(zip(plan.outputs, plan.run(numbered.values()), strict=True))
    return [found[numbered.number[node]] for node in wanted], plan


def bits(values):
    """The bytes of values; which of two nans a product keeps the sign of is up to NumPy."""
    values = np.asarray(values)
    return (np.where(np.isnan(values), np.nan, values) if values.dtype.kind == "f" else values).tobytes()


def agree(wanted, exact=True):
    """Asserts that chains give what calls give, to the last bit unless something is added up."""
    plain, _ = computed(wanted, *CUTS[-1], chains=False)
    for block, threads in CUTS:
        chained, _ = computed(wanted, block, threads)
        for one, other in zip(chained, plain, strict=True):
            if exact:
                assert bits(one) == bits(other)
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


def numbers(*shape, seed=0, dtype=np.float64):
    found = np.random.default_rng(seed).standard_normal(shape)
    found.reshape(-1)[: min(found.size, len(SPECIAL))] = SPECIAL[: found.size]
    with np.errstate(over="ignore"):
        return found.astype(dtype)


@pytest.mark.skipif(not CAN, reason="only the interpreter here")
def test_a_chain_takes_the_place_of_calls():
    x = leaf(numbers(300, 40))
    _, plan = computed([e.exp(mul(x, e.sin(x)))], 4000, 1)
    (chain,) = chain_of(plan)
    assert [each.ufunc for each in chain.loops] == [np.sin, np.multiply, np.exp]


@pytest.mark.skipif(not CAN, reason="only the interpreter here")
def test_what_reads_nothing_of_a_chain_does_not_end_it():
    x, y = leaf(numbers(300, 40)), leaf(np.linspace(0, 1, 12_000).reshape(300, 40))
    both = mul(e.sin(y), e.cos(y))  # computed together, by a call
    first = mul(mul(e.exp(x), e.tanh(x)), mul(e.floor(x), e.rint(x)))  # which has more waiting
    wanted = [mul(first, both)]
    _, plan = computed(wanted, 4000, 1)
    (chain,) = chain_of(plan)
    assert [each.ufunc for each in chain.loops][-3:] == [np.multiply] * 3
    assert len(chain.loops) == 9
    agree(wanted)


OPERATIONS = [
    e.relu,
    e.sigmoid,
    e.sign,
    e.rsqrt,
    e.floor,
    e.rint,
    e.absolute,
    e.erf,
    e.erfc,
    e.ndtr,
    lgamma,
    lambda x: e.atan2(x, e.exp(x)),
    lambda x: e.xlogy(x, e.absolute(x)),
    lambda x: e.power_number(x, attrs=(2,)),
    lambda x: e.power_number(x, attrs=(3,)),
    lambda x: e.power_number(x, attrs=(0.5,)),
    lambda x: e.power_number(x, attrs=(-0.5,)),
    lambda x: e.power_number(x, attrs=(-1,)),
    lambda x: e.power_number(x, attrs=(-2,)),
    lambda x: e.power_number(x, attrs=(-3,)),
    lambda x: e.clamp_number(x, attrs=(-0.5, None)),
    lambda x: e.clamp_number(x, attrs=(-0.5, 0.75)),
    lambda x: e.clamp_number(x, attrs=(0.75, -0.5)),
    lambda x: e.clamp_number(x, attrs=(None, 0.0)),
    lambda x: elu_primitive(x, attrs=(1.5, 1.25, 1.0)),
    lambda x: prelu_primitive(x, e.sin(x)),
    lambda x: guarded_mul(x, e.log(e.absolute(x))),
    lambda x: where(e.gt(x, 0.25), e.exp(x), x),
    lambda x: where(e.isnan(x), 3.0, x),
    lambda x: cast(e.le(x, 0.0), x.dtype),
    lambda x: e.maximum(x, neg(x)),
]


ARRAYS = [
    *[(np.float64, shape) for shape in [(1000,), (37, 41), (5, 3, 67), (200, 2), (2, 300)]],
    *[(np.float32, shape) for shape in [(1000,), (5, 3, 67)]],
]


@pytest.mark.parametrize(("dtype", "shape"), ARRAYS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_operation_is_what_its_kernel_gives(operation, shape, dtype):
    given = operation(leaf(numbers(*shape, dtype=dtype)))
    agree([mul(e.exp(given), given)])


@pytest.mark.parametrize(("dtype", "shape"), ARRAYS)
def test_all_operations_beside_each_other_are_what_their_kernels_give(shape, dtype):
    x = leaf(numbers(*shape, dtype=dtype))
    agree([mul(e.exp(each), each) for each in [operation(x) for operation in OPERATIONS]])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "operation",
    [
        *[lambda x, n=n: e.power_number(x, attrs=(n,)) for n in (1.5, 2.5, 4, 1.7, -1.5)],
        lambda x: e.softplus(x, attrs=(2.0, 20.0)),
        lambda x: e.logaddexp(x, neg(x)),
        lambda x: e.logaddexp(x, 0.0),
    ],
)
def test_some_are_what_their_kernel_gives_of_many(operation, dtype):
    x = numbers(3000, dtype=dtype)
    for given in (x, np.abs(x)):
        wanted = [e.exp(neg(operation(leaf(given))))]
        one, other = [computed(wanted, 98_304, 1, chains=chained)[0][0] for chained in (True, False)]
        np.testing.assert_array_equal(one, other)


def test_sums_of_exponentials_are_numpys():
    ends = [math.inf, -math.inf, math.nan, 0.0, 1e308, -745.0, 3.5]
    x, y = (np.tile(each, 60) for each in np.meshgrid(ends, ends))
    with np.errstate(all="ignore"):
        found = np.asarray(e.logaddexp.kernel(x.reshape(-1), y.reshape(-1)))
        exact = np.logaddexp(x, y).reshape(-1)
    np.testing.assert_allclose(found, exact, rtol=1e-15)


def test_few_sums_of_exponentials_take_one_call_but_for_rows_of_tables():
    x = np.random.default_rng(3).standard_normal(5000)
    np.testing.assert_array_equal(e.logaddexp.kernel(x[:99], x[99:198]), np.logaddexp(x[:99], x[99:198]))
    for op, *more in ((e.logaddexp, 0.0), (e.softplus, 2.0, 20.0)):
        np.testing.assert_array_equal(op.of_rows.kernel(x[:9], *more), op.kernel(x, *more)[:9])


@pytest.mark.parametrize("name", ["erf", "erfc", "ndtr"])
def test_of_what_is_symmetric_scipy_is_asked_for_one_sign(name, monkeypatch):
    import scipy.special

    scipys, asked = getattr(scipy.special, name), []
    x = np.array([*np.linspace(-9, 9, 1001), 0.0, -0.0, math.inf, -math.inf, math.nan])
    found = computed([neg(getattr(e, name)(neg(leaf(x))))], 98_304, 1, chains=True)[0][0]
    exact = -scipys(-x)
    np.testing.assert_array_max_ulp(found, exact, 0 if name == "erf" else 1)
    np.testing.assert_array_equal(np.signbit(found[:-1]), np.signbit(exact[:-1]))
    if name != "erf":
        monkeypatch.setattr(scipy.special, name, lambda x, out: asked.append(x) or scipys(x, out))
        getattr(e, name).kernel(x)
        assert len({*np.signbit(asked[0][:-1])}) == 1


def test_the_slope_of_a_sigmoid_shares_the_exponential_of_the_value():
    x = np.array([*np.linspace(-760, 760, 3001), 0.0, math.inf, -math.inf, math.nan])
    value = e.sigmoid(leaf(x))
    wanted = [value, mul(value, e.sigmoid(neg(value.inputs[0])))]
    with np.errstate(all="ignore"):
        exact = np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))) ** 2
    found = []
    for chained in (True, False):
        (_, slope), plan = computed(wanted, 98_304, 1, chains=chained)
        assert "sigmoid_slope" in plan.describe()
        found.append(bits(slope))
        np.testing.assert_allclose(slope, np.where(x < -709, slope, exact), rtol=1e-14)
        assert (slope[x < -709] <= 1e-308).all()
    assert found[0] == found[1]


@pytest.mark.skipif(not CAN, reason="only the interpreter here")
@pytest.mark.parametrize("columns", [2, 3, 4, 7, 40])
def test_short_rows_are_added_to_each_other_many_at_a_time(columns):
    x = leaf(numbers(5000, columns)[20:])
    total = reduce_sum(e.exp(x), attrs=((-2,),))
    more = [mul(e.exp(x), e.sin(each)) for each in (x, e.cos(x), e.tanh(x))]
    found = [computed([total, *others], 49_152, 1) for others in ((), more)]
    assert len({bits(values[0]) for values, _ in found}) == 1
    assert all(math.prod(each.box) >= 128 for _, plan in found for each in chain_of(plan))
    np.testing.assert_allclose(found[0][0][0], np.exp(x.value).sum(0), rtol=1e-13)


@pytest.mark.skipif(not CAN, reason="only the interpreter here")
@pytest.mark.parametrize("columns", [2, 3, 7, 8])
def test_sums_of_few_columns_are_those_of_rows(columns):
    x = leaf(np.random.default_rng(1).standard_normal((500, columns)))
    sums = reduce_sum(mul(x, x), attrs=((-1,),))
    found = computed([sums], 4000, 1)[0][0]
    rows = x.value * x.value
    one_by_one = rows[:, 0].copy()
    for each in rows.T[1:]:
        one_by_one += each
    np.testing.assert_allclose(found, one_by_one, rtol=0 if columns < 8 else 1e-15)


def test_fourth_powers_are_squares_of_squares():
    x = leaf(np.random.default_rng(2).standard_normal(3000))
    agree([e.exp(e.power_number(x, attrs=(4,)))], exact=False)


def test_rows_and_columns_are_broadcast():
    x, row, column = leaf(numbers(61, 33)), leaf(numbers(33, seed=1)), leaf(numbers(61, 1, seed=2))
    y = mul(e.exp(row), mul(x, e.sin(column)))
    agree([where(e.gt(row, 0.0), y, e.cos(y))])


@pytest.mark.parametrize("shape", [(3000, 16), (40, 70, 24), (2500, 40)])
@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_broadcast_to_short_rows_is_that_of_each_block(shape, threads):
    draw = np.random.default_rng(8)
    x, other = [leaf(draw.normal(size=shape)) for _ in range(2)]
    along = [leaf(draw.normal(size=some)) for some in (shape[-1:], (shape[0], *(1,) * (len(shape) - 1)))]
    last = leaf(draw.normal(size=shape[1:]))
    inner = mul(mul(x, along[0]), along[1])
    wanted = [e.exp(neg(mul(inner, inner))), mul(mul(inner, last), mul(other, along[0]))]
    for block in (700, 6000, 49_152):
        plain, _ = computed(wanted, block, 1, chains=False)
        for one, other_one in zip(computed(wanted, block, threads)[0], plain, strict=True):
            assert bits(one) == bits(other_one)


@pytest.mark.parametrize("shape", [(500, 3), (3, 500), (40, 17, 5), (4, 700), (260, 190)])
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


@pytest.mark.parametrize("dims", [(-1,), (-2,), (-1, -2)])
def test_reductions_of_float32_keep_its_digits(dims):
    x = np.random.default_rng(4).standard_normal((300, 190)).astype(np.float32)
    totals = reduce_sum(e.exp(leaf(x)), attrs=(dims,))
    kept = tuple(1 if at - 2 in dims else size for at, size in enumerate(x.shape))
    shares = mul(e.exp(leaf(x)), e.reciprocal(expand_to(reshape_to(totals, kept), x.shape)))
    found, plan = computed([totals, shares], 98_304, 2)
    assert all(each.dtype == np.float32 for each in found)
    assert chain_of(plan) or not CAN
    powers = np.exp(x.astype(np.float64))
    exact = powers.sum(tuple(each + 2 for each in dims), keepdims=True)
    np.testing.assert_allclose(found[0].reshape(exact.shape), exact, rtol=1e-6)
    np.testing.assert_allclose(found[1], powers / exact, rtol=1e-6)


@pytest.mark.parametrize("one", [np.float64, np.float32])
@pytest.mark.parametrize("cut", [np.s_[:, :], np.s_[::-2, ::3], np.s_[:1, ::-1], np.s_[:, 5:6]])
def test_floats_become_others(one, cut):
    given = numbers(60, 70, dtype=one)[cut]
    other = np.float32 if one is np.float64 else np.float64
    x = leaf(np.broadcast_to(given, (60, 70)) if 1 in given.shape else given)
    with np.errstate(over="ignore"):
        agree([neg(cast(x, np.dtype(other))), neg(x)])
        (found, _), plan = computed([neg(cast(x, np.dtype(other))), neg(x)], 98_304, 1)
        np.testing.assert_array_equal(found, -np.asarray(x.value).astype(other))
    assert chain_of(plan) or not CAN


def test_what_several_compute_a_chain_computes_once():
    x = leaf(numbers(3000))
    _, plan = computed([reduce_sum(mul(e.sigmoid(x), e.exp(neg(x))), attrs=((-1,),))], 98_304, 1)
    assert [each.ufunc for chain in chain_of(plan) for each in chain.loops].count(np.exp) == CAN


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


@pytest.mark.skipif(not CAN, reason="only the interpreter here")
def test_short_rows_beside_what_a_box_holds_whole_make_no_large_boxes():
    draw = np.random.default_rng(7)
    x, y = leaf(draw.normal(size=(50, 300, 2))), leaf(draw.normal(size=(50, 300, 1)))
    scaled = mul(e.exp(mul(x, y)), e.tanh(y))
    sums = reduce_sum(scaled, attrs=((-2,),))
    wanted = [mul(scaled, expand_to(reshape_to(sums, (50, 1, 2)), x.shape))]
    _, plan = computed(wanted, 98_304, 1)
    (chain,) = chain_of(plan)
    assert math.prod(chain.box) <= 600
    agree(wanted, exact=False)


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


@pytest.mark.skipif(not CAN, reason="only the interpreter here")
@pytest.mark.parametrize("dim", [-1, -2])
def test_the_gradient_of_logarithms_of_shares_is_computed_with_what_stands_around(dim):
    x = np.random.default_rng(8).standard_normal((60, 50)) * 3
    x[:5] += np.eye(50)[:5] * 40  # one above all
    given = leaf(x, requires_grad=True)
    logs = log_softmax_primitive(given, attrs=(dim,))
    wanted = reverse([logs], [leaf(numbers(60, 50)[::-1].copy() if dim == -1 else x[::-1].copy())], [given])
    (_,), plan = computed(wanted, *CUTS[-1])
    (step,) = [each for each in plan.steps if isinstance(each, Fused)]
    assert all(isinstance(each, LoopChain) for each in step.blocks.units)
    agree(wanted, exact=False)


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


def test_what_was_made_ready_serves_arrays_that_lie_otherwise_and_other_numbers():
    text = "y = where(x > 0, x*w*c, sigmoid(x))\nloss = sum(y*y/sum(exp(-y*y), 1, keepdim=True))"
    x, w = numbers(50, 60), numbers(60, seed=1)
    lying = [
        np.repeat(x, 2, 0)[::2],
        np.asfortranarray(x),
        np.repeat(x, 3, 1)[:, ::3],
        np.repeat(x, 4, 0)[::4],
    ]
    found = {}
    for threads in (1, 2):
        with settings.using(block=640, threads=threads, eager=threads > 1):
            for at, given in enumerate([*lying, *lying]):
                ran = gradcli.evaluate(text, {"x": given, "w": w, "c": 1.5 + at}, wrt=["x", "w"])
                found.setdefault(at, []).append(bits(ran.grads["x"]) + bits(ran.grads["w"]))
    assert all(alone == shared for alone, shared in found.values())
    assert len({each for each, _ in found.values()}) == len(found)


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


@pytest.mark.skipif(not CAN, reason="only the interpreter here")
def test_rows_over_several_axes_are_added_in_one_go():
    x, w = leaf(numbers(60, 4, 25, seed=12)), leaf(numbers(4, 1, seed=13))
    total = reduce_sum(mul(x, x), attrs=((-1, -2),))
    y = mul(mul(expand_to(reshape_to(total, (60, 1, 1)), x.shape), x), w)
    _, plan = computed([y], 98_304, 1)
    (chain,) = chain_of(plan)
    (group,) = [step.blocks for step in plan.steps if isinstance(step, Fused)]
    (worker,) = [group.workers.own]
    (bound,) = worker.bound.values()
    (ready,) = bound.chains
    lengths = [int(each) for table in ready.current for each in table.numbers[: table.length - 2]]
    assert [each.gone for each in chain.loops if each.gone] == [(1, 2)]
    assert 100 in lengths
    agree([y], exact=False)


def test_whole_numbers_are_multiplied_by_numbers_and_not_by_their_bits():
    flags = np.arange(settings.BLOCK + 9) % 2 == 0
    x = np.arange(flags.size)
    found = gradcli.evaluate("z = torch.add(x, flags, alpha=3)", {"x": x, "flags": flags}, threads=1)
    np.testing.assert_array_equal(found.values["z"], x + 3 * flags)
