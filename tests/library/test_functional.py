"""Derivatives that a program asks for: of tensors it has recorded, of functions, and what it may not ask."""

from __future__ import annotations

import numpy as np
import pytest

import gradcli

CUBE = "z = sum(x**3*w)\n"
INPUTS = {"x": [1.0, 2.0], "w": [3.0, 4.0]}


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("jacobian(x**2, x)", [[2, 0], [0, 4]]),
        ("jacobian(z, x)", [9, 48]),
        ("hessian(z, x)", [[18, 0], [0, 48]]),
        ("hessian(z, [x, w])[0][1]", [[3, 0], [0, 12]]),
        ("hessian(z, (w, x))[0][0]", [[0, 0], [0, 0]]),
        ("hvp(z, x, [1, 10])", [18, 480]),
        ("hvp(z, [x, w], [[1, 0], [0, 1]])[0]", [18, 12]),
        ("jvp(z, x, [1, 1])", 57),
        ("jvp([z, x**2], x, [1, 0])[1]", [2, 0]),
        ("jacobian(hessian(z, x), x)[1, 1]", [0, 24]),
        ("hessian(sum(hvp(z, x, [1, 1])), w)", [[0, 0], [0, 0]]),
        ("jacobian(sum(hessian(z, x)), w)", [6, 12]),
    ],
)
def test_of_tensors(expression: str, wanted: object) -> None:
    result = gradcli.evaluate(f"{CUBE}y = {expression}", INPUTS)
    assert np.array_equal(result.values["y"], np.array(wanted, float))
    assert result.grads == {}


def test_of_a_function_and_its_inputs_by_the_bare_names() -> None:
    program = "def f(a): return a**3\ny = jacobian(f, x)\nh = hessian(f, 2.0)\nout, v = jvp(f, x, [1, 1])"
    values = gradcli.evaluate(program, {"x": [1.0, 2.0]}).values
    assert np.array_equal(values["y"], [[3, 0], [0, 12]])
    assert values["h"] == 12
    assert np.array_equal(values["out"], [1, 8])
    assert np.array_equal(values["v"], [3, 12])


def test_what_comes_out_can_be_a_root() -> None:
    result = gradcli.evaluate("y = sum(jacobian(x**3, x))", {"x": [1.0, 2.0]}, roots=["y"])
    assert np.array_equal(result.grads["x"], [6, 12])


def test_names_of_the_program_come_first() -> None:
    assert gradcli.evaluate("hessian = 3*x", {"x": 2.0}).values["hessian"] == 6


FAILURES = (
    ("hvp(z, x, [1, 2, 3])", "shape"),
    ("jvp(z, x, [[1, 2]])", "shape"),
    ("jvp(z, [x, w], [[1, 2]])", "bad-argument"),
    ("hessian(x**2, x)", "non-scalar-root"),
    ("hessian(z, 3)", "bad-argument"),
    ("hessian(z, tensor([1.0]))", "no-grad"),
    ("hessian(z)", "bad-argument"),
    ("hessian(z, x, y=3)", "bad-argument"),
    ("torch.func.grad(3)", "bad-argument"),
    ("torch.func.grad(f, argnums=1)(x)", "bad-argument"),
    ("torch.func.grad(f)(x)", "non-scalar-root"),
    ("torch.func.grad(f)(tensor(3))", "int-requires-grad"),
    ("torch.func.grad(f, has_aux=True)(x)", "bad-argument"),
    ("torch.func.jvp(f, x, x)", "bad-argument"),
    ("autograd.functional.jacobian(three, x)", "bad-argument"),
    ("autograd.functional.hessian(f, x)", "non-scalar-root"),
    ("autograd.functional.vjp(f, x)", "non-scalar-root"),
    ("autograd.functional.hvp(f, x[0], [1, 2])", "shape"),
    ("autograd.functional.jacobian(one, x, strict=True)", "unused-input"),
    ("autograd.functional.jacobian(f, x, strategy='sideways')", "bad-argument"),
)


@pytest.mark.parametrize(("expression", "code"), FAILURES, ids=[each[0] for each in FAILURES])
def test_what_cannot_be_asked_is_an_error_at_its_place(expression: str, code: str) -> None:
    functions = "def f(a): return a**2\ndef three(a): return 3\ndef one(a): return tensor(1.0)\n"
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(f"{functions}{CUBE}y = {expression}", INPUTS)
    assert caught.value.code == code
    assert caught.value.location is not None
    assert caught.value.location.line == 5
