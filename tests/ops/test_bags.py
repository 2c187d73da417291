"""Rows that are looked up and added up, against matrices of zeros and ones; large enough for plans."""

from __future__ import annotations

import numpy as np
import pytest

import gradcli
from gradcli.ops import adding, bags
from gradcli.ops.adding import rows_added, rows_summed

SIZE, WIDTH = 300, 40
PROGRAMS = [
    # the program, the shape of the indices, the dims that are summed of table[i], whether its mean is taken
    ("sum(sin(mean(e[i], 1))*v)", (200, 5), (1,), True),
    ("sum(sin(e[i].sum(0))*v)", (5, 200), (0,), False),
    ("sum(sin(e[i].sum((0, 2)))*v)", (5, 200, 2), (0, 2), False),
    ("sum(sin(e[i].sum((0, 1)))*v)", (200, 5), (0, 1), False),
    ("sum(sin(e.T[:, i].sum(-1)).T*v)", (200, 5), (1,), False),
    ("sum(sin(F.embedding(i % 300, e).sum(-2))*v)", (200, 5), (1,), False),
    ("sum(sin(e[i].sum(2))*v)", (200, 5), (2,), False),  # along the rows: no bags
]


@pytest.mark.parametrize("spent", [0.0, 1.0], ids=["by NumPy", "by SciPy"])
@pytest.mark.parametrize("lowest", [0, -SIZE], ids=["from the front", "from both ends"])
@pytest.mark.parametrize(("program", "shape", "dims", "mean"), PROGRAMS, ids=[row[0] for row in PROGRAMS])
def test_sums_of_looked_up_rows(
    program: str,
    shape: tuple[int, ...],
    dims: tuple[int, ...],
    mean: bool,
    lowest: int,
    spent: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(adding._Spent, "seconds", spent)
    random = np.random.default_rng(5)
    table, places = random.standard_normal((SIZE, WIDTH)), random.integers(lowest, SIZE, shape)
    rows = table[places]
    below = rows.mean(dims) if mean else rows.sum(dims)
    weights = random.standard_normal(below.shape)
    step = np.expand_dims(np.cos(below) * weights, dims)  # all that is added up has it for its gradient
    back = np.zeros_like(table)
    np.add.at(back, places, np.broadcast_to(step / (shape[1] if mean else 1), rows.shape))

    inputs = {"e": table, "i": places, "v": weights}
    found = gradcli.evaluate(program, inputs, wrt=["e"])
    np.testing.assert_allclose(found.values["result"], (np.sin(below) * weights).sum(), rtol=1e-12)
    np.testing.assert_allclose(found.grads["e"], back, rtol=1e-10, atol=1e-12)
    compiled = gradcli.compile(program, wrt=["e"])
    for _ in range(3):
        np.testing.assert_allclose(compiled(**inputs).grads["e"], back, rtol=1e-10, atol=1e-12)


def test_they_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rows in between."""
    calls = []
    for each in (bags.summed_in_bags, bags.added_from_bags):
        kernel = each._kernel
        monkeypatch.setattr(each, "_kernel", lambda *a, k=kernel, n=each.name: (calls.append(n), k(*a))[1])
    random = np.random.default_rng(5)
    table, places = random.standard_normal((SIZE, WIDTH)), random.integers(0, SIZE, (2000, 5))
    gradcli.evaluate("sum(tanh(mean(e[i], 1)))", {"e": table, "i": places}, wrt=["e"])
    assert set(calls) == {"summed_in_bags", "added_from_bags"}


def test_an_index_beyond_the_table_is_refused() -> None:
    random = np.random.default_rng(5)
    table, places = random.standard_normal((SIZE, WIDTH)), random.integers(0, SIZE, (2000, 5))
    compiled = gradcli.compile("sum(tanh(mean(e[i], 1)))", wrt=["e"])
    for _ in range(3):
        compiled(e=table, i=places)
    places[3, 3] = SIZE
    with pytest.raises(gradcli.GradcliError, match=f"index {SIZE} is out of bounds"):
        compiled(e=table, i=places)


@pytest.mark.parametrize("spent", [0.0, 1.0], ids=["by NumPy", "by SciPy"])
def test_kernels_are_each_other_s_transposes(spent: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adding._Spent, "seconds", spent)
    random = np.random.default_rng(6)
    rows, places = random.standard_normal((30, 9)), random.integers(0, 30, (50, 4))
    back = random.standard_normal((50, 9))
    np.testing.assert_allclose(rows_summed(rows, places), rows[places].sum(1), rtol=1e-12)
    transposed = rows_added(back, places, 30)
    np.testing.assert_allclose(
        (transposed * rows).sum(), (back * rows_summed(rows, places)).sum(), rtol=1e-10
    )
    with pytest.raises(IndexError):
        rows_summed(rows, places + 1)
