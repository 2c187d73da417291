"""What a plan computes: the same as one kernel call after another, however it is cut and shared out.

Random programs are built from the primitives themselves; the independent answer is each node's own
kernel on whole arrays.
"""

from __future__ import annotations

import gc
import math
import queue
import threading
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import gradcli
from gradcli.engine import large, loops, settings
from gradcli.engine import run as run_module
from gradcli.engine.blocks import Blocks
from gradcli.engine.kernels import call
from gradcli.engine.numbering import Numbered
from gradcli.engine.plan import plan_of
from gradcli.engine.run import pending
from gradcli.ops import elementwise as e
from gradcli.ops import indexing, softmax
from gradcli.ops.extremes import reduce_max, reduce_min
from gradcli.ops.indexing import along_last, scatter_last
from gradcli.ops.products import matmul_primitive
from gradcli.ops.shapes import permuted, swapped
from gradcli.ops.softmax import log_softmax_primitive, log_sum_exp_primitive
from gradcli.tape import primitives
from gradcli.tape.dims import keep_dims
from gradcli.tape.node import FLOAT64, Node, leaf, postorder
from gradcli.tape.primitives import expand_to, literal, reduce_sum, reshape_to, where
from gradcli.tape.reverse import reverse
from gradcli.tape.untaken import shielded

CUTS = [(1, 1), (7, 1), (7, 2), (64, 2), (settings.BLOCK, 2)]


def plainly(order, wanted):
    """The value of each wanted node, one kernel call after another."""
    values = {}
    with np.errstate(all="ignore"):
        for node in order:
            inputs = [values.get(each, each.value) for each in node.inputs]
            values[node] = node.op.compute(*inputs, *node.attrs)
    return [values[node] for node in wanted]


def planned(wanted, block, threads):
    """The same by a plan in which everything counts as large, and the plan."""
    order, _ = pending(wanted)
    with settings.using(threads=threads, block=block, large=0, eager=True):
        numbered = Numbered(order, wanted, large=True)
        plan = plan_of(numbered)
        results = dict(zip(plan.outputs, plan.run(numbered.values()), strict=True))
    return [results[numbered.number[node]] for node in wanted], plan


def agree(wanted, tolerance=1e-12, cuts=CUTS):
    """Asserts that plans of all cuts agree with the plain answer and nearly with each other."""
    order, _ = pending(wanted)
    expected = plainly(order, wanted)
    for block, threads in cuts:
        results, plan = planned(wanted, block, threads)
        for node, value, known in zip(wanted, results, expected, strict=True):
            assert np.shape(value) == node.shape, plan.describe()
            assert np.asarray(value).dtype == node.dtype, plan.describe()
            np.testing.assert_allclose(
                value, known, rtol=tolerance, atol=tolerance, err_msg=f"block {block}\n{plan.describe()}"
            )


UNARY = [e.sin, e.cos, e.tanh, e.exp, primitives.neg, e.absolute, e.sigmoid, e.relu, e.floor, e.sign]
BINARY = [
    primitives.add,
    primitives.sub,
    primitives.mul,
    e.maximum,
    e.minimum,
    e.hypot,
    primitives.guarded_mul,
    e.lt,
    e.eq,
]
SHAPES = [(4, 5), (5,), (4, 1), (1, 5), (3, 4, 5), (3, 1, 1), (3, 1, 5), (1,), (), (20,), (5, 4)]


@st.composite
def programs(draw):
    """Some nodes computed from random leaves through random primitives."""
    generator = np.random.default_rng(draw(st.integers(0, 99)))
    nodes: list[Node] = []
    for shape in draw(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=4)):
        array = generator.uniform(-2, 2, shape)
        if len(shape) == 2 and draw(st.booleans()):
            array = np.asfortranarray(array)
        nodes.append(leaf(array))
    made = []
    for _ in range(draw(st.integers(1, 12))):
        node = draw(step(nodes))
        if node is not None and node.value is None:
            nodes.append(node)
            made.append(node)
    if not made:
        made = [primitives.neg(nodes[0])]
    wanted = draw(st.lists(st.sampled_from(made), min_size=1, max_size=3, unique=True))
    return [*dict.fromkeys([*wanted, made[-1]])]


@st.composite
def step(draw, nodes):
    """One more node, or None where the drawn operation does not fit."""
    x = draw(st.sampled_from(nodes))
    what = draw(
        st.sampled_from(
            ["unary", "binary", "binary", "where", "reduce", "normal", "normal", "expand", "view", "number"]
        )
    )
    if x.dtype == bool and what in ("unary", "reduce"):
        x = primitives.cast(x, np.dtype(np.float64))
    if what == "unary":
        return draw(st.sampled_from(UNARY))(x)
    if what == "number":
        return e.power_number(
            primitives.cast(x, np.dtype(np.float64)), attrs=(draw(st.sampled_from([2, 3])),)
        )
    if what == "reduce":
        if not x.ndim:
            return None
        dims = draw(st.lists(st.integers(-x.ndim, -1), min_size=1, unique=True).map(sorted).map(tuple))
        return draw(st.sampled_from([reduce_sum, reduce_sum, reduce_max, reduce_min]))(x, attrs=(dims,))
    if what == "normal":  # a reduction that is broadcast back, and goes on
        if not x.ndim:
            return None
        dims = draw(st.lists(st.integers(-x.ndim, -1), min_size=1, unique=True).map(sorted).map(tuple))
        x = primitives.cast(x, np.dtype(np.float64))
        reduced = draw(st.sampled_from([reduce_sum, reduce_max]))(x, attrs=(dims,))
        kept = reshape_to(reduced, keep_dims(x.shape, dims))
        if draw(st.booleans()):
            kept = e.tanh(kept)
        return draw(st.sampled_from([primitives.sub, primitives.mul, e.maximum]))(x, kept)
    if what == "expand":
        shape = draw(st.sampled_from([(3, 4, 5), (4, 5), (2, 3, 4, 5)]))
        fits = len(x.shape) <= len(shape) and all(
            a in (1, b) for a, b in zip(x.shape[::-1], shape[::-1], strict=False)
        )
        return expand_to(x, shape) if fits else None
    if what == "view":
        which = draw(st.integers(0, 4))
        if which == 2:
            return reshape_to(x, (*x.shape[:1], 1, *x.shape[1:]))
        if which == 3 and x.ndim > 1:
            return reshape_to(x, (x.shape[0] * x.shape[1], *x.shape[2:]))
        if which == 4 and x.ndim and x.shape[-1] % 2 == 0:
            return reshape_to(x, (*x.shape[:-1], 2, x.shape[-1] // 2))
        return permuted(x, range(-1, -x.ndim - 1, -1)) if which else reshape_to(x, (x.size,))
    others = [each for each in nodes if _broadcasts(x, each)]
    y = draw(st.sampled_from(others))
    if what == "where":
        return primitives.where(e.gt(x, 0.0), y, 1.5)
    op = draw(st.sampled_from(BINARY))
    if bool in (x.dtype, y.dtype):
        x, y = primitives.cast(x, np.dtype(np.float64)), primitives.cast(y, np.dtype(np.float64))
    return op(x, y)


def _broadcasts(x, y):
    try:
        np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        return False
    return True


@hypothesis_settings(deadline=None, max_examples=150)
@given(programs())
def test_a_plan_computes_what_the_kernels_compute(wanted):
    agree(wanted, 1e-10)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(3, 4, 5), (3, 4, 9), (6, 4, 5), (3, 2, 40)])
def test_loops_read_and_write_what_lies_apart(shape, dtype):
    """NumPy's negative and isfinite go wrong there: the reduction makes boxes with rows that are apart."""
    x = leaf(np.random.default_rng(3).uniform(-2, 2, shape).astype(dtype))
    kept = reshape_to(reduce_sum(x, attrs=((-1,),)), (*shape[:-1], 1))
    square = e.power_number(x, attrs=(2,))
    sine = e.sin(x)
    agree(
        [
            e.sin(primitives.sub(x, kept)),
            primitives.neg(square),
            where(e.gt(square, 1.0), primitives.neg(sine), square),
            e.isfinite(primitives.div(square, e.gt(x, 0.0))),
            e.sigmoid(square),
            reduce_max(sine, attrs=((-3, -1),)),
        ],
        1e-10 if dtype is np.float64 else 1e-5,
    )


@pytest.mark.parametrize("op", [primitives.neg, e.isfinite], ids=["neg", "isfinite"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("read", "written"), [(8, 2), (4, 2), (1, 2), (8, 8), (3, 5), (16, 3)])
def test_kernels_write_what_lies_apart(op, dtype, read, written):
    x = np.random.default_rng(4).uniform(-2, 2, 70 * read).astype(dtype)[::read]
    out = np.zeros(70 * written, bool if op is e.isfinite else dtype)[::written]
    call(op, ())[0](x, out)
    np.testing.assert_array_equal(out, op.compute(x.copy()))


def test_sums_do_not_depend_on_the_number_of_threads():
    x = leaf(np.random.default_rng(1).standard_normal((60, 700)))
    wanted = [reduce_sum(e.exp(x), attrs=(dims,)) for dims in [(-2, -1), (-2,), (-1,)]]
    for block in (7, 1000, settings.BLOCK):
        (one, _), (two, _), (again, _) = (planned(wanted, block, threads) for threads in (1, 2, 2))
        for first, second, third in zip(one, two, again, strict=True):
            np.testing.assert_array_equal(first, second)
            np.testing.assert_array_equal(first, third)


@pytest.mark.parametrize("dims", [(-1,), (-2,), (-2, -1)])
def test_long_sums_keep_their_digits(dims):
    # Added one after the other, 10⁶ times 0.1 in float32 is wrong in the third digit.
    x = leaf(np.full((1000, 1000), 0.1, np.float32))
    ((total,), _) = planned([reduce_sum(primitives.mul(x, x), attrs=(dims,))], settings.BLOCK, 2)
    exact = float(np.float32(0.1) * np.float32(0.1)) * 1000 ** len(dims)
    np.testing.assert_allclose(total, exact, rtol=3e-7)


def steps_of(wanted, block=settings.BLOCK):
    """The plan's steps, without the lines that free."""
    return planned(wanted, block, 1)[1].steps


def test_equal_work_is_done_once():
    x = leaf(np.ones((3, 4)))
    (fused,) = steps_of([primitives.add(e.sin(x), e.sin(x))])
    assert [each.op.name for each in fused.blocks.steps] == ["sin", "add"]


@pytest.mark.parametrize("op", [primitives.add, primitives.mul])
def test_what_commutes_is_equal_work_either_way_round(op):
    x, y = leaf(np.ones((3, 4))), leaf(np.zeros((3, 4)))
    (fused,) = steps_of([primitives.sub(op(x, y), op(y, x))])
    assert [each.op.name for each in fused.blocks.steps] == [op.name, "sub"]


def test_attributes_that_python_calls_equal_are_told_apart():
    x = leaf(np.array([1.0, -2.0]))
    minus = primitives.scale_primitive(x, attrs=(-0.0,))
    plus = primitives.scale_primitive(x, attrs=(0.0,))
    ((one, other), _) = planned([minus, plus], 7, 1)
    assert np.signbit(one).tolist() == [True, False]
    assert np.signbit(other).tolist() == [False, True]


def test_an_outer_product_is_never_there_in_full():
    a, b = leaf(np.linspace(0, 1, 2000)), leaf(np.linspace(-1, 1, 3000))
    outer = e.tanh(primitives.mul(reshape_to(a, (2000, 1)), b))
    wanted = [reduce_sum(outer, attrs=(dims,)) for dims in [(-2, -1), (-2,), (-1,)]]
    results, plan = planned(wanted, settings.BLOCK, 2)
    full = np.tanh(a.value[:, None] * b.value)
    for value, known in zip(results, [full.sum(), full.sum(0), full.sum(1)], strict=True):
        np.testing.assert_allclose(value, known, rtol=1e-12, atol=1e-10)
    assert plan.peak < full.nbytes / 8


def test_softmax_is_computed_again_rather_than_stored():
    x = leaf(np.random.default_rng(0).standard_normal((50, 60)))
    powers = e.exp(primitives.sub(x, reshape_to(reduce_max(x, attrs=((-1,),)), (50, 1))))
    result = primitives.div(powers, reshape_to(reduce_sum(powers, attrs=((-1,),)), (50, 1)))
    agree([result])
    stored = [slot for each in steps_of([result]) for slot in getattr(each, "stored", ())]
    assert len(stored) == 1


@pytest.mark.parametrize(("count", "stores"), [(2, False), (6, True)])
def test_what_is_computed_from_many_arrays_is_stored_rather_than_computed_again(count, stores):
    draw = np.random.default_rng(0)
    total, *others = [leaf(draw.standard_normal((50, 60))) for _ in range(count)]
    for each in others:
        total = primitives.add(total, each)
    largest = reduce_max(e.absolute(total), attrs=((-2, -1),))
    wanted = [primitives.mul(total, largest)]
    agree(wanted)
    stored = [slot for each in steps_of(wanted) for slot in getattr(each, "stored", ())]
    assert len(stored) == 1 + stores


def test_arrays_are_freed_after_their_last_use():
    x = leaf(np.random.default_rng(0).standard_normal((64, 64)))
    for _ in range(6):
        x = matmul_primitive(e.tanh(x), x)
    _, plan = planned([x], settings.BLOCK, 1)
    assert plan.peak <= 4 * x.size * 8 + 3 * settings.BLOCK * 8


@pytest.mark.parametrize("work", ["loops", "kernels", "sum", "product"])
def test_a_plan_goes_when_nobody_has_it_without_the_collector(work):
    """Its threads' buffers with it, which are as large as what it ran for."""
    x, y = (leaf(np.random.default_rng(1).normal(size=(64, 64))) for _ in range(2))
    made = {
        "loops": lambda: e.exp(primitives.mul(x, y)),
        "kernels": lambda: e.erf(primitives.mul(x, y)),
        "sum": lambda: reduce_sum(e.tanh(primitives.mul(x, y)), attrs=((-1,),)),
        "product": lambda: e.tanh(matmul_primitive(e.tanh(x), y)),
    }
    _, plan = planned([made[work]()], 256, 1)
    groups = [weakref.ref(step.blocks) for step in plan.steps if hasattr(step, "blocks")]
    assert groups
    gc.disable()
    try:
        del plan
        assert [each() for each in groups] == [None] * len(groups)
    finally:
        gc.enable()


def test_a_plan_over_the_limit_is_refused():
    from gradcli.errors import GradcliError
    from gradcli.tape import context

    token = context.enter(context.Context(max_memory=3_000_000))
    try:
        x = leaf(np.ones((500, 500)))
        with pytest.raises(GradcliError) as caught:
            planned([e.sin(x), e.cos(x)], 100, 1)
    finally:
        context.leave(token)
    assert caught.value.code == "limit"


@pytest.mark.parametrize("turned", [False, True])
def test_long_sums_of_products_need_few_buffers(turned):
    draw = np.random.default_rng(3)
    pairs = [[leaf(draw.normal(size=shape)) for shape in ((300, 1), (1, 40))] for _ in range(20)]
    total = primitives.mul(*pairs[0])
    for column, row in pairs[1:]:
        term = primitives.mul(column, row)
        total = primitives.add(term, total) if turned else primitives.add(total, term)
    with settings.using(chains=False):
        (found,), plan = planned([e.exp(primitives.scale(total, 0.1))], 4096, 1)
    (step,) = plan.steps
    assert step.blocks.buffer_count <= 3
    wanted = np.exp(0.1 * sum(column.value * row.value for column, row in pairs))
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_a_plan_reads_like_a_program():
    x = leaf(np.ones((2, 300)))
    with settings.using(chains=False):
        _, plan = planned([reduce_sum(e.tanh(x), attrs=((-1,),))], 4096, 1)
    assert plan.describe().splitlines() == [
        "given: %0",
        "block by block over 2×300 in 1 blocks of 2×300, 1 buffers:",
        "    %1 = tanh(%0)",
        "    %2 = add.reduce(%1, (1,))",
        "outputs: %2; peak 5,008 bytes",
    ]


def test_sine_and_cosine_of_a_value_and_of_it_expanded_are_computed_apart():
    x = leaf(np.linspace(0.0, 3.0, 20).reshape(4, 5))
    wide = expand_to(x, (3, 4, 5))
    agree([wide, e.sin(x), e.cos(wide)], 1e-14)


@pytest.mark.parametrize("vectors", [True, False])
@pytest.mark.parametrize("far", [1.0, 30.0, 9e4, 1e9, np.inf, np.nan])
def test_sine_and_cosine_together_are_exact_to_three_units_in_the_last_place(far, vectors):
    x = np.random.default_rng(0).uniform(-1, 1, 40_000) * (far if np.isfinite(far) else 1.0)
    x[:7] = 0.0, np.pi, np.pi / 2, -np.pi / 3, 1e-300, far, -far
    node = leaf(x)
    with settings.using(vectors=vectors):
        (sine, cosine), plan = planned([e.sin(node), e.cos(node)], settings.BLOCK, 1)
        ours = loops.vector(np.sin, "d->d") is not None
    assert list(plan.steps[0].blocks.pairs) == ([] if ours else [0])
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_max_ulp(sine, np.sin(x), 4)
        np.testing.assert_allclose(cosine, np.cos(x), rtol=4 * np.finfo(float).eps, atol=1e-24)


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("first", [e.sin, e.cos])
@pytest.mark.parametrize("far", [1.0, 1e4])
def test_either_of_a_pair_may_be_written_in_the_place_of_its_operand(fast, first, far, monkeypatch):
    from gradcli.ops import sincos

    monkeypatch.setattr(sincos, "FAST", fast and sincos.FAST)
    x = leaf(np.random.default_rng(0).uniform(-far, far, 200))
    square = primitives.mul(x, x)
    second = e.cos if first is e.sin else e.sin
    for vectors in (True, False):
        with settings.using(vectors=vectors):
            agree([primitives.sub(primitives.scale(first(square), 3.0), second(square))], 1e-9)


def test_what_cancels_may_be_what_was_given():
    from gradcli.ops.activations import logsigmoid

    x = leaf(np.linspace(-3, 3, 40_000))
    agree([primitives.add(primitives.mul(x, logsigmoid(x)), logsigmoid(primitives.neg(x)))], 1e-14)


def test_an_error_in_a_thread_is_the_callers():
    def refuse():
        raise ValueError("no")

    from gradcli.engine.pool import share

    with pytest.raises(ValueError, match="no"):
        share(refuse, 3)


def test_an_error_in_a_thread_that_helps_is_the_callers():
    from gradcli.engine.pool import share

    caller, begun = threading.current_thread(), threading.Event()

    def work():
        if threading.current_thread() is caller:
            assert begun.wait(60)
        else:
            begun.set()
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        share(work, 2)


def test_nobody_waits_for_a_thread_that_is_long_in_coming(monkeypatch):
    from gradcli.engine import pool

    late = queue.SimpleQueue()
    monkeypatch.setattr(pool, "_waiting", late)  # where no thread looks
    monkeypatch.setattr(pool, "_bells", [pool._Bell(), pool._Bell()])
    done = []
    pool.share(lambda: done.append(1), 3)
    assert done == [1]
    assert [late.get().begin() for _ in range(2)] == [None, None]  # and there is nothing left to do


def test_one_sum_tells_of_all_that_only_arranges_the_same_elements():
    x, g = leaf(np.ones((50, 60))), leaf(np.ones((60, 50)))
    turned = swapped(x, -1, -2)
    around = indexing.place(turned, attrs=((80, 50), ((3, 63, None), (None, None, None))))
    some = indexing.section(x, -1, 0, 9)
    wanted = [shielded(each, [g], [(None, None)]) for each in (turned, around, some)]
    numbered = Numbered(postorder(wanted, lambda node: node.inputs), wanted, large=True, hopeful=True)
    read = [numbered.rows[each][1] for each in numbered.checks]
    assert read == [(numbered.number[x],), (numbered.number[some],)]


def normalised(x, dims, forth=e.exp):
    """Something like softmax: two reductions over `dims` that are broadcast back."""
    shape = keep_dims(x.shape, dims)
    top = reshape_to(reduce_max(x, attrs=(dims,)), shape)
    powers = forth(primitives.sub(x, top))
    return primitives.div(powers, reshape_to(reduce_sum(powers, attrs=(dims,)), shape))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("dims", [(-1,), (-2,), (-3,), (-3, -1), (-2, -1), (-3, -2)])
@pytest.mark.parametrize("shape", [(3, 14, 18), (14, 2, 18), (14, 18, 4)])
def test_what_is_reduced_within_blocks_is_the_same_however_they_are_cut(shape, dims, dtype):
    x = leaf(np.random.default_rng(3).standard_normal(shape).astype(dtype))
    soft = normalised(x, dims)
    centred = primitives.sub(soft, reshape_to(reduce_sum(soft, attrs=(dims,)), keep_dims(shape, dims)))
    others = tuple([dim for dim in (-3, -2, -1) if dim not in dims])
    wanted = [centred, reduce_sum(centred, attrs=(others,)), reduce_sum(soft, attrs=(dims,))]
    agree(wanted, 1e-12 if dtype is np.float64 else 1e-4)


def test_a_reduction_over_whole_rows_does_not_end_a_group():
    x = leaf(np.random.default_rng(0).standard_normal((500, 60)))
    soft = normalised(x, (-1,))
    (fused,) = steps_of([soft, reduce_sum(primitives.mul(soft, soft), attrs=((-2,),))])
    assert [each.op.name for each in fused.blocks.steps if each.gone] == ["amax", "sum"]


def test_short_rows_lie_across_in_a_block():
    x = leaf(np.random.default_rng(0).standard_normal((5000, 6)))
    (fused,) = steps_of([normalised(x, (-1,))])
    assert fused.blocks.tile[0] == 6
    assert fused.blocks.order == (1, 0)
    (fused,) = steps_of([normalised(leaf(x.value.reshape(60, 500)), (-1,))])
    assert fused.blocks.order == (0, 1)


def test_rows_too_long_for_a_block_are_reduced_in_parts():
    agree([normalised(leaf(np.random.default_rng(0).standard_normal((2, 200))), (-1,))])
    x = leaf(np.random.default_rng(0).standard_normal((2, 3 * settings.BLOCK)))
    wanted = [normalised(x, (-1,))]
    agree(wanted, cuts=CUTS[-1:])
    assert planned(wanted, settings.BLOCK, 2)[1].peak < 5 * x.value.nbytes


def test_an_array_read_along_two_axes_is_read_twice():
    x = leaf(np.random.default_rng(0).standard_normal((40, 3)))
    difference = primitives.sub(reshape_to(e.tanh(x), (40, 1, 3)), reshape_to(e.tanh(x), (1, 40, 3)))
    squares = reduce_sum(primitives.mul(difference, difference), attrs=((-1,),))
    agree([e.exp(primitives.neg(squares)), reduce_sum(e.sin(squares), attrs=((-2,),))])


def test_a_value_and_its_transpose_meet():
    x = leaf(np.random.default_rng(0).standard_normal((30, 30)))
    y = normalised(x, (-1,))
    agree([primitives.add(y, permuted(y, (-1, -2))), reduce_sum(permuted(y, (-1, -2)), attrs=((-1,),))])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("shape", "dim"), [((40, 7), -1), ((7, 40), -2), ((3, 20, 6), -2)])
def test_what_is_composed_for_blocks_is_what_the_kernel_computes(shape, dim, dtype):
    array = (np.random.default_rng(0).standard_normal(shape) * 20).astype(dtype)
    array.reshape(-1)[:3] = np.inf, -np.inf, np.nan
    array[2] = -np.inf
    array[-1] = 1.5  # ties
    x = leaf(array)
    wanted = [log_softmax_primitive(x, attrs=(dim,)), log_sum_exp_primitive(x, attrs=(dim,))]
    agree(wanted, 1e-14 if dtype is np.float64 else 1e-6)
    assert not [each for each in steps_of(wanted) if getattr(each, "op", None) is wanted[0].op]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_one_element_of_each_row_is_chosen_within_blocks(dtype):
    x = leaf(np.random.default_rng(5).standard_normal((6, 5)).astype(dtype))
    x.value[0, 0], x.value[1, 2], x.value[1, 3] = -0.0, np.inf, np.nan
    places = leaf(np.array([0, 2, -1, 4, -5, 3]).reshape(6, 1))
    chosen = along_last(x, places)
    back = scatter_last(primitives.mul(chosen, 2), places, attrs=(5,))
    agree([chosen, back])
    (value, _), plan = planned([chosen, back], 7, 2)
    assert np.signbit(value[0, 0])
    assert "along" not in plan.describe()
    assert plan.describe().count("block by block") == 1


def test_what_waits_for_a_small_number_is_still_computed_once():
    x, w = leaf(np.linspace(-1, 1, 40).reshape(8, 5)), leaf(np.linspace(0, 1, 20))
    y = e.exp(e.sin(x))
    small = e.exp(matmul_primitive(reshape_to(w, (1, 20)), reshape_to(w, (20, 1))))
    late = primitives.mul(y, expand_to(reshape_to(small, ()), y.shape))
    wanted = [reduce_sum(y, attrs=((-2, -1),)), late]
    agree(wanted)
    _, plan = planned(wanted, 7, 1)
    assert plan.describe().count("sin(") == 1


def test_the_slope_of_softplus_is_compared_once():
    x, g = leaf(np.linspace(-30, 30, 40), True), leaf(np.linspace(1, 2, 40))
    wanted = reverse([e.softplus(x, attrs=(1.0, 20.0))], [g], [x])
    agree(wanted)
    _, plan = planned(wanted, 7, 1)
    assert " ge(" not in plan.describe()


@pytest.mark.parametrize("shape", [(6, 4), (3, 6, 4)])
def test_a_product_that_is_read_the_other_way_round_is_made_so(shape):
    draw = np.random.default_rng(0)
    left, right = leaf(draw.normal(size=shape)), leaf(draw.normal(size=(*shape[:-2], 4, 5)))
    wanted = [swapped(matmul_primitive(left, right), -1, -2)]
    agree(wanted)
    _, plan = planned(wanted, 7, 1)
    assert plan.describe().count("permute") == 2  # of what is multiplied


def test_another_dtype_is_made_in_the_block_that_reads_it():
    x = leaf(np.linspace(-1, 1, 40, dtype=np.float32))
    wanted = [e.exp(primitives.cast(e.sin(x), FLOAT64))]
    agree(wanted)
    _, plan = planned(wanted, 7, 1)
    assert len(plan.steps) == 1


def test_what_is_needed_between_does_not_wait():
    x = leaf(np.linspace(-1, 1, 40).reshape(8, 5))
    y = e.sin(x)
    mean = reduce_sum(y, attrs=((-2, -1),))
    wanted = [reduce_sum(e.exp(primitives.sub(y, e.tanh(mean))), attrs=((-2, -1),)), mean]
    agree(wanted)


@pytest.mark.parametrize("bad", [np.inf, np.nan, 1e300])
def test_a_guard_that_a_plan_leaves_out_is_missed_where_it_is_needed(bad):
    source = "loss = sum(where(taken, x @ w, 0.0))"
    program = gradcli.compile(source, wrt=["w"])
    draw = np.random.default_rng(0)
    x, w = draw.standard_normal((300, 100)), draw.standard_normal((100, 8))
    taken = np.arange(300).reshape(300, 1) % 3 > 0
    for _ in range(2):
        expected = np.repeat((x * taken).sum(0)[:, None], 8, 1)
        np.testing.assert_allclose(program(x=x, w=w, taken=taken).grads["w"], expected, rtol=1e-12)
    x = np.where(taken, x, bad)  # in rows that nobody takes
    for _ in range(2):
        np.testing.assert_allclose(program(x=x, w=w, taken=taken).grads["w"], expected, rtol=1e-12)
        found = gradcli.evaluate(
            "loss = sum(where(taken, x @ w, 0.0))", {"x": x, "w": w, "taken": taken}, wrt=["w"]
        )
        np.testing.assert_allclose(found.grads["w"], expected, rtol=1e-12)
    x[1] = bad  # and in one that is taken
    assert program(x=x, w=w, taken=taken).grads["w"] == pytest.approx(
        np.where(taken, x, 0).sum(0)[:, None].repeat(8, 1), nan_ok=True
    )


ROWS = np.array(
    [
        [0.0, 40.0, 1.0, 2.0, -3.0],  # one element above all
        [5.0, 5.0, 1.0, -2.0, 0.0],  # two of the same size
        [0.1, 0.2, 0.3, 0.4, 0.5],
        [0.0, 1.0, -np.inf, 3.0, 30.0],
        [np.inf, 0.0, 1.0, 2.0, 3.0],
        [np.nan, 0.0, 1.0, 2.0, 3.0],
        [-np.inf] * 5,
    ]
)


@pytest.mark.parametrize("dim", [-1, -2])
def test_rows_of_logarithms_keep_their_digits_inside_the_blocks(dim):
    rows = np.tile(ROWS, (3, 1))
    x = leaf(rows if dim == -1 else np.ascontiguousarray(rows.T), requires_grad=True)
    logs = log_softmax_primitive(x, attrs=(dim,))
    whole = log_sum_exp_primitive(x, attrs=(dim,))
    weights = leaf(np.random.default_rng(3).normal(size=x.shape))
    wanted = [logs, e.exp(logs), whole]
    for result in (logs, whole):
        wanted.extend(reverse([result], [weights if result is logs else leaf(np.ones(whole.shape))], [x]))
    order, _ = pending(wanted)
    expected = plainly(order, wanted)
    for block, threads in CUTS:
        results, plan = planned(wanted, block, threads)
        assert "others(" in plan.describe()
        for value, known in zip(results, expected, strict=True):
            np.testing.assert_allclose(value, known, rtol=1e-9, atol=1e-300)


@pytest.fixture(params=[0, indexing.COMPARED], ids=["looked up", "compared"])
def compared(request, monkeypatch):
    """Up to how many elements of a row each is asked whether it is the one of an index."""
    monkeypatch.setattr(indexing, "COMPARED", request.param)
    monkeypatch.setattr(softmax, "COMPARED", request.param)
    return request.param


@pytest.mark.parametrize("dim", [-1, -2])
def test_the_gradient_of_one_logarithm_of_each_row_is_the_shares_but_for_an_element(dim, compared):
    rows = np.repeat(ROWS, ROWS.shape[1], 0)
    x = leaf(rows if dim == -1 else np.ascontiguousarray(rows.T), requires_grad=True)
    index = leaf(np.tile(np.arange(-2, ROWS.shape[1] - 2), len(ROWS)).reshape(-1, 1))
    logs = log_softmax_primitive(x, attrs=(dim,))
    picked = along_last(logs if dim == -1 else swapped(logs, -1, -2), index)
    given = np.random.default_rng(4).normal(size=picked.shape)
    given[::3] = 0
    wanted = [picked, *reverse([picked], [leaf(given)], [x])]
    order, _ = pending(wanted)
    expected = plainly(order, wanted)
    for block, threads in CUTS:
        results, plan = planned(wanted, block, threads)
        assert ("off_shares" in plan.describe()) == (dim == -2 or not compared)
        assert ("off_shares_picked" in plan.describe()) == (dim == -1 and not compared)
        assert "scatter" not in plan.describe()
        for value, known in zip(results, expected, strict=True):
            np.testing.assert_allclose(value, known, rtol=1e-9, atol=1e-300)
    with settings.using(large=1):
        hopeful = plan_of(Numbered(order, wanted, large=True, hopeful=True)).describe()
    assert ("off_shares_picked" in hopeful) == (dim == -1 and not compared)


def test_a_choice_of_which_one_side_is_zero_is_taken_or_not():
    x = leaf(np.random.default_rng(6).normal(size=(40, 30)), requires_grad=True)
    wanted = [where(e.gt(x, 0), *sides) for sides in ((x, literal(0.0, FLOAT64)), (literal(0.0, FLOAT64), x))]
    for block, threads in CUTS:
        results, plan = planned(wanted, block, threads)
        assert plan.describe().count("masked(") == 2
        for value, known in zip(results, (np.maximum(x.value, 0), np.minimum(x.value, 0)), strict=True):
            np.testing.assert_array_equal(value, known)


def test_what_looks_like_the_gradient_of_logarithms_of_shares_is_computed_as_it_is_written():
    x = leaf(np.random.default_rng(5).normal(size=(40, 3)) * 3, requires_grad=True)
    logs = log_softmax_primitive(x, attrs=(-1,))
    (gradient,) = reverse([logs], [x], [x])
    sure, dominant, plain = gradient.inputs
    agree([primitives.where(sure, primitives.mul(dominant, 2.0), plain)])


@pytest.mark.parametrize("shape", [(6, 5), (2, 3, 5)])
def test_one_index_for_each_row_is_looked_up_inside_the_blocks(shape, compared):
    draw = np.random.default_rng(4)
    x = leaf(draw.normal(size=shape), requires_grad=True)
    index = leaf(draw.integers(-5, 5, (*shape[:-1], 1)))
    found = along_last(x, index)
    (back,) = reverse([found], [leaf(draw.normal(size=found.shape))], [x])
    agree([found, back, primitives.mul(back, x), primitives.add(x, along_last(x, index))])
    text = planned([found, back], 7, 1)[1].describe()
    assert ("picked(" in text) == (not compared)
    assert "along(" not in text
    number = leaf(np.float64(0.5))  # of which every row has a share
    agree([scatter_last(expand_to(number, index.shape), index, attrs=(shape[-1],))])


def test_arrays_among_zeros_are_added_up_at_once():
    draw = np.random.default_rng(5)
    x = leaf(draw.normal(size=(9, 7)), requires_grad=True)
    parts = [indexing.pick(x, attrs=(cuts,)) for cuts in (((0, 8, 1), 3), ((1, 9, 1), 2), ((8, 0, -1), 0))]
    whole = primitives.mul(primitives.mul(parts[0], parts[1]), primitives.add(parts[2], parts[1]))
    (gradient,) = reverse([primitives.add(reduce_sum(whole, attrs=((-1,),)), primitives.mul(x, x))], [x], [x])
    agree([gradient])
    text = planned([gradient], 7, 2)[1].describe()
    assert text.count("place_all(") == 1
    assert "place(" not in text
    placed = next(node for node in pending([gradient])[0] if node.op is indexing.place)
    agree([gradient, placed])  # a term that somebody else wants stays what it is


def test_multiples_among_zeros_are_read_from_what_they_are_multiples_of():
    draw = np.random.default_rng(7)
    x, weight = leaf(draw.normal(size=(9, 30)), requires_grad=True), leaf(np.float64(0.7))
    cuts = [((0, 7, 1), (1, 30, 1)), ((2, 9, 1), (0, 29, 1)), ((1, 8, 1), (0, 29, 1))]
    for factors in ((1.0, -1.0, 1.0), (2.0, -2.0, 2.0), (2.0, -1.0, 3.0)):
        for some in (None, weight):
            parts = [
                primitives.scale(indexing.pick(x, attrs=(cut,)), factor)
                for cut, factor in zip(cuts, factors, strict=True)
            ]
            if some is not None:
                parts[1] = primitives.mul(some, parts[1])
            between = primitives.sub(primitives.add(parts[0], parts[2]), parts[1])
            seed = leaf(draw.normal(size=(7, 29)))
            (gradient,) = reverse([primitives.mul(between, e.sin(between))], [seed], [x])
            agree([gradient])
            text = planned([gradient], 64, 2)[1].describe()
            assert text.count("place_all(") == 1
            (step,) = [each for each in text.splitlines() if "place_all(" in each]
            assert step.partition("place_all(")[2].count("%") == (1 if some is None else 2)
            assert " = neg(" not in text


def test_quotients_by_what_is_broadcast_and_factors_of_sums_are_cheap():
    draw = np.random.default_rng(6)
    x, by = leaf(draw.normal(size=(40, 30))), leaf(draw.normal(size=(40, 1)))
    quotient = primitives.div(x, by)
    eighth = primitives.div(x, primitives.literal(8.0, x.dtype))
    total = reduce_sum(primitives.neg(primitives.scale(quotient, 3.0)), attrs=((-1,),))
    agree([quotient, total])
    agree([eighth], tolerance=0)
    for number, name in ((8.0, "scale"), (-0.25, "scale"), (3.0, "div"), (0.75, "div")):
        step, *_ = steps_of([primitives.div(x, primitives.literal(number, x.dtype))])
        assert [each.op.name for each in step.blocks.steps] == [name], number
    text = planned([total], 64, 1)[1].describe()
    assert text.index("add.reduce(" if "add.reduce(" in text else "sum(") < text.index("sub(")
    zero = leaf(np.where(by.value > 0, by.value, 0.0))
    with np.errstate(all="ignore"):
        (found,), _ = planned([primitives.div(x, zero)], 64, 1)
        np.testing.assert_array_equal(np.isinf(found), np.isinf(x.value / zero.value))


@pytest.mark.parametrize(("many", "plans"), [(100, False), (1000, True)])
def test_much_that_is_small_beside_little_that_is_large_is_not_planned(many, plans, monkeypatch):
    planned_for = []
    monkeypatch.setattr(run_module, "LARGE", 10)
    monkeypatch.setattr(run_module, "MANY", many)
    usual = large.run
    monkeypatch.setattr(large, "run", lambda *given: planned_for.append(len(given[0])) or usual(*given))
    found = gradcli.evaluate("sum([" + ", ".join(["sin(x)*2"] * 100) + "])", {"x": 1.5})
    assert float(found.values["result"]) == pytest.approx(200 * np.sin(1.5))
    assert (max(planned_for, default=0) >= 100) is plans


@pytest.mark.parametrize("size", [1.0, 0.0, 1e-200, 1e200, math.inf])
def test_norms_in_blocks_are_exact_for_huge_and_tiny_rows(size):
    x = np.random.default_rng(3).standard_normal((5000, 8))
    x[70:90] = 0.0
    x[70:90, 2:4] = size * np.array([3.0, -4.0])
    program = gradcli.compile("n = norm(x, dim=1)\nloss = sum(n*w)", wrt=["x"])
    w = np.linspace(-1, 1, 5000)
    expected = np.linalg.norm(np.delete(x, range(70, 90), 0), axis=1)
    for _ in range(3):
        result = program(x=x, w=w)
        n, grad = np.asarray(result.values["n"]), result.grads["x"]
        np.testing.assert_allclose(np.delete(n, range(70, 90)), expected, rtol=1e-14)
        np.testing.assert_allclose(n[70:90], 5.0 * size, rtol=1e-14)
        slope = np.array([0.6, -0.8]) * (0 < size < math.inf)
        if size < math.inf:
            np.testing.assert_allclose(grad[70:90, 2:4], w[70:90, None] * slope, rtol=1e-14)
        np.testing.assert_allclose(grad[0], w[0] * x[0] / n[0], rtol=1e-14)


def test_rows_are_not_cut_short_to_hold_whole_what_only_a_small_result_goes_on_from(monkeypatch):
    tiles = []
    usual = Blocks.__init__

    def made(self, *given):
        usual(self, *given)
        if math.prod(self.dims) == 400 * 150 * 5:
            tiles.append(self.tile)

    monkeypatch.setattr(Blocks, "__init__", made)
    draw = np.random.default_rng(0)
    source = "d = cdist(x/exp(l), z/exp(l))\nloss = sum(((1 + d)*exp(-d) @ a)**2)"
    program = gradcli.compile(source, wrt=["l", "a"])
    with settings.using(block=settings.BLOCK, large=16_384):
        program(x=draw.normal(size=(400, 5)), z=draw.normal(size=(150, 5)), l=np.zeros(5), a=np.ones(150))
    assert tiles
    assert all(each[-1] >= settings.STRIP for each in tiles)
