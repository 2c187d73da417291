"""Programs for derivatives beyond the gradient, as PyTorch and gradcli both read them, and their inputs.

`record_higher.py` asks PyTorch for the answers and writes `higher.json`, `test_higher.py` replays it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

A = [[2.0, 0.5, 0.1], [0.3, 1.5, -0.2], [0.0, 0.4, 1.8]]
V, W = [0.7, -0.4, 1.2], [0.5, 1.5, -0.8]
M = [[0.3, -0.7], [1.1, 0.4], [-0.2, 0.9]]


@dataclass(frozen=True)
class Program:
    """A text whose last line is an expression, its inputs, and what is asked for.

    Attributes:
        orders: how many pure derivatives by each input; the text is then a number.
        hessian, jacobian: whether those are asked for.
    """

    text: str
    inputs: dict[str, Any] = field(hash=False)
    orders: int = 0
    hessian: bool = False
    jacobian: bool = False


THROUGH = (  # third and fourth order through operations with rules of their own
    "linalg.norm(x)",
    "linalg.norm(x.reshape(3, 1)*A, dim=1).sum()",
    "norm(x, p=3)",
    "prod(x)",
    "prod(x*x + x)",
    "prod(stack([x, x*x]), dim=0).sum()",
    "((A*x) @ (x*x)).sum()",
    "(A.T @ x).exp().sum()",
    "torch.einsum('ij,j,i->', A, x, x*x)",
    "linalg.solve(A + torch.outer(x, x), x).sum()",
    "linalg.inv(A + torch.diag(x)).sum()",
    "linalg.det(A + torch.outer(x, x*x))",
    "torch.logdet(A + torch.diag(x*x))",
    "linalg.cholesky(A @ A.T + torch.diag(x*x)).sum()",
    "(softmax(x, 0)*x).sum()",
    "(torch.log_softmax(x*x, 0)*x).sum()",
    "torch.logsumexp(x*x, 0)",
    "where(x > 0, x**4, sin(x)*x).sum()",
    "where(x > 0.5, sqrt(abs(x) + 1), x**3).prod()",
    "(torch.cumsum(x, 0)**3).sum()",
    "torch.cumprod(x, 0).sum()",
    "torch.amax(x*x*x) + torch.amin(x**2)",
    "(x[[0, 2, 2]]**4).sum() + x[1:].prod()",
    "torch.var(x) * torch.mean(x**2)",
    "F.gelu(x).sum()*F.softplus(x).sum()",
    "(torch.sigmoid(x)*torch.tanh(x)**2).sum()**2",
    "torch.atan2(x, x*x + 1).sum() + torch.hypot(x, x + 3).sum()",
    "torch.sort(x*x).values[1]**3 + (x**3).sum()",
    "F.cross_entropy(torch.stack([x, x*x]), torch.tensor([2, 0]))",
    # Not F.layer_norm: its third derivative is wrong in PyTorch 2.13; derivatives/test_taylor.py has it.
    "((x*x - torch.mean(x*x))/sqrt(torch.var(x*x, unbiased=False) + 1e-5)).pow(3).sum()",
)

MATRICES = (
    Program("(x**3).sum()", {"x": V}, hessian=True),
    Program("(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2).sum()", {"x": V}, hessian=True),
    Program("(x*w).sum()*(x @ w)", {"x": V, "w": W}, hessian=True),
    Program("(tanh(A @ x)*w).sum()", {"x": V, "w": W}, hessian=True),
    Program("(torch.sigmoid(x @ w)**2).sum()", {"x": A, "w": M}, hessian=True),
    Program("x*sin(k) + k**3", {"x": 1.5, "k": 0.3}, hessian=True),
    Program("A @ (x*x)", {"x": V}, jacobian=True),
    Program("torch.outer(x, w)", {"x": V, "w": W}, jacobian=True),
    Program("softmax(x*w.sum(), 0)", {"x": V, "w": W}, jacobian=True),
    Program("x.sin()*x.sum()", {"x": M}, jacobian=True),
    Program("torch.cumsum(x, 0)[1:]", {"x": V}, jacobian=True),
    Program("linalg.solve(x, w)", {"x": A, "w": M}, jacobian=True),
)

_UNARY = ("sin({})", "cos({})", "tanh({})", "exp(-({})**2)", "log(1 + ({})**2)", "sqrt(2 + ({})**2)")
_BINARY = ("{} + {}", "{} * {}", "{} - {}", "({}) / (2 + ({})**2)")


def expression(draw: random.Random, names: tuple[str, ...], depth: int) -> str:
    """A smooth expression in the names, elementwise."""
    if depth == 0:
        return draw.choice((*names, *[f"{draw.choice((0.5, 1.5, 2.0))}*{name}" for name in names]))
    if draw.random() < 0.5:
        return draw.choice(_UNARY).format(expression(draw, names, depth - 1))
    left, right = (expression(draw, names, depth - 1) for _ in range(2))
    return "(" + draw.choice(_BINARY).format(left, right) + ")"


def _random(number: int) -> Program:
    draw = random.Random(number)
    body = expression(draw, ("x", "w"), 4)
    reduce = draw.choice(
        ("({}).sum()", "({}).mean()", "(A @ ({} + x)).sum()", "torch.logsumexp({} + 0*x, 0)")
    )
    inputs = {name: [round(draw.uniform(-1.5, 1.5), 3) for _ in range(3)] for name in "xw"}
    return Program(reduce.format(f"({body} + 0*x*w)"), inputs, orders=2, hessian=True)


PROGRAMS = (
    *[Program(text, {"x": V}, orders=4, hessian=True) for text in THROUGH],
    *MATRICES,
    *map(_random, range(60)),
)

FUNCTIONAL = {
    "func": """
from torch.func import grad, hessian, jacrev, jacfwd, vjp, jvp, grad_and_value
x = torch.tensor([1., 2., 3.]); w = torch.tensor([2., -1., 0.5], requires_grad=True)
def f(x): return (x**3*w).sum()
def g(x, k=2): return x.sin()*k, x**2*x.sum()
def h(a, b): return (a*b**2).sum(), a + 1
result = [grad(f)(x), hessian(f)(x), jacrev(grad(f))(x), jacfwd(grad(f))(x), jacfwd(g)(x), jacrev(g)(x, 3)]
result += [grad_and_value(f)(x), jvp(f, (x,), (w,)), grad(h, argnums=(0, 1), has_aux=True)(x, x*x)]
result += [grad(h, argnums=1, has_aux=True)(x, x*x), jacfwd(jacrev(grad(f)))(x), jacrev(jacfwd(g))(x)]
""",
    "func vjp": """
from torch.func import vjp
x = torch.tensor([1., 2., 3.])
def f(a, b): return (a*b).exp(), a.sum()
out, pull = vjp(f, x, x/3)
result = [out, pull((x, torch.tensor(2.)))]
""",
    "nested": """
from torch.func import grad, jacrev, hessian
x = torch.tensor([0.3, 1.2]); s = torch.tensor(0.4)
def outer(x):
    def inner(y): return (y**2*x).sin().sum()
    return grad(inner)(x*2).prod()
def third(s): return grad(grad(grad(torch.sin)))(s*s)
def along(x): return jacrev(outer)(x).sum()
result = [outer(x), grad(outer)(x), hessian(outer)(x), grad(along)(x), third(s), grad(third)(s)]
""",
    "closures": """
from torch.func import grad
x = torch.tensor([0.3, 1.2], requires_grad=True)
w = torch.tensor([1.5, -2.], requires_grad=True)
def f(y): return (y**3*w*x).sum()
g = grad(f)(x)
g.sum().backward()
result = [g, x.grad, w.grad]
""",
    "pairs": """
from torch.func import grad, jacrev, jacfwd, hessian
def f(p, x): return ((p[0]*x + p[1])**2).sum()
def y(a, b): return a*b.sum(), b**2
p = (torch.tensor([2., 3.]), torch.tensor([0.5, 0.25])); x = torch.tensor([1., -1.])
result = [grad(f)(p, x), jacrev(f, argnums=1)(p, x), jacrev(y, argnums=(0, 1))(x, x*3)]
result += [jacfwd(y, argnums=(0, 1))(x, x*3), hessian(f, argnums=1)(p, x)]
""",
    "autograd.functional": """
from torch.autograd import functional
x = torch.tensor([1., 2.]); w = torch.tensor([0.5, -1.5]); one = torch.tensor([[2.]])
def f(a, b): return (a**2*b).sum()
def g(a): return a.exp(), (a**3).sum()
def h(a): return (a**4).sum()
result = [functional.jacobian(f, (x, w)), functional.hessian(f, (x, w)), functional.jacobian(g, x)]
result += [functional.jvp(f, (x, w), (w, x)), functional.vjp(f, (x, w))]
result += [functional.vjp(g, x, (w, torch.tensor(2.)))]
result += [functional.hvp(h, x, w), functional.vhp(f, (x, w), (w, x)), functional.hessian(h, one)]
result += [functional.hvp(f, (x, w), (w, x))]
result += [functional.jacobian(h, x, vectorize=True, strategy='forward-mode')]
""",
    "create_graph": """
from torch.autograd.functional import jacobian, hessian, hvp
x = torch.tensor([1., 2.], requires_grad=True)
def f(a): return (a**4).sum()
def g(a): return a**3*a.sum()
j = jacobian(g, x, create_graph=True); h = hessian(f, x, create_graph=True)
out, p = hvp(f, x, torch.ones(2), create_graph=True)
(j.sum() + h.sum() + (p**2).sum() + out).backward()
result = [j, h, p, x.grad, jacobian(g, x).requires_grad, j.requires_grad]
""",
    "no_grad": """
from torch.func import grad
x = torch.tensor([1., 2.], requires_grad=True)
def f(a): return (a**4).sum()
with torch.no_grad():
    inside = grad(f)(x)
result = [inside, inside.requires_grad, grad(f)(x).requires_grad, grad(f)(x.detach()).requires_grad]
""",
}
"""Programs that leave tensors (in tuples and lists, as deep as they are) in `result`."""
