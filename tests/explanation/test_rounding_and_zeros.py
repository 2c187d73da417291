"""Planted faults that leave a gradient which is 0, missing or rounded away; and functions that hide a cut."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.explanation.api import explain

LONG = np.finfo(np.longdouble).eps < np.finfo(np.float64).eps
"""Whether this machine has a type with more digits than float64, which differences are computed in again."""
FAULTS = {
    "absorbed": ("x = param(1e-20)\ny = log(1 + x)\ny", 2, "rounding", "log1p"),
    "absorbed by exp": ("x = param(1e-18)\ny = exp(x)\n(y - 1)/x", 2, "rounding", "expm1"),
    "absorbed elements": (
        "x = param([1e-20, 1., 1e-18])\nlog(1 + x).sum()",
        2,
        "rounding",
        "in 2 of 3 elements",
    ),
    "read before backward": (
        "w = param(2.)\nloss = (w - 1)**2\nprint(w.grad)\nloss.backward()",
        3,
        "none",
        "before any backward, of which the first is on line 4",
    ),
    "read before the command's backward": (
        "w = param(2.)\ng = w.grad\nw**2",
        2,
        "none",
        "before any backward",
    ),
    "not reached by the backward before": (
        "w = param(2.)\nv = param(1.)\n(w**2).backward()\nprint(v.grad)",
        4,
        "none",
        "no backward before line 4 reached it",
    ),
    "a leaf under its own name": (
        "w = param(2.)\nw = w*3\nloss = w**2\nloss.backward()\nprint(w.grad)",
        5,
        "none",
        "w is computed (line 2)",
    ),
    "a step without gradients": (
        (
            "import torch\na = torch.nn.Linear(1, 1)\nopt = torch.optim.SGD(a.parameters(), lr=0.1)\n"
            "for i in range(2):\n    opt.zero_grad()\n    loss = a(torch.ones(1)).sum()\n    opt.step()"
        ),
        7,
        "none",
        "no backward is called",
    ),
    "frozen by an attribute": (
        "w = param(3.)\nb = param(1.)\nw.requires_grad = False\nw*2 + b",
        3,
        "frozen",
        "w.requires_grad = False froze it",
    ),
    "a layer that is frozen": (
        (
            "import torch\nlayer = torch.nn.Linear(2, 1)\nfor p in layer.parameters():\n"
            "    p.requires_grad_(False)\nx = torch.ones(2, requires_grad=True)\nlayer(x).sum()"
        ),
        4,
        "frozen",
        "layer.weight, layer.bias",
    ),
    "class numbers": (
        "logits = param([1., 3., 2.])\np = one_hot(logits.argmax(), 3).double()\n((p - 1)**2).sum()",
        2,
        "cut",
        "logits.argmax() makes an integer",
    ),
    "through a text": ("x = param(2.)\ns = float(f'{x.item():.3f}')\ns*x", 2, "cut", "x.item()"),
    "a loop that begins anew": (
        "w = param(1.)\nloss = tensor(0.)\nfor i in range(3):\n    loss = tensor(float(i))\nloss*2",
        1,
        "unused",
        "nothing that leads to result reads it",
    ),
    "a loop that leaves it out": (
        "w = param(1.)\nfor x in [1., 2.]:\n    p = w*x\n    loss = (x - 2.)**2\nloss",
        1,
        "unused",
        "only p (line 3) reads it",
    ),
    "detached in place": ("x = param(2.)\ny = x*3\ny.detach_()\ny*x", 3, "cut", "y.detach_() cuts"),
    "requires grad too late": (
        "w = tensor(2.)\ny = w**2\nw.requires_grad_(True)\ny.backward()",
        3,
        "cut",
        "y (line 2) had read before",
    ),
    "written into a tensor": (
        "w = param(1.)\nacc = zeros(3)\nfor i in range(3):\n    acc[i] = (w*i).item()\nacc.sum()*w",
        4,
        "cut",
        "(w*i).item()",
    ),
    "appended": (
        "w = param(1.)\nparts = []\nfor i in range(3):\n    parts.append((w*i).item())\nsum(parts)*w",
        4,
        "cut",
        "(w*i).item()",
    ),
    "a comparison beside a 0": (
        "x = param([1., -2.])\ng = (x > 0)*1.0\ng.sum() + 0*x.sum()",
        2,
        "cut",
        "x > 0",
    ),
    "a function that gives back its input": (
        "def f(w):\n    loss = w**2\n    return w\nw = param(2.)\nout = f(w)\nout",
        6,
        "root",
        "a leaf itself",
    ),
    "the logarithm of 1 - sigmoid": (
        "x = param(60.)\np = sigmoid(x)\n-log(1 - p)",
        3,
        "nan",
        "logsigmoid(-x)",
    ),
    "a dead maximum": ("x = param(-2.)\nmaximum(x, tensor(0.))*3", 2, "dead", "nowhere x = -2"),
    "a dead where": ("x = param(-2.)\ny = where(x > 0, x, 0.)\ny*3", 2, "dead", "took x nowhere"),
    "a dead hardtanh": ("x = param(5.)\ny = hardtanh(x)\ny*2", 2, "dead", "hardtanh(x)"),
    "a factor 0": ("w = param(2.)\nb = param(1.)\nz = w + 0*b\nz", 3, "zero", "dz/db is 0"),
    "a branch with 0": (
        "x = param(-2.)\nif x > 0:\n    z = x\nelse:\n    z = 0*x\nz",
        5,
        "zero",
        "z = 0*x has slope 0",
    ),
    "a stationary point": ("x = param(0.)\nz = x**3\nz", 2, "zero", "slope 3*x**2 = 0 by x"),
    "ways that cancel": ("x = param(2.)\na = 3*x\nb = -3*x\nz = a + b\nz", 4, "zero", "3 through a and -3"),
    "all weights 0": (
        "v = param(0.)\nw = param(0.)\nh = tanh(v*2)\nz = w*h\n(z - 1)**2",
        4,
        "zero",
        "z = w*h has slope",
    ),
    "the norm of 0": ("v = param([0., 0.])\nn = norm(v)\nn", 2, "kink", "has no slope there"),
    "a pole": ("x = param(1e-9)\ny = 1/x\ny", 2, "exploding", "a pole is near"),
}
"""A program, the line of its fault, the kind of the finding, and words of it."""
CANCELLING = {
    "a cosine": ("x = param(1e-9)\nz = (1 - cos(x))/x**2\nz", 2, "sin(x/2)"),
    "a root": ("x = param(1e8)\ny = sqrt(x**2 + 1) - x\ny", 2, "sqrt(a) + b"),
    "moments": (
        "x = param([1e8, 1e8+1, 1e8+2])\nv = (x**2).mean() - x.mean()**2\nv",
        2,
        "(x - x.mean())",
    ),
    "an exponential": ("x = param(1e-17)\ny = exp(x) - 1\ny", 2, "expm1"),
}


def findings(source: str) -> list[tuple[int | None, str, str]]:
    return [(each.line, each.kind, f"{each.says} ({each.hint})") for each in explain(source).findings]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_cause_and_its_line_are_named(fault: str) -> None:
    source, line, kind, words = FAULTS[fault]
    found = findings(source)
    assert [each for each in found if each[:2] == (line, kind) and words in each[2]], found


@pytest.mark.skipif(not LONG, reason="long double has no more digits than double here")
@pytest.mark.parametrize("fault", CANCELLING)
def test_differences_that_are_only_rounding(fault: str) -> None:
    source, line, words = CANCELLING[fault]
    found = findings(source)
    assert [e for e in found if e[:2] == (line, "rounding") and " cancels: " in e[2] and words in e[2]], found


@pytest.mark.parametrize(
    "source",
    [
        "x = param([[1., 2.], [3., 4.]])\np = softmax(x, 0)\n-log(p[0, 1])",
        "x = param([1., 2.])\ny = tensor([1., 0.])\ncosine_similarity(x, y, dim=0)",
        "x = param([[1., 5., 2.]])\nm = x.max(dim=1).values\n(x*m[0]).sum()",
        "x = param([1., 2.])\ng = 0 if x.grad is None else x.grad\n(x**2).sum() + g",
        "x = param(3.)\ny = tensor(1.)\nz = (2*x - 6.0000001)**2 + y\nz",
        "a = param(1.)\nb = param(3.)\nz = (a + b)*(a - b)\nz",
        "x = param([[1., 2.], [3., 4.]])\nexp(x[:, None] - x[None]).sum() + x.sum()",
        "x = param(1.)\ny = where(abs(x) < 1, x**2/2, abs(x) - 0.5)\ny",
        "x = param([2., 2., 2.])\ny = (x - x.mean() + 1)**2\n(y*tensor([1., 2., 3.])).sum()",
        "x = param(2.)\nlog = []\nfor i in range(2):\n    log.append((i*x).item())\nx**2",
    ],
)
def test_what_functions_do_inside_is_not_blamed(source: str) -> None:
    kinds = {each.kind for each in explain(source).findings}
    assert kinds <= {"chosen", "sum", "constant"}, explain(source).findings
