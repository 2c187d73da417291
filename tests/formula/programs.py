"""Random programs whose derivatives are printed, run in every syntax, and compared with what `eval` computes.

A few of them are a test; `python tests/formula/programs.py 1000` runs as many as are wanted, and says which
failed and how.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import syntaxes

import gradcli

SIZES = {"n": 3, "m": 4}
SHAPES = {"x": "n", "u": "n", "w": "m", "X": "n,m", "W": "m,n", "A": "n,n", "B": "n,n"}
TOLERANCE = 1e-10

SMOOTH = (
    *("sin", "cos", "exp", "tanh", "sigmoid", "softplus", "atan", "sinh", "cosh", "erf", "expm1", "asinh"),
    *("relu", "abs", "gelu", "silu"),
)
POSITIVE = ("log", "sqrt", "log1p", "rsqrt", "reciprocal", "log2", "lgamma", "digamma", "exp2")
"""Functions of what is made positive first."""


@dataclass(frozen=True, slots=True)
class Case:
    """A program and what is asked for: the first derivatives, or all second ones."""

    program: str
    shapes: dict[str, str]
    order: int


class Writer:
    """One random program."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def case(self) -> Case:
        """A program of scalars or arrays."""
        order = self.random.choice([1, 1, 2])
        if self.random.random() < 0.4:
            text = self._statements(
                lambda depth: self.scalar(depth, ("x", "y", "a")), self.random.choice([2, 3])
            )
            return Case(text, {}, order)
        text = self._statements(self.reduced, 2 if order == 1 else 1)
        return Case(text, {name: dims for name, dims in SHAPES.items() if _reads(text, name)}, order)

    def _statements(self, expression: Any, depth: int) -> str:
        if self.random.random() < 0.3:
            first = expression(depth - 1)
            return (
                f"p = {first}\nf = {expression(depth - 1)}*p + {self.random.choice(['p**2', 'sin(p)', 'p'])}"
            )
        return f"f = {expression(depth)}"

    def _number(self) -> str:
        return self.random.choice(["2", "3", "0.5", "1.5", "-1", "1/3", "29", "0.53"])

    def scalar(self, depth: int, leaves: tuple[str, ...]) -> str:
        """An elementwise expression."""
        choose = self.random.random()
        if depth <= 0 or choose < 0.1:
            return self.random.choice([*leaves, *leaves, self._number()])

        def inner() -> str:
            return self.scalar(depth - 1, leaves)

        if choose < 0.35:
            return f"{self.random.choice(SMOOTH)}({inner()})"
        if choose < 0.45:
            return f"{self.random.choice(POSITIVE)}(({inner()})**2 + 1)"
        if choose < 0.5:
            return f"where({inner()} > {inner()}, {inner()}, {inner()})"
        if choose < 0.55:
            return f"({inner()})**{self.random.choice(['2', '3', '(-1)', '1'])}"
        if choose < 0.6:
            return f"maximum({inner()}, {inner()} + {self._number()})"
        if choose < 0.67:
            return f"({inner()})/(({inner()})**2 + {self.random.choice(['1', '2', '0.5'])})"
        sign = self.random.choice(["+", "-", "*", "*"])
        return f"({inner()} {sign} {inner()})"

    def vector(self, depth: int) -> str:
        """An expression of shape [n]."""
        choose = self.random.random()
        if depth <= 0 or choose < 0.15:
            return self.random.choice(["x", "u", "x*u", "x - u"])
        if choose < 0.3:
            return f"(A @ ({self.vector(depth - 1)}))"
        if choose < 0.4:
            return f"(X @ {self.random.choice(['w', 'sin(w)', '(w*w)', 'relu(W @ x)', 'tanh(W @ x + w)'])})"
        if choose < 0.5:
            name = self.random.choice(
                ["softmax", "log_softmax", "cumsum", "logcumsumexp", "roll", "normalize"]
            )
            dim = {"roll": "1", "normalize": "dim=0"}.get(name, "0")
            return f"{name}({self.vector(depth - 1)}, {dim})"
        if choose < 0.55:
            name = self.random.choice(["sum", "sum", "mean", "std", "amax"])
            return f"{name}({self.matrix(depth - 1)}, {self.random.choice([0, 1])})"
        if choose < 0.6:
            return self.random.choice(
                ["diag(A)", "flip(x, 0)", "A[:, 0]", "A[1]", "X[:, 2]", "(x - mean(x))"]
            )
        if choose < 0.65:
            return f"linalg.solve(A, {self.vector(depth - 1)})"
        return self.scalar(2, (self.vector(depth - 1), "x", "u", "a"))

    def matrix(self, depth: int) -> str:
        """An expression of shape [n, n]."""
        choose = self.random.random()
        if depth <= 0 or choose < 0.2:
            return self.random.choice(["A", "B", "A.T", "A @ B", "outer(x, u)", "X @ X.T"])
        if choose < 0.4:
            return f"({self.matrix(depth - 1)} @ {self.matrix(depth - 1)})"
        if choose < 0.5:
            return self.random.choice(
                ["inverse(A)", "x[:, None]*A", "A*u", "diag(x)", "A + B.T", "softmax(A, 1)"]
            )
        if choose < 0.55:
            return self.random.choice(["tril(A)", "triu(A, 1)", "cumsum(A, 0)"])
        return self.scalar(1, (self.matrix(depth - 1), "A", "x", "a"))

    def reduced(self, depth: int) -> str:
        """A number."""
        choose = self.random.random()
        if choose < 0.3:
            return f"sum({self.vector(depth)})"
        if choose < 0.4:
            return f"mean({self.vector(depth)})"
        if choose < 0.5:
            return f"({self.vector(depth - 1)}) @ ({self.vector(depth - 1)})"
        if choose < 0.6:
            return f"trace({self.matrix(depth)} + zeros_like(A))"
        if choose < 0.7:
            return f"sum({self.matrix(depth)})"
        if choose < 0.75:
            return f"norm({self.vector(depth - 1)})"
        if choose < 0.8:
            return f"logsumexp({self.vector(depth - 1)}, 0)"
        if choose < 0.85:
            return self.random.choice(
                ["logdet(A)", "det(A)", "x[0]*x[1]", "x[1:] @ x[:-1]", "prod(x)", "var(x)"]
            )
        if choose < 0.9:
            return f"amax({self.vector(depth - 1)}, 0)"
        return f"sum(({self.vector(depth)})**2)"


def _reads(text: str, name: str) -> bool:
    import re

    return re.search(rf"(?<![\w.]){name}\b(?!\()", text) is not None


def cases(seed: int, count: int) -> Iterator[Case]:
    """So many programs, the same for the same seed."""
    for at in range(count):
        yield Writer(seed * 1_000_003 + at).case()


def values_of(case: Case, seed: int, names: dict[str, Any]) -> dict[str, Any]:
    """Values for the inputs of a program."""
    generator = np.random.default_rng(seed)
    found: dict[str, Any] = {}
    for name in names:
        dims = case.shapes[name].split(",") if name in case.shapes else []
        shape = [SIZES.get(each) or int(each) for each in dims]
        value = generator.uniform(0.2, 1.2, shape)
        if len(shape) == 2 and shape[0] == shape[1]:
            value = value + 2 * np.eye(shape[0])
        found[name] = value if shape else float(value)
    return found


def question(case: Case) -> dict[str, Any]:
    """How `diff` and `evaluate` are asked."""
    if case.order == 1:
        return {}
    return {"hessian": True} if case.shapes else {"order": 2}


def expected(case: Case, formula: Any, inputs: dict[str, Any]) -> list[np.ndarray]:
    """What `eval` computes, in the order of the lines."""
    found = gradcli.evaluate(case.program, inputs, unused_inputs=True, **question(case))
    lines = [line.name for line in formula.results]
    if case.order == 1:
        return [np.asarray(found.grads[label.wrt[0]], float) for label in lines]
    if case.shapes:
        return [np.asarray(found.hessian[label.wrt[0]][label.wrt[1]], float) for label in lines]
    return [np.asarray(found.orders[label.wrt[0]][-1], float) for label in lines]


def differs(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    """Whether any of the values is not equal but for rounding."""
    for left, right in zip(one, other, strict=True):
        scale = max(1.0, float(np.max(np.abs(right), initial=0)))
        if left.shape != right.shape and left.size != 1:
            return True
        if not np.allclose(left, right, rtol=TOLERANCE, atol=TOLERANCE * scale, equal_nan=True):
            return True
    return False


def _refused(case: Case) -> bool:
    """Whether a program is one that `eval` refuses as well."""
    try:
        gradcli.evaluate(case.program, values_of(case, 0, ["x", "y", "a", *case.shapes]), unused_inputs=True)
    except gradcli.GradcliError:
        return True
    return False


def failures(given: list[Case], wanted: list[str], folder: Path) -> Iterator[tuple[Case, str, str]]:
    """Each program whose formula fails, the syntax, and how."""
    made: list[tuple[Case, Any, dict[str, Any], list[np.ndarray]]] = []
    for at, case in enumerate(given):
        try:
            derivative = gradcli.diff(case.program, shapes=case.shapes, **question(case))
        except gradcli.GradcliError as error:
            if error.code != "no-grad" and not _refused(case):
                yield case, "diff", error.message
            continue
        inputs = values_of(case, at, derivative.formula.inputs)
        right = expected(case, derivative.formula, inputs)
        if any("not simplified" in each for each in derivative.notes):
            yield case, "note", "; ".join(derivative.notes)
        found = derivative(**inputs)
        ours = list(found.values()) if isinstance(found, dict) else [found]
        if differs([np.asarray(each, float) for each in ours], right):
            yield case, "gradcli", derivative.text
        for syntax in wanted:
            if syntax == "c":
                continue
            try:
                if differs(syntaxes.python_values(derivative, syntax, inputs), right):
                    yield case, syntax, derivative.write(syntax)
            except Exception as error:
                yield case, syntax, repr(error)
        made.append((case, derivative, inputs, right))
    if "c" not in wanted or not made:
        return
    written = []
    for each in made:
        try:
            each[1].write("c")
            written.append(each)
        except gradcli.GradcliError as error:
            yield each[0], "c", error.message
    functions = syntaxes.compiled([each[1] for each in written], folder)
    for (case, derivative, inputs, right), function in zip(written, functions, strict=True):
        if differs(function(inputs), right):
            yield case, "c", derivative.write("c")


def main(count: int, seed: int) -> int:
    """Runs so many programs, in every syntax that can be run here."""
    wanted = syntaxes.available()
    failed = 0
    given = list(cases(seed, count))
    for start in range(0, count, 100):
        with tempfile.TemporaryDirectory() as folder:
            for case, syntax, how in failures(given[start : start + 100], wanted, Path(folder)):
                failed += 1
                print(f"--- {syntax}, order {case.order}\n{case.program}\n{how}", flush=True)
    print(f"{count} programs, {', '.join(['gradcli', *wanted])}: {failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
