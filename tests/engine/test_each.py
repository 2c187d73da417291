"""Chains of elementwise work element by element: to the last bit what arrays give, by fewer calls."""

from __future__ import annotations

import numpy as np
import pytest

import gradcli
from gradcli.engine.each import MOST, by_element
from gradcli.engine.generate import generate
from gradcli.engine.numbering import Numbered
from gradcli.engine.run import pending
from gradcli.ops import elementwise as e
from gradcli.tape import primitives
from gradcli.tape.node import leaf

CHAINS = {
    "two vectors": (
        "for t in range(30): u, v = u + 0.02*(u - u*v), v + 0.02*(u*v - v)\nsum(u*v)",
        {"u": (10,), "v": (10,)},
    ),
    "numbers beside them": (
        "for t in range(20): u = u/(1 + s*s) - s*abs(u); s = s + sum(u)*0.01\nsum(u) + s",
        {"u": (12,), "s": ()},
    ),
    "choices": (
        "for t in range(25): u = where(u > v, u/2, v + u*u/9); v = where(u*v < 1, v, relu(u))\nsum(u - v)",
        {"u": (11,), "v": (11,)},
    ),
    "left and entered again": (
        (
            "w = u\nfor t in range(25): w = w*0.9 + v\nz = exp(-w*w) + w\nfor t in range(25): z = z*w - z/2\n"
            "sum(z*w) + max(w) + z[3]"
        ),
        {"u": (9,), "v": (9,)},
    ),
    "two shapes": (
        "for t in range(25): u = u*u - 0.3*u; M = M - 0.1*M*M\nsum((M*u).cumsum(0)*u) + sum(sqrt(abs(M)))",
        {"u": (4,), "M": (3, 4)},
    ),
}


def _compiled(source, inputs, names):
    """A program that has been called before, and so is traced."""
    program = gradcli.compile(source, wrt=names)
    program(**inputs)
    program(**inputs)
    return program


@pytest.mark.parametrize("value", [None, 0.0, np.inf, np.nan, 1e200])
@pytest.mark.parametrize("name", CHAINS)
def test_values_and_gradients_are_those_of_evaluate_to_the_last_bit(name, value):
    """Of the inputs that a program was traced with, and of others."""
    source, shapes = CHAINS[name]
    draw = np.random.default_rng(0)
    inputs = {each: np.asarray(draw.normal(size=shape) * 0.5) for each, shape in shapes.items()}
    if value is not None:
        inputs["u"][2] = value
    program = _compiled(source, inputs, [*shapes])
    for given in (inputs, {name: array * 0.75 for name, array in inputs.items()}):
        found, expected = program(**given), gradcli.evaluate(source, given, wrt=[*shapes])
        (root,) = found.roots
        np.testing.assert_array_equal(found.values[root], expected.values[root])
        for each in shapes:
            np.testing.assert_array_equal(found.grads[each], expected.grads[each])
            assert found.grads[each].shape == expected.grads[each].shape


@pytest.mark.parametrize("name", CHAINS)
def test_a_program_goes_on_with_values_of_any_kind(name):
    source, shapes = CHAINS[name]
    draw = np.random.default_rng(0)
    inputs = {each: np.asarray(draw.normal(size=shape) * 0.5) for each, shape in shapes.items()}
    program = _compiled(source, inputs, [*shapes])
    for value in [inputs["u"][2], 0.0, np.inf, np.nan, 1e200]:
        inputs["u"][2] = value
        found, expected = program(**inputs), gradcli.evaluate(source, inputs, wrt=[*shapes])
        (root,) = found.roots
        np.testing.assert_array_equal(found.values[root], expected.values[root])
        for each in shapes:
            np.testing.assert_array_equal(found.grads[each], expected.grads[each])


def _chain(size, length):
    x, s = leaf(np.linspace(0.5, 1.0, size), True), leaf(2.0, True)
    last = x
    for _ in range(length):
        last = primitives.sub(primitives.mul(last, x), primitives.div(last, s))
    wanted = [last, e.exp(last)]
    order, _ = pending(wanted)
    return Numbered(order, wanted, [x, s])


def test_a_chain_becomes_one_call_and_what_is_left():
    numbered = _chain(10, 20)
    found = by_element(numbered, generate)
    assert found is not None
    assert len(found.rows) == 2 + 1 + 1 + 1  # inputs, the chain, its result, the exponential
    x = np.linspace(-1.0, 1.0, 10)
    for mine, other in zip(generate(found)(x, 3.0), generate(numbered)(x, 3.0), strict=True):
        np.testing.assert_array_equal(mine, other)


@pytest.mark.parametrize(("size", "length"), [(10, 2), (MOST + 1, 100), (1, 100)])
def test_short_chains_and_longer_arrays_stay(size, length):
    assert by_element(_chain(size, length), generate) is None
