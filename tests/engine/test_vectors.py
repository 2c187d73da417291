"""Our own functions against numbers in thirty digits, and in plans against NumPy's and SciPy's."""

from __future__ import annotations

import ctypes
import math

import numpy as np
import pytest
import scipy.special

from gradcli.engine import loops, stretches
from gradcli.engine.assembler import Instructions, assembled
from gradcli.engine.vectors import FUNCTIONS, NEAREST
from gradcli.ops import elementwise as e
from gradcli.tape.node import leaf
from gradcli.tape.primitives import add, mul, reduce_sum
from tests.engine.test_chains import ARRAYS, CUTS, OPERATIONS, SPECIAL, bits, chain_of, computed, numbers

mpmath = pytest.importorskip("mpmath")

NEW = {"ndtr": mpmath.ncdf}
UNITS = {
    "exp": 1,
    "log": 1,
    "log1p": 1,
    "expm1": 2,
    "tanh": 2.5,
    "erf": 2.5,
    "erfc": 8,
    "ndtr": 9,
    "sin": 1.5,
    "cos": 1.5,
}
"""How far from the exact result each may be, in units in the last place; the others one."""
BELOW = {"log": 0.0, "log1p": -1.0}
"""From where on a logarithm is one."""


def ufunc_of(name):
    return getattr(np, name, None) or getattr(scipy.special, name)


@pytest.fixture(autouse=True)
def _ours(request):
    name = getattr(request.node, "callspec", None) and request.node.callspec.params.get("name")
    if loops.vector(ufunc_of(name or "erf"), "d->d") is None:
        pytest.skip("NumPy takes many numbers at a time here, or the machine has no such instructions")


def of(name, x, step=1, spare=1):
    """A function of elements that lie some apart."""
    return called(*loops.vector(ufunc_of(name), "d->d"), x, step, spare)


def called(place, data, x, step=1, spare=1):
    """What a loop gives for elements that lie some apart."""
    given, found = np.zeros((x.size, step)), np.full((x.size, spare), 7.0)
    given[:, 0] = x
    where = np.array([given.ctypes.data, found.ctypes.data])
    lengths, strides = np.array([x.size]), np.array([8 * step, 8 * spare])
    call = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4)(place)
    call(where.ctypes.data, lengths.ctypes.data, strides.ctypes.data, data)
    assert (found[:, 1:] == 7.0).all()
    return found[:, 0]


def spread(name):
    draw = np.random.default_rng(3)
    small = 10.0 ** draw.uniform(-300, 2, 150) * draw.choice([-1, 1], 150)
    wide = draw.uniform(-27, 27, 150), draw.uniform(-700, 700, 50)
    x = np.concatenate([draw.normal(size=300), *wide, small, 1 + draw.normal(size=50) * 0.01])
    return x[x > BELOW.get(name, -math.inf)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_is_exact_but_for_the_last_digits(name):
    x = spread(name)
    with mpmath.workdps(30):
        exact = [(NEW.get(name) or getattr(mpmath, name))(mpmath.mpf(float(each))) for each in x]
        for given, found, right in zip(x, of(name, x), exact, strict=True):
            assert abs(mpmath.mpf(float(found)) - right) <= UNITS.get(name, 1) * math.ulp(float(right)), given


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_special_comes_out_as_elsewhere(name):
    x = np.array([*SPECIAL, -5e-324, -1e308, 710.0, -745.2, 1e-17, -1e-17, 2.0**-1022])
    with np.errstate(all="ignore"):
        known = ufunc_of(name)(x)
    found = of(name, x)
    np.testing.assert_allclose(found, known, rtol=1e-15, atol=0)
    np.testing.assert_array_equal(np.signbit(found[known == 0]), np.signbit(known[known == 0]))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_elements_are_what_they_are_wherever_they_lie(name):
    x = spread(name)
    whole = of(name, x)
    assert bits(of(name, x, 3, 2)) == bits(whole)
    for length in (0, 1, 3, 5):
        assert bits(of(name, x[:length])) == bits(whole[:length])


@pytest.mark.skipif(not loops.wider(), reason="no registers of eight numbers here")
@pytest.mark.parametrize("which", FUNCTIONS)
def test_eight_at_a_time_give_the_bits_that_four_give(which):
    x = np.array([*SPECIAL, -5e-324, 710.0, -708.5, -720.0, -744.9, -745.2, -1e9, *spread(which)])
    x = x[~(np.abs(x) > NEAREST.get(which, math.inf))]
    do = Instructions()
    result = FUNCTIONS[which](do, do.read(0))
    codes = [assembled(do.all, [result], (True, True), wider=wider) for wider in (False, True)]
    four, eight = [loops.runnable(code) for code in codes]
    for length in (*range(40), x.size):
        assert bits(called(eight, 0, x[:length])) == bits(called(four, 0, x[:length]))
    assert bits(called(eight, 0, x, 3, 2)) == bits(called(four, 0, x))
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(called(eight, 0, x), ufunc_of(which)(x), rtol=3e-15, atol=1e-15)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if hasattr(e, name)])
def test_plans_compute_by_them(name):
    function = getattr(e, name)
    x = leaf(np.abs(np.random.default_rng(5).normal(size=(300, 40))))
    wanted = [function(x), reduce_sum(mul(function(x), x), attrs=((-1,),))]
    plain, _ = computed(wanted, 49_152, 1)
    for block, threads in ((1, 1), (640, 2), (49_152, 1)):
        found, plan = computed(wanted, block, threads, vectors=True)
        assert chain_of(plan)
        for one, other in zip(found, plain, strict=True):
            np.testing.assert_allclose(one, other, rtol=3e-15, atol=1e-14)
        assert bits(found[0]) == bits(computed([function(x)], 700, 1, vectors=True)[0][0])


@pytest.mark.parametrize(("dtype", "shape"), ARRAYS)
def test_a_stretch_is_what_its_loops_are_to_the_last_bit(dtype, shape, monkeypatch):
    monkeypatch.setattr(loops, "_functions", dict)
    x = leaf(numbers(*shape, dtype=dtype))
    made = [operation(x) for operation in OPERATIONS]
    wanted = [mul(add(each, other), each) for each, other in zip(made, [*made[1:], made[0]], strict=True)]
    wanted += [reduce_sum(mul(each, x), attrs=((-1,),)) for each in wanted]
    for block, threads in CUTS:
        plain, _ = computed(wanted, block, threads)
        found, plan = computed(wanted, block, threads, vectors=True)
        assert dtype is np.float32 or any(chain.stretches for chain in chain_of(plan))
        for place, (one, other) in enumerate(zip(found, plain, strict=True)):
            assert bits(one) == bits(other), place


def test_so_many_stretches_are_written(monkeypatch):
    x = leaf(numbers(300, 40))
    wanted = [mul(add(x, 0.1234), mul(x, x))]
    found, _ = computed(wanted, 4000, 1, vectors=True)
    monkeypatch.setattr(stretches, "_written", {})
    monkeypatch.setattr(stretches, "MOST", 0)
    monkeypatch.setattr(loops, "runnable", None)
    assert bits(computed(wanted, 4000, 1, vectors=True)[0][0]) == bits(found[0])


@pytest.mark.parametrize("name", ["sin", "cos"])
def test_what_is_far_is_numpys(name):
    x = np.random.default_rng(9).uniform(-1e5, 1e5, 3000)
    with mpmath.workdps(30):
        exact = [float(getattr(mpmath, name)(mpmath.mpf(float(each)))) for each in x]
    np.testing.assert_allclose(of(name, x), exact, rtol=1e-15, atol=1e-16)
    near = np.round(x / np.pi * 2) * np.pi / 2  # where one of them is nearly zero
    np.testing.assert_allclose(of(name, near), getattr(np, name)(near), rtol=1e-15, atol=0)
    assert bits(of(name, x)) != bits(getattr(np, name)(x))
    for far in (1.1e5, -1e300):
        x[7] = far
        assert bits(of(name, x)) == bits(getattr(np, name)(x))
