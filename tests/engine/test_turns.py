"""Long computations by their equal turns: to the last bit what they are in one piece, of few parts."""

from __future__ import annotations

import numpy as np
import pytest

import gradcli
from gradcli.engine import turns
from gradcli.engine.numbering import Numbered
from gradcli.engine.run import pending
from gradcli.engine.turns import in_turns
from gradcli.ops import elementwise as e
from gradcli.tape import primitives
from gradcli.tape.node import LARGE, leaf

FILTER = """
m = zeros(2, dtype=float64)
P = eye(2, dtype=float64)
loss = 0
for t in range(len(y)):
    m = A @ m
    P = A @ P @ A.T + q*eye(2, dtype=float64)
    S = P[0, 0] + exp(q)
    v = y[t] - m[0]
    m = m + P[0]*v/S
    P = P - P[0][:, None]*P[0]/S
    loss = loss + 0.5*(v*v/S + log(S))
loss
"""
LOOPS = {
    "numbers": ("z = x\nfor t in range(90): z = sin(z)*0.9 + 0.1*x*w\nz + w", {"x": (), "w": ()}, {}),
    "matrices": (
        "h = x[0]\nfor t in range(len(x)): h = tanh(x[t] @ u + h @ w + b)\nsum(h**2)",
        {"u": (4, 4), "w": (4, 4), "b": (4,)},
        {"x": (24, 7, 4)},
    ),
    "taken apart": (FILTER, {"A": (2, 2), "q": ()}, {"y": (14,)}),
    "loops in a loop": (
        (
            "z = x\nfor t in range(6):\n    for s in range(12): z = cos(z*w) + z/7\n"
            "    z = cumsum(z, 0)/max(z)\nz = sinh(z)\n"
            "for t in range(50): z = z*0.9 + w[0]*exp(-z*z)\nsum(z*w)"
        ),
        {"x": (20,), "w": (20,)},
        {},
    ),
    "a number of its own each turn": (
        "z = x\nfor t in range(80): z = z*0.99 + sin(z)/(1 + t)\nz*w",
        {"x": (), "w": ()},
        {},
    ),
}


@pytest.fixture
def short(monkeypatch):
    """Even short computations are cut, into short stretches."""
    monkeypatch.setattr(turns, "LONG", 100)
    monkeypatch.setattr(turns, "LENGTH", 40)
    cut = []
    kept = turns.Turns.__init__

    def made(self, *args):
        kept(self, *args)
        cut.append(self)

    monkeypatch.setattr(turns.Turns, "__init__", made)
    return cut


@pytest.mark.skipif(LARGE == 0, reason="nothing is small enough for a function")
@pytest.mark.parametrize("name", LOOPS)
def test_values_and_gradients_are_those_of_one_piece_to_the_last_bit(name, monkeypatch, short):
    source, trained, given = LOOPS[name]
    draw = np.random.default_rng(0)
    inputs = {each: np.asarray(draw.normal(size=shape) * 0.4) for each, shape in {**trained, **given}.items()}
    program = gradcli.compile(source, wrt=[*trained])
    program(**inputs)
    assert short
    assert any(2 * len(each.parts) <= len(each.calls) for each in short)
    monkeypatch.setattr(turns, "LONG", 10**9)
    whole = gradcli.compile(source, wrt=[*trained])
    whole(**inputs)
    first = inputs[next(iter(trained))]
    for value in [first.flat[0], 0.0, np.inf, np.nan, 1e200]:
        first.flat[0] = value
        found, expected = program(**inputs), whole(**inputs)
        (root,) = found.roots
        np.testing.assert_array_equal(found.values[root], expected.values[root])
        for each in trained:
            np.testing.assert_array_equal(found.grads[each], expected.grads[each])


def _numbered(turns_made):
    """A loop of so many turns, forward."""
    x = leaf(np.ones(()), True)
    z = x
    for _ in range(turns_made):
        z = primitives.add(primitives.mul(e.sin(z), z), x)
    return Numbered(pending([z])[0], [z], [x])


def test_a_loop_has_as_many_parts_however_long_it_is(short):
    def parts(count):
        found = in_turns(_numbered(count))
        return len(found.parts), sum(len(each.rows) for each in found.parts)

    assert parts(1000) == parts(2000)
    assert parts(1000)[1] < 200
    assert in_turns(_numbered(20)) is None
