"""Rows together are rows one by one: every kind of column, every path of a program, every bad row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import gradcli
from gradcli.errors import GradcliError

RANDOM = np.random.default_rng(7)
COUNT = 200
TABLE = pa.table(
    {
        "x": RANDOM.normal(size=COUNT),
        "y": RANDOM.random(COUNT) + 0.5,
        "n": RANDOM.integers(0, 4, COUNT),
        "v": list(RANDOM.normal(size=(COUNT, 3))),
        "m": [row.tolist() for row in RANDOM.normal(size=(COUNT, 2, 3))],
    }
)


def alone(source: str, names: list[str], at: int, **options: Any) -> gradcli.Evaluation:
    (row,) = TABLE.select(names).slice(at, 1).to_pylist()
    return gradcli.evaluate(source, {k: np.asarray(v, float) for k, v in row.items()}, **options)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("z = sin(x)*y", ["x", "y"]),
        ("z = sum(v**2)*x", ["x", "v"]),
        ("z = norm(m @ v)", ["m", "v"]),
        ("z = softmax(v)[1] + max(v)", ["v"]),
        ("z = sort(v)[0][0]*cumsum(v, 0)[2]", ["v"]),
        ("z = v[argmax(v)]*x", ["v", "x"]),
        ("z = where(x > 0, sqrt(x), 0*x)", ["x"]),
        ("z = det(m @ m.T)", ["m"]),
        ("z = logsumexp(m, 1).mean()", ["m"]),
        ("if x > 0:\n    z = x**2*y\nelse:\n    z = -x\nz", ["x", "y"]),
        ("k = 0\nwhile y > 0.1:\n    y = y/2\n    k += 1\nz = y*k", ["y"]),
        ("z = 0*x\nfor i in range(int(n)):\n    z = z + x**(i + 1)\nz", ["x", "n"]),
        ("z = 0*x\nfor i in range(int(3*y)):\n    z = z + x**(i + 1)\nz", ["x", "y"]),
        ("if n:\n    z = x*n\nelse:\n    z = -x\nz", ["x", "n"]),
        ("while int(y) < 3:\n    y = y*1.3 + (0.1 if x > 0 else 0.2)\nz = y*x", ["x", "y"]),
        ("def f(a):\n    return a*a if a > 0 else -a\nz = f(x) + f(y)", ["x", "y"]),
        ("with no_grad():\n    k = x*2\nz = k*x", ["x"]),
        ("z = x.detach()*x*y.item()", ["x", "y"]),
        ("w = param(2.0)\nz = w*x", ["x"]),
        ("z = sum(sort(v*x)[0])", ["v", "x"]),
        ("z = sum(v[argsort(v)]*v)", ["v"]),
        ("z = sum(m[:, argmax(v)])", ["m", "v"]),
        ("k = zeros(3)\nk[argmax(v)] = x\nz = sum(k*v)", ["v", "x"]),
        ("z = sum(topk(v, 2)[0])", ["v"]),
    ],
)
def test_rows_are_what_evaluate_gives(source: str, names: list[str]) -> None:
    found = gradcli.map(source, TABLE, wrt=names, columns=[])
    for at in range(0, COUNT, 3):
        result, (row,) = alone(source, names, at, roots=["z"]), found.slice(at, 1).to_pylist()
        np.testing.assert_allclose(row["z"], result.values["z"], rtol=1e-12, atol=1e-14)
        for name in names:
            np.testing.assert_allclose(
                row[f"dz/d{name}"], result.grads.get(name, 0.0), rtol=1e-11, atol=1e-13
            )


@pytest.mark.parametrize(
    "source",
    [
        "y = 2.0\nz = y*x",
        "y = 2\nz = x + 3**y",
        "y = tensor(2.0)\nz = y*x",
        "y = param(2.0)\nz = y*x",
        "v = tensor([1.0, 2.0])\nz = sum(v)*x",
        "z = x\nfor i in range(2):\n    y = 2.0\n    z = z*y\nz",
        "y = 2.0\nz = x\nwhile abs(z) < 3:\n    z = z*1.5 + y\nz",
        "y = 0.1\nif x > 0:\n    z = y*x\nelse:\n    z = x - y\nz",
        "n = 5\nz = 0*x\nfor i in range(int(n)):\n    z = z + x*i\nz",
    ],
)
def test_columns_stand_in_place_of_the_programs_own_values(source: str) -> None:
    """In each row, and also where nothing is differentiated with respect to them."""
    names = ["x", *[name for name in "yvn" if f"{name} = " in source]]
    found = gradcli.map(source, TABLE, wrt=["x"], columns=[])
    for at in range(0, COUNT, 3):
        result = alone(source, names, at, roots=["z"], wrt=["x"])
        np.testing.assert_allclose(found["z"][at].as_py(), result.values["z"], rtol=1e-12)
        np.testing.assert_allclose(found["dz/dx"][at].as_py(), result.grads["x"], rtol=1e-11)


def test_higher_derivatives_have_columns_of_their_own() -> None:
    found = gradcli.map(
        "z = x**2*y + sum(v)*x",
        TABLE,
        wrt=["x", "y", "v"],
        order=2,
        hessian=True,
        partials=["x,y"],
        columns=[],
    )
    names = ["x", "y", "v"]
    for at in (0, 17):
        row = found.slice(at, 1).to_pylist()[0]
        result = alone("z = x**2*y + sum(v)*x", names, at, wrt=names, order=2, hessian=True, partials=["x,y"])
        np.testing.assert_allclose(row["d2z/dx2"], result.orders["x"][1])
        np.testing.assert_allclose(row["d2z/dxdy"], result.partials["x,y"])
        for first in ("x", "y", "v"):
            for second in ("x", "y", "v"):
                np.testing.assert_allclose(row[f"hessian[{first},{second}]"], result.hessian[first][second])


def test_a_jacobian_and_weights_from_a_column() -> None:
    found = gradcli.map("z = v*x", TABLE, wrt=["x", "v"], jacobian=True, columns=[])
    row = found.slice(3, 1).to_pylist()[0]
    np.testing.assert_allclose(row["jacobian[z,v]"], np.eye(3) * TABLE["x"][3].as_py())
    weighted = gradcli.map("z = v*x", TABLE, wrt=["x"], weights="v", columns=[])
    np.testing.assert_allclose(weighted["dz/dx"][5].as_py(), np.sum(np.square(TABLE["v"][5].as_py())))


def test_lists_of_different_lengths() -> None:
    table = pa.table({"v": [[1.0, 2.0], [3.0], [], [1.0, 2.0, 3.0], [5.0, 1.0]]})
    found = gradcli.map("z = sum(v**2)", table)
    assert found["z"].to_pylist() == [5.0, 9.0, 0.0, 14.0, 26.0]
    assert found["dz/dv"].to_pylist() == [[2.0, 4.0], [6.0], [], [2.0, 4.0, 6.0], [10.0, 2.0]]


def test_types() -> None:
    single = pa.table({"x": pa.array([1.0, 2.0], pa.float32()), "n": [1, 2]})
    assert gradcli.map("z = x**2", single).schema.field("dz/dx").type == pa.float32()
    assert gradcli.map("z = x**2*n", single).schema.field("dz/dx").type == pa.float64()
    assert gradcli.map("z = n**2", single)["dz/dn"].to_pylist() == [2.0, 4.0]


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (pa.array(["a"]), "no number"),
        (pa.array([1]).cast(pa.timestamp("s")), "seconds since a day"),
        (pa.array([1]).cast(pa.decimal128(25, 2)), "double"),
    ],
)
def test_what_is_no_number_is_refused_by_name(array: pa.Array, said: str) -> None:
    table = pa.table({"x": [1.0], "t": array})
    assert gradcli.map("z = x", table).column_names == ["x", "t", "z", "dz/dx"]
    with pytest.raises(GradcliError, match="column t is of type") as raised:
        gradcli.map("z = x*t", table)
    assert said in str(raised.value.hint)


def test_a_bad_row_costs_nothing_but_its_results() -> None:
    table = pa.table({"x": [1.0, None, 2.0, 3.0], "i": [0, 1, 9, 1]})
    found = gradcli.map("v = tensor([1., 2.])\nz = v[int(i)]*x", table, wrt=["x"])
    assert found["z"].to_pylist() == [1.0, None, None, 6.0]
    assert found["x"].to_pylist() == [1.0, None, 2.0, 3.0]
    with pytest.raises(GradcliError, match="row 2: x is missing"):
        gradcli.map("z = x", table, bad="stop")


def test_nan_follows_ieee() -> None:
    found = gradcli.map("z = sqrt(x)", pa.table({"x": [4.0, -1.0]}))
    assert found["z"][0].as_py() == 2.0
    assert np.isnan(found["z"][1].as_py())


def test_a_program_that_differentiates_itself_is_run_row_by_row() -> None:
    table = pa.table({"x": [1.0, 2.0, 3.0]})
    found = gradcli.map("y = x**3\ng, = autograd.grad(y, x)\nz = g*1", table, wrt=[])
    assert found["z"].to_pylist() == [3.0, 12.0, 27.0]


def test_names_of_the_result() -> None:
    table = pa.table({"x": [1.0], "z": [5.0]})
    with pytest.raises(GradcliError, match="two columns z"):
        gradcli.map("z = x**2", table)
    assert gradcli.map("z = x**2", table, prefix="new_").column_names == ["x", "z", "new_z", "new_dz/dx"]
    assert gradcli.map("z = x**2", table, names="grad_{wrt}", columns=["x"]).column_names == [
        "x",
        "z",
        "grad_x",
    ]
    renamed = pa.table({"unit price": [2.0]})
    assert gradcli.map("z = p**2", renamed, rename={"p": "unit price"})["dz/dp"].to_pylist() == [4.0]


def test_columns_in_backticks() -> None:
    table = pa.table({"unit price": [2.0], "2nd": [3.0], "n": [5.0]})
    found = gradcli.map("# `no column`\nz = `unit price`*n + `2nd`*`unit price`", table, columns=[])
    assert found.to_pylist() == [{"z": 16.0, "dz/dn": 2.0, "dz/dunit_price": 8.0, "dz/d_2nd": 2.0}]


def test_types_that_differ_from_row_to_row() -> None:
    table = pa.table({"x": [1.0, -1.0, 2.0]})
    found = gradcli.map("z = x if x > 0 else 1", table, wrt=[], columns=[])
    assert found["z"].to_pylist() == [1.0, 1.0, 2.0]
    whole = gradcli.map("z = 1 if x > 0 else x", table, wrt=[], columns=[])
    assert whole["z"].to_pylist() == [1, None, 1]


def test_dictionaries_and_flags_are_numbers_where_they_hold_some() -> None:
    table = pa.table({"x": pa.array([1.5, 2.5, 1.5]).dictionary_encode(), "b": [True, False, None]})
    assert gradcli.map("z = x*b", table, columns=[])["z"].to_pylist() == [1.5, 0.0, None]


@pytest.mark.parametrize(
    "source",
    [
        "z = sin(x)*exp(-y**2) + tanh(w)*x",
        "z = sin(w)*cos(w)*x",
        "z = cos(w)",
        "z = abs(x)**2.5*y**3",
        "z = v.dot(u)*sin(x)",
        "z = softmax(m.reshape(-1), 0)[3]*logsumexp(v, 0)",
        "z = (m @ m.T).sum()*cos(v).prod()",
        "z = x\nfor i in range(3):\n    z = sin(z)*cos(z) + y",
        "z = x\nwhile y**2 > 0.1:\n    y = y/2\n    z = z + sin(x*y)\nz = z*w",
        "while y**2 > 0.1:\n    y = y/2\n    v = softmax(v, 0)*x + v.sum()*u + v.dot(u)\nz = (v*v).sum()",
        "a = eye(3) + 0.3\nwhile y**2 > 0.1:\n    y = y/2\n    v = a @ v\nz = v[0]*v[1]",
        "while y**2 > 0.1:\n    y = y/2\n    m = m @ m.T @ m/(1 + (m*m).sum())\nz = m.cumsum(0).prod()*x",
    ],
)
def test_a_row_is_the_same_to_the_last_bit_whatever_is_evaluated_with_it(source: str) -> None:
    """What is small elsewhere is computed step by step, what is large in blocks, and by other formulas."""
    random, size = np.random.default_rng(3), 18_000
    columns: dict[str, Any] = {name: random.normal(size=size) for name in "xy"}
    columns["w"] = random.normal(size=size) * 400  # some are too far out for the quick sine
    for name, shape in (("u", (3,)), ("v", (3,)), ("m", (2, 3))):
        made = pa.array(random.normal(size=size * int(np.prod(shape))))
        for length in reversed(shape):
            made = pa.FixedSizeListArray.from_arrays(made, length)
        columns[name] = made
    table = pa.table(columns)
    whole = gradcli.map(source, table, columns=[])
    for start, length in ((0, 1), (17_990, 1), (5, 3), (100, 900), (9_000, 9_000)):
        some = gradcli.map(source, table.slice(start, length), columns=[])
        assert some.combine_chunks().equals(whole.slice(start, length).combine_chunks())


def test_a_wide_row_is_the_same_to_the_last_bit_whatever_is_evaluated_with_it() -> None:
    random, size, length = np.random.default_rng(4), 50, 1500
    flat = pa.array(random.normal(size=size * length))
    table = pa.table({"v": pa.FixedSizeListArray.from_arrays(flat, length), "x": random.normal(size=size)})
    for source in ("z = softmax(v*x, 0).max() + v.sum()", "z = (v.cumsum(0)*x).norm() + v.dot(v.flip(0))"):
        whole = gradcli.map(source, table, columns=[])
        for start, count in ((0, 1), (49, 1), (3, 2), (10, 17)):
            some = gradcli.map(source, table.slice(start, count), columns=[])
            assert some.combine_chunks().equals(whole.slice(start, count).combine_chunks())
