"""Products, solvers, determinants, powers, norms: NumPy's answers, identities, finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.linalg
from op_checks import Caller, assert_derivatives, call

import gradcli
from gradcli.engine import triangles
from gradcli.errors import GradcliError
from gradcli.ops.matrix_functions import _best_order
from rows import grouped

draw = np.random.default_rng(0)
A, B, C = draw.normal(size=(2, 3)), draw.normal(size=(3, 4)), draw.normal(size=(4, 2))
U, V = draw.normal(size=3), draw.normal(size=3)
ONE = np.ones(3, np.float32)
BATCH, OTHER = draw.normal(size=(2, 2, 3)), draw.normal(size=(2, 3, 2))
REGULAR = draw.normal(size=(3, 3)) + 2 * np.eye(3)
STACK = draw.normal(size=(2, 2, 2)) + 2 * np.eye(2)
LOWER = np.tril(REGULAR)
SINGULAR = np.array([[1.0, 2, 3], [2, 4, 6], [0, 1, -1]])

CASES: list[tuple[str, tuple[Any, ...], dict[str, Any], Any]] = [
    ("matmul", (A, B), {}, A @ B),
    ("matmul", (A, U), {}, A @ U),
    ("matmul", (U, B), {}, U @ B),
    ("matmul", (U, V), {}, U @ V),
    ("matmul", (BATCH, B), {}, BATCH @ B),
    ("matmul", (A, OTHER), {}, A @ OTHER),
    ("mm", (A, B), {}, A @ B),
    ("mv", (A, V), {}, A @ V),
    ("bmm", (BATCH, OTHER), {}, BATCH @ OTHER),
    ("vdot", (U, V), {}, U @ V),
    ("inner", (BATCH, A), {}, np.inner(BATCH, A)),
    ("outer", (U, V), {}, np.outer(U, V)),
    ("kron", (A, BATCH), {}, np.kron(A, BATCH)),
    ("kron", (U, V), {}, np.kron(U, V)),
    ("cross", (U, V), {}, np.cross(U, V)),
    ("linalg.cross", (A, U[None]), {}, np.cross(A, U[None])),
    ("linalg.vecdot", (A, U), {}, A @ U),
    ("einsum", ("ij,jk->ki", A, B), {}, (A @ B).T),
    ("einsum", ("...ij,kj->...ik", BATCH, A), {}, BATCH @ A.T),
    ("einsum", ("ij,j,ik->k", REGULAR, U, REGULAR), {}, np.einsum("ij,j,ik->k", REGULAR, U, REGULAR)),
    ("einsum", ("ii->i", REGULAR), {}, np.diag(REGULAR)),
    ("einsum", ("ij->", A), {}, A.sum()),
    ("tensordot", (BATCH, OTHER), {"dims": ([0, 2], [0, 1])}, np.tensordot(BATCH, OTHER, ([0, 2], [0, 1]))),
    ("tensordot", (A, B), {"dims": 1}, A @ B),
    ("tensordot", (U, V), {"dims": 0}, np.outer(U, V)),
    ("addmm", (C[:2], A, A.T), {"beta": 0.5, "alpha": 3}, 0.5 * C[:2] + 3 * A @ A.T),
    ("addmv", (U[:2], A, V), {"alpha": 2}, U[:2] + 2 * A @ V),
    ("addbmm", (C[:2], BATCH, OTHER), {}, C[:2] + (BATCH @ OTHER).sum(0)),
    ("baddbmm", (C[:2], BATCH, OTHER), {"beta": 2}, 2 * C[:2] + BATCH @ OTHER),
    ("addr", (REGULAR, U, V), {"alpha": -1}, REGULAR - np.outer(U, V)),
    ("linalg.multi_dot", ([A, B, C],), {}, A @ B @ C),
    ("linalg.multi_dot", ([U, B, C[:, 0]],), {}, U @ B @ C[:, 0]),
    ("linalg.inv", (REGULAR,), {}, np.linalg.inv(REGULAR)),
    ("linalg.inv", (STACK,), {}, np.linalg.inv(STACK)),
    ("linalg.pinv", (A,), {}, np.linalg.pinv(A)),
    ("linalg.pinv", (B.T,), {}, np.linalg.pinv(B.T)),
    ("linalg.det", (REGULAR,), {}, np.linalg.det(REGULAR)),
    ("linalg.det", (STACK,), {}, np.linalg.det(STACK)),
    ("linalg.det", (SINGULAR,), {}, 0.0),
    ("logdet", (REGULAR @ REGULAR.T,), {}, np.linalg.slogdet(REGULAR @ REGULAR.T)[1]),
    ("linalg.solve", (REGULAR, B), {}, np.linalg.solve(REGULAR, B)),
    ("linalg.solve", (REGULAR, U), {}, np.linalg.solve(REGULAR, U)),
    ("linalg.solve", (STACK, A), {}, np.linalg.solve(STACK, A)),
    ("linalg.solve", (REGULAR, A), {"left": False}, A @ np.linalg.inv(REGULAR)),
    (
        "linalg.solve_triangular",
        (REGULAR, B),
        {"upper": False},
        scipy.linalg.solve_triangular(LOWER, B, lower=True),
    ),
    ("linalg.solve_triangular", (REGULAR, A), {"upper": False, "left": False}, A @ np.linalg.inv(LOWER)),
    ("linalg.matrix_power", (REGULAR, 5), {}, np.linalg.matrix_power(REGULAR, 5)),
    ("linalg.matrix_power", (STACK, -3), {}, np.linalg.matrix_power(STACK, -3)),
    ("linalg.matrix_power", (REGULAR, 0), {}, np.eye(3)),
    ("linalg.matrix_exp", (REGULAR,), {}, scipy.linalg.expm(REGULAR)),
    ("linalg.matrix_exp", (STACK,), {}, scipy.linalg.expm(STACK)),
    ("linalg.vander", (U,), {"N": 4}, np.vander(U, 4, increasing=True)),
    ("linalg.norm", (A,), {}, np.linalg.norm(A)),
    ("linalg.norm", (A, 3.0, 1), {}, np.linalg.norm(A, 3, 1)),
    *[
        ("linalg.norm", (A, order), {}, np.linalg.norm(A, order))
        for order in ("nuc", 1, -1, 2, -2, np.inf, -np.inf)
    ],
    ("linalg.matrix_norm", (BATCH, 1, (0, 2)), {"keepdim": True}, np.linalg.norm(BATCH, 1, (0, 2), True)),
    ("linalg.vector_norm", (BATCH, 0.5), {}, (np.abs(BATCH) ** 0.5).sum() ** 2),
    ("dist", (U, V, 3), {}, np.linalg.norm(U - V, 3)),
    ("cdist", (A, B.T), {"p": 1.0}, np.abs(A[:, None] - B.T[None]).sum(-1)),
]


def _name(case: Any) -> str:
    shapes = [
        np.shape(each) if isinstance(each, np.ndarray) else each
        for each in case[1]
        if not isinstance(each, list)
    ]
    return f"{case[0]}{shapes}{case[2] or ''}"


@grouped("case", [("cases", _name(case), (case,)) for case in CASES])
def test_as_numpy(case: Any) -> None:
    name, arguments, keywords, expected = case
    np.testing.assert_allclose(call(name, *arguments, **keywords), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_first_and_second_derivatives(case: Any) -> None:
    name, arguments, keywords, _ = case
    flat = [each for one in arguments for each in (one if isinstance(one, list) else [one])]
    arrays = [each for each in flat if isinstance(each, np.ndarray)]

    def made(call: Any, *tensors: Any) -> Any:
        given = iter(tensors)
        filled = [
            [next(given) for _ in each]
            if isinstance(each, list)
            else next(given)
            if isinstance(each, np.ndarray)
            else each
            for each in arguments
        ]
        return call(name, *filled, **keywords)

    assert_derivatives(made, *arrays)


def test_gradient_of_a_singular_determinant_is_its_cofactors() -> None:
    minors = np.array(
        [
            [
                (-1) ** (row + column) * np.linalg.det(np.delete(np.delete(SINGULAR, row, 0), column, 1))
                for column in range(3)
            ]
            for row in range(3)
        ]
    )
    caller = Caller()
    x = caller.session.leaf(SINGULAR, requires_grad=True)
    (gradient,) = caller.session.grad([caller("det", x)], [x])
    assert gradient is not None
    np.testing.assert_allclose(caller.value(gradient), minors, atol=1e-13)


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_determinants_of_any_rank_have_both_derivatives(rank: int) -> None:
    assert_derivatives(lambda call, x: call("det", x), REGULAR[:, :rank] @ REGULAR[:rank])


def test_third_derivative_of_a_determinant() -> None:
    # Along a line det is a cubic, so its third derivative is six times the leading coefficient.
    caller = Caller()
    session = caller.session
    t = session.leaf(np.array(0.3), requires_grad=True)
    line = session.operate("+", caller.lifted(REGULAR), session.operate("*", t, caller.lifted(B[:, :3])))
    slope = caller("det", line)
    for _ in range(3):
        (slope,) = session.grad([slope], [t], create_graph=True)
    np.testing.assert_allclose(caller.value(slope), 6 * np.linalg.det(B[:, :3]), rtol=1e-9)


def test_slogdet_gives_sign_and_logarithm() -> None:
    result = call("linalg.slogdet", -STACK[0])
    sign, size = np.linalg.slogdet(-STACK[0])
    np.testing.assert_allclose(result, (sign, size))
    assert call("linalg.slogdet", 1e-200 * np.eye(2))[1] == pytest.approx(-400 * np.log(10))
    assert np.isnan(call("logdet", np.diag([1.0, -1.0])))


def test_least_squares() -> None:
    solution, residuals, rank, values = call("linalg.lstsq", B.T, C, driver="gelsd")
    expected = np.linalg.lstsq(B.T, C, rcond=None)
    for got, wanted in zip(
        (solution, residuals, values), (expected[0], expected[1], expected[3]), strict=True
    ):
        np.testing.assert_allclose(got, wanted, rtol=1e-10)
    assert rank == expected[2]
    assert_derivatives(lambda call, a, b: call("linalg.lstsq", a, b).solution, B.T, C)


def test_nothing_is_read_of_what_is_multiplied_by_zero() -> None:
    start = np.full((2, 4), np.nan)
    np.testing.assert_allclose(call("addmm", start, A, B, beta=0), A @ B)


@pytest.mark.parametrize(
    ("shapes", "flags", "message"),
    [
        ([(2, 3, 4), (2, 5, 6)], (True, True), "batch2 tensor to be: [2, 4] but got: [2, 5]."),
        ([(2, 3), (4, 5, 6)], (False, True), "batch2 tensor to be: [4, 3] but got: [4, 5]."),
        ([(2, 3), (4, 5, 6)], (True, False), "shapes cannot be multiplied (24x5 and 3x2)"),
        ([(5,), (2, 3, 4)], (False, False), "batch2 tensor to be: [2, 5] but got: [2, 3]."),
        ([(5,), (2, 3, 4)], (True, False), "size mismatch, got input (8), mat (8x3), vec (5)"),
        ([(4, 5, 6), (5, 2)], (False, False), "shapes cannot be multiplied (20x6 and 5x2)"),
        ([(3, 4, 5, 6), (5, 2)], (True, False), "shapes cannot be multiplied (60x6 and 5x2)"),
        ([(2, 3, 4), (5,)], (False, True), "size mismatch, got input (6), mat (6x4), vec (5)"),
    ],
)
def test_batches_that_do_not_multiply_are_refused_in_pytorch_s_words(
    shapes: list[tuple[int, ...]], flags: tuple[bool, bool], message: str
) -> None:
    """It makes one matrix of a batch where one operand requires grad or memory allows it, and says so."""
    a, b = (f"ones({shape}, requires_grad={flag})" for shape, flag in zip(shapes, flags, strict=True))
    with pytest.raises(GradcliError) as caught:
        gradcli.evaluate(f"{a} @ {b}")
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("shape", "other", "message"),
    [
        ("2, 3", "4, 3, 5", "expected m1 and m2 to have the same dtype, but got: double != float"),
        ("4, 2, 3", "4, 3, 5", "expected scalar type Float but found Double"),
        ("3", "4, 3, 5", "addmv input tensors must have the same dtype, but got Float, Double, and Float"),
        ("2, 2, 3", "4, 3, 5", "The size of tensor a (2) must match the size of tensor b (4) at"),
    ],
)
def test_what_pytorch_says_of_two_dtypes_depends_on_what_requires_grad(
    shape: str, other: str, message: str
) -> None:
    """Which of its products it takes follows from that."""
    program = "a = torch.ones({}, requires_grad={})\nb = torch.ones({}, dtype=torch.float64)\na @ b"
    for flag in (True, False):
        with pytest.raises(GradcliError) as caught:
            gradcli.evaluate("import torch\n" + program.format(shape, flag, other), wrt=[])
        said = message if flag or "size" in message else "expected scalar type Float but found Double"
        assert caught.value.message.startswith(said)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        (
            "matmul",
            (A, A),
            "(2x3 and 2x3): in [2, 3] @ [2, 3], 3 columns meet 2 rows",
        ),
        ("matmul", (A, np.array(1.0)), "both arguments to matmul need to be at least 1D"),
        ("mm", (A, A), "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)"),
        ("mm", (A, U), "mat2 must be a matrix"),
        ("mm", (U, A), "self must be a matrix"),
        ("linear", (A, np.ones((4, 2))), "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x4)"),
        (
            "linear",
            (U, np.ones((4, 2)), ONE),
            "self and mat2 must have the same dtype, but got Float and Double",
        ),
        (
            "linear",
            (A, np.ones((4, 2)), ONE),
            "self and mat2 must have the same dtype, but got Float and Double",
        ),
        ("linear", (ONE, A, ONE), "self and mat2 must have the same dtype, but got Float and Double"),
        ("linear", (ONE, A, U[:2]), "mat1 and mat2 must have the same dtype, but got Float and Double"),
        ("mv", (A, U[:2]), "size mismatch, got input (2), mat (2x3), vec (2)"),
        ("bmm", (BATCH, BATCH), "Expected size for first two dimensions of batch2 tensor to be: [2, 3]"),
        ("dot", (U, V[:2]), "expected tensor [3] and src [2] to have the same number of elements"),
        ("einsum", ("ij,jk", A, A), "subscript j has size 2 for operand 1 which does not broadcast with"),
        ("einsum", ("ij->k", A), "output subscript k does not appear in the equation"),
        ("einsum", ("ij,k", A), "fewer operands were provided than specified"),
        ("tensordot", (A, A, 1), "first has size 3 in dim -1 and second has size 2 in dim 0"),
        ("linalg.multi_dot", ([A, A],), "tensors 0 and 1 with shapes [2, 3] and [2, 3] cannot be multiplied"),
        ("linalg.cross", (C, C), "inputs dimension -1 must have length 3. Got 2 and 2"),
        (
            "linalg.inv",
            (A,),
            "linalg.inv: A must be batches of square matrices, but they are 2 by 3 matrices",
        ),
        ("linalg.inv", (U,), "linalg.inv: The input tensor A must have at least 2 dimensions"),
        (
            "linalg.inv",
            (np.ones((2, 2), int),),
            "Expected a floating point or complex tensor as input. Got Long",
        ),
        (
            "linalg.inv",
            (np.ones((2, 2)),),
            "linalg.inv: The diagonal element 2 is zero, the inversion could not be",
        ),
        (
            "linalg.inv",
            (np.stack([np.eye(2), np.zeros((2, 2))]),),
            "(Batch element 1): The diagonal element 1 is zero",
        ),
        ("linalg.solve", (np.ones((2, 2)), C[:2]), "The solver failed because the input matrix is singular."),
        (
            "linalg.solve",
            (REGULAR, C),
            "Incompatible shapes of A and B for the equation AX = B (3x3 and 4x2)",
        ),
        ("linalg.lstsq", (A, B), "input.size(-2) should match other.size(-2)"),
        ("linalg.norm", (A, 3), "linalg.matrix_norm: Order 3 not supported."),
        ("linalg.norm", (BATCH, 2), "the input must be 1D or 2D. Got 3D."),
        ("linalg.vander", (U[:1],), "N must be greater than 1"),
        ("cdist", (A, C), "X1 and X2 must have the same number of columns. X1: 3 X2: 2"),
        ("addmm", (REGULAR, A, B), "must match the existing size (3) at non-singleton dimension 0"),
    ],
)
def test_wrong_use_in_one_line(name: str, arguments: Any, message: str) -> None:
    with pytest.raises(GradcliError) as caught:
        call(name, *arguments)
    assert message in str(caught.value)
    assert caught.value.code in ("shape", "bad-argument", "dtype")


def test_a_chain_of_matrices_is_split_where_the_fewest_numbers_are_multiplied() -> None:
    # The textbook's example (Cormen et al., section 15.2): 15,125 products, the first split behind the third.
    split = _best_order([30, 35, 15, 5, 10, 20, 25])
    assert (split[0, 5], split[0, 2], split[3, 5]) == (2, 0, 4)
    # The long way of a part counts as well: here the second half is cheap to join and dear to make.
    assert _best_order([1, 9, 1, 9, 1])[0, 3] == 1


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("lead", [(), (2,)])
def test_large_matrices_are_inverted_by_decompositions(dtype, lead):
    n = 90
    draw = np.random.default_rng(n)
    x = (draw.normal(size=(*lead, n, n)) + 8 * np.eye(n)).astype(dtype)
    found = call("linalg.inv", x)
    assert found.dtype == dtype
    np.testing.assert_allclose(found @ x, np.broadcast_to(np.eye(n), x.shape), atol=1e3 * np.finfo(dtype).eps)
    x[..., 3, :] = x[..., 5, :] = 0
    with pytest.raises(GradcliError, match=r"linalg.inv: .*The diagonal element \d+ is zero"):
        call("linalg.inv", x)


@pytest.mark.parametrize("n", [70, 140])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    "source",
    [
        "loss = y[0] @ linalg.solve(a, y[0]) + logdet(a.T)",
        "k = a @ a.T + a\ns, l = slogdet(k)\nloss = l*s + y[0] @ linalg.solve(k, y[1])",
        "loss = (linalg.solve(a.T, y.T)*linalg.solve(a, y.T)).sum() + linalg.inv(a.T)[0, 1]",
    ],
)
def test_a_matrix_is_decomposed_once_for_all_that_want_its_factors(source, dtype, n, monkeypatch):
    decomposed = []
    usual = triangles.factors
    monkeypatch.setattr(triangles, "factors", lambda x: decomposed.append(1) or usual(x))
    draw = np.random.default_rng(n)
    given = {"a": draw.normal(size=(n, n)) / n + 2 * np.eye(n), "y": draw.normal(size=(3, n))}
    given = {name: value.astype(dtype) for name, value in given.items()}
    program = gradcli.compile(source, wrt=["a", "y"], roots=["loss"])
    plain = gradcli.evaluate(source, {name: value.astype(float) for name, value in given.items()})
    for first in (True, False, False):
        decomposed.clear()
        found = program(**given)
        assert len(decomposed) == 1 or first  # which takes value and gradient one after the other
        for name in given:
            np.testing.assert_allclose(
                found.grads[name], plain.grads[name], rtol=0, atol=400 * np.finfo(dtype).eps * n
            )


def test_what_a_singular_matrix_of_several_is_refused_for_is_said_as_ever():
    source = "loss = linalg.solve(a, y).sum() + logdet(a) + linalg.inv(a.T).sum()"
    program = gradcli.compile(source, wrt=["a"])
    program(a=np.eye(70), y=np.ones(70))
    for _ in range(2):
        with pytest.raises(GradcliError, match="The solver failed because the input matrix"):
            program(a=np.ones((70, 70)), y=np.ones(70))
    found = gradcli.compile("with no_grad():\n    d = logdet(a) + slogdet(a)[1]")
    for value, expected in ((0.0, -np.inf), (np.nan, np.nan), (2.0, 140 * np.log(2.0))):
        result = found(a=value * np.eye(70))
        np.testing.assert_allclose(result.values["d"], expected)


def test_the_sign_of_a_determinant_is_that_of_the_factors():
    draw = np.random.default_rng(5)
    program = gradcli.compile("s = slogdet(a)\nx = linalg.inv(a)\ns[0]*1 + 0*x[0, 0]")
    signs = set()
    for _ in range(8):
        a = draw.normal(size=(66, 66))
        result = program(a=a)
        (root,) = result.roots
        assert float(result.values[root]) == np.linalg.slogdet(a)[0]
        signs.add(float(result.values[root]))
    assert signs == {-1.0, 1.0}
