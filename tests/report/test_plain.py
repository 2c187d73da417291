"""Plain text, to the letter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.report.plain import plain_text

SCALAR = np.array(3.0)


def test_a_chain(evaluation: Any) -> None:
    assert plain_text(evaluation()) == "x = 1.0\ny = 2.0\nz = 4.0\ndz/dx = 8.0\n"


def test_a_number_alone(evaluation: Any) -> None:
    assert (
        plain_text(evaluation(roots=("result",), values={"result": 5}, grads={}, nodes={})) == "result = 5\n"
    )


def test_everything(everything: Any) -> None:
    assert plain_text(everything) == (
        "hello, world\n"
        'a "quote"\n'
        "x = [0.5, 2.0]\n"
        "n = 3\n"
        "z = 4.0\n"
        "dz/dx = [1.0, 4.0]\n"
        "d2z/dx2.sum(1) = [2.0, 2.0]\n"
        "d3z/dx3.sum(1, 2) = [0.0, 0.0]\n"
        "d2z/dxdw = 1.5\n"
        "hessian[x,x] = [[1.0, 0.0], [0.0, 1.0]]\n"
        "jacobian[z,x] = [0.5, 2.0]\n"
        "hvp[x] = [0.5, 2.0]\n"
        "jvp[z] = 1.0\n"
    )


def test_without_what_the_program_printed(everything: Any) -> None:
    assert plain_text(everything, printed=False).startswith("x = [0.5, 2.0]\n")


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        ({"roots": ("result",)}, ["dresult/dx = 3.0"]),
        ({"roots": ("a", "b")}, ["x.grad = 3.0"]),
        ({"weighted": True}, ["x.grad = 3.0"]),
        ({"own_backward": True}, ["x.grad = 3.0"]),
        ({"own_backward": True, "roots": ()}, ["x.grad = 3.0"]),
        ({"orders": {"x": [SCALAR, 2 * SCALAR]}}, ["dz/dx = 3.0", "d2z/dx2 = 6.0"]),
        ({"orders": {"x": [SCALAR]}, "grads": {}}, ["dz/dx = 3.0"]),
        ({"orders": {"x": [SCALAR, SCALAR]}, "weighted": True}, ["x.grad = 3.0", "x.grad2 = 3.0"]),
        ({"partials": {"x,x,w": SCALAR}}, ["dz/dx = 3.0", "d3z/dxdxdw = 3.0"]),
        ({"partials": {"x": SCALAR}, "grads": {}}, ["dz/dx = 3.0"]),
        ({"partials": {"x,w": SCALAR}, "weighted": True, "grads": {}}, ["partial[x,w] = 3.0"]),
    ],
)
def test_names_of_derivatives(evaluation: Any, parts: dict[str, Any], lines: list[str]) -> None:
    result = evaluation(**({"values": {}, "grads": {"x": SCALAR}} | parts))
    assert plain_text(result).splitlines() == lines


def test_precision(evaluation: Any) -> None:
    result = evaluation(values={"x": np.array(1 / 3), "n": 12345}, grads={"x": np.array([200 / 3, 1e-9 / 3])})
    assert plain_text(result, precision=3) == "x = 0.333\nn = 12345\ndz/dx = [66.7, 3.33e-10]\n"
