"""What a plan leaves out in the hope that all is finite, and what it does where it isn't."""

from __future__ import annotations

import numpy as np
import pytest

import gradcli
from gradcli.engine import settings
from gradcli.engine.large import hopefully, plan_for
from gradcli.engine.numbering import Numbered
from gradcli.engine.run import compute, pending
from gradcli.ops import elementwise as e
from gradcli.ops.products import matmul_primitive
from gradcli.ops.scans import running_product
from gradcli.ops.shapes import swapped
from gradcli.ops.softmax import log_softmax_primitive, log_sum_exp_primitive
from gradcli.tape import primitives
from gradcli.tape.node import FLOAT64, leaf, postorder
from gradcli.tape.primitives import guarded_mul, reduce_sum, reshape_to
from gradcli.tape.reverse import reverse


def in_hope(wanted):
    """The values of the wanted nodes by a plan that hopes, or None, and the plan."""
    order, _ = pending(wanted)
    with settings.using(large=0, block=7), np.errstate(all="ignore"):
        numbered = Numbered(order, wanted, large=True, hopeful=True)
        plan = plan_for(numbered)
        found = hopefully(numbered, plan, numbered.values())
    return found and [found[numbered.number[node]] for node in wanted], plan.describe()


def by_kernels(wanted):
    values = {}
    for node in postorder(wanted, lambda each: each.inputs):
        inputs = [values[each] for each in node.inputs]
        values[node] = node.op.compute(*inputs, *node.attrs) if node.value is None else node.value
    return [values[node] for node in wanted]


def arrays(*shapes):
    draw = np.random.default_rng(0)
    return [leaf(draw.normal(size=shape)) for shape in shapes]


@pytest.mark.parametrize("dims", [(-1,), (-2,), (-2, -1), (-3, -1)])
def test_factors_that_are_the_same_all_along_a_sum_are_taken_out_of_it(dims):
    x, scale = arrays((3, 4, 5), tuple(1 if at - 3 in dims else size for at, size in enumerate((3, 4, 5))))
    product = guarded_mul(primitives.neg(primitives.mul(x, scale)), scale)
    wanted = [reduce_sum(product, attrs=(dims,))]
    (found,), text = in_hope(wanted)
    assert text.index("sum") < text.index("mul(")
    np.testing.assert_allclose(found, by_kernels(wanted)[0], rtol=1e-12)


@pytest.mark.parametrize("number", [2.0, -0.1, 2.0**40])
def test_a_number_goes_to_the_smaller_factor_unless_it_could_take_digits(number):
    x, less = arrays((6, 4), (6, 1))
    wanted = [primitives.mul(primitives.scale(x, number), less)]
    with settings.using(large=0):
        numbered = Numbered(pending(wanted)[0], wanted, large=True)
    scaled = [node.size for node in numbered.nodes if node.op is primitives.scale_primitive]
    assert scaled == [6 if number < 2**30 else 24]
    np.testing.assert_allclose(in_hope(wanted)[0], by_kernels(wanted), rtol=1e-15)


def test_divisors_are_taken_out_of_sums_and_dividends_are_not():
    x, y, less = arrays((6, 4), (6, 4), (4,))
    quotients = [
        (primitives.div(x, less), []),
        (primitives.mul(primitives.div(x, less), y), ["mul"]),
        (primitives.div(primitives.mul(x, less), y), ["mul", "div"]),
        (primitives.div(less, y), ["div"]),
        (primitives.div(x, primitives.mul(y, less)), ["mul", "div"]),
    ]
    for quotient, passes in quotients:
        wanted = [reduce_sum(quotient, attrs=((-2,),))]
        with settings.using(large=0):
            numbered = Numbered(pending(wanted)[0], wanted, large=True, hopeful=True)
        whole = [node.op.name for node in numbered.nodes if node.inputs and node.size == x.size]
        assert whole == passes
        np.testing.assert_allclose(in_hope(wanted)[0], by_kernels(wanted), rtol=1e-12)


def test_numbers_and_signs_in_a_product_are_one_and_go_to_what_is_smaller():
    x, y, less = arrays((6, 4), (6, 4), (6, 1))
    half = primitives.literal(0.5, FLOAT64)
    turned = primitives.neg(primitives.mul(half, primitives.neg(x)))
    huge = primitives.scale(x, 2.0**40)
    wanted = [
        turned,
        primitives.neg(primitives.scale(x, -1.0)),
        primitives.mul(turned, primitives.scale(y, 2.0)),
        primitives.mul(primitives.mul(half, primitives.neg(x)), less),
        primitives.mul(primitives.mul(half, x), primitives.mul(half, y)),
        primitives.mul(huge, less),
    ]
    passes = [1, 0, 1, 1, 2, 2]
    for each, count in zip(wanted, passes, strict=True):
        with settings.using(large=0):
            numbered = Numbered(pending([each])[0], [each], large=True)
        assert sum(node.size == x.size for node in numbered.nodes if node.inputs) == count
    found, _ = in_hope(wanted)
    for one, other in zip(found, by_kernels(wanted), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-15)


def test_a_number_that_a_node_holds_meets_nothing_that_it_could_be_too_large_for():
    (x,) = arrays((20, 4))
    small, held = primitives.scale(x, 1e-200), leaf(np.float64(1e300))
    wanted = [primitives.scale(primitives.mul(small, held), 1e9)]
    with settings.using(large=0):
        np.testing.assert_allclose(in_hope(wanted)[0], by_kernels(wanted), rtol=1e-15)


@pytest.mark.parametrize("top", [1.0, np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("known", [False, True])
def test_logarithms_of_sums_and_their_shares_are_not_asked_whether_they_are_infinite(top, known):
    (x,) = arrays((6, 4))
    x.value[2:3] = top
    x = leaf(x.value, True)
    whole = log_sum_exp_primitive(x, attrs=(-1,))
    (share,) = reverse([whole], [leaf(np.ones(6))], [x])
    with np.errstate(all="ignore"):
        expected = by_kernels([whole, share])
    if known:
        whole.value = expected[0]
    found, text = in_hope([share] if known else [whole, share])
    assert "isinf" not in text
    assert (found is None) is not np.isfinite(top)
    if found is not None:
        for one, other in zip(found, expected[known:], strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-14)
    with settings.using(large=0), np.errstate(all="ignore"):
        result = gradcli.evaluate("y = logsumexp(x, 1).sum()", {"x": x.value})
    np.testing.assert_allclose(result.grads["x"], expected[1], rtol=1e-14)


def test_a_sum_leaves_out_distances_from_the_mean():
    x, y, scale = arrays((6, 4), (6, 4), (4,))
    mean = reshape_to(primitives.scale(reduce_sum(x, attrs=((-2,),)), 1 / 6), (1, 4))
    centred = primitives.sub(x, mean)
    wanted = [reduce_sum(primitives.add(y, primitives.mul(centred, scale)), attrs=((-2,),))]
    (found,), text = in_hope(wanted)
    assert "sub(" not in text
    np.testing.assert_allclose(found, by_kernels(wanted)[0], rtol=1e-12)
    others = [reduce_sum(primitives.add(y, primitives.mul(centred, y)), attrs=((-2,),))]
    (found,), text = in_hope(others)
    assert "sub(" in text
    np.testing.assert_allclose(found, by_kernels(others)[0], rtol=1e-12)


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_where_a_factor_is_not_finite_nothing_is_taken_out(bad):
    x, scale = arrays((6, 4), (4,))
    x.value[2, 1], scale.value[1] = 0, bad
    assert in_hope([reduce_sum(primitives.mul(x, scale), attrs=((-2,),))])[0] is None
    with settings.using(large=0), np.errstate(all="ignore"):
        expected = (x.value * scale.value).sum(0)
        value = gradcli.evaluate("y = (x*s).sum(0)", inputs={"x": x.value, "s": scale.value}, wrt=[])
    np.testing.assert_allclose(value.values["y"], expected, rtol=1e-12)


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("finish", ["plain", "sum", "product"])
def test_a_product_with_what_was_not_taken_is_found_by_what_comes_of_it(bad, finish):
    g, p, w = arrays((5, 4), (5, 4), (4, 3))
    g.value[3, 2], p.value[3, 2] = 0, bad
    whole = guarded_mul(g, p)
    if finish == "sum":
        whole = reduce_sum(primitives.neg(whole), attrs=((-1,),))
    if finish == "product":
        whole = matmul_primitive(whole, w)
    found, text = in_hope([whole])
    assert found is None
    assert "guarded_mul" not in text
    p.value[3, 2] = 1.0
    (found,), _ = in_hope([whole])
    np.testing.assert_allclose(found, by_kernels([whole])[0], rtol=1e-12)


@pytest.mark.parametrize("bad", [None, np.inf, np.nan])
def test_zeros_in_place_of_what_is_not_finite_are_chosen_only_where_something_is_not(bad):
    g, p = arrays((5, 4), (5, 4))
    g.value[3, 2] = 0
    p.value[3, 2] = bad or 1.0
    partial = primitives.mul(p, p)
    zero = primitives.literal(0.0, FLOAT64)
    broken = primitives.logical_not(e.isfinite(partial))
    found, text = in_hope([primitives.where(e.logical_and(e.eq(g, 0.0), broken), zero, partial)])
    assert "isfinite" not in text
    assert found is None if bad else np.array_equal(found[0], p.value**2)
    # Other choices are made, whatever is asked of the same node.
    for condition in (
        e.logical_or(e.eq(g, 0.0), broken),
        e.logical_and(e.eq(g, 0.0), e.isfinite(partial)),
        e.logical_and(e.eq(g, 0.0), primitives.logical_not(e.isfinite(g))),
        e.logical_and(e.eq(g, 0.0), primitives.logical_not(e.isnan(partial))),
    ):
        wanted = [primitives.where(condition, zero, partial)]
        (found,), _ = in_hope(wanted)
        np.testing.assert_array_equal(found, by_kernels(wanted)[0])


@pytest.mark.parametrize("zero", [False, True])
def test_the_gradient_of_a_running_product_divides_where_nothing_is_zero(zero):
    x, g = arrays((5, 4), (5, 4))
    x.requires_grad = True
    if zero:
        x.value[2, 1] = 0
    wanted = reverse([running_product(x, attrs=(-1,))], [g], [x])
    found, text = in_hope(wanted)
    assert "recurrence" not in text
    if zero:
        assert found is None
    else:
        np.testing.assert_allclose(found[0], by_kernels(wanted)[0], rtol=1e-12)


def test_rows_that_were_not_taken_leave_no_trace_of_infinite_data():
    # The product of the transposed data and the cotangent meets 0*inf, and its sum tells.
    source = "z = x @ w; y = where(k > 0, z, 0.0); loss = sum(y*y)"
    draw = np.random.default_rng(1)
    x, w, k = draw.normal(size=(300, 6)), draw.normal(size=(6, 5)), draw.normal(size=(300, 1))
    x[7], k[7] = np.inf, -1
    found = gradcli.compile(source, wrt=["w"])
    for _ in range(3):
        gradient = found(x=x, w=w, k=k).grads["w"]
    kept = k[:, 0] > 0
    np.testing.assert_allclose(gradient, 2 * x[kept].T @ (x[kept] @ w), rtol=1e-12)


def test_a_choice_by_what_has_its_value_and_forgot_how_is_planned_like_any_other():
    x, y = arrays((6, 4), (6, 4))
    up = e.gt(x, y)
    compute((up,))
    assert up.inputs == ()
    assert log_softmax_primitive.composed_in  # whose rule a choice may stand for
    wanted = [primitives.where(up, primitives.mul(x, y), primitives.sub(x, y))]
    (found,), _ = in_hope(wanted)
    known = np.where(x.value > y.value, x.value * y.value, x.value - y.value)
    np.testing.assert_array_equal(found, known)


@pytest.mark.parametrize("first", [True, False])
def test_products_with_a_factor_in_common_are_added_up_before(first):
    g, x = arrays((9, 9), (9, 9))
    x.requires_grad = True
    gram = matmul_primitive(x, swapped(x, -1, -2)) if first else matmul_primitive(swapped(x, -1, -2), x)
    wanted = [primitives.scale(each, 1.0) for each in reverse([gram], [g], [x])]
    (found,), text = in_hope(wanted)
    assert text.count("matmul") == 1
    np.testing.assert_allclose(found, by_kernels(wanted)[0], rtol=1e-12)
    x.value[2, 3] = np.inf
    assert in_hope(wanted)[0] is None


def test_products_with_few_columns_or_without_a_common_factor_stay_two():
    a, b, c, d = arrays((9, 9), (9, 9), (9, 9), (9, 3))
    for one, other in (((a, b), (c, a)), ((a, d), (b, d))):
        wanted = [primitives.add(matmul_primitive(*one), matmul_primitive(*other))]
        (found,), text = in_hope(wanted)
        assert text.count("matmul") == 2
        np.testing.assert_allclose(found, by_kernels(wanted)[0], rtol=1e-12)


def test_one_sum_tells_of_all_that_goes_into_a_value_of_that_size():
    some = arrays((6, 6), (6, 6), (6, 6))
    x, y, z = [guarded_mul(e.exp(each), each) for each in some]
    wanted = [matmul_primitive(primitives.add(x, y), z)]
    numbered = Numbered(pending(wanted)[0], wanted, large=True, hopeful=True)
    assert len(numbered.checks) == 1
    assert in_hope(wanted)[0] is not None
    some[2].value[1, 1] = np.nan
    assert in_hope(wanted)[0] is None
