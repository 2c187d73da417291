"""Expressions that repeat are recorded from a recipe, and nobody can tell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.interpreter import recipes
from gradcli.tape import node
from gradcli.tape.node import LARGE

NEVER = 10**9

# Each leaves numbers in `seen`, in turns that are unlike each other in one way or another.
PROGRAMS = {
    "the same each turn": """
w = param([1.0, 2.0, 3.0])
for i in range(6):
    loss = ((w*2 - 1)**2).mean()
    loss.backward()
    seen.append(loss.item())
seen.append(w.grad)
""",
    "shapes that grow": """
w = param([1.0, 2.0])
for i in range(6):
    x = ones(2 + i//3, 1)
    y = (x*w).sum()*2
    seen.append(y.item())
""",
    "a number that changes": """
x = param(3.0)
rate = 1.0
for i in range(8):
    rate = rate*0.5
    y = x*rate + rate
    seen.append(y.item())
""",
    "zeros of both signs": """
x = param(3.0)
for i in range(8):
    z = 0.0
    if i > 4:
        z = -0.0
    y = 1/(x*z + z)
    seen.append(y.item())
""",
    "a number that turns into a tensor": """
x = param(3.0)
k = 2.0
for i in range(6):
    y = x*k*k
    seen.append(y.item())
    if i == 3:
        k = x
""",
    "gradients that come and go": """
x = tensor(3.0)
for i in range(8):
    y = x*x + x
    seen.append(y.requires_grad)
    if i == 4:
        x.requires_grad_()
""",
    "random numbers": """
import torch
torch.manual_seed(0)
x = torch.ones(3)
for i in range(6):
    y = torch.dropout(x, 0.5, True)*2 + x
    seen.append(y.sum().item())
    z = torch.rand_like(x) + x
    seen.append(z.sum().item())
    u = torch.dropout(x.sum(), 0.5, True) + x.sum()
    seen.append(u.item())
""",
    "another default dtype": """
import torch
n = torch.tensor([1, 2])
for i in range(8):
    y = n/3*2
    seen.append(y.sum().item())
    if i == 4:
        torch.set_default_dtype(torch.float64)
""",
    "one tensor under two names": """
x = param(2.0)
a = x
b = x*1
for i in range(8):
    y = a*b + a
    seen.append(y.item())
    y.backward()
    b = a
    if i < 4:
        b = x*1
seen.append(x.grad)
""",
    "an old value read again": """
x = param(2.0)
y = x*1
for i in range(6):
    y = y*x + y
y.backward()
seen.append(x.grad)
""",
    "with and without recording": """
import torch
x = torch.tensor(2.0, requires_grad=True)
for i in range(8):
    with torch.set_grad_enabled(i % 3 != 0):
        y = x*x + 1
        seen.append(y.requires_grad)
        seen.append(y.item())
""",
    "functions called with this and that": """
def f(a, b):
    return (a*b).sum() + a.sum()
x = param([1.0, 2.0])
for i in range(4):
    seen.append(f(x, x).item())
    seen.append(f(x, 2.0).item())
    seen.append(f(x[0], x).item())
""",
    "gradients that are numbers": """
import torch
x = torch.tensor([2.0, 1.0], requires_grad=True)
def f(g):
    return torch.rad2deg(g) + torch.add(x, g, alpha=2)
for i in range(12):
    y = (x*3).sum() if i > 8 else x.sum()
    g, = torch.autograd.grad(y, [x], create_graph=True)
    seen.append(f(g).sum().item())
    if i > 8:
        p = torch.func.grad(sevenfold)(x)
    else:
        p = torch.func.grad(onefold)(x)
    q = torch.add(x, p, alpha=2)
    seen.append(q.sum().item())
""",
    "names of gradient functions": """
import torch
x = torch.ones(2, requires_grad=True)
for i in range(6):
    y = (x @ x - 1)**2
    seen.append(str(y.grad_fn)[:12])
    m = torch.nn.functional.softplus(x, beta=2).mean()
    seen.append(str(m.grad_fn)[:12])
""",
}


FUNCTIONS = """
def onefold(v):
    return v.sum()
def sevenfold(v):
    return (v*7).sum()
"""


def _seen(program: str, patience: int, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.setattr(recipes, "PATIENCE", patience)
    text = FUNCTIONS + "seen = []\n" + program + "\nfor each in seen:\n    print(each)\n"
    return gradcli.evaluate(text).printed


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
@pytest.mark.parametrize("patience", [0, 2])
def test_a_recipe_changes_nothing(program: str, patience: int, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = _seen(program, NEVER, monkeypatch)
    assert len(usual) > 0
    assert _seen(program, patience, monkeypatch) == usual


def _written(program: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many recipes a program leads to."""
    monkeypatch.setattr(recipes, "PATIENCE", 0)
    count = 0
    write = recipes._written

    def counting(*arguments: Any) -> Any:
        nonlocal count
        count += 1
        return write(*arguments)

    monkeypatch.setattr(recipes, "_written", counting)
    gradcli.evaluate(program)
    return count


@pytest.mark.skipif(LARGE == 0, reason="nothing is small enough for a recipe")
def test_what_repeats_gets_a_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    program = "x = param([1.0, 2.0])\nfor i in range(5):\n    y = ((x*2 - 1)**2).mean()\ny"
    assert _written(program, monkeypatch) == 1


def test_nodes_are_made_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    program = "v = tensor([1.0, 2.0])\nfor i in range(5):\n    u = v @ v * (v.sum() + v.mean()*v)\nu.sum()"

    def made(patience: int) -> list[str]:
        nodes: list[node.Node] = []
        make = node.Node.__init__

        def noted(self: node.Node, *arguments: Any) -> None:
            make(self, *arguments)
            nodes.append(self)

        with monkeypatch.context() as patched, node.steady():
            patched.setattr(recipes, "PATIENCE", patience)
            patched.setattr(node.Node, "__init__", noted)
            gradcli.evaluate(program)
        return [each.op.name for each in nodes if each.inputs]

    assert made(0) == made(NEVER)


@pytest.mark.parametrize(
    "statement",
    [
        "y = x*(i + 1)",  # another number each turn
        "y = x.reshape(2, 1) + x",  # a view
        "y = dropout(x, 0.5) + x",  # other numbers each turn
        "y = where(x > 1, x, 0*x)",  # a comparison
    ],
)
def test_what_differs_each_time_gets_none(statement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _written(f"x = param([1.0, 2.0])\nfor i in range(20):\n    {statement}\n", monkeypatch) == 0


def test_what_runs_once_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _written("x = param(1.0)\ny = x*x + 1\ny = y*y", monkeypatch) == 0


MISSING_FIRST = """
def f(k):
    if k < 9:
        a = param(1.0)
        b = param(2.0)
    return a + b
for i in range(10):
    s = f(i)
"""
MISSING_LAST = """
def f(k):
    a = ones(2)
    b = ones(2)
    if k < 9:
        c = param(1.0)
    else:
        b = ones(3)
    return a*b + c
for i in range(10):
    s = f(i)
"""


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("x = param(2.0)\nfor i in range(9):\n    y = x*x\n    y.backward()\ny.backward()", "graph-freed"),
        (MISSING_FIRST, "unknown-name"),
        (MISSING_LAST, "shape"),
        ("x = ones(2)\nfor i in range(9):\n    y = x*x + x\n    x = ones(2, 3 + i//8)\ny*ones(7)", "shape"),
    ],
)
def test_errors_are_the_same(program: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for patience in (NEVER, 0):
        monkeypatch.setattr(recipes, "PATIENCE", patience)
        with pytest.raises(gradcli.GradcliError) as caught:
            gradcli.evaluate(program)
        found.append((caught.value.code, caught.value.message, caught.value.span, caught.value.notes))
    assert found[0] == found[1]
    assert found[0][0] == code


def test_gradients_of_a_trained_network(monkeypatch: pytest.MonkeyPatch) -> None:
    program = """
import torch
torch.manual_seed(1)
x, y = torch.randn(20, 3), torch.randn(20, 2)
w, b, v = torch.randn(3, 4), torch.zeros(4), torch.randn(4, 2)
for each in (w, b, v):
    each.requires_grad_()
for i in range(30):
    h = torch.tanh(x @ w + b)
    loss = ((h @ v - y)**2).mean() + 0.01*(w**2).sum()
    loss.backward()
    with torch.no_grad():
        for each in (w, b, v):
            each -= 0.1*each.grad
            each.grad.zero_()
"""
    if not node.LARGE:
        # Where all counts as large, walks do too: else rules are planned at first, and compiled once the
        # process has met them often, which adds up float32 in another order.
        monkeypatch.setattr(node, "ASKED_FROM", 0)
    results = []
    for patience in (NEVER, 0):
        monkeypatch.setattr(recipes, "PATIENCE", patience)
        results.append(gradcli.evaluate(program).values)
    for name in ("loss", "w", "b", "v"):
        np.testing.assert_array_equal(results[0][name], results[1][name])
