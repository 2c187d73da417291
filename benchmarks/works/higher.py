"""Derivatives beyond the gradient: Hessians dense and sparse, Jacobians tall and wide, orders up to forty.

gradcli's time is that of a whole `evaluate`, text and all, where it isn't "compiled". The peers: torch.func,
PyTorch's repeated `autograd.grad`, JAX's jit, CasADi (building and evaluating), SymPy.
"""

from __future__ import annotations

from functools import partial

from benchmarks.works import Work

ROSENBROCK = "sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)"
QUOTIENT = "y = sin(x)*exp(x*x)/(1 + x*x)"


def gradcli_hessian(size, sparse=False):
    """The whole matrix, every page of it touched, or its entries."""
    import numpy as np

    import gradcli

    x = np.linspace(-1.0, 1.0, size)

    def run():
        block = gradcli.evaluate(ROSENBROCK, {"x": x}, hessian=True, sparse=sparse).hessian["x"]["x"]
        return block.values.sum() if sparse else block.sum()

    return run


def gradcli_compiled_hessian(size):
    """The same by a program that is compiled, as JAX's is."""
    import numpy as np

    import gradcli

    x = np.linspace(-1.0, 1.0, size)
    program = gradcli.compile(ROSENBROCK, hessian=True)
    program(x=x)  # which tells what the inputs are; the next call compiles
    return lambda: program(x=x).hessian["x"]["x"].sum()


def rosenbrock(x):
    """As NumPy, PyTorch and JAX write it."""
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def torch_hessian(size):
    """`torch.func.hessian`: forward over reverse, vectorised."""
    import torch

    x = torch.linspace(-1, 1, size, dtype=torch.float64)
    hessian = torch.func.hessian(rosenbrock)
    return lambda: hessian(x).sum()


def torch_functional_hessian(size):
    """`torch.autograd.functional.hessian`: one row after the other."""
    import torch

    x = torch.linspace(-1, 1, size, dtype=torch.float64)
    return lambda: torch.autograd.functional.hessian(rosenbrock, x).sum()


def jax_hessian(size):
    """`jax.hessian`, compiled."""
    import jax

    jax.config.update("jax_enable_x64", True)
    x = jax.numpy.linspace(-1, 1, size)
    hessian = jax.jit(jax.hessian(rosenbrock))
    return lambda: hessian(x).sum().block_until_ready()


def casadi_hessian(size, kind="MX"):
    """CasADi's sparse Hessian: the expression, its function, and one evaluation."""
    import casadi
    import numpy as np

    at = np.linspace(-1.0, 1.0, size)

    def run():
        x = getattr(casadi, kind).sym("x", size)
        value = casadi.sum1(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
        matrix, _ = casadi.hessian(value, x)
        return casadi.Function("hessian", [x], [matrix])(at).nnz()

    return run


def gradcli_orders(count):
    """The first derivatives at a point."""
    import gradcli

    return lambda: gradcli.evaluate(QUOTIENT, {"x": 0.5}, order=count).orders


def torch_orders(count):
    """`autograd.grad` of `autograd.grad` …"""
    import torch

    def run():
        x = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
        last = torch.sin(x) * torch.exp(x * x) / (1 + x * x)
        for _ in range(count):
            (last,) = torch.autograd.grad(last, x, create_graph=True)
        return last

    return run


def sympy_orders(count):
    """Differentiated as a formula, then evaluated."""
    import sympy

    x = sympy.Symbol("x")

    def run():
        last = sympy.sin(x) * sympy.exp(x * x) / (1 + x * x)
        found = []
        for _ in range(count):
            last = sympy.diff(last, x)
            found.append(last.subs(x, 0.5).evalf())
        return found

    return run


WIDE = "h = tanh(A @ x); y = stack([sum(h), sum(h*h), sum(h*x)])"
TALL = "y = tanh(B @ x)*sum(x) + exp(B @ (x*x)/9)"
NARROW, LONG = 3, 200


def _matrices():
    import numpy as np

    draw = np.random.default_rng(0)
    return draw.standard_normal((LONG, LONG)) / 9, draw.standard_normal((LONG, NARROW))


def _jacobian_inputs(wide):
    import numpy as np

    a, b = _matrices()
    return {"x": np.linspace(-1, 1, LONG if wide else NARROW), ("A" if wide else "B"): a if wide else b}


def gradcli_jacobian(wide, mode="auto"):
    """Every element by every element."""
    import gradcli

    text, inputs = (WIDE if wide else TALL), _jacobian_inputs(wide)
    options = {"wrt": ["x"], "jacobian": True, "mode": mode}
    return lambda: gradcli.evaluate(text, inputs, **options).jacobian


def one_pass(wide):
    """gradcli's value and one gradient of the same function."""
    import gradcli

    text, inputs = (WIDE if wide else TALL), _jacobian_inputs(wide)
    return lambda: gradcli.evaluate(text, inputs, wrt=["x"], weights="ones").grads


def torch_jacobian(wide):
    """`torch.func.jacrev` or `jacfwd`, whichever suits."""
    import torch

    a, b = map(torch.from_numpy, _matrices())

    def of_many(x):
        h = torch.tanh(a @ x)
        return torch.stack([h.sum(), (h * h).sum(), (h * x).sum()])

    def of_few(x):
        return torch.tanh(b @ x) * x.sum() + torch.exp(b @ (x * x) / 9)

    x = torch.linspace(-1, 1, LONG if wide else NARROW, dtype=torch.float64)
    jacobian = torch.func.jacrev(of_many) if wide else torch.func.jacfwd(of_few)
    return lambda: jacobian(x)


def gradcli_partial(count):
    """A mixed derivative, so often in each of two variables."""
    import gradcli

    names = ",".join(["x"] * count + ["w"] * count)
    text = "sin(x*w)*exp(x)/(1 + w*w)"
    return lambda: gradcli.evaluate(text, {"x": 0.7, "w": 0.4}, partials=[names]).partials


def torch_partial(count):
    """The same by repeated `autograd.grad`."""
    import torch

    def run():
        x, w = (torch.tensor(at, dtype=torch.float64, requires_grad=True) for at in (0.7, 0.4))
        last = torch.sin(x * w) * torch.exp(x) / (1 + w * w)
        for leaf in [x] * count + [w] * count:
            (last,) = torch.autograd.grad(last, leaf, create_graph=True)
        return last

    return run


WORKS = [
    *[
        Work(
            f"dense Hessian, {size:,}",
            {
                "gradcli": partial(gradcli_hessian, size),
                "torch.func": partial(torch_hessian, size),
                **({"torch": partial(torch_functional_hessian, size)} if size <= 100 else {}),
                "jax": partial(jax_hessian, size),
            },
            {"torch.func": 1.0},
        )
        for size in (10, 100, 500, 1000)
    ],
    *[
        Work(
            f"dense Hessian, {size:,}, compiled",
            {"gradcli": partial(gradcli_compiled_hessian, size), "jax": partial(jax_hessian, size)},
        )
        for size in (10, 100)
    ],
    *[
        Work(
            f"sparse Hessian, {size:,}",
            {
                "gradcli": partial(gradcli_hessian, size, sparse=True),
                "casadi": partial(casadi_hessian, size),
                **({"casadi SX": partial(casadi_hessian, size, "SX")} if size <= 10_000 else {}),
            },
            {"casadi": 1.0},
        )
        for size in (10_000, 100_000)
    ],
    *[
        Work(
            f"entries, n = {size:,}",
            {"gradcli": partial(gradcli_hessian, size, sparse=True)},
            curve="entries of a sparse Hessian",
            size=size,
        )
        for size in (20_000, 80_000, 320_000, 1_280_000)
    ],
    Work(
        "8 derivatives",
        {
            "gradcli": partial(gradcli_orders, 8),
            "torch": partial(torch_orders, 8),
            "sympy": partial(sympy_orders, 8),
        },
        {"torch": 0.02},
    ),
    Work(
        "16 derivatives",
        {
            "gradcli": partial(gradcli_orders, 16),
            "8 derivatives": partial(gradcli_orders, 8),
            "torch, 5": partial(torch_orders, 5),
        },
        {"8 derivatives": 4.0, "torch, 5": 1.0},
        ours=frozenset({"8 derivatives"}),
    ),
    Work("40 derivatives", {"gradcli": partial(gradcli_orders, 40)}),
    Work(
        "mixed derivative 3 + 3",
        {"gradcli": partial(gradcli_partial, 3), "torch": partial(torch_partial, 3)},
        {"torch": 1.0},
    ),
    *[
        Work(
            name,
            {
                "gradcli": partial(gradcli_jacobian, wide),
                "one pass": partial(one_pass, wide),
                "torch.func": partial(torch_jacobian, wide),
            },
            {"one pass": 3.0},
            ours=frozenset({"one pass"}),
        )
        for name, wide in (("Jacobian 200 to 3", True), ("Jacobian 3 to 200", False))
    ],
]
