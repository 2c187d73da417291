"""Programs as text, one after the other, and programs that loop or are called many times.

The contenders: gradcli as somebody would call it, PyTorch's eager mode (`exec` for programs that come as
text, since it has no language of its own), SymPy, and JAX's jit where a function is compiled once.
"""

from __future__ import annotations

import random
from functools import partial

from benchmarks.works import Work

# ---- many programs ----

FUNCTIONS = ("sin", "cos", "exp", "tanh", "sigmoid", "log1p", "sqrt")


def alike(count):
    """Programs of a few hundred shapes with numbers of their own, as a generator of exercises makes them."""
    draw = random.Random(0)
    for _ in range(count):
        a, b, c = draw.choices(FUNCTIONS, k=3)
        yield (
            f"x = param({draw.random():.3f}); y = {draw.randint(2, 9)}*x + {a}(x); "
            f"z = y**2 + {b}(y*{draw.random():.2f}) * {c}(x)"
        )


def different(count):
    """Programs of the same length of which no two have the same shape."""
    draw = random.Random(0)
    known = set()
    while len(known) < count:
        a, b, c, d = draw.choices(FUNCTIONS, k=4)
        p, q, r, s = draw.choices("+-*", k=4)
        shape = (
            f"x = param({{}}); y = {{}}*x {p} {a}(x); z = y**2 {q} {b}(y{r}{{}}) {s} {c}(x)"
            if draw.random() < 0.5
            else f"x = param({{}}); y = {a}({{}}*x {p} x); z = {d}(y**2 {q} y) {r} {b}(y*{{}}) {s} {c}(y)"
        )
        if shape not in known:
            known.add(shape)
            yield shape.format(f"{draw.random():.3f}", draw.randint(2, 9), f"{draw.random():.2f}")


def gradcli_lines(programs, count):
    """One call of `gradcli eval --lines --json`, inside one process."""
    import os
    import sys
    import tempfile

    from gradcli.cli import run

    with tempfile.NamedTemporaryFile("w", suffix=".grad", delete=False) as file:
        file.write("\n".join(programs(count)))

    def once():
        before = sys.stdout
        with open(os.devnull, "w") as sys.stdout:
            run(["eval", "--lines", "-f", file.name, "--json"])
        sys.stdout = before

    return once


def torch_lines(programs, count):
    """PyTorch's functions under the names of the programs, and `exec`."""
    import torch

    texts = list(programs(count))

    def param(value):
        return torch.tensor(value, dtype=torch.float64, requires_grad=True)

    names = {"param": param} | {name: getattr(torch, name) for name in FUNCTIONS}

    def once():
        for text in texts:
            scope = dict(names)
            exec(text, scope)
            scope["z"].backward()
            scope["z"].item(), scope["x"].grad.item()

    return once


def sympy_lines(programs, count):
    """SymPy: the expression, its derivative, and both as numbers."""
    import sympy

    texts = list(programs(count))
    x = sympy.Symbol("x")
    names = {name: getattr(sympy, name, None) for name in FUNCTIONS}
    names["sigmoid"] = lambda each: 1 / (1 + sympy.exp(-each))
    names["log1p"] = lambda each: sympy.log(1 + each)

    def once():
        for text in texts:
            given = []
            scope = {**names, "param": lambda value, given=given: given.append(value) or x}
            exec(text, scope)
            value = {x: given[0]}
            scope["z"].subs(value).evalf(), sympy.diff(scope["z"], x).subs(value).evalf()

    return once


def lines(programs, count, *, sympy=False):
    """The contenders over so many programs."""
    found = {
        "gradcli": partial(gradcli_lines, programs, count),
        "PyTorch": partial(torch_lines, programs, count),
    }
    return found | ({"SymPy": partial(sympy_lines, programs, count)} if sympy else {})


# ---- loops ----

CHAIN = """x = param(1.0)
y = x
for i in range(50000):
    y = y*1.00001
    y = y + 0.5
y"""

DESCENT = """import torch
X = torch.tensor([[1., 2., 3.], [4., 5., 6.], [7., 8., 1.], [2., 2., 2.]])
T = torch.tensor([[1.], [2.], [3.], [4.]])
w = torch.zeros(3, 1, requires_grad=True)
for i in range(10000):
    e = X @ w - T
    loss = (e**2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.001*w.grad
        w.grad.zero_()
loss.item()"""


def gradcli_program(text):
    """The program from its text, interpreter included."""
    import gradcli

    return lambda: gradcli.evaluate(text).grads


def torch_chain():
    """The same loop in Python over PyTorch."""
    import torch

    def once():
        x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
        y = x
        for _ in range(50_000):
            y = y * 1.00001
            y = y + 0.5
        y.backward()

    return once


def torch_descent():
    """The same text, run by PyTorch."""
    import torch

    code = compile(DESCENT, "descent", "exec")
    torch.set_num_threads(1)
    return lambda: exec(code, {})


# ---- one program, called many times ----


def ten(m, x):
    """Ten scalar operations."""
    return m.sin(x) * m.exp(-(x**2)) + m.tanh(x) * m.log1p(x**2)


def gradcli_call():
    """`gradcli.compile`, then a call with a number."""
    import gradcli

    program = gradcli.compile("sin(x)*exp(-x**2) + tanh(x)*log1p(x**2)")

    def once():
        result = program(x=0.7)
        return result.values["result"], result.grads["x"]

    for _ in range(3):
        once()
    return once


def jax_call():
    """JAX's jit of value_and_grad."""
    import jax

    jax.config.update("jax_enable_x64", True)
    both = jax.jit(jax.value_and_grad(partial(ten, jax.numpy)))

    def once():
        value, slope = both(0.7)
        return float(value), float(slope)

    return once


def torch_call():
    """PyTorch's eager mode."""
    import torch

    def once():
        x = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
        y = ten(torch, x)
        y.backward()
        return y.item(), x.grad.item()

    return once


WORKS = [
    Work("2000 programs, alike", lines(alike, 2000), {"PyTorch": 2.5}),
    Work("2000 programs, no two", lines(different, 2000), {"PyTorch": 2.5}),
    Work("100 programs", lines(alike, 100, sympy=True), {"SymPy": 1.0}),
    Work(
        "scalar chain 10^5",
        {"gradcli": partial(gradcli_program, CHAIN), "PyTorch": torch_chain},
        {"PyTorch": 1.0},
    ),
    Work(
        "descent 10^4 steps",
        {"gradcli": partial(gradcli_program, DESCENT), "PyTorch": torch_descent},
        {"PyTorch": 1.0},
    ),
    Work(
        "compiled call",
        {"gradcli": gradcli_call, "JAX": jax_call, "PyTorch": torch_call},
        {"JAX": 1.0, "PyTorch": 1.0},
    ),
]
