"""Products of matrices in the blocks of a plan are those of whole matrices, however they are cut and read."""

from __future__ import annotations

import numpy as np
import pytest

import gradcli
from gradcli.engine import settings
from gradcli.engine.numbering import Numbered
from gradcli.engine.plan import plan_of
from gradcli.engine.run import pending
from gradcli.ops import elementwise as e
from gradcli.ops.einsum import contract
from gradcli.ops.products import matmul_primitive
from gradcli.ops.shapes import swapped
from gradcli.ops.softmax import log_softmax_primitive
from gradcli.tape import primitives
from gradcli.tape.node import leaf
from gradcli.tape.primitives import expand_to, reduce_sum, reshape_to
from gradcli.tape.reverse import reverse

CUTS = [(1, 1), (7, 1), (7, 2), (640, 2), (4000, 1)]
LONG, FEW, INNER = 700, 17, 3


def plainly(order, wanted):
    values = {}
    for node in order:
        values[node] = node.op.compute(*[values.get(each, each.value) for each in node.inputs], *node.attrs)
    return [values[node] for node in wanted]


def agree(wanted, text=None):
    """Asserts that plans of all cuts agree with kernels on whole arrays; the plan of one cut, as text."""
    order, _ = pending(wanted)
    expected = plainly(order, wanted)
    described = ""
    for block, threads in CUTS:
        with settings.using(threads=threads, block=block, large=0, eager=True):
            numbered = Numbered(order, wanted, large=True)
            plan = plan_of(numbered)
            found = dict(zip(plan.outputs, plan.run(numbered.values()), strict=True))
        for node, known in zip(wanted, expected, strict=True):
            np.testing.assert_allclose(found[numbered.number[node]], known, rtol=1e-11, atol=1e-11)
        described = plan.describe() if block == 7 else described
    return described


def array(*shape, grad=False):
    return leaf(np.random.default_rng(sum(shape)).normal(size=shape), requires_grad=grad)


def blocks(text):
    """The lines of a plan that stand in blocks."""
    return [line for line in text.splitlines() if line.startswith("    ")]


@pytest.mark.parametrize("columns_long", [False, True])
@pytest.mark.parametrize("turned", [(False, False), (True, False), (False, True), (True, True)])
@pytest.mark.parametrize("both", [False, True])
def test_a_product_is_made_and_added_up_block_by_block(columns_long, turned, both):
    rows, columns = (FEW, LONG) if columns_long else (LONG, FEW)
    left = array(INNER, rows) if turned[0] else array(rows, INNER)
    right = array(columns, INNER) if turned[1] else array(INNER, columns)
    long, small = (right, left) if columns_long else (left, right)
    small.requires_grad = True
    long.requires_grad = both
    product = matmul_primitive(
        swapped(left, -1, -2) if turned[0] else left, swapped(right, -1, -2) if turned[1] else right
    )
    loss = reduce_sum(primitives.mul(e.sin(product), array(rows, columns)), attrs=((-2, -1),))
    gradients = reverse([loss], [leaf(np.float64(1.0))], [small, long] if both else [small])
    text = agree([loss, *gradients])
    assert any("matmul(" in line for line in blocks(text))
    assert any(" @ " in line for line in blocks(text)) != both  # of a long result each block leaves too much


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("row", [False, True])
@pytest.mark.parametrize("penalty", [False, True])
def test_a_matrix_is_read_once_for_a_product_with_a_vector_and_its_gradient(row, turned, penalty):
    terms = 2 * FEW
    shape = (terms, LONG) if row else (LONG, terms)
    data = swapped(array(*shape[::-1]), -1, -2) if turned else array(*shape)
    vector, offset = array(terms, grad=True), array(1, grad=True)
    column = reshape_to(vector, (1, terms) if row else (terms, 1))
    product = matmul_primitive(column, data) if row else matmul_primitive(data, column)
    each = primitives.add(reshape_to(product, (LONG,)), expand_to(offset, (LONG,)))
    loss = reduce_sum(primitives.mul(e.sin(each), array(LONG)), attrs=((-1,),))
    if penalty:
        loss = primitives.add(loss, reduce_sum(primitives.mul(vector, vector), attrs=((-1,),)))
    text = agree([loss, *reverse([loss], [leaf(np.float64(1.0))], [vector, offset])])
    assert text.count("block by block") == 1 + penalty  # which goes over the vector
    assert sum("matmul(" in line for line in blocks(text)) == 1
    assert any(" @ " in line for line in blocks(text))


@pytest.mark.parametrize("row", [False, True])
def test_what_is_computed_in_blocks_leaves_its_products_with_vectors(row):
    x, scale, vector = array(LONG, 2 * FEW), array(1, 2 * FEW, grad=True), array(2 * FEW, grad=True)
    kernel = e.sin(primitives.mul(x, scale))
    if row:
        product = matmul_primitive(reshape_to(vector, (1, 2 * FEW)), swapped(kernel, -1, -2))
    else:
        product = matmul_primitive(kernel, reshape_to(vector, (2 * FEW, 1)))
    other = array(LONG)
    both = matmul_primitive(reshape_to(other, (1, LONG)), kernel)
    loss = reduce_sum(primitives.mul(reshape_to(product, (LONG,)), other), attrs=((-1,),))
    wanted = [loss, both, *reverse([loss], [leaf(np.float64(1.0))], [scale, vector])]
    text = agree(wanted)
    assert any(" @ " in line for line in blocks(text))


@pytest.mark.parametrize("dim", [-1, -2])
def test_rows_and_columns_of_a_product_are_normalised_where_they_are_made(dim):
    x, w, b = array(LONG, INNER), array(INNER, FEW, grad=True), array(FEW, grad=True)
    logs = log_softmax_primitive(primitives.add(matmul_primitive(x, w), b), attrs=(dim,))
    loss = reduce_sum(primitives.mul(logs, array(LONG, FEW)), attrs=((-2, -1),))
    agree([loss, *reverse([loss], [leaf(np.float64(1.0))], [w, b])])


def test_a_product_may_be_asked_for_or_broadcast_or_equal_all_along():
    x, w = array(LONG, INNER), array(INNER, FEW, grad=True)
    product = matmul_primitive(x, w)
    (gradient,) = reverse([product], [array(LONG, FEW)], [w])
    agree([product, gradient, e.exp(product)])
    spread = primitives.mul(reshape_to(product, (1, LONG, FEW)), array(3, LONG, FEW))
    loss = reduce_sum(e.tanh(spread), attrs=((-3, -2, -1),))
    agree([loss, *reverse([loss], [leaf(np.float64(1.0))], [w])])
    agree(list(reverse([product], [expand_to(array(FEW), (LONG, FEW))], [w])))
    agree([matmul_primitive(swapped(x, -1, -2), e.exp(expand_to(array(FEW), (LONG, FEW))))])


def test_what_follows_is_read_as_an_array_by_later_products():
    x, w, v = array(LONG, INNER), array(INNER, FEW, grad=True), array(FEW, FEW, grad=True)
    hidden = e.tanh(matmul_primitive(x, w))
    loss = reduce_sum(e.sin(matmul_primitive(hidden, v)), attrs=((-2, -1),))
    agree([loss, *reverse([loss], [leaf(np.float64(1.0))], [w, v])])


def test_gradients_of_a_regression_are_the_same_on_any_number_of_threads():
    draw = np.random.default_rng(0)
    x, w = draw.normal(size=(20_000, 30)), draw.normal(size=(30, 40))
    target = draw.integers(0, 40, 20_000)
    found = []
    for threads in (1, 2, 3):
        with settings.using(threads=threads, eager=True):
            result = gradcli.compile("loss = cross_entropy(x @ w, y)", wrt=["w"])(x=x, w=w, y=target)
            found.append(result.grads["w"])
    shares = np.exp(x @ w)
    shares /= shares.sum(1, keepdims=True)
    shares[np.arange(len(x)), target] -= 1
    np.testing.assert_allclose(found[0], x.T @ shares / len(x), rtol=1e-9, atol=1e-12)
    assert all(np.array_equal(found[0], each) for each in found)


def test_small_values_that_no_group_leads_to_are_no_barrier():
    x, w, y = array(LONG, INNER), array(INNER, 1, grad=True), array(LONG, 1)
    product = matmul_primitive(x, w)
    loss = reduce_sum(primitives.mul(e.exp(product), e.sin(e.sin(y))), attrs=((-2, -1),))
    wanted = [loss, *reverse([loss], [leaf(np.float64(1.0))], [w])]
    with settings.using(large=LONG, block=7):  # y is small, x is not
        numbered = Numbered(pending(wanted)[0], wanted, large=True)
        assert plan_of(numbered).describe().count("block by block") == 1
    agree(wanted)


def test_a_product_that_is_wanted_the_other_way_round_is_computed_so():
    x, w = array(6, 5), array(4, 5, grad=True)
    y = matmul_primitive(x, swapped(w, -1, -2))
    (gradient,) = reverse([y], [array(6, 4)], [w])
    text = agree([gradient])
    assert text.index("permute") < text.index("matmul")  # a factor, and not the result
    whole = matmul_primitive(x, swapped(w, -1, -2))
    both = [swapped(whole, -1, -2), primitives.scale(whole, 2.0)]
    assert agree(both).count("matmul") == 1  # which another reads as it is


def test_what_is_only_added_up_is_a_call_unless_it_is_long():
    x = leaf(np.linspace(-1, 1, 60))
    wanted = [reduce_sum(x, attrs=((-1,),))]
    for large, text in ((10, "sum("), (5, "add.reduce(")):
        with settings.using(large=large, block=7, threads=1):
            numbered = Numbered(pending(wanted)[0], wanted, large=True)
            plan = plan_of(numbered)
            np.testing.assert_allclose(plan.run(numbered.values()), [0], atol=1e-13)
        assert text in plan.describe()


@pytest.mark.parametrize(
    ("left", "right", "out", "called"),
    [
        ("ij", "jk", "ik", "matmul"),
        ("ij", "jk", "ki", "matmul"),
        ("ji", "kj", "ik", "matmul"),
        ("ij", "j", "i", "matmul"),
        ("j", "kj", "k", "matmul"),
        ("bij", "bkj", "ibk", "matmul"),
        ("bqhd", "bkhd", "bhqk", "matmul"),
        ("bi", "bi", "b", "einsum"),
        ("bij", "ij", "b", "einsum"),
        ("bij", "jk", "bik", "einsum"),
    ],
)
def test_a_contraction_that_is_a_product_of_matrices_is_one(left, right, out, called):
    sizes = dict(zip("ijkbhqd", (30, 20, 15, 3, 4, 12, 6), strict=True))
    one, other = [array(*[sizes[each] for each in term], grad=True) for term in (left, right)]
    value = contract(one, other, attrs=((left, right), out))
    gradients = reverse([value], [array(*value.shape)], [one, other])
    assert called in agree([value])
    agree([value, *gradients])


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("lead", [(5,), (2, 3)])
def test_the_gradient_by_weights_of_a_batch_is_one_product(lead, turned):
    x, w = array(*lead, 4, 6), array(*(7, 6) if turned else (6, 7), grad=True)
    y = matmul_primitive(x, swapped(w, -1, -2) if turned else w)
    wanted = reverse([y], [array(*y.shape)], [w])
    text = agree(wanted)
    assert text.count("matmul(") == 1
    assert "sum(" not in text


@pytest.mark.parametrize("dims", [(-3,), (-4,), (-4, -3)])
@pytest.mark.parametrize("turned", [False, True])
def test_only_sums_over_the_whole_batch_are_products(dims, turned):
    left = swapped(array(2, 3, 6, 4), -1, -2) if turned else array(2, 3, 4, 6)
    text = agree([reduce_sum(matmul_primitive(left, array(2, 3, 6, 5)), attrs=(dims,))])
    assert ("reduce" in text or "sum(" in text) is not (turned and len(dims) == 2)
