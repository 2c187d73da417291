"""Creation: NumPy's ranges and fillings, PyTorch's dtypes, seeded numbers with the right distribution."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from op_checks import Caller, call

import gradcli
from gradcli.errors import GradcliError
from gradcli.tape import context

INT, FLOAT, BOOL = "int64", "float64", "bool"
LIKE = np.array([[1, 2, 3]])


@pytest.mark.parametrize(
    ("name", "arguments", "keywords", "expected", "dtype"),
    [
        ("zeros", (2, 3), {}, np.zeros((2, 3)), FLOAT),
        ("zeros", ((2,),), {"dtype": np.dtype(INT)}, [0, 0], INT),
        ("ones", ((),), {}, 1.0, FLOAT),
        ("full", ((2,), 3), {}, [3, 3], INT),
        ("full", ((2,), True), {}, [True, True], BOOL),
        ("full", ((2,), 2.5), {}, [2.5, 2.5], FLOAT),
        ("eye", (2, 3), {}, np.eye(2, 3), FLOAT),
        ("arange", (5,), {}, [0, 1, 2, 3, 4], INT),
        ("arange", (5, 0, -2), {}, [5, 3, 1], INT),
        ("arange", (1, 2.5, 0.5), {}, [1, 1.5, 2], FLOAT),
        ("linspace", (0, 1, 5), {}, [0, 0.25, 0.5, 0.75, 1], FLOAT),
        ("linspace", (3, 1, 1), {}, [3], FLOAT),
        ("linspace", (0, 10, 5), {"dtype": np.dtype(INT)}, [0, 2, 5, 7, 10], INT),
        ("logspace", (0, 2, 3), {}, [1, 10, 100], FLOAT),
        ("logspace", (0, 3, 4), {"base": 2}, [1, 2, 4, 8], FLOAT),
        ("zeros_like", (LIKE,), {}, [[0, 0, 0]], INT),
        ("ones_like", (LIKE,), {"dtype": np.dtype(FLOAT)}, [[1, 1, 1]], FLOAT),
        ("full_like", (LIKE, 2.7), {}, [[2, 2, 2]], INT),
        ("new_full", (LIKE, (2,), 5), {}, [5, 5], INT),
        ("randint", (3, 4, (2, 2)), {}, np.full((2, 2), 3), INT),
        ("randint_like", (LIKE, 1), {}, [[0, 0, 0]], INT),
        ("normal", (np.array([1.0, 2]), 0.0), {}, [1, 2], FLOAT),
        ("bernoulli", (np.array([0.0, 1]),), {}, [0, 1], FLOAT),
    ],
)
def test_values_and_dtypes(name: str, arguments: Any, keywords: Any, expected: Any, dtype: str) -> None:
    got = call(name, *arguments, **keywords)
    np.testing.assert_allclose(got.astype(float), np.asarray(expected, float), rtol=1e-15)
    assert got.dtype == dtype


@pytest.mark.parametrize("ends", [(0.1, 0.7, 7), (-3.3, 2.2, 1000)])
def test_linspace_ends_exactly(ends: Any) -> None:
    got = call("linspace", *ends)
    assert (got[0], got[-1]) == ends[:2]
    np.testing.assert_allclose(np.diff(got), np.diff(got)[0], rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "arguments", "mean", "deviation"),
    [
        ("rand", (20_000,), 0.5, 12**-0.5),
        ("randn", (20_000,), 0, 1),
        ("normal", (3.0, 2.0, (20_000,)), 3, 2),
        ("randint", (0, 3, (20_000,)), 1, (2 / 3) ** 0.5),
        ("bernoulli", (np.full(20_000, 0.2),), 0.2, 0.4),
    ],
)
def test_random_numbers_have_their_distribution(
    name: str, arguments: Any, mean: float, deviation: float
) -> None:
    got = call(name, *arguments)
    assert abs(got.mean() - mean) < 0.05
    assert abs(got.std() - deviation) < 0.05


def test_the_seed_decides() -> None:
    first, second, other = Caller(), Caller(), Caller()
    other.session.context.reseed(1)
    draws = []
    for caller in (first, second, other):
        token = context.enter(caller.session.context)
        draws.append(caller.value(caller("randn", 4)).tolist())
        context.leave(token)
    assert draws[0] == draws[1] != draws[2]
    assert len(set(call("randperm", 50).tolist())) == 50


def test_gradients_through_a_draw_are_zero() -> None:
    caller = Caller()
    mean = caller.session.leaf(np.ones(3), requires_grad=True)
    drawn = caller("normal", mean, 1.0)
    (gradient,) = caller.session.grad([drawn], [mean], [caller.session.leaf(np.ones(3))])
    assert drawn.grad_fn == "NormalBackward1"
    assert gradient is not None
    assert caller.value(gradient).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("name", "arguments", "keywords", "code", "message"),
    [
        ("zeros", (-1,), {}, "bad-argument", "zeros: Dimension size must be non-negative."),
        ("zeros", (1 << 40,), {}, "limit", "more than the limit"),
        (
            "ones",
            (2,),
            {"dtype": np.dtype(INT), "requires_grad": True},
            "int-requires-grad",
            "floating point",
        ),
        ("arange", (5, 0), {}, "bad-argument", "upper bound and lower bound inconsistent with step sign"),
        ("arange", (0, 5, 0), {}, "bad-argument", "step must be nonzero"),
        ("linspace", (0, 1, -1), {}, "bad-argument", "number of steps must be non-negative"),
        ("linspace", (0, 1), {}, "bad-argument", 'missing 1 required positional arguments: "steps"'),
        ("eye", (2, -1), {}, "bad-argument", "m must be greater or equal to 0, got -1"),
        ("randint", (3, 1, (2,)), {}, "bad-argument", "got from=3 >= to=1"),
        ("normal", (0.0, -1.0, (2,)), {}, "bad-argument", "normal expects std >= 0.0, but found std -1"),
        ("bernoulli", (np.array([2.0]),), {}, "bad-argument", "Expected p_in >= 0 && p_in <= 1"),
        ("full", ((2,), float("nan")), {"dtype": np.dtype(INT)}, "bad-argument", "without overflow"),
        ("arange", (1, 3, float("nan")), {}, "bad-argument", "step must be nonzero"),
        ("arange", (0, 1e300, 1e-300), {}, "bad-argument", "possible overflow"),
        ("masked_fill", (LIKE, LIKE > 1, float("inf")), {}, "bad-argument", "without overflow"),
        ("index_fill", (LIKE, 0, np.array([0]), float("nan")), {}, "bad-argument", "without overflow"),
        ("threshold", (LIKE, 7, float("inf")), {}, "bad-argument", "without overflow"),
        ("var", (LIKE * 1.0, None, float("inf")), {}, "bad-argument", "must be bool"),
        ("cross", (LIKE > 1, LIKE > 1), {}, "dtype", "not implemented for 'Bool'"),
    ],
)
def test_wrong_use(name: str, arguments: Any, keywords: Any, code: str, message: str) -> None:
    with pytest.raises(GradcliError) as caught:
        call(name, *arguments, **keywords)
    assert caught.value.code == code
    assert message in str(caught.value)


def test_a_single_probability_is_drawn_with() -> None:
    result = gradcli.evaluate("bernoulli(x)", {"x": 1.0})
    assert float(result.values["result"]) == 1.0
    assert float(result.grads["x"]) == 0.0


@pytest.mark.parametrize(
    "call",
    [
        "poisson(ones(2), [1., 2.])",
        "rand(2, generator=[1.])",
        "torch.nn.init.trunc_normal_(zeros(2), 0., 1., -2., 2., 7)",
        "torch.nn.init.normal_(zeros(2), 0., 1., [7])",
    ],
)
def test_a_generator_is_asked_for_by_its_type(call):
    with pytest.raises(GradcliError, match=r"generator must be a torch\.Generator, not (list|int)"):
        gradcli.evaluate(f"import torch\n{call}", wrt=[])
