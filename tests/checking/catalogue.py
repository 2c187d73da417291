"""The second catalogue: right and wrong gradients, each to be judged alike whatever the seed.

    python -m tests.checking.catalogue --seeds 50 --jobs 2

judges every case of it under so many seeds and tells what was missed, accused, or judged by luck; the figures
in docs/ci.md come from there. `test_catalogue.py` judges every few of them under one seed.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import gradcli
from checking.own_arrays import ARRAYS
from checking.own_formulas import ELEMENTWISE, OTHER, SQUARE, X3, Formula
from checking.own_saturated import SATURATED
from checking.python_gradients import FUNCTIONS, Python
from checking.python_gradients import SATURATED as SATURATED_FUNCTIONS

CAUGHT, RIGHT, UNTOLD = "caught", "right", "not measurable"

CANCELLING = [
    ("log(1 + x)", 1e-10), ("log(1 + x)", -3e-7), ("1 - cos(x)", 1e-6), ("log(1 + x*x)", 2e-9),
    ("log(cosh(x))", 1e-5), ("log(cosh(x))", 40.0), ("exp(x) - 1 - x", 3e-7), ("sqrt(1 + x*x) - 1", 1e-8),
    ("sin(x) - x", 1e-4), ("tan(x) - sin(x)", 1e-3), ("1/(1 + exp(-x))", 36.0), ("1/(1 + exp(-x))", -700.0),
    ("1 - tanh(x)", 18.0), ("1 - erf(x)", 5.5), ("atan(x) - pi/2", 1e8), ("log(exp(x) + 1)", -35.0),
    ("log(exp(x) - 1)", 40.0), ("sqrt(x + 1) - sqrt(x)", 1e9), ("(exp(x) - exp(-x))/2", 1e-9),
    ("x - log(1 + x)", 1e-6), ("lgamma(1 + x)", 1e-8), ("1 - exp(-x*x)", 1e-7), ("cos(x)**2 - 1", 1e-5),
    ("(1 + x)**20 - 1", 1e-11), ("acos(1 - x*x)", 1e-3), ("log(x + sqrt(x*x + 1))", 1e-9),
    ("x/(exp(x) - 1)", 1e-8), ("(x + 1e6)**2 - 1e12", 1e-4), ("1/x - 1/(x + 1e-9)", 2.0),
    ("exp(-1/x)", 2e-3), ("sin(1e5*x)*1e-9 + x", 0.3), ("softplus(x) - x", 33.0), ("1e-300/x", 1e-6),
    ("log(1 - exp(-x))", 1e-9),
]  # fmt: skip
"""Programs of one input that cancel or saturate, and where."""

PLAIN = [
    ("z = sum(x @ x @ x)", SQUARE), ("z = linalg.det(x)*trace(x)", SQUARE), ("z = logsumexp(x, 0)", X3),
    ("z = sum(softmax(x, 0)**2)", X3), ("z = norm(x, 3)", X3), ("z = var(x) + std(x)", X3),
    ("z = sum(cumprod(x, 0))", X3), ("z = sum(sort(x)[0]*arange(3))", X3), ("z = sum(gelu(x) + selu(x))", X3),
    ("z = max(x) - min(x)", X3), ("z = sum(atan2(x, x*x + 1))", X3), ("z = prod(x)", X3),
    ("z = sum(linalg.solve(x, tensor([1.0, 2.0, 3.0])))", SQUARE), ("z = sum(linalg.inv(x)**2)", SQUARE),
    ("z = x\nfor k in range(9):\n    z = sin(z)*1.5 + x/k if k else z", 0.4),
    ("z = x**2 if x < 1 else 2*x - 1", 0.999), ("z = sum(where(x > 0, x**3, exp(x)))", X3),
    ("z = layer_norm(x, [3])[0, 1]", OTHER), ("z = cross_entropy(x, tensor([0, 2, 1]))", OTHER),
    ("z = sum(x[x > 0]**2)", OTHER), ("z = sum(relu(x) @ x.T)", OTHER), ("z = sum(lgamma(x*x + 1))", X3),
    ("z = sum(conv1d(x[None], ones(1, 3, 2)))", OTHER), ("z = sum(i0(x))", X3), ("z = sum(x % 0.7)", X3),
    ("z = sum(matrix_exp(x)*x)", SQUARE), ("y = x.detach()\nz = sum(x*y)", X3),
]  # fmt: skip

CLAIMS = [
    ("z = x**2*sin(x)", "dz/dx", "2*x*sin(x) + x**2*cos(x)", "2*x*sin(x)"),
    ("z = exp(x)/x", "dz/dx", "exp(x)*(x - 1)/x**2", "exp(x)*(x + 1)/x**2"),
    ("z = log(sin(x)**2 + 1)", "dz/dx", "sin(2*x)/(sin(x)**2 + 1)", "2*sin(x)/(sin(x)**2 + 1)"),
    ("z = sqrt(x**2 + w**2)", "dz/dw", "w/z", "x/z"),
    ("z = x*w/(x**2 + w**2)", "dz/dx", "w*(w**2 - x**2)/(x**2 + w**2)**2", "w/(x**2 + w**2)"),
    ("z = atan(x*w)", "d2z/dxdw", "(1 - x**2*w**2)/(1 + x**2*w**2)**2", "1/(1 + x**2*w**2)"),
    ("z = exp(-x**2)", "d2z/dx2", "(4*x**2 - 2)*z", "(4*x**2 + 2)*z"),
    ("z = x**4 - 3*x**2", "d2z/dx2", "12*x**2 - 6", "12*x**2"),
    ("z = sin(x)*cos(w)", "d3z/dx2dw", "sin(x)*sin(w)", "-sin(x)*sin(w)"),
    ("y = x**2; z = sin(y)", "dz/dy", "cos(y)", "cos(x)"),
    ("y = x**2; z = sin(y)", "dz/dx", "2*x*cos(y)", "cos(y)"),
    ("z = abs(x)**3", "dz/dx", "3*x*abs(x)", "3*x**2"),
    ("z = 1/(1 + x**2)", "dz/dx", "-2*x*z**2", "-2*x*z"),
    ("z = tanh(x)**2", "dz/dx", "2*tanh(x)*(1 - z)", "2*(1 - z)"),
    ("z = log(cosh(x))", "d2z/dx2", "1 - tanh(x)**2", "1 - tanh(x)"),
    ("z = relu(x)**2", "dz/dx", "2*relu(x)", "2*x"),
    ("z = max(stack([x, 2*x - 1]))", "dz/dx", "where(x > 1, 2.0, 1.0)", "where(x > 1, 1.0, 2.0)"),
    ("z = x**5", "d4z/dx4", "120*x", "120"),
    ("z = x**w", "dz/dw", "z*log(x)", "z*log(w)"),
    ("z = erf(x)", "dz/dx", "2/sqrt(pi)*exp(-x*x)", "2/pi*exp(-x*x)"),
    ("z = cos(3*x)", "d2z/dx2", "-9*z", "-3*z"),
    ("z = x + 1e-3*sin(100*x)", "dz/dx", "1 + 0.1*cos(100*x)", "1 + 1e-3*cos(100*x)"),
    ("z = sigmoid(x)*x", "dz/dx", "sigmoid(x)*(1 + x*(1 - sigmoid(x)))", "sigmoid(x)*(1 - sigmoid(x))"),
    ("z = (x - w)**3", "dz/dw", "-3*(x - w)**2", "3*(x - w)**2"),
    ("z = 1e-8*x**3 + x", "dz/dx", "1 + 3e-8*x**2", "1"),
]

WHOLE = {
    "a closure that the program changes later": (
        (
            "k = 2.0\ndef f(x):\n    return k*x*x\n@backward(f)\ndef b(g, x):\n    return g*{}*x\n"
            "x = param(1.5)\ny = f(x)\nk = 3.0\nz = 2*y\n"
        ),
        "4",
        "6",
    ),
    "a gradient that reads what the program changes later": (
        (
            "k = 2.0\ndef f(x):\n    return 2*x*x\n@backward(f)\ndef b(g, x):\n    return {}*g*k*x\n"
            "x = param(1.5)\ny = f(x)\nk = 1.0\nz = 3*y\n"
        ),
        "4",
        "2",
    ),
    "a walk of the program's own": (
        (
            "def f(x):\n    return sum(x*x*x)\n@backward(f)\ndef b(g, x):\n    return {}*g*x*x\n"
            "x = param([1.0, 2.0, -0.5])\nf(x).backward()\n"
        ),
        "3",
        "2",
    ),
    "descent by an own gradient": (
        (
            "def f(x):\n    return sum((x - 1)**2)\n@backward(f)\ndef b(g, x):\n    return g*(2*x{})\n"
            "x = param([3.0, -2.0])\nfor k in range(40):\n    loss = f(x)\n    loss.backward()\n"
            "    with no_grad():\n        x -= 0.1*x.grad\n    x.grad = None\n"
        ),
        " - 2",
        " - 1",
    ),
    "two results": (
        (
            "def f(x):\n    return x*x, x*x*x\n@backward(f)\ndef b(g, h, x):\n    return g*2*x + {}*h*x*x\n"
            "x = param([1.0, 2.0])\na, c = f(x)\nz = sum(a*c)\n"
        ),
        "3",
        "2",
    ),
    "used twice": (
        (
            "def f(x, w):\n    return x*w\n@backward(f)\ndef b(g, x, w):\n    return g*w, {}*g*x\n"
            "x = param(1.5)\nw = param(-0.5)\nz = f(f(x, w), w)\n"
        ),
        "1",
        "2",
    ),
    "a constant beside": (
        (
            "def f(x, n):\n    return x**n\n@backward(f)\ndef b(g, x, n):\n    return g*n*x**{}, None\n"
            "x = param([1.5, -0.5])\nz = sum(f(x, 3))\n"
        ),
        "(n-1)",
        "n",
    ),
    "through a list": (
        (
            "def f(x):\n    return sin(x)\n@backward(f)\ndef b(g, x):\n    return g*{}(x)\n"
            "x = param(0.7)\nparts = [f(k*x) for k in range(1, 4)]\nz = sum(stack(parts))\n"
        ),
        "cos",
        "sin",
    ),
    "under a branch": (
        (
            "def f(x):\n    if x > 0:\n        return x*x\n    return -x\n@backward(f)\ndef b(g, x):\n"
            "    return g*2*x if x > 0 else {}g\nx = param(-0.5)\nz = f(x)\n"
        ),
        "-",
        "",
    ),
    "elements above a limit": (
        (
            "def f(x):\n    return clamp(x, max=1.0)**2\n@backward(f)\ndef b(g, x):\n"
            "    return g*2*x{}\nx = param(linspace(-2.0, 2.5, 300))\nz = sum(f(x))\n"
        ),
        "*(x < 1)",
        "",
    ),
}
"""Programs with a gap, and what stands there in a right and in a wrong one."""

CLASS = """\
import torch
class Own(torch.autograd.Function):
    @staticmethod
    def forward(ctx, {parameters}):
        ctx.save_for_backward({parameters})
{value}
    @staticmethod
    def backward(ctx, g):
        {parameters}, = ctx.saved_tensors
{gradient}
{use}
"""


@dataclass(frozen=True)
class Case:
    """A gradient that is right or wrong, and how it is judged."""

    name: str
    right: bool
    saturated: bool
    program: tuple[str, dict[str, Any], str | None] | None = None
    python: tuple[Python, str | None] | None = None

    def verdict(self, seed: int) -> tuple[str, str]:
        """What is said of it under this seed, in a word and in full."""
        if self.program is not None:
            text, inputs, claim = self.program
            report = gradcli.check(text, inputs, claims=claim or (), seed=seed)
            told = CAUGHT if report.status == 1 else RIGHT if report.ok else "an error"
            measured = all(check.status == "pass" for check in report.checks)
            return (told if told != RIGHT or measured else UNTOLD), str(report)
        assert self.python is not None
        row, mistake = self.python
        claimed = row.gradient if mistake is None else row.wrong[mistake]
        try:
            gradcli.assert_gradients(row.function, row.inputs, claimed, seed=seed)
        except AssertionError as error:
            return (UNTOLD if "not measurable" in str(error) else CAUGHT), str(error)
        return RIGHT, ""


def _indented(text: str, by: int) -> str:
    lines = text.split("\n") if "return" in text else [f"return {text}"]
    return "\n".join(" " * by + line for line in lines)


def _text(row: Formula, gradient: str, number: int) -> str:
    parameters = ", ".join(row.inputs)
    if number % 3 == 2:  # torch.autograd.Function, in PyTorch's world of names
        use = row.use.replace("f(", "Own.apply(")
        text = CLASS.format(
            parameters=parameters, value=_indented(row.value, 8), gradient=_indented(gradient, 8), use=use
        )
        return text.replace("import torch\n", "", 1).replace("torch.autograd", "autograd")
    return (
        f"def f({parameters}):\n{_indented(row.value, 4)}\n@backward(f)\ndef b(g, {parameters}):\n"
        f"{_indented(gradient, 4)}\n{row.use}\n"
    )


def cases() -> Iterator[Case]:
    """The whole catalogue."""
    for saturated, rows in ((False, ELEMENTWISE), (False, ARRAYS), (True, SATURATED)):
        for number, row in enumerate(rows):
            right = (_text(row, row.gradient, number), row.inputs, None)
            yield Case(f"own: {row.name}", True, saturated, right)
            for mistake, gradient in row.wrong.items():
                wrong = (_text(row, gradient, number), row.inputs, None)
                yield Case(f"own: {row.name}: {mistake}", False, saturated, wrong)
    for text, x in CANCELLING:
        yield Case(f"{text} at {x}", True, True, (f"z = {text}", {"x": x}, None))
    for text, point in PLAIN:
        yield Case(text, True, False, (text, {"x": point}, None))
    for program, derivative, right_formula, wrong_formula in CLAIMS:
        for formula in (right_formula, wrong_formula):
            claim = f"{derivative} = {formula}"
            yield Case(f"{program}: {claim}", formula == right_formula, False, (program, {}, claim))
    for name, (text, right_part, wrong_part) in WHOLE.items():
        for part in (right_part, wrong_part):
            word = "right" if part == right_part else "wrong"
            yield Case(f"{name}: {word}", part == right_part, False, (text.format(part), {}, None))
    for saturated, functions in ((False, FUNCTIONS), (True, SATURATED_FUNCTIONS)):
        for function in functions:
            yield Case(f"Python: {function.name}", True, saturated, python=(function, None))
            for mistake in function.wrong:
                name = f"Python: {function.name}: {mistake}"
                yield Case(name, False, saturated, python=(function, mistake))


CASES = list(cases())


def judged(number: int, seeds: int) -> dict[str, tuple[int, str]]:
    """The verdicts on one case: how often each under so many seeds, and one in full."""
    found: dict[str, tuple[int, str]] = {}
    for seed in range(seeds):
        verdict, told = CASES[number].verdict(seed)
        times, first = found.get(verdict, (0, told))
        found[verdict] = times + 1, first
    return found


def main() -> int:
    """Judges every case and prints what is wrong with the verdicts, then the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", default="", help="cases with this in their name")
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    numbers = [at for at, case in enumerate(CASES) if given.only in case.name]
    tally: Counter[str] = Counter()
    with ProcessPoolExecutor(given.jobs) as pool:
        for number, found in zip(
            numbers, pool.map(judged, numbers, [given.seeds] * len(numbers)), strict=True
        ):
            case = CASES[number]
            kind = "right" if case.right else "wrong"
            tally[kind] += 1
            tally[f"{kind}, cancelling or saturating"] += case.saturated
            faults = []
            if case.right and set(found) - {RIGHT, UNTOLD}:
                faults.append("accused")
            if not case.right and set(found) != {CAUGHT}:
                faults.append("missed")
            if len(found) > 1:
                faults.append("by luck")
            for fault in faults:
                tally[fault] += 1
            tally["right, measured under every seed"] += set(found) == {RIGHT} and case.right
            if faults or given.verbose:
                counts = {verdict: times for verdict, (times, _) in found.items()}
                print(f"{', '.join(faults) or 'fine'}: {case.name}: {counts}")
                for verdict, (_, told) in found.items():
                    if told and (verdict != CAUGHT or case.right):
                        print("    " + told.replace("\n", "\n    "))
                sys.stdout.flush()
    for name, times in sorted(tally.items()):
        print(f"{times:5} {name}")
    return int(bool(tally["accused"] or tally["missed"] or tally["by luck"]))


if __name__ == "__main__":
    sys.exit(main())
