"""Programs that differentiate for themselves, compiled: replayed where only their values are asked for."""

from __future__ import annotations

import numpy as np
import pytest

import gradcli
from gradcli.evaluation.compiled import Replayed

VALLEY = "f = lambda x: sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)\n"
FIELD = "f = lambda x: sin(x)*sum(x*x)\n"
REPLAYED = [
    VALLEY + "h = torch.func.hessian(f)(x)",
    VALLEY + "h = torch.func.grad(f)(x)",
    FIELD + "h = torch.func.jacrev(f)(x)",
    FIELD + "h = torch.func.jacfwd(f)(x)",
    VALLEY + "y = f(x)\ny.backward(create_graph=True)\nh = x.grad*2",
    VALLEY + "h = torch.func.vmap(torch.func.grad(f))(stack([x, 2*x]))",
]
OTHERS = [
    VALLEY + "h = torch.autograd.functional.hessian(f, x)",
    VALLEY + "y = f(x)\ny.backward()\nh = x.grad*2",
    VALLEY + "y = f(x)\n(g,) = torch.autograd.grad(y, x)\nh = g*g",
    VALLEY + "y = f(x)\ny.backward()\nz = f(x*x)\nz.backward()\nh = x.grad + y",
    VALLEY + "with torch.no_grad():\n    x -= 0.1\nh = torch.func.grad(f)(x)",
    VALLEY
    + "f(x).backward()\nwith torch.no_grad():\n    x -= 0.01*x.grad\n"
    + "x.grad = None\nf(x).backward()\nh = x.grad",
]


@pytest.mark.parametrize("size", [3, 60])
@pytest.mark.parametrize("source", [*REPLAYED, *OTHERS])
def test_every_call_gives_what_an_evaluation_gives(source: str, size: int) -> None:
    program = gradcli.compile(source, roots=["h"], wrt=[])
    for factor in (1.0, 0.5, -0.3):
        x = factor * np.linspace(-1, 1, size) + 0.1
        found = program(x=x).values["h"]
        expected = gradcli.evaluate(source, {"x": x}, roots=["h"], wrt=[]).values["h"]
        assert np.allclose(np.asarray(found), np.asarray(expected), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("source", REPLAYED)
def test_what_only_records_is_replayed(source: str) -> None:
    program = gradcli.compile(source, roots=["h"], wrt=[])
    for _ in range(2):  # the first call tells which inputs are data, the second compiles
        program(x=np.ones(3))
    assert type(program(x=np.zeros(3)).values) is Replayed


def test_gradients_that_the_program_left_are_its_own() -> None:
    program = gradcli.compile("y = sum(x**3)\ny.backward(create_graph=True)\nz = x.grad*1")
    for x in (np.array([1.0, 2.0]), np.array([3.0, 4.0])):
        assert np.allclose(program(x=x).grads["x"], 3 * x**2)
