"""Gradients that a program writes itself, and its own calls of backward and grad."""

# ruff: noqa: E501 - a table reads best with a row on a line
from __future__ import annotations

import pytest

import gradcli

CUBE = """
def cube(x): return x**3

@backward(cube)
def cube_gradient(g, x): return {gradient}
"""

EXP = """
class Exp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale=1.0):
        y = exp(x) * scale
        ctx.save_for_backward(y)
        ctx.scale = scale
        return y

    @staticmethod
    def backward(ctx, g):
        y, = ctx.saved_tensors
        return {gradient}
"""


@pytest.mark.parametrize(
    ("program", "grads"),
    [
        (CUBE.format(gradient="g * 3*x**2") + "y = cube(x)", {"x": 12.0}),
        (CUBE.format(gradient="g * 100") + "y = 2*cube(x)", {"x": 200.0}),
        (CUBE.format(gradient="g * 3*x**2") + "y = cube(2*x)*x", {"x": 256.0}),
        (CUBE.format(gradient="None") + "y = cube(x) + x", {"x": 1.0}),
        ("def f(a, b=3.): return a*b\n@backward(f)\ndef g(d, a, b): return d*b, None\ny = f(x)", {"x": 3.0}),
        ("def f(a): return a, 2*a\n@backward(f)\ndef g(c, d, a): return c + 10*d\np, q = f(x)\ny = q*1", {"x": 10.0}),
        (EXP.format(gradient="g * y, None") + "y = Exp.apply(x - 2)", {"x": 1.0}),
        (EXP.format(gradient="g * y, None") + "f = Exp.apply\ny = f(x - 2, 3.)", {"x": 3.0}),
        (EXP.format(gradient="g * ctx.scale, None") + "y = Exp.apply(x - 2, 7.)", {"x": 7.0}),
    ],
)  # fmt: skip
def test_the_gradient_is_the_programs_own(program: str, grads: dict[str, float]) -> None:
    assert gradcli.evaluate(program, {"x": 2.0}).grads == grads


@pytest.mark.parametrize(
    "program",
    [
        CUBE.format(gradient="g * 3*x**2") + "y = cube(x)",
        "y = x**3",
    ],
)
def test_an_own_gradient_is_differentiated_again(program: str) -> None:
    result = gradcli.evaluate(program, {"x": 2.0}, order=4)
    assert result.orders == {"x": [12.0, 12.0, 6.0, 0.0]}


def test_a_saved_result_is_differentiated_again() -> None:
    result = gradcli.evaluate(EXP.format(gradient="g * y, None") + "y = Exp.apply(x)", {"x": 0.0}, order=3)
    assert result.orders == {"x": [1.0, 1.0, 1.0]}


def test_the_name_of_an_own_gradient() -> None:
    program = CUBE.format(gradient="g * 3*x**2") + EXP.format(gradient="g * y, None")
    result = gradcli.evaluate(program + "a = cube(x)\nb = Exp.apply(x)", {"x": 0.0})
    assert (result.nodes["a"].grad_fn, result.nodes["b"].grad_fn) == ("CubeBackward", "ExpBackward")


@pytest.mark.parametrize(
    ("program", "code", "message"),
    [
        (CUBE.format(gradient="(g, g)") + "y = cube(x)", "bad-argument", "function cube_gradient returned an incorrect number of gradients (expected 1, got 2)"),
        (CUBE.format(gradient="ones(3)") + "y = cube(x)", "shape", "cube_gradient returned an invalid gradient at index 0 - got [3]"),
        (CUBE.format(gradient="'a'") + "y = cube(x)", "bad-argument", "cube_gradient returned str"),
        (EXP.format(gradient="g, g") + "y = Exp.apply(x, 2.)", "bad-argument", "function ExpBackward returned a gradient different from None at position 2"),
        (EXP.format(gradient="g * undefined") + "y = Exp.apply(x, 2.)", "unset-input", "undefined has no value"),
        ("@backward(exp)\ndef f(g, x): return g", "bad-argument", "a function of the program"),
    ],
)  # fmt: skip
def test_wrong_gradients_name_the_function(program: str, code: str, message: str) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(program, {"x": [[1.0, 2.0]]} if "y =" in program else {}, weights="ones")
    assert caught.value.code == code
    assert message in caught.value.message or message in str(caught.value.hint)


def test_without_recording_an_own_gradient_leaves_no_trace() -> None:
    program = CUBE.format(gradient="g * 3*x**2") + "with no_grad(): y = cube(x)\nprint(y.requires_grad, y)"
    assert gradcli.evaluate(program, {"x": 2.0}).printed == ["False tensor(8.)"]


@pytest.mark.parametrize(
    ("program", "text"),
    [
        ("x = param(3.)\ny = x*x\ny.backward()\nprint(x.grad)", "tensor(6.)"),
        ("x = param([1., 2.])\n(x*x).backward([1., 10.])\nprint(x.grad)", "tensor([ 2., 40.])"),
        ("x = param(3.)\nprint(autograd.grad(x*x, x))", "(tensor(6.),)"),
        ("x = param(3.)\nw = param(1.)\nprint(autograd.grad(x*x, [x, w], allow_unused=True))", "(tensor(6.), None)"),
        ("x = param(3.)\ng, = autograd.grad(x**3, x, create_graph=True)\nh, = autograd.grad(g, x)\nprint(h)", "tensor(18.)"),
        ("x = param(3.)\nautograd.backward([x*x, 2*x], [tensor(1.), tensor(5.)])\nprint(x.grad)", "tensor(16.)"),
        ("x = param(3.)\nfor i in range(3): (x*x).backward()\nprint(x.grad)\nx.grad.zero_()\nprint(x.grad)\nx.grad = None\nprint(x.grad)", "tensor(18.)\ntensor(0.)\nNone"),
        ("w = param(4.)\nfor i in range(3):\n    (w*w).backward()\n    with no_grad(): w -= 0.25*w.grad\n    w.grad = None\nprint(w)", "tensor(0.5000, requires_grad=True)"),
        ("w = param(4.)\n(w*w).backward()\nw.data -= 0.25*w.grad\nprint(w)\nw.data = tensor(1.)\nprint(w)", "tensor(2., requires_grad=True)\ntensor(1., requires_grad=True)"),
        ("w = param(4.)\nw.data.sub_(1.)\nprint(w, w.detach() is w)", "tensor(3., requires_grad=True) False"),
        ("x = param(2.)\n@no_grad()\ndef f(): return x*x\nprint(f().requires_grad, (x*x).requires_grad)", "False True"),
        ("x = param(2.)\nwith no_grad():\n    with enable_grad(): y = x*x\n    z = x*x\nprint(y.requires_grad, z.requires_grad)", "True False"),
        ("x = param(2.)\ndef f():\n    with no_grad(): return x*x\nprint(f().requires_grad, (x*x).requires_grad)", "False True"),
        ("from torch.autograd import Variable\nx = Variable(torch.Tensor([2.]), requires_grad=True)\n(x*x).backward()\nprint(x.grad)", "tensor([4.])"),
    ],
)  # fmt: skip
def test_autograd_in_the_language(program: str, text: str) -> None:
    assert "\n".join(gradcli.evaluate(program).printed) == text
