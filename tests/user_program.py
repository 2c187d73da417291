"""A user's program as a type checker sees it: what the interface returns has types, and they can be imported.

`mypy --strict` reads this file with the package (pyproject.toml), and `tests/test_types.py` runs it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import gradcli
from gradcli import Derivative, Evaluation, GradcliError, NodeInfo, Program, Report, Sparse


def slope(source: str, x: float) -> float:
    """The derivative of a program of one name."""
    result: Evaluation = gradcli.evaluate(source, {"x": x})
    gradient: NDArray[np.float64] = result.grads["x"]
    return float(gradient)


def shapes(source: str, inputs: dict[str, NDArray[np.float64]]) -> dict[str, tuple[int, ...]]:
    """The shape of each named tensor."""
    nodes: dict[str, NodeInfo] = gradcli.evaluate(source, inputs).nodes
    return {name: node.shape for name, node in nodes.items()}


def curvature(source: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The Hessian by x, from its nonzero entries."""
    result = gradcli.evaluate(source, {"x": x}, hessian=True, sparse=True)
    block = result.hessian["x"]["x"]
    assert isinstance(block, Sparse)
    return block.dense()


def slopes(source: str, x: float) -> list[float]:
    """The first three derivatives by x, and those by x of several roots."""
    result = gradcli.evaluate(source, {"x": x}, order=3)
    orders = [float(each) for each in result.orders["x"]]
    return [*orders, *(float(by["x"]) for by in result.derivatives.values())]


def many(source: str, points: list[float]) -> list[float]:
    """The derivative at many points."""
    program: Program = gradcli.compile(source)
    return [float(program(x=x).grads["x"]) for x in points]


def verdict(source: str, claim: str) -> bool:
    """Whether a claim holds."""
    report: Report = gradcli.check(source, {"x": 1.0}, claims=claim)
    return report.ok


def formula(source: str) -> str:
    """The derivative in the language."""
    derivative: Derivative = gradcli.diff(source)
    return derivative.text


def problem(source: str) -> str:
    """The code of what is wrong with a program."""
    try:
        gradcli.evaluate(source)
    except GradcliError as error:
        return error.code
    return ""
