"""A catalogue of right gradients that are hard to measure: none may be accused.

Some of them cannot be measured at all; then the check has to say so, not to call them wrong.
"""

from __future__ import annotations

from checking.wrong_gradients import M23, M33, X3, Case, claim, own

PROGRAMS = [
    ("large values", "z = x**2", {"x": 1e10}),
    ("very large values", "z = x*1e200", {"x": 2.0}),
    ("tiny values", "z = x**2", {"x": 1e-12}),
    ("the smallest values", "z = x*1e-200", {"x": 1e-150}),
    ("an exponential that is huge", "z = exp(x)", {"x": 300.0}),
    ("an exponential that overflows", "z = exp(x)", {"x": 800.0}),
    ("an overflow on the way", "z = 1/(1 + exp(-x))", {"x": -800.0}),
    ("an exponential that is tiny", "z = exp(x)", {"x": -300.0}),
    ("cancellation of large terms", "z = (x + 1e8) - 1e8", {"x": 1.0}),
    ("a large offset", "z = x + 1e10", {"x": 1.0}),
    ("a huge offset", "z = x + 1e17", {"x": 1.0}),
    ("one minus a cosine", "z = (1 - cos(x))/x**2", {"x": 1e-4}),
    ("an exponential minus one", "z = (exp(x) - 1)/x", {"x": 1e-8}),
    ("sine over x near zero", "z = sin(x)/x", {"x": 1e-7}),
    ("squares of sine and cosine", "z = sin(x)**2 + cos(x)**2", {"x": 0.7}),
    ("a saturated tanh", "z = tanh(x)", {"x": 30.0}),
    ("a saturated sigmoid", "z = sigmoid(x)", {"x": [-40.0, 40.0, 0.0]}, "sum"),
    ("fast oscillation", "z = sin(1e6*x)", {"x": 1.0}),
    ("a sine of a large argument", "z = sin(x)", {"x": 1e10}),
    ("oscillation beyond resolution", "z = sin(1e15*x)", {"x": 1.0}),
    ("oscillation without end", "z = sin(1/x)", {"x": 1e-3}),
    ("a bumpy valley", "z = x**2 + 10*cos(200*x)", {"x": 0.5}),
    ("a kink of abs", "z = abs(x)", {"x": 0.0}),
    ("a kink of relu", "z = relu(x)", {"x": 0.0}),
    ("relu made of two relus", "z = relu(x) - relu(-x)", {"x": 0.0}),
    ("a tie of max", "z = max(x)", {"x": [2.0, 1.0, 2.0]}),
    ("a clamp at its edge", "z = clamp(x, 0.0, 1.0)", {"x": 1.0}),
    (
        "hard functions at their kinks",
        "z = hardtanh(x) + relu6(x) + hardsigmoid(x)",
        {"x": [0.0, 1.0, 6.0, 3.0, -3.0]},
        "sum",
    ),
    ("a kink nearby", "z = relu(x - 1)", {"x": 1 + 1e-5}),
    ("a kink very near", "z = abs(x - 1)", {"x": 1 - 1e-9}),
    ("a kink at the next float", "z = relu(x - 1)", {"x": 1 + 2.3e-16}),
    ("a cliff", "z = floor(x)", {"x": 2.0}),
    ("a cliff nearby", "z = floor(x)", {"x": 2 + 1e-9}),
    ("a step of a program", "if x > 0:\n    z = 1 + x\nelse:\n    z = x", {"x": 0.0}),
    ("a kink of a program", "if x > 0:\n    z = 2*x\nelse:\n    z = x", {"x": 0.0}),
    ("a sign", "z = x*sign(x)", {"x": 0.0}),
    ("the edge of a square root", "z = sqrt(x)", {"x": 0.0}),
    ("near the edge of a square root", "z = sqrt(x)", {"x": 1e-14}),
    ("near the edge of a logarithm", "z = log(x)", {"x": 1e-300}),
    ("near the edge of asin", "z = asin(x)", {"x": 1 - 1e-12}),
    ("a cusp", "z = sqrt(abs(x))", {"x": 0.0}),
    ("three halves of a power", "z = abs(x)**1.5", {"x": 0.0}),
    ("a smooth absolute value", "z = sqrt(x**2 + 1e-12)", {"x": 0.0}),
    ("a smooth absolute value nearby", "z = sqrt(x**2 + 1e-12)", {"x": 1e-7}),
    ("a norm at zero", "z = norm(x)", {"x": [0.0, 0.0]}),
    ("elements of many sizes", "z = sum(x**2)", {"x": [1e-8, 1.0, 1e8, -1e-3, 0.0]}),
    ("zeros among the elements", "z = sum(x*x*x)", {"x": [0.0, 0.0, 1.0]}),
    ("at a minimum", "z = 100*(w - x**2)**2 + (1 - x)**2", {"x": 1.0, "w": 1.0}),
    ("a narrow valley", "z = 1e8*(w - x**2)**2 + (1 - x)**2", {"x": 1.2, "w": 1.44}),
    ("a log of a sum of exponentials", "z = logsumexp(x, 0)", {"x": [1000.0, 999.0, -1000.0]}),
    ("cross entropy far off", "z = -log_softmax(x, 0)[2]", {"x": [100.0, 0.0, -100.0]}),
    (
        "an ill-conditioned solve",
        "z = sum(linalg.solve(tensor([[1.0, 1.0], [1.0, 1.0000001]]), x))",
        {"x": [1.0, 2.0]},
    ),
    ("an inverse", "z = sum(linalg.inv(x)**2)", {"x": M33}),
    ("a nearly singular determinant", "z = linalg.det(x)", {"x": [[1.0, 2.0], [0.5, 1.0 + 1e-10]]}),
    ("1e5 elements", "x = linspace(-3.0, 3.0, 100000, requires_grad=True)\nz = sum(sin(x)*x)", {}),
    (
        "2e4 elements with kinks",
        "x = linspace(-3.0, 3.0, 20001, requires_grad=True)\nz = sum(relu(x)*x)",
        {},
    ),
    ("2e4 elements with zeros", "x = param(zeros(20000))\nz = sum(abs(x))", {}),
    ("2e4 random elements under relu", "x = param(randn(20000))\nz = mean(relu(x))", {}),
    ("a long loop", "z = x\nfor k in range(300):\n    z = sin(z) + 0.1", {"x": 0.3}),
    (
        "a loop until it converges",
        "z = x\nwhile abs(z*z - 2) > 1e-6:\n    z = (z + 2/z)/2\nz = z*x",
        {"x": 1.3},
    ),
    ("chaos", "z = x\nfor k in range(60):\n    z = 3.9*z*(1 - z)", {"x": 0.4}),
    ("detached on purpose", "z = x * x.detach()", {"x": 3.0}),
    ("a constant under no_grad", "with no_grad():\n    s = x.max()\nz = log(sum(exp(x - s))) + s", {"x": X3}),
    (
        "float32 throughout",
        "import torch\nx = torch.tensor([0.1, 0.2, 0.3], requires_grad=True)\nz = (x.exp() * x).sum()",
        {},
    ),
    ("a float32 tensor", "x = tensor([0.1, 0.7], dtype=float32, requires_grad=True)\nz = sum(sin(x)**3)", {}),
    ("a where with a nan in it", "z = sum(where(x > 0, log(where(x > 0, x, 1.0)), 0.0))", {"x": [-1.0, 2.0]}),
    ("a sort", "z = sum(sort(x)[0]*arange(3))", {"x": X3}),
    ("a median with a tie", "z = median(x)", {"x": [1.0, 2.0, 2.0, 3.0, 5.0]}),
    ("a remainder", "z = x % 1.0", {"x": 2.7}),
    ("an essential singularity", "z = exp(-1/x**2)", {"x": 0.01}),
    ("a wild function at its calm point", "z = where(x == 0, 0.0, x**2*sin(1/x))", {"x": 1e-12}),
    ("high powers", "z = x**50", {"x": 0.9}),
    ("a polynomial at its root", "z = (x - 1)**7", {"x": 1.0}),
    ("the same polynomial expanded", "z = x**3 - 3*x**2 + 3*x - 1", {"x": 1 + 1e-4}),
]


def _case(row: tuple[object, ...]) -> Case:
    name, source, inputs = row[:3]
    text = f"{source}\nz = sum(z)" if row[3:] else source
    return Case(str(name), str(text), inputs)  # type: ignore[arg-type]


CLAIMS = [
    claim("claim: a cancelling formula", "z = sigmoid(x)", "dz/dx = z*(1-z)"),
    Case("claim: cancelling far out", "z = sigmoid(x)", {}, ("dz/dx = z*(1-z)",), {"domain": (-50.0, 50.0)}),
    Case("claim: tanh far out", "z = tanh(x)", {}, ("dz/dx = 1 - z**2",), {"domain": (-30.0, 30.0)}),
    Case(
        "claim: an exponential over 300",
        "z = exp(x)",
        {},
        ("dz/dx = z", "d2z/dx2 = z"),
        {"domain": (-300.0, 300.0)},
    ),
    claim("claim: abs", "z = abs(x)", "dz/dx = sign(x)"),
    claim("claim: relu, counting zero as well", "z = relu(x)", "dz/dx = where(x >= 0, 1.0, 0.0)"),
    claim("claim: a floor", "z = floor(x)", "dz/dx = 0"),
    claim("claim: a logarithm of half the domain", "z = log(x)", "dz/dx = 1/x"),
    claim("claim: an edge in the middle", "z = sqrt(x)", "dz/dx = 1/(2*sqrt(x))"),
    Case("claim: fast oscillation", "z = sin(1000*x)", {}, ("dz/dx = 1000*cos(1000*x)",), {}),
    claim("claim: a sixth derivative", "z = sin(x)*exp(x)", "d6z/dx6 = 8*exp(x)*(sin(x)*0 - cos(x))"),
    claim(
        "claim: a mixed partial either way",
        "z = sin(x*w)",
        "d2z/dxdw = cos(x*w) - x*w*sin(x*w)",
        "d2z/dwdx = cos(x*w) - x*w*sin(x*w)",
    ),
    claim("claim: a branch", "if x > 0:\n    z = x**2\nelse:\n    z = -x", "dz/dx = 2*x if x > 0 else -1"),
    claim("claim: tiny values", "z = 1e-20*x**2", "dz/dx = 2e-20*x"),
    claim("claim: huge values", "z = 1e200*x**2", "dz/dx = 2e200*x"),
    claim("claim: a number at the given point", "y = 2*x; z = y**2", "dz/dx = 8", "dz/dy = 4", x=1.0),
    claim(
        "claim: an own gradient",
        "def f(x):\n    return log(1 + exp(x))\n"
        "@backward(f)\ndef b(g, x):\n    return g*sigmoid(x)\nz = f(x)",
        "dz/dx = sigmoid(x)",
    ),
]
OWN = [
    own("own: relu", "where(x > 0, x, 0.0)", "g*where(x > 0, 1.0, 0.0)", "z = sum(f(x))", x=[-1.0, 0.0, 2.0]),
    own(
        "own: relu by branches",
        "if x > 0:\n    return x\nreturn 0*x",
        "if x > 0:\n    return g\nreturn 0*g",
        "z = f(x)",
        x=0.5,
    ),
    own(
        "own: a product of matrices",
        "x @ w",
        "return g @ w.T, x.T @ g",
        "z = sum(f(x, w)**2)",
        x=M23,
        w=[[1.0], [2.0], [-1.0]],
    ),
    own("own: a broadcast sum", "x + w", "return g, g.sum(0)", "z = sum(f(x, w)**2)", x=M23, w=X3),
    own(
        "own: softmax",
        "softmax(x, 0)",
        "y = softmax(x, 0)\nreturn y*(g - sum(g*y))",
        "z = sum(f(x)**2)",
        x=X3,
    ),
    own(
        "own: a stable softplus far out",
        "maximum(x, 0.0) + log1p(exp(-abs(x)))",
        "g*sigmoid(x)",
        "z = sum(f(x))",
        x=[-700.0, -1.0, 3.0, 700.0],
    ),
    own("own: 2e4 elements", "sin(x)", "g*cos(x)", "z = sum(f(x))", x="linspace"),
    own(
        "own: the inverse",
        "linalg.inv(x)",
        "y = linalg.inv(x)\nreturn -y.T @ g @ y.T",
        "z = sum(f(x)**2)",
        x=M33,
    ),
    Case(
        "own: a gradient that differentiates something itself",
        "def f(x):\n    return sum(sin(x)*x)\n@backward(f)\ndef b(g, x):\n"
        "    inner = x.detach().requires_grad_()\n"
        "    with enable_grad():\n        y = sum(sin(inner)*inner)\n"
        "    (d,) = autograd.grad(y, inner)\n    return g*d\nz = f(x)**2",
        {"x": X3},
    ),
    own("own: only inside its domain", "sqrt(1 - x**2)", "-g*x/sqrt(1 - x**2)", "z = f(x)", x=0.99),
    own(
        "own: differences",
        "x[1:] - x[:-1]",
        "cat([zeros(1), g]) - cat([g, zeros(1)])",
        "z = sum(f(x)**2)",
        x=[1.0, 3.0, 2.0, 5.0],
    ),
]
CASES = [*map(_case, PROGRAMS), *CLAIMS, *OWN]
