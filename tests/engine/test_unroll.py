"""Small arrays taken apart: the values are those of arrays, with every convention of the kernels."""

from __future__ import annotations

import numpy as np
import pytest

import gradcli
from gradcli.engine.numbering import Numbered
from gradcli.engine.run import pending
from gradcli.engine.unroll import MOST_NUMBERS, unrolled
from gradcli.ops.products import matmul_primitive
from gradcli.tape import primitives
from gradcli.tape.node import leaf

FILTER = """
m = zeros(2, dtype=float64)
P = eye(2, dtype=float64)
h = stack([c, 1 - c])
loss = 0
for t in range(len(y)):
    m = A @ m
    P = A @ P @ A.T + 0.1*eye(2, dtype=float64)
    S = h @ P @ h + exp(s)
    k = P @ h/S
    v = y[t] - h @ m
    m = m + k*v
    P = P - k[:, None]*(h @ P)
    loss = loss + 0.5*(v*v/S + log(S))
"""
PROGRAMS = {
    "filter": (FILTER, {"A": (2, 2), "s": (), "c": ()}, {"y": (5,)}),
    "rotations": (
        (
            "R = stack([stack([cos(a), -sin(a)]), stack([sin(a), cos(a)])])\n"
            "for _ in range(6): v = R @ v; w = where(v > 0, v, 0.1*v).flip(0) + relu(v); v = v + 0.1*w\n"
            "sum(v**2) + max(v)"
        ),
        {"a": (), "v": (2,)},
        {},
    ),
    "indexing": (
        (
            "for t in range(4): x = cat([x[1:], x[:1]*x[2]]); z = x*2; z[0] = x[1]/(2 + abs(x[3])); x = z\n"
            "(x*torch.tril(outer(x, x))).sum() + sqrt(abs(x)).sum()"
        ),
        {"x": (4,)},
        {},
    ),
    "batches": (
        (
            "for _ in range(3): M = tanh(M @ N - M.transpose(1, 2)); N = N*N.sum(0, keepdim=True)\n"
            "einsum('bij,jk,bik->b', M, N, M).sum()"
        ),
        {"M": (2, 2, 2), "N": (2, 2)},
        {},
    ),
    "from a long array": (
        "sum([x[t]*x[t + 1:t + 3].dot(w) for t in range(60)])",
        {"w": (2,), "x": (64,)},
        {},
    ),
}


def _drawn(shapes, seed):
    draw = np.random.default_rng(seed)
    return {name: np.asarray(draw.normal(size=shape)) for name, shape in shapes.items()}


def _agree(source, inputs, wrt):
    program = gradcli.compile(source, wrt=wrt)
    program(**inputs)
    program(**inputs)  # from here on it is compiled
    found, expected = program(**inputs), gradcli.evaluate(source, inputs, wrt=wrt)
    for one, other in ((found.values, expected.values), (found.grads, expected.grads)):
        for name in found.roots if one is found.values else other:
            assert one[name].dtype == other[name].dtype
            np.testing.assert_allclose(one[name], other[name], rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", PROGRAMS)
def test_values_and_gradients_are_those_of_evaluate(name, seed):
    source, trained, given = PROGRAMS[name]
    _agree(source, _drawn({**trained, **given}, seed), list(trained))


@pytest.mark.parametrize("value", [0.0, -1.0, np.inf, -np.inf, np.nan, 1e200])
@pytest.mark.parametrize(
    "source",
    [
        "for _ in range(4): x = x @ M + 1/x",
        "for _ in range(4): x = where(x > 0, sqrt(x), x @ M)\nx = x[:1]/x[1:]",
        "y = x; x = x*2; x[0] = 1.0\nfor _ in range(4): x = x @ M/y[1] + x[0]",
        "for _ in range(4): x = (x*x)*x; x = x @ M",
    ],
)
def test_what_python_refuses_and_what_is_not_finite(source, value):
    inputs = {"x": np.array([value, 2.0]), "M": np.array([[0.5, -1.0], [2.0, 0.25]])}
    _agree(f"{source}\nsum(x)", inputs, ["x", "M"])


def _numbered(inputs, wanted):
    order, large = pending([wanted])
    assert not large
    return Numbered(order, [wanted], inputs)


def test_products_of_small_matrices_are_operations_on_numbers():
    a, b = leaf(np.eye(2), True), leaf(np.eye(2), True)
    wanted = a
    for _ in range(4):
        wanted = primitives.reshape_to(primitives.mul(matmul_primitive(wanted, b), a), (2, 2))
    found = unrolled(_numbered([a, b], wanted))
    assert found is not None
    assert not any(row[0] is matmul_primitive for row in found.rows)
    # 4 times 8 products in 4 sums and 4 more products; what leads in and out; nothing for moving.
    assert len(found.rows) == 2 + 2 + 2 * 4 + 4 * (8 + 4 + 4) + 1


def test_one_call_is_not_worth_taking_arrays_apart():
    a = leaf(np.eye(2), True)
    assert unrolled(_numbered([a], matmul_primitive(a, a))) is None


def test_larger_arrays_stay():
    a = leaf(np.eye(4), True)
    wanted = a
    for _ in range(9):
        wanted = matmul_primitive(wanted, a)
    assert unrolled(_numbered([a], wanted)) is None


def test_what_would_be_too_long_a_function_stays():
    a = leaf(np.ones(8), True)
    wanted = a
    for _ in range(MOST_NUMBERS // 8 + 1):
        wanted = primitives.mul(wanted, a)
    assert unrolled(_numbered([a], wanted)) is None
