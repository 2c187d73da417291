"""The ways to differentiate agree on every operation: reverse, forward, whole Jacobians, Taylor series.

The cases are those with PyTorch's answers, of which only the finite ones are looked at: at kinks and
poles each mode has its own convention, which the other tests pin down.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import gradcli
from golden.replay import array, input_arrays
from golden.test_operations import DIFFERENTIABLE
from rows import grouped

Case = dict[str, Any]

MOST_ELEMENTS = 60
"""Larger cases add time and nothing else."""


def _evaluated(case: Case, pool: dict[str, Any], **options: Any) -> gradcli.Evaluation:
    return gradcli.evaluate(
        f"out = {case['expression']}",
        input_arrays(case, pool),
        wrt=list(case["grads"]),
        roots=["out"],
        **options,
    )


def _is_regular(case: Case) -> bool:
    """Whether value and gradient are finite numbers, and there are any."""
    answers = [array(case["value"], "float64"), *[array(each, "float64") for each in case["grads"].values()]]
    return all(each.size and each.size <= MOST_ELEMENTS and np.isfinite(each).all() for each in answers)


SEVERAL_IN_ONE_PLACE = {
    "scatter(x, 0, i, y)",
    "x.scatter(0, i, y) ** 2",
    "scatter(x, 0, tensor([1, 1, 4, 1]), y)",
    "x.scatter(0, tensor([2, 2]), y[:2] ** 2) * y[0]",
}
"""Reverse mode gives the gradient of a place to all values that were put there, as PyTorch does; only the
last one stays, and forward mode says so."""

REGULAR = [
    row
    for row in DIFFERENTIABLE
    if _is_regular(row[2][0]) and row[2][0]["expression"] not in SEVERAL_IN_ONE_PLACE
]


@grouped("case, pool", REGULAR)
def test_forward_reverse_and_jacobians_agree(case: Case, pool: dict[str, Any]) -> None:
    generator = np.random.default_rng(0)
    weights = array(case["weights"], "float64")
    directions = {name: generator.normal(size=array(each).shape) for name, each in case["grads"].items()}
    reverse = _evaluated(case, pool, weights=[weights], jacobian=True, mode="reverse")
    forward = _evaluated(case, pool, jvp=directions, jacobian=True, mode="forward")
    pulled, pushed, by_rows, by_columns = reverse.grads, forward.jvp, reverse.jacobian, forward.jacobian
    assert pulled is not None
    assert pushed is not None
    assert by_rows is not None
    assert by_columns is not None
    left = sum(np.sum(pulled[name] * directions[name]) for name in directions)
    size = sum(np.sum(np.abs(pulled[name] * directions[name])) for name in directions)
    np.testing.assert_allclose(np.sum(weights * pushed["out"]), left, rtol=1e-10, atol=1e-11 * (1 + size))
    for name, rows in by_rows["out"].items():
        scale = 1 + np.abs(rows).max(initial=0)
        np.testing.assert_allclose(rows, by_columns["out"][name], rtol=1e-10, atol=1e-11 * scale)
        np.testing.assert_allclose(
            np.tensordot(weights, rows, weights.ndim), pulled[name], rtol=1e-9, atol=1e-10 * scale
        )


@grouped("case, pool", [row for row in REGULAR if "second" in row[2][0]])
def test_taylor_and_the_hessian_agree(case: Case, pool: dict[str, Any]) -> None:
    weights = [array(case["weights"], "float64")]
    found = _evaluated(case, pool, weights=weights, order=2, hessian=True)
    for name, (_, second) in found.orders.items():
        block = found.hessian[name][name]
        if not np.isfinite(block).all():
            continue
        summed = block.reshape(*second.shape, -1).sum(-1)
        scale = 1 + np.abs(block).max(initial=0)
        np.testing.assert_allclose(second, summed, rtol=1e-8, atol=1e-9 * scale)
