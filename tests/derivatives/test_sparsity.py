"""Sparse Jacobians and Hessians: the same numbers as the dense ones, with few entries and few products."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.derivatives import compressed
from gradcli.derivatives.coloring import colored
from gradcli.derivatives.sparse import Sparse

ROSENBROCK = "sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)"
DRAW = np.random.default_rng(3)
X40, X96, SHUFFLED = DRAW.standard_normal(40), DRAW.standard_normal(96), DRAW.permutation(96)


def _blocks(program: str, inputs: dict[str, Any], **options: Any) -> dict[str, dict[str, Any]]:
    result = gradcli.evaluate(program, inputs, weights="ones", wrt=[n for n in inputs if n != "p"], **options)
    found = result.hessian if options.get("hessian") else result.jacobian
    assert found is not None
    return found


def _matrix(blocks: dict[str, dict[str, Any]], sizes: dict[str, int], heights: dict[str, int]) -> np.ndarray:
    return np.block([[np.reshape(blocks[a][b], (heights[a], sizes[b])) for b in blocks[a]] for a in blocks])


HESSIANS = (  # program, inputs, the most entries that the structure may keep (None: no claim)
    (ROSENBROCK, {"x": X96}, 286),
    ("sum(x**3)", {"x": X96.reshape(8, 12)}, 96),
    ("x**3", {"x": X96}, 96),
    ("sum((x[1:] - x[0])**4)", {"x": X96}, 286),
    ("sum((x[1:] - w*x[:-1])**4)", {"x": X96, "w": 2.0}, 479),
    ("sum(sin(x)*w)", {"x": X96, "w": X96 + 1}, 288),
    ("u = x.reshape(8, 12); sum((u[1:] - u[:-1])**4) + sum((u[:, 1:] - u[:, :-1])**4)", {"x": X96}, 440),
    ("sum(sin(x[p]*x))", {"x": X96, "p": SHUFFLED}, 288),
    ("sum(norm(x.reshape(-1, 4), dim=1))", {"x": X96}, 384),
    ("sum(softmax(x.reshape(-1, 3), 1)**2)", {"x": X96}, 288),
    ("sum(prod(x.reshape(-1, 3), 1))", {"x": X96}, 288),
    ("sum(tanh(x.reshape(-1, 4) @ w))", {"x": X96, "w": X40[:8].reshape(4, 2)}, 24 * 16 + 2 * 96 * 8 + 64),
    ("sum(cumsum(x.reshape(-1, 4), 1)**3)", {"x": X96}, 384),
    ("sum(cumprod(x.reshape(-1, 4), 1))", {"x": X96}, 384),
    ("sum(max(x.reshape(-1, 4), 1).values**2)", {"x": X96}, 96),
    ("sum(amax(x.reshape(-1, 4), 1)**2)", {"x": X96}, 384),
    ("sum(conv1d(x.reshape(1, 1, -1), ones(1, 1, 3))**3)", {"x": X96}, None),
    ("sum(x.reshape(-1, 4).T**3)", {"x": X96}, 96),
    ("sum(cat([x[:50]**3, x[50:]**2]))", {"x": X96}, 96),
    ("sum(triu(x[:81].reshape(9, 9))**3)", {"x": X96}, 45),
    ("sum(einsum('ij,kj->ik', x.reshape(-1, 4), ones(2, 4))**3)", {"x": X96}, 384),
    ("sum(where(x > 0, x**3, x**2)) + 0*x[0]", {"x": X96}, 96),
    ("sum(x[[0, 3, 3, 7]]**3)", {"x": X96}, 3),
    ("index_add(x, 0, tensor([1, 1, 4]), x[:3]).pow(3).sum()", {"x": X96}, 110),
    ("sum(gather(x.reshape(-1, 4), 1, tensor([[0, 2]]))**3)", {"x": X96}, 2),
    ("logsumexp(x[:10], 0) + sum(x**4)", {"x": X96}, 186),
    ("s = 0.\nfor i in range(20):\n    s = s + x[i]*x[(7*i) % 20]**2\ns", {"x": X96}, 58),
    ("sum(linalg.solve(x.reshape(-1, 2, 2) + 9*eye(2), ones(24, 2, 1)))", {"x": X96}, None),
    ("sum(x)**2", {"x": X96}, 96 * 96),
    ("sum(x)*0 + x[0]*2", {"x": X96}, 0),
    ("logdet(x[:81].reshape(9, 9) @ x[:81].reshape(9, 9).T + eye(9))", {"x": X96}, None),
)


@pytest.mark.parametrize(("program", "inputs", "most"), HESSIANS, ids=[each[0][:60] for each in HESSIANS])
def test_a_sparse_hessian_has_the_dense_one_s_entries(
    program: str, inputs: dict[str, Any], most: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {name: np.size(value) for name, value in inputs.items() if name != "p"}
    compressing = _matrix(_blocks(program, inputs, hessian=True), sizes, sizes)
    sparse = _blocks(program, inputs, hessian=True, sparse=True)
    found = _matrix(
        {a: {b: each.dense() for b, each in row.items()} for a, row in sparse.items()}, sizes, sizes
    )
    monkeypatch.setattr(compressed, "hessian_entries", lambda *_, **__: None)
    plain = _matrix(_blocks(program, inputs, hessian=True), sizes, sizes)
    scale = max(np.abs(plain).max(), 1.0)
    np.testing.assert_allclose(found, plain, rtol=1e-10, atol=1e-12 * scale)
    np.testing.assert_allclose(compressing, plain, rtol=1e-10, atol=1e-12 * scale)
    if most is not None:
        assert sum(len(each.values) for row in sparse.values() for each in row.values()) <= most


JACOBIANS = (
    ("sin(x)", {"x": X96}, 96),
    ("x[1:]*x[:-1]", {"x": X96}, 190),
    ("cat([x**2, sum(x).reshape(1)])", {"x": X96}, 192),
    ("x.reshape(-1, 4)*w", {"x": X96, "w": X40[:4]}, 192),
    ("x.reshape(-1, 4).sum(1)", {"x": X96}, 96),
    ("expand(x[:4].reshape(4, 1), 4, 24)*x.reshape(4, 24)", {"x": X96}, 191),
    ("outer(x[:8], w)", {"x": X96, "w": X40}, 640),
)


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
@pytest.mark.parametrize(("program", "inputs", "most"), JACOBIANS, ids=[each[0] for each in JACOBIANS])
def test_a_sparse_jacobian_has_the_dense_one_s_entries(
    program: str, inputs: dict[str, Any], most: int, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: dict[str, Any] = {"jacobian": True, "mode": mode}
    sizes = {name: np.size(value) for name, value in inputs.items()}
    sparse = _blocks(f"y = {program}", inputs, sparse=True, **options)["y"]
    compressing = _blocks(f"y = {program}", inputs, **options)["y"]
    monkeypatch.setattr(compressed, "jacobian_entries", lambda *_, **__: None)
    plain = _blocks(f"y = {program}", inputs, **options)["y"]
    for name, block in plain.items():
        flat = block.reshape(-1, sizes[name])
        np.testing.assert_allclose(sparse[name].dense(), flat, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(compressing[name], block, rtol=1e-12, atol=1e-14)
    assert sum(len(each.values) for each in sparse.values()) <= most


def test_entries_come_by_row_and_column_each_once() -> None:
    block = _blocks(ROSENBROCK, {"x": X96}, hessian=True, sparse=True)["x"]["x"]
    assert type(block) is Sparse
    assert block.shape == (96, 96)
    places = list(zip(block.rows.tolist(), block.cols.tolist(), strict=True))
    assert places == sorted(set(places))


@pytest.mark.parametrize("size", [10, 100, 10_000, 100_000])
def test_rosenbrock_takes_three_products_whatever_its_size(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []

    def counting(self: Any, groups: Any, count: int, sizes: Any) -> Any:
        counts.append(count)
        return run(self, groups, count, sizes)

    run = compressed._Products.run
    monkeypatch.setattr(compressed._Products, "run", counting)
    x = np.linspace(-1, 1, size)
    block = _blocks(ROSENBROCK, {"x": x}, hessian=True, sparse=True)["x"]["x"]
    assert counts == [3]
    diagonal = np.zeros(size)
    diagonal[:-1] += 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    diagonal[1:] += 200
    on = block.rows == block.cols
    np.testing.assert_allclose(block.values[on], diagonal)
    np.testing.assert_allclose(block.values[block.rows == block.cols + 1], -400 * x[:-1])
    np.testing.assert_allclose(block.values[block.rows + 1 == block.cols], -400 * x[:-1])


@pytest.mark.parametrize(
    ("height", "width", "in_row"), [(50, 30, 3), (400, 400, 4), (60, 200, 70), (300, 100, 90), (1, 7, 7)]
)
def test_columns_of_one_colour_share_no_row(height: int, width: int, in_row: int) -> None:
    draw = np.random.default_rng(width)
    picks = np.stack([draw.permutation(width)[:in_row] for _ in range(height)])
    table = [np.where(draw.random(height) < 0.9, picks[:, k] + 1, 0).astype(np.int32) for k in range(in_row)]
    colors, count = colored(table, width)
    assert colors.min() >= 0
    assert colors.max() < count <= width + 1
    for row in np.stack(table).T:
        mine = colors[row[row > 0] - 1]
        assert len(set(mine.tolist())) == len(mine)


@pytest.mark.parametrize("offsets", [(0,), (-1, 0, 1), (-2, -1, 0, 1, 2), (0, 7), (-20, -1, 0, 1, 20)])
def test_bands_take_about_as_many_colours_as_a_row_has_entries(offsets: tuple[int, ...]) -> None:
    base = np.arange(500)
    table = [np.where((base + d >= 0) & (base + d < 500), base + d + 1, 0).astype(np.int32) for d in offsets]
    colors, count = colored(table, 500)
    assert count <= 2 * len(offsets)
    for row in np.stack(table).T:
        mine = colors[row[row > 0] - 1]
        assert len(set(mine.tolist())) == len(mine)


def test_a_matrix_without_zeros_that_would_not_fit_says_so() -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate("log(sum(x**2))", {"x": np.ones(100_000)}, hessian=True, sparse=True)
    assert caught.value.code == "limit"


@pytest.mark.parametrize("size", [5, 100])
def test_names_that_depend_on_each_other_move_along(size: int) -> None:
    program, x = "y = x**2; z = sum(y[1:]*y[:-1]) + sum(x*y)", np.linspace(0.5, 1.5, size)
    for sparse in (False, True):
        hessian = gradcli.evaluate(program, {"x": x}, wrt=["x", "y"], hessian=True, sparse=sparse).hessian
        jacobian = gradcli.evaluate(
            program, {"x": x}, wrt=["x", "y"], roots=["y"], jacobian=True, sparse=sparse
        ).jacobian
        dense = [each.dense() if sparse else each for each in (hessian["x"]["x"], jacobian["y"]["x"])]
        neighbours = np.zeros(size)
        neighbours[1:] += 2 * x[:-1] ** 2
        neighbours[:-1] += 2 * x[1:] ** 2
        np.testing.assert_allclose(np.diag(dense[0]), neighbours + 6 * x)
        np.testing.assert_allclose(np.diag(dense[1]), 2 * x)
