"""Printed functions compute the gradient: every eighth entry of the catalogue, and random programs."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import programs
import pytest
import syntaxes
from catalogue import CATALOGUE
from test_catalogue import shapes_for, values_for

import gradcli

COMPILER = [] if shutil.which("cc") is None else ["c"]


def test_entries_of_the_catalogue_run_in_numpy_and_c(tmp_path: Path) -> None:
    entries = CATALOGUE[::8]
    made = [gradcli.diff(each.program, each.wrt, shapes_for(each)) for each in entries]
    functions = syntaxes.compiled(made, tmp_path) if COMPILER else [None] * len(made)
    for entry, each, function in zip(entries, made, functions, strict=True):
        inputs, _ = values_for(entry, each.formula.inputs)
        right = np.asarray(each(**inputs), float)
        found = [syntaxes.python_values(each, "numpy", inputs), function(inputs) if function else [right]]
        for (value,) in found:
            assert np.allclose(value, right, rtol=1e-10, atol=1e-12), entry.program


@pytest.mark.parametrize("seed", range(3))
def test_random_programs(seed: int, tmp_path: Path) -> None:
    """The long run, with JAX and PyTorch as well: `python tests/formula/programs.py 1000`."""
    given = list(programs.cases(seed, 10))
    assert list(programs.failures(given, ["numpy", *COMPILER], tmp_path)) == []


RARE = [
    # Second derivatives that no law knows as a matrix: all unit vectors go through the tape.
    ("f = cross_entropy(diagonal(A@B), tensor(1))", {"A": "n,n", "B": "n,n"}, 2),
    ("f = logsumexp(x[:, None]*A, (0, 1))", {"A": "n,n", "x": "n"}, 2),
    ("f = var(scatter_add(x*u, 0, tensor([0, 0, 1]), u))**2", {"x": "3", "u": "3"}, 2),
    ("f = sum(xlogy(softmax((X@W)[1:].sum(0), 0), 1 + u**2))", {"X": "3,4", "W": "4,3", "u": "3"}, 2),
    ("f = a*mean(diff(pad(x*u, (1, 0)), dim=0))", {"x": "3", "u": "3"}, 2),
    ("f = norm(linalg.pinv(A + 2*eye(3)))", {"A": "3,3"}, 2),
    ("f = sum(nan_to_num(x*u)**2) + sum(x*u)", {"x": "n", "u": "n"}, 1),
    # What is whole where a library wants integers, or floats.
    ("f = quantile(sin(u), 0.4)", {"u": "3"}, 1),
    ("f = multi_margin_loss(x*u, tensor(1))", {"x": "3", "u": "3"}, 1),
    ("f = mean(max(outer(x, x), 1)[0])", {"x": "n"}, 1),
    # A dim of size 1 at a place of it; parts of what was joined.
    ("f = mse_loss(baddbmm(zeros_like(A)[None], A[None], A[None])[0]@u, u)", {"u": "n", "A": "n,n"}, 1),
    ("f = sum(stack([x, u@x*x])[1]**2) + sum(cat((x, 2*u))[1:]**3)", {"u": "n", "x": "n"}, 1),
    # Angles that are halved beside a product that is summed over a dim, which stays one sum.
    ("f = x@((x - mean(x))/(a + sum(sin(x)**2)))", {"x": "n"}, 2),
    ("f = sum(x*(x - mean(x)))*sum(sin(x)**2)", {"x": "n"}, 2),
]
"""Programs for which what is printed is made in a way of its own."""


def test_rare_programs(tmp_path: Path) -> None:
    given = [programs.Case(program, shapes, order) for program, shapes, order in RARE]
    assert list(programs.failures(given, ["numpy"], tmp_path)) == []
