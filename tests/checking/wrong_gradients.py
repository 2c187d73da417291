"""A catalogue of wrong gradients: mistakes that people make when they derive by hand.

Each row is a program with what is said of it, in an own gradient or a claim. All have to be caught.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """A program, values of its inputs, claims about it and further arguments of `gradcli.check`."""

    name: str
    source: str
    inputs: dict[str, Any] = field(default_factory=dict)
    claims: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def claim(name: str, source: str, *claims: str, **inputs: Any) -> Case:
    """A claim about a program."""
    return Case(name, source, inputs, claims)


def own(name: str, forward: str, backward: str, use: str, **inputs: Any) -> Case:
    """A function of `x` (and `w`) with its own gradient of `g`, and a program that uses it.

    `forward` and `backward` are the last expression of each, or statements that end with a return.
    """
    parameters = "x, w" if "f(x, w)" in use or "f(a, b)" in use else "x"
    source = (
        f"def f({parameters}):\n{_body(forward)}\n@backward(f)\ndef f_backward(g, {parameters}):\n"
        f"{_body(backward)}\n{use}\n"
    )
    return Case(name, source, inputs)


def _body(text: str) -> str:
    lines = text.split("\n") if "return" in text else [f"return {text}"]
    return "\n".join("    " + line for line in lines)


X3 = [0.5, -1.25, 2.0]
M23 = [[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]]
M33 = [[2.0, 0.5, 0.1], [0.3, 1.5, -0.2], [0.0, 0.4, 1.0]]

CLAIMS = [
    claim("a dropped factor", "z = (2*x)**2", "dz/dx = 4*x"),
    claim("a wrong sign", "z = cos(x)", "dz/dx = sin(x)"),
    claim("a factor too many", "z = sin(x)**2", "dz/dx = 4*sin(x)*cos(x)"),
    claim("the chain rule forgotten", "z = sin(3*x)", "dz/dx = cos(3*x)"),
    claim("the product rule forgotten", "z = x*exp(x)", "dz/dx = exp(x)"),
    claim("the quotient rule the wrong way round", "z = x/(1 + x**2)", "dz/dx = (x**2 - 1)/(1 + x**2)**2"),
    claim("a power not reduced", "z = x**3", "dz/dx = 3*x**3"),
    claim("right at 1 only", "z = x**3", "dz/dx = 3*x"),
    claim("right at 0 only", "z = exp(x)", "dz/dx = 1 + x"),
    claim("right for positive x only", "z = x**2", "dz/dx = 2*abs(x)"),
    claim("right at the given point only", "z = x**3", "dz/dx = 3*x", x=1.0),
    claim("right at the given point only, an exponential", "z = exp(x)", "dz/dx = z + x", x=0.0),
    claim("a relative error of 1e-6", "z = x**2", "dz/dx = 2.000002*x"),
    claim("an absolute error of 1e-6", "z = sin(x)", "dz/dx = cos(x) + 1e-6"),
    claim("a term of 1e-7 forgotten", "z = x**2 + 1e-7*x", "dz/dx = 2*x"),
    claim("a mixed partial swapped", "z = x**2*w", "d2z/dxdw = 2*w"),
    claim("a mixed partial of third order", "z = x**2*w**2", "d3z/dx2dw = 4*x*w"),
    claim("a second derivative off by its sign", "z = sigmoid(x)", "d2z/dx2 = -z*(1-z)*(1-2*z)"),
    claim("the first derivative for the second", "z = exp(2*x)", "d2z/dx2 = 2*exp(2*x)"),
    claim("a third derivative", "z = sin(2*x)", "d3z/dx3 = 8*cos(2*x)"),
    claim("a fifth derivative", "z = x**5", "d5z/dx5 = 60"),
    claim("the wrong branch of relu", "z = relu(x)", "dz/dx = where(x < 0, 1.0, 0.0)"),
    claim("leaky relu without its leak", "z = leaky_relu(x, 0.01)", "dz/dx = where(x > 0, 1.0, 0.0)"),
    claim("a branch of a program", "if x > 0:\n    z = x**2\nelse:\n    z = -x", "dz/dx = 2*x"),
    claim("abs has no derivative 1", "z = abs(x)", "dz/dx = 1"),
    claim("the base of a logarithm", "z = log2(x)", "dz/dx = 1/x", x=3.0),
    claim("an inner variable mistaken", "y = 2*x; z = y**2", "dz/dy = 2*x"),
    claim("with respect to the other variable", "z = x*w", "dz/dx = x"),
    claim("tanh by its square", "z = tanh(x)", "dz/dx = 1 - z"),
    claim("softplus taken for relu", "z = softplus(x)", "dz/dx = where(x > 0, 1.0, 0.0)"),
    claim("a mean taken for a sum", "z = mean(x**2)", "x.grad = 2*x", x=X3),
    claim("an element is wrong", "z = sum(x**3)", "x.grad = [0.75, 4.6875, 11.0]", x=X3),
    claim(
        "weights forgotten", "x = param([1.0, 2.0])\nz = x**2\nz.backward(tensor([1.0, 3.0]))", "x.grad = 2*x"
    ),
    claim(
        "accumulation forgotten",
        "x = param(3.0)\ny = x**2\ny.backward()\nz = x**2\nz.backward()",
        "x.grad = 6",
    ),
    claim("wrong only near zero", "z = sqrt(x**2 + 1e-4)", "dz/dx = sign(x)"),
    claim("wrong beyond 2 only", "z = x**2", "dz/dx = where(x > 2, 4.0, 2*x)"),
    claim("an off-by-one degree", "z = sum(x**arange(4))", "dz/dx = 1 + 2*x + 4*x**2"),
    claim("atan without its square", "z = atan(x)", "dz/dx = 1/(1 + x)"),
]
OWN = [
    own("own: a dropped factor", "x**2", "g*x", "z = f(x)", x=3.0),
    own("own: a wrong sign", "cos(x)", "g*sin(x)", "z = f(x)", x=0.7),
    own("own: right at 1 only", "x**3", "g*3*x", "z = f(x)", x=1.0),
    own("own: right at 0 only", "exp(x)", "g*(1 + x)", "z = f(x)", x=0.0),
    own("own: a relative error of 1e-6", "sin(x)", "g*cos(x)*1.000001", "z = f(x)", x=0.3),
    own("own: the incoming gradient forgotten", "x**2", "2*x", "z = 3*f(x)", x=1.5),
    own("own: the incoming gradient twice", "x**2", "g*g*2*x", "z = 3*f(x)", x=1.5),
    own("own: the incoming gradient is 1 here", "x**2", "2*x", "z = f(x)", x=1.5),
    own("own: a missing transpose", "x @ w", "return g @ w, x.T @ g", "z = sum(f(x, w)**2)", x=M33, w=M33),
    own("own: factors swapped", "x*w", "return g*x, g*w", "z = sum(f(x, w))", x=X3, w=[1.0, 2.0, 3.0]),
    own(
        "own: the second gradient forgotten", "x*w", "return g*w, None", "z = sum(f(x, w))", x=X3, w=X3[::-1]
    ),
    own("own: a forgotten broadcast sum", "x + w", "return g, g[0]", "z = sum(f(x, w)**2)", x=M23, w=X3),
    own(
        "own: a mean for a broadcast sum", "x + w", "return g, g.mean(0)", "z = sum(f(x, w)**2)", x=M23, w=X3
    ),
    own(
        "own: an off-by-one index",
        "x[1:] - x[:-1]",
        "cat([g, zeros(1)])",
        "z = sum(f(x)**2)",
        x=[1.0, 3.0, 2.0, 5.0],
    ),
    own("own: the last element forgotten", "x**2", "g*2*x*tensor([1.0, 1.0, 0.0])", "z = sum(f(x))", x=X3),
    own(
        "own: one element of many",
        "x**2",
        "g*where(arange(1000) == 777, x, 2*x)",
        "z = sum(f(x))",
        x=[0.5 + 0.001 * k for k in range(1000)],
    ),
    own(
        "own: the wrong branch of relu",
        "where(x > 0, x, 0.0)",
        "g*where(x < 0, 1.0, 0.0)",
        "z = sum(f(x))",
        x=X3,
    ),
    own("own: one branch forgotten", "where(x > 0, x**2, -x)", "g*2*x", "z = sum(f(x))", x=X3),
    own(
        "own: far outside at a kink",
        "where(x > 0, x, 0.0)",
        "g*where(x > 0, 1.0, where(x < 0, 0.0, 7.0))",
        "z = sum(f(x))",
        x=[-1.0, 0.0, 2.0],
    ),
    own(
        "own: softmax without its sum",
        "softmax(x, 0)",
        "y = softmax(x, 0)\nreturn g*y",
        "z = sum(f(x)**2)",
        x=X3,
    ),
    own(
        "own: softmax's diagonal only",
        "softmax(x, 0)",
        "y = softmax(x, 0)\nreturn g*y*(1-y)",
        "z = sum(f(x)**2)",
        x=X3,
    ),
    own("own: sigmoid in its own input", "sigmoid(x)", "g*x*(1-x)", "z = f(x)", x=0.3),
    own("own: a norm unsquared", "sum(x**2)**0.5", "g*x", "z = f(x)", x=X3),
    own(
        "own: the inverse without its transpose",
        "linalg.inv(x)",
        "y = linalg.inv(x)\nreturn -y @ g @ y",
        "z = sum(f(x)*tensor([[1.0,2.0,3.0],[0.0,1.0,0.0],[2.0,0.0,1.0]]))",
        x=M33,
    ),
    own(
        "own: the determinant without its inverse",
        "linalg.det(x)",
        "g*linalg.det(x)*linalg.inv(x)",
        "z = f(x)",
        x=M33,
    ),
    own("own: rounding passed straight through", "round(x)", "g", "z = sum(f(x)**2)", x=[0.3, 1.8, -2.2]),
    own("own: cancelled by another use", "x**2", "g*x", "z = f(x) - f(x) + x", x=1.5),
    own("own: multiplied by zero", "x**2", "g*x", "z = 0*f(x) + x", x=1.5),
    own("own: a small value", "x**2", "g*x", "z = f(x)", x=1e-9),
    own("own: a large value", "x**2", "g*2*x*1.0001", "z = f(x)", x=1e9),
    own(
        "own: a small gradient beside large ones",
        "tensor([1e6, 1.0])*x",
        "g*tensor([1e6, 1.5])",
        "z = sum(f(x))",
        x=[1.0, 2.0],
    ),
    own("own: detached in the middle", "x**2", "g*2*x.detach()*0.5", "z = f(x)", x=1.5),
    own("own: 2e4 elements, one per cent off", "sin(x)", "g*cos(x)*1.01", "z = sum(f(x))", x="linspace"),
    own(
        "own: 2e4 elements, a sign off in the last",
        "sin(x)",
        "y = cos(x)\nreturn g*cat([y[:-1], -y[-1:]])",
        "z = sum(f(x))",
        x="linspace",
    ),
    own("own: a nan where it is smooth", "x*abs(x)", "g*2*x*x/abs(x)", "z = f(x)", x=0.0),
    Case(
        "a class that forgets to multiply",
        "import torch\nclass Square(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n"
        "        ctx.save_for_backward(x)\n        return x * x\n"
        "    @staticmethod\n    def backward(ctx, g):\n"
        "        (x,) = ctx.saved_tensors\n        return 2 * x\n"
        "x = torch.tensor([1.0, 2.0], requires_grad=True)\nz = (Square.apply(x) * 3).sum()\n",
    ),
    Case(
        "a class with its gradients swapped",
        "import torch\nclass Mul(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, a, b):\n"
        "        ctx.save_for_backward(a, b)\n        return a * b\n"
        "    @staticmethod\n    def backward(ctx, g):\n"
        "        a, b = ctx.saved_tensors\n        return g * a, g * b\n"
        "a = torch.tensor(2.0, requires_grad=True)\nb = torch.tensor(5.0, requires_grad=True)\n"
        "z = Mul.apply(a, b)\nz.backward()\n",
    ),
    Case("the graph cut by item()", "x = param(2.0)\nz = x * x.item()"),
    Case("an assertion that is wrong", "x = param(2.0)\ny = x**2\ny.backward()\nassert x.grad == 2"),
    Case(
        "a second derivative of an own gradient",
        "def f(x):\n    return x**3\n@backward(f)\ndef b(g, x):\n"
        "    return g*3*x.detach()**2\nx = param(1.5)\nz = f(x)",
        {},
        (),
        {"order": 2},
    ),
    Case(
        "an own gradient in a loop",
        "def f(x):\n    return sin(x)\n@backward(f)\ndef b(g, x):\n    return g*cos(x)*0.99\n"
        "x = param(0.4)\nfor k in range(3):\n    x2 = f(x)\nz = x2",
    ),
    Case(
        "an own gradient under a claim that repeats it",
        "def f(x):\n    return x**3\n@backward(f)\ndef b(g, x):\n    return g*3*x\nz = f(x)",
        {},
        ("dz/dx = 3*x",),
    ),
]
CASES = [*CLAIMS, *OWN]
