"""Gradients of what is built on a Cholesky factor are those of the same by inverse and determinant."""

from __future__ import annotations

import numpy as np
import pytest

import gradcli
from gradcli.engine import triangles
from gradcli.ops.cholesky import cholesky_primitive
from gradcli.ops.linalg import invert_triangle
from gradcli.ops.products import matmul_primitive
from gradcli.tape.node import postorder

COVARIANCE = "K = a @ a.T/len(a) + eye(len(a), dtype=float64)\n"
FACTOR = COVARIANCE + "L = linalg.cholesky(K)\n"
SOLVED = FACTOR + "v = linalg.solve_triangular(L, x, upper=False)\n"
LOG = "sum(log(diagonal(L)))"

LIKELIHOODS = {
    "sum of squares": (SOLVED + f"loss = 0.5*sum(v**2) + {LOG}", "0.5*sum(x*S) + 0.5*logdet(K)"),
    "products": (SOLVED + f"loss = sum(v*v)/2 + {LOG}", "0.5*sum(x*S) + 0.5*logdet(K)"),
    "no determinant": (SOLVED + "loss = 3*sum(v**2)", "3*sum(x*S)"),
    "of each column": (
        SOLVED + f"loss = sum(log(1 + sum(v**2, 0)/3)) + {LOG}",
        "sum(log(1 + sum(x*S, 0)/3)) + 0.5*logdet(K)",
    ),
    "weighted columns": (SOLVED + f"loss = sum(w*v**2) - {LOG}", "sum(w*x*S) - 0.5*logdet(K)"),
    "two systems": (
        SOLVED + f"loss = sum(x*linalg.solve_triangular(L.T, v, upper=True)) + {LOG}",
        "sum(x*S) + 0.5*logdet(K)",
    ),
    "square of both": (
        SOLVED + f"loss = sum(linalg.solve_triangular(L.T, v, upper=True)**2) + {LOG}",
        "sum(S**2) + 0.5*logdet(K)",
    ),
    "upper": (
        COVARIANCE
        + "L = linalg.cholesky(K, upper=True)\nv = linalg.solve_triangular(L.T, x, upper=False)\n"
        + f"loss = 0.5*sum(v**2) + {LOG}",
        "0.5*sum(x*S) + 0.5*logdet(K)",
    ),
    "vector": (
        FACTOR
        + "v = linalg.solve_triangular(L, x[:, :1], upper=False).squeeze(1)\n"
        + f"loss = 0.5*(v @ v) + 2*{LOG}",
        "0.5*sum(x[:, 0]*S[:, 0]) + logdet(K)",
    ),
    "determinant": (FACTOR + f"loss = 2*{LOG}", "logdet(K)"),
}
OTHERS = {
    "powers of the diagonal": FACTOR + "loss = sum(diagonal(L)**3)",
    "odd powers": SOLVED + f"loss = sum(v**3) + {LOG} + sum(linalg.solve_triangular(L, x, upper=False)**2)",
    "the factor itself": SOLVED
    + f"loss = sum(sin(L)) + sum(v**2) + {LOG} + sum(linalg.solve_triangular(L.T, v, upper=True)*x)",
    "ones on the diagonal": FACTOR
    + "loss = sum(linalg.solve_triangular(L, x, upper=False, unitriangular=True)**2)",
    "from the right": FACTOR + "loss = sum(linalg.solve_triangular(L.T, x.T, upper=True, left=False)**2)",
    "another matrix": FACTOR + "loss = sum(linalg.solve_triangular(L.T, x, upper=True)**2)",
    "with a branch": SOLVED + f"loss = sum(where(v > 0, v**2, v*0)) + sum(v**2) + {LOG}",
}


def given(size, columns=6):
    draw = np.random.default_rng(size)
    return {
        "a": draw.standard_normal((size, size)),
        "x": draw.standard_normal((size, columns)),
        "w": draw.uniform(0.5, 2.0, columns),
    }


def used(source, inputs):
    return {name: each for name, each in inputs.items() if name != "w" or "w*" in source}


@pytest.mark.parametrize("size", [5, 70])
@pytest.mark.parametrize("trained", [["a"], ["a", "x"]])
@pytest.mark.parametrize("name", LIKELIHOODS)
def test_likelihoods_by_inverse_and_determinant(name, trained, size):
    source, dense = LIKELIHOODS[name]
    inputs = given(size)
    if name == "determinant":
        trained = ["a"]
        del inputs["x"]
    dense = COVARIANCE + ("S = linalg.inv(K) @ x\n" if "S" in dense else "") + f"loss = {dense}"
    found = gradcli.evaluate(source, used(source, inputs), wrt=trained)
    expected = gradcli.evaluate(dense, used(source, inputs), wrt=trained)
    compiled = gradcli.compile(source, wrt=trained)
    for _ in range(2):
        again = compiled(**used(source, inputs))
    for each in trained:
        scale = np.abs(expected.grads[each]).max()
        np.testing.assert_allclose(found.grads[each], expected.grads[each], rtol=0, atol=1e-12 * scale)
        np.testing.assert_allclose(again.grads[each], expected.grads[each], rtol=0, atol=1e-12 * scale)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_their_second_derivatives(name):
    source, dense = LIKELIHOODS[name]
    inputs = given(3)
    if name == "determinant":
        del inputs["x"]
    dense = COVARIANCE + ("S = linalg.inv(K) @ x\n" if "S" in dense else "") + f"loss = {dense}"
    found, expected = (
        gradcli.evaluate(text, used(source, inputs), wrt=["a"], hessian=True).hessian["a"]["a"]
        for text in (source, dense)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("size", [5, 70])
@pytest.mark.parametrize("name", OTHERS)
def test_anything_else_by_differences(name, size):
    inputs = used(OTHERS[name], given(size))
    if "x" not in OTHERS[name].removeprefix(COVARIANCE):
        del inputs["x"]
    program = gradcli.compile(OTHERS[name], wrt=["a"])
    direction = np.random.default_rng(1).standard_normal((size, size))
    step = 1e-6
    ahead, behind = (
        program(**{**inputs, "a": inputs["a"] + sign * step * direction}).values["loss"] for sign in (1, -1)
    )
    slope = np.vdot(program(**inputs).grads["a"], direction)
    assert slope == pytest.approx((ahead - behind) / (2 * step), rel=1e-6)


@pytest.mark.parametrize("name", ["sum of squares", "of each column", "two systems", "upper"])
def test_a_likelihood_takes_one_product_of_full_matrices(name, monkeypatch):
    """Beside that of `a` with itself and its cotangent, which makes three."""
    recorded = []
    rule = cholesky_primitive.rule

    def watched(g, node):
        (found,) = rule(g, node)
        recorded.append([each for each in postorder([found], lambda each: each.inputs) if not each.call])
        return [found]

    monkeypatch.setattr(cholesky_primitive, "rule", watched)
    gradcli.evaluate(LIKELIHOODS[name][0], used(LIKELIHOODS[name][0], given(200)), wrt=["a"])
    full = [
        each
        for each in recorded[0]
        if each.op is matmul_primitive and {each.inputs[0].shape, each.inputs[1].shape} == {(200, 200)}
    ]
    assert [each.inputs[1].op for each in full] == [invert_triangle]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("size", [3, 40, 49, 200])
def test_triangles_are_inverted(size, upper, dtype):
    a = np.tril(np.random.default_rng(size).standard_normal((2, size, size)))
    a = (a / size + 2 * np.eye(size)).astype(dtype)
    rest = np.triu(np.full((size, size), np.nan, dtype), 1)  # of which nothing is read
    for order in "CF":
        given = np.asarray(a.swapaxes(-1, -2) + rest.T if upper else a + rest, order=order)
        found = invert_triangle.compute(given, upper)
        expected = np.linalg.inv(a.swapaxes(-1, -2) if upper else a)
        np.testing.assert_allclose(found, expected, atol=1e-13 if dtype is np.float64 else 1e-5)
        assert not np.any(np.tril(found, -1) if upper else np.triu(found, 1))


@pytest.mark.parametrize("columns", [1, triangles.FEW, triangles.FEW + 1, 300])
@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("unit", [False, True])
def test_few_columns_are_solved_like_many(columns, upper, unit):
    size = 200
    draw = np.random.default_rng(0)
    a = np.tril(draw.standard_normal((size, size))) / size + 2 * np.eye(size)
    b = draw.standard_normal((2, size, columns))
    for given in (a, np.asfortranarray(a)):
        given = given.T if upper else given
        full = given - np.diag(np.diag(given)) + np.eye(size) if unit else given
        found = np.empty_like(b)
        triangles.solve(np.broadcast_to(given, (2, size, size)), b, upper, unit, found)
        np.testing.assert_allclose(full @ found, b, atol=1e-12)
        triangles.solve(given, b[0], upper, unit, found[0])
        np.testing.assert_allclose(full @ found[0], b[0], atol=1e-12)
