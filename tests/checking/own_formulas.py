"""Own gradients, right and wrong: a row is a function, its gradient, and mistakes that people make in it.

`catalogue` makes programs of them, by `@backward` and by `torch.autograd.Function` in turn. The function is
of `x` (and `w`), its gradient of these and the incoming gradient `g`; both are an expression, or statements
that end with a return.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

X3 = [0.5, -1.25, 2.0]
POSITIVE = [0.5, 1.25, 2.0]
SMALL = [0.3, -0.6, 0.85]
W3 = [1.5, 0.75, -0.5]
SQUARE = [[2.0, 0.5, 0.1], [0.3, 1.5, -0.2], [0.0, 0.4, 1.0]]
OTHER = [[1.0, -2.0, 0.5], [0.25, 1.0, 3.0], [-1.0, 0.5, 2.0]]
WEIGHTS = "z = sum(f(x)*tensor([1.0, -2.0, 3.0]))"
MATRIX = "z = sum(f(x)*tensor([[1.0, -2.0, 3.0], [0.5, 1.0, -1.5], [2.0, 0.25, 1.0]]))"
BOTH = "z = sum(f(x, w)*tensor([1.0, -2.0, 3.0]))"
BOTH_MATRIX = MATRIX.replace("f(x)", "f(x, w)")


class Formula(NamedTuple):
    """A function with its own gradient, where it is used, and what is wrong instead, by a name for it."""

    name: str
    value: str
    gradient: str
    use: str
    inputs: dict[str, Any]
    wrong: Mapping[str, str] = MappingProxyType({})


def at(x: Any) -> dict[str, Any]:
    """The one input."""
    return {"x": x}


ELEMENTWISE = [
    Formula(
        "sine times cosine",
        "sin(x)*cos(x)",
        "g*cos(2*x)",
        WEIGHTS,
        at(X3),
        {"half a product rule": "g*cos(x)**2", "a sign of a term": "g*(cos(x)**2 + sin(x)**2)"},
    ),
    Formula(
        "a bell times x",
        "x*exp(-x*x)",
        "g*exp(-x*x)*(1 - 2*x*x)",
        WEIGHTS,
        at(X3),
        {"half a product rule": "g*exp(-x*x)", "the other half": "-2*g*x*x*exp(-x*x)"},
    ),
    Formula(
        "a cubic",
        "x**3 - 3*x",
        "g*(3*x*x - 3)",
        WEIGHTS,
        at(X3),
        {"a term missing": "g*3*x*x", "a constant kept": "g*(3*x*x - 3*x)"},
    ),
    Formula(
        "softsign", "x/(1 + abs(x))", "g/(1 + abs(x))**2", WEIGHTS, at(X3), {"not squared": "g/(1 + abs(x))"}
    ),
    Formula(
        "swish",
        "x*sigmoid(x)",
        "s = sigmoid(x)\nreturn g*(s + x*s*(1-s))",
        WEIGHTS,
        at(X3),
        {
            "half a product rule": "s = sigmoid(x)\nreturn g*x*s*(1-s)",
            "x forgotten": "s = sigmoid(x)\nreturn g*(s + s*(1-s))",
        },
    ),
    Formula(
        "gelu",
        "0.5*x*(1 + erf(x/sqrt(2)))",
        "g*(0.5*(1 + erf(x/sqrt(2))) + x*exp(-x*x/2)/sqrt(2*pi))",
        WEIGHTS,
        at(X3),
        {
            "the bell forgotten": "g*0.5*(1 + erf(x/sqrt(2)))",
            "the root of 2 forgotten": "g*(0.5*(1 + erf(x/sqrt(2))) + x*exp(-x*x/2)/sqrt(pi))",
        },
    ),
    Formula(
        "mish",
        "x*tanh(softplus(x))",
        "t = tanh(softplus(x))\nreturn g*(t + x*(1 - t*t)*sigmoid(x))",
        WEIGHTS,
        at(X3),
        {"the inner derivative forgotten": "t = tanh(softplus(x))\nreturn g*(t + x*(1 - t*t))"},
    ),
    Formula(
        "elu",
        "where(x > 0, x, exp(x) - 1)",
        "g*where(x > 0, 1.0, exp(x))",
        WEIGHTS,
        at(X3),
        {
            "a branch its own value": "g*where(x > 0, 1.0, exp(x) - 1)",
            "a sign on one branch": "g*where(x > 0, 1.0, -exp(x))",
        },
    ),
    Formula(
        "huber",
        "where(abs(x) < 1, x*x/2, abs(x) - 0.5)",
        "g*where(abs(x) < 1, x, sign(x))",
        WEIGHTS,
        at([0.5, -1.25, -2.0]),
        {
            "a sign on one branch": "g*where(abs(x) < 1, x, -sign(x))",
            "no sign": "g*where(abs(x) < 1, x, 1.0)",
        },
    ),
    Formula(
        "a power of both",
        "x**w",
        "g*w*x**(w - 1), g*x**w*log(x)",
        BOTH,
        {"x": POSITIVE, "w": W3},
        {
            "the logarithm forgotten": "g*w*x**(w - 1), g*x**w",
            "the power not reduced": "g*w*x**w, g*x**w*log(x)",
        },
    ),
    Formula(
        "an angle",
        "atan(x/w)",
        "g*w/(x*x + w*w), -g*x/(x*x + w*w)",
        BOTH,
        {"x": X3, "w": W3},
        {
            "a sign of the second": "g*w/(x*x + w*w), g*x/(x*x + w*w)",
            "both swapped": "-g*x/(x*x + w*w), g*w/(x*x + w*w)",
        },
    ),
    Formula(
        "a hypotenuse",
        "sqrt(x*x + w*w)",
        "r = sqrt(x*x + w*w)\nreturn g*x/r, g*w/r",
        BOTH,
        {"x": X3, "w": W3},
        {"no root": "return g*x, g*w"},
    ),
    Formula(
        "a quotient",
        "x/w",
        "g/w, -g*x/w**2",
        BOTH,
        {"x": X3, "w": W3},
        {"a sign": "g/w, g*x/w**2", "not squared": "g/w, -g*x/w", "constant": "g/w, None"},
    ),
    Formula("a tangent", "tan(x)", "g/cos(x)**2", WEIGHTS, at(SMALL), {"not squared": "g/cos(x)"}),
    Formula("an arc sine", "asin(x)", "g/sqrt(1 - x*x)", WEIGHTS, at(SMALL), {"no root": "g/(1 - x*x)"}),
    Formula(
        "an arc cosine", "acos(x)", "-g/sqrt(1 - x*x)", WEIGHTS, at(SMALL), {"a sign": "g/sqrt(1 - x*x)"}
    ),
    Formula("an area tangent", "atanh(x)", "g/(1 - x*x)", WEIGHTS, at(SMALL), {"a sign": "g/(1 + x*x)"}),
    Formula(
        "an area cosine",
        "log(x + sqrt(x*x - 1))",
        "g/sqrt(x*x - 1)",
        WEIGHTS,
        at([1.5, 2.0, 4.0]),
        {"a sign": "g/sqrt(x*x + 1)"},
    ),
    Formula(
        "cross entropy",
        "-log_softmax(x, 0)[1]",
        "g*(softmax(x, 0) - tensor([0.0, 1.0, 0.0]))",
        "z = 3*f(x)",
        at(X3),
        {
            "the target forgotten": "g*softmax(x, 0)",
            "another target": "g*(softmax(x, 0) - tensor([1.0, 0.0, 0.0]))",
        },
    ),
    Formula(
        "a root by iteration",
        "y = x\nfor k in range(60):\n    y = (y + x/y)/2\nreturn y",
        "g/2/sqrt(x)",
        WEIGHTS,
        at(POSITIVE),
        {"a factor": "g/sqrt(x)"},
    ),
    Formula(
        "a fixed point",
        "y = x*0\nfor k in range(40):\n    y = 0.5*cos(y) + x\nreturn y",
        "y = x*0\nfor k in range(40):\n    y = 0.5*cos(y) + x\nreturn g/(1 + 0.5*sin(y))",
        WEIGHTS,
        at(X3),
        {"explicit only": "g"},
    ),
    Formula(
        "steps of an equation",
        "y = x\nfor k in range(20):\n    y = y + 0.05*y*(1 - y)\nreturn y",
        "y = x\nd = g\nfor k in range(20):\n    d = d*(1 + 0.05*(1 - 2*y))\n"
        "    y = y + 0.05*y*(1 - y)\nreturn d",
        WEIGHTS,
        at(SMALL),
        {
            "a step short": "y = x\nd = g\nfor k in range(19):\n    d = d*(1 + 0.05*(1 - 2*y))\n"
            "    y = y + 0.05*y*(1 - y)\nreturn d"
        },
    ),
    Formula(
        "a gaussian",
        "exp(-(x - w)**2/2)",
        "y = exp(-(x - w)**2/2)\nreturn -g*y*(x - w), g*y*(x - w)",
        BOTH,
        {"x": X3, "w": W3},
        {"a sign": "y = exp(-(x - w)**2/2)\nreturn -g*y*(x - w), -g*y*(x - w)"},
    ),
    Formula(
        "a cosine between",
        "sum(x*w)/sqrt(sum(x*x)*sum(w*w))",
        "a = sqrt(sum(x*x))\nb = sqrt(sum(w*w))\nc = sum(x*w)/(a*b)\n"
        "return g*(w/(a*b) - c*x/a**2), g*(x/(a*b) - c*w/b**2)",
        "z = 3*f(x, w)",
        {"x": X3, "w": W3},
        {"lengths constant": "n = sqrt(sum(x*x)*sum(w*w))\nreturn g*w/n, g*x/n"},
    ),
    Formula(
        "a bilinear form",
        "sum(x*(w @ x))",
        "g*(w @ x + w.T @ x), g*x[:, None]*x[None, :]",
        "z = f(x, w)*2",
        {"x": X3, "w": OTHER},
        {"w's transposed": "g*(w @ x + w.T @ x), g*(w @ x)[:, None]*x[None, :]"},
    ),
    Formula(
        "off by one everywhere",
        "x*x + x",
        "g*(2*x + 1)",
        WEIGHTS,
        at(X3),
        {"the linear term forgotten": "g*2*x", "one too many": "g*(2*x + 1) + 1"},
    ),
    Formula(
        "the sum of squares of sums",
        "sum(x.sum(0)**2)",
        "2*g*x.sum(0).expand(3, 3)",
        "z = 3*f(x)",
        at(OTHER),
        {"the wrong dim": "2*g*x.sum(1).expand(3, 3)", "unsummed": "2*g*x"},
    ),
    Formula(
        "beyond a branch of the gradient",
        "x*abs(x)",
        "2*g*abs(x)",
        WEIGHTS,
        at(X3),
        {"only for positive": "2*g*x"},
    ),
]
