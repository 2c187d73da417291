"""What a branch that was not taken would have contributed is zero: in both modes, to every order.

Where nothing is taken the answer is zero, where a part is taken that of the part alone, in closed form.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.engine import run as engine
from gradcli.tape import untaken
from gradcli.tape.general import General
from gradcli.tape.node import Node, leaf

MATRIX = "A = x.reshape(2, 2)\n"
INFINITE = "A = (1/x).reshape(2, 2)\n"
UNTAKEN: list[tuple[str, list[float]]] = [
    ("(1/x) @ (1/x)", [0, 2]),
    (INFINITE + "(A @ A).sum()", [0, 2, 1, 3]),
    (INFINITE + "mv(A, 1/x[:2]).sum()", [0, 2, 1, 3]),
    ("einsum('i,i->', 1/x, 1/x)", [0, 2]),
    ("outer(1/x, 1/x).sum()", [0, 2]),
    ("conv1d(x.reshape(1, 1, 3), (1/x[:2]).reshape(1, 1, 2)).sum()", [0, 2, 3]),
    ("log(x).logsumexp(0)", [0, 2]),
    ("log(x).logsumexp(0)", [0, 0]),
    ("log(x).logcumsumexp(0)[1]", [0, 2]),
    ("log_softmax(1/x, 0)[1]", [0, 2]),
    ("softmax(1/x, 0)[0]", [0, 2]),
    ("cross_entropy(log(x).reshape(1, 2), tensor([0]))", [0, 2]),
    ("norm(1/x)", [0, 2]),
    ("norm(sqrt(x), 3)", [0, 2]),
    ("(x / norm(x)).sum()", [0, 0]),
    ("x / (x @ x) @ x", [0, 0]),
    ("sqrt(x).prod()", [0, 2]),
    ("(1/x).prod()", [0, 2]),
    ("(1/x).cumsum(0)[1]", [0, 2]),
    ("sqrt(x).cumprod(0)[1]", [0, 2]),
    ("(1/x).cumprod(0)[1]", [0, 2]),
    ("sqrt(x).max()", [0, 0]),
    ("sqrt(x).median()", [0, 2, 3]),
    ("(1/x).var()", [0, 2]),
    ("x.std()", [1, 1]),
    ("(1/x).gather(0, tensor([0, 1])).sum()", [0, 2]),
    ("stack([1/x, sqrt(x)]).prod()", [0, 2]),
    (INFINITE + "linalg.solve(A, tensor([1., 2.])).sum()", [0, 2, 1, 3]),
    (INFINITE + "linalg.solve_triangular(A, ones(2, 1), upper=True).sum()", [0, 2, 1, 3]),
    (INFINITE + "linalg.inv(A).sum()", [0, 2, 1, 3]),
    (INFINITE + "linalg.det(A)", [0, 2, 1, 3]),
    (INFINITE + "linalg.matrix_exp(A).sum()", [0, 2, 1, 3]),
    (MATRIX + "linalg.eigh(A)[1].sum()", [1, 0, 0, 1]),
    (MATRIX + "linalg.svd(A)[0].sum()", [1, 0, 0, 1]),
    (MATRIX + "linalg.qr(A)[0].sum()", [1, 0, 0, 0]),
]
TAKEN: list[tuple[str, list[float], list[float], list[float]]] = [
    # rows of a product; those that are left out are infinite
    (
        INFINITE + "P = A @ tensor([[1., 2.], [3., 4.]])\nwhere(isfinite(P), P, 0).sum()",
        [0, 2, 1, 3],
        [0, 0, -3, -7 / 9],
        [0, 0, 6, 14 / 27],
    ),
    # columns
    (
        INFINITE + "P = tensor([[1., 2.], [3., 4.]]) @ A\nwhere(isfinite(P), P, 0).sum()",
        [0, 2, 1, 4],
        [0, -4 / 4, 0, -6 / 16],
        [0, 8 / 8, 0, 12 / 64],
    ),
    # slices of reductions and of what works along a dim
    (
        MATRIX + "where(tensor([False, True]), norm(1/A, dim=1), 0).sum()",
        [0, 2, 1, 1],
        [0, 0, -(0.5**0.5), -(0.5**0.5)],
        [0, 0, 2.5 * 0.5**0.5, 2.5 * 0.5**0.5],
    ),
    (
        MATRIX + "where(tensor([False, True]), (1/A).prod(1), 0).sum()",
        [0, 2, 2, 4],
        [0, 0, -1 / 16, -1 / 32],
        [0, 0, 1 / 16, 1 / 64],
    ),
    (
        MATRIX + "where(tensor([[False], [True]]), (1/A).cumprod(1), 0)[:, 1].sum()",
        [0, 2, 2, 4],
        [0, 0, -1 / 16, -1 / 32],
        [0, 0, 1 / 16, 1 / 64],
    ),
    (
        MATRIX + "where(tensor([False, True]), log(A).logsumexp(1), 0).sum()",
        [0, 2, 1, 3],
        [0, 0, 1 / 4, 1 / 4],
        [0, 0, -1 / 16, -1 / 16],
    ),
    # one matrix of a batch
    (
        "A = (1/x).reshape(2, 1, 1)\nwhere(tensor([False, True]), linalg.inv(A).sum((1, 2)), 0).sum()",
        [0, 3],
        [0, 1],
        [0, 0],
    ),
    # the mask first: what does not move is moved by nothing
    ("sqrt(relu(x)).sum()", [-1, 4], [0, 1 / 4], [0, -1 / 32]),
    ("sqrt(clamp(x, min=0)).sum()", [-1, 4], [0, 1 / 4], [0, -1 / 32]),
    # what is cut off
    ("clamp(log(x), min=0).sum()", [0, 2], [0, 1 / 2], [0, -1 / 4]),
    ("clamp_min(log(x), tensor(0.)).sum()", [0, 2], [0, 1 / 2], [0, -1 / 4]),
    ("clamp_max(-log(x), tensor(0.)).sum()", [0, 2], [0, -1 / 2], [0, 1 / 4]),
    ("clamp(log(x), tensor(-1.), tensor(9.)).sum()", [0, 2], [0, 1 / 2], [0, -1 / 4]),
    ("(1/relu(x)) @ tensor([0., 1.])", [-1, 4], [0, -1 / 16], [0, 2 / 64]),
    ("log(relu(x)).logsumexp(0)", [-1, 4], [0, 1 / 4], [0, -1 / 16]),
    # a zero that was taken is no mask: its derivatives count
    ("((relu(x) @ tensor([1., 2.]) - 5)**2)", [1, 2], [0, 0], [2, 8]),
]


def _last(program: str) -> tuple[str, str]:
    head, _, last = program.rpartition("\n")
    return head + "\n", last


def _every_way(program: str, x: list[float]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The gradient, and the diagonal of the Hessian, in each way that there is."""
    inputs, ones = {"x": np.array(x, float)}, {"x": np.ones(len(x))}
    head, last = _last(program)
    again = f"{head}y = {last}\ng = autograd.grad(y, x, create_graph=True)[0]\n"
    firsts = {
        "reverse": gradcli.evaluate(program, inputs).grads["x"],
        "forward": gradcli.evaluate(program, inputs, jacobian=True, mode="forward").jacobian["result"]["x"],
        "jvp": gradcli.evaluate(program, inputs, jvp=ones).jvp["result"],
    }
    hessian = gradcli.evaluate(program, inputs, hessian=True).hessian["x"]["x"]
    seconds = {
        "hessian": hessian,
        "hvp": gradcli.evaluate(program, inputs, hvp=ones).hvp["x"],
        "order": gradcli.evaluate(program, inputs, order=2).orders["x"][1],
        "reverse over reverse": gradcli.evaluate(
            again + "autograd.grad(g.sum(), x, allow_unused=True)[0]", inputs, wrt=[]
        ).values["result"],
    }
    return firsts, seconds


@pytest.mark.parametrize(("program", "x"), UNTAKEN, ids=lambda value: value if isinstance(value, str) else "")
def test_a_branch_that_was_not_taken_contributes_nothing(program: str, x: list[float]) -> None:
    head, last = _last(program)
    firsts, seconds = _every_way(f"{head}where(tensor(False), {last}, 0*x.sum())", x)
    assert {way: np.any(found) for way, found in {**firsts, **seconds}.items()} == dict.fromkeys(
        [*firsts, *seconds], False
    )


@pytest.mark.parametrize(
    ("program", "x", "first", "second"), TAKEN, ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_was_taken_is_what_it_would_be_alone(
    program: str, x: list[float], first: list[float], second: list[float]
) -> None:
    firsts, seconds = _every_way(program, x)
    np.testing.assert_allclose(firsts["reverse"], first)
    np.testing.assert_allclose(firsts["forward"], first)
    np.testing.assert_allclose(firsts["jvp"], sum(first))
    hessian = seconds["hessian"]
    np.testing.assert_allclose(np.diag(hessian), second)
    np.testing.assert_allclose(seconds["hvp"], hessian.sum(1))
    np.testing.assert_allclose(seconds["reverse over reverse"], hessian.sum(1))


@pytest.mark.parametrize("reads", [True, False])
def test_a_tangent_that_is_not_finite_counts_where_an_input_moves_or_nothing_is_read(reads: bool) -> None:
    x, still, moves = (leaf(np.array(each)) for each in ([1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [0.0, 1.0, 1.0]))
    infinite = leaf(np.array([np.inf, np.nan, 5.0]))

    def made(tangent: Any = None) -> Node:
        op = General(
            "op",
            lambda *_: None,
            lambda a, b: (a.shape, a.dtype),
            lambda *_: (),
            tangent=tangent,
            reads=reads,
        )
        return op(x, x)

    def found(*tangents: Node | None) -> list[float]:
        result = untaken.tangent(made(lambda node, given: infinite), tangents, True)
        assert result is not None
        return [float(each) for each in engine.value(result)]

    # Where no input moves; what is finite stays.
    np.testing.assert_equal(found(still, None), [0, 0, 5] if reads else [np.inf, np.nan, 5])
    np.testing.assert_equal(found(None, moves), [np.inf, np.nan, 5])
    np.testing.assert_equal(found(still, moves), [np.inf, np.nan, 5])
    assert untaken.tangent(made(), (moves, None), True) is NotImplemented
    assert untaken.tangent(made(lambda *_: None), (moves, None), True) is None
    assert untaken.tangent(made(lambda *_: infinite), (None, None), True) is None
