"""A whole process each time: what a command at the prompt costs, from the shell's point of view.

`import numpy` in gradcli's own interpreter is the measure; the peers do the same two lines as programs.
"""

from __future__ import annotations

from functools import partial

from benchmarks.works import Work

GRADCLI = "from gradcli.cli import main; main()"
NUMPY = "import numpy"
TORCH = """import torch
x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
y = 2*x
z = y**2
z.backward()
print(x.item(), y.item(), z.item(), x.grad.item())"""
JAX = """import jax
jax.config.update("jax_enable_x64", True)
z = lambda x: (2*x)**2
print(*jax.value_and_grad(z)(1.0))"""
SYMPY = """import sympy
x = sympy.Symbol("x")
z = (2*x)**2
print(z.subs(x, 1), sympy.diff(z, x).subs(x, 1))"""


def process(code, *arguments):
    """A run of Python on this code."""
    import importlib.util
    import os
    import subprocess
    import sys

    module = code.split()[1].partition(".")[0]
    if importlib.util.find_spec(module) is None:
        raise ImportError(module)
    # Installed programs have their byte code; so does this one after its first run.
    surroundings = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", code, *arguments]
    return lambda: subprocess.run(command, capture_output=True, env=surroundings, check=False)


def against_numpy(bar, *arguments, **peers):
    """The contenders for one command of gradcli."""
    return {
        "contenders": {
            "gradcli": partial(process, GRADCLI, *arguments),
            "import numpy": partial(process, NUMPY),
            **{name: partial(process, code) for name, code in peers.items()},
        },
        "bars": {"import numpy": bar} | dict.fromkeys(peers, 1.0),
        "ours": frozenset(("import numpy",)),
    }


WORKS = [
    Work(
        "start: eval",
        **against_numpy(1.8, "eval", "y=2*x; z=y**2", "--set", "x=1", PyTorch=TORCH, JAX=JAX, SymPy=SYMPY),
    ),
    Work("start: --version", **against_numpy(1.0, "--version")),
    Work("start: syntax error", **against_numpy(1.2, "eval", "y = 2 +")),
]
