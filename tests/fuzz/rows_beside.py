"""Random programs of rows, and the ways in which rows can come beside others.

`python -m tests.fuzz.rows_beside FIRST COUNT` tries so many of them.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa

import gradcli
from gradcli.errors import GradcliError
from gradcli.evaluation import many, merged
from gradcli.evaluation.options import Options
from gradcli.tables.pieces import ROWS, Table, sliced
from gradcli.tables.stream import Mapped, Wanted

SIZE = 24
SCALARS = ["y", "u", "c"]
FUNCTIONS = ["sin", "cos", "tanh", "abs", "atan", "sigmoid", "softplus"]
VECTORS = [
    "sin(v) + v.sum()*0.1",
    "v*y",
    "softmax(v, 0)",
    "v.cumsum(0)*0.3",
    "outer(v, v) @ v*0.1",
    "sort(v).values*0.5",
    "v.flip(0)",
    "v - v.mean()",
    "(tensor([[0.5, 0.1, 0.0], [0.2, 0.4, 0.1], [0.0, 0.3, 0.6]]) @ v)",
    "where(v > u, v, y)",
]


class Writer:
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.vector = self.random.random() < 0.4
        self.functions: list[str] = []
        self.writes = self.random.random() < 0.2
        self.counts = self.random.random() < 0.3

    def any(self, *of: Any) -> Any:
        return self.random.choice(of)

    def value(self, depth: int = 0) -> str:
        """An expression whose value is a number."""
        kind = self.random.random()
        if depth > 2 or kind < 0.25:
            return str(
                self.any(
                    *("x", "w", *SCALARS, "0.5", "1.5"),
                    *["v.sum()", "v[1]", "v @ v"] * self.vector,
                    *["j*0.3", "1.3**j", "(y*y + 0.5)**j", "j**1.5"] * self.counts,
                )
            )
        if kind < 0.6:
            return f"({self.value(depth + 1)} {self.any(*'+-*')} {self.value(depth + 1)})"
        if kind < 0.65:
            return f"({self.value(depth + 1)} / (1 + abs({self.value(depth + 1)})))"
        if kind < 0.85:
            return f"{self.any(*FUNCTIONS)}({self.value(depth + 1)})"
        if kind < 0.9 and self.functions:
            return f"{self.any(*self.functions)}({self.value(depth + 1)}, {self.any(*SCALARS)})"
        return f"({self.value(depth + 1)} if {self.test()} else {self.value(depth + 1)})"

    def test(self) -> str:
        one = f"{self.any('x', *SCALARS)} {self.any('<', '>', '<=', '>=')} "
        one += str(self.any("0", "0.3", "-0.2", "u", "y", "n*0.05"))
        kind = self.random.random()
        if self.counts and kind > 0.85:
            return str(self.any("g", "not g", "j > 1", "j%2 == 0", f"(g or {one})"))
        if kind < 0.1:
            return f"({one} {self.any('and', 'or')} {self.test()})"
        return f"(not {one})" if kind < 0.15 else one

    def block(self, indent: int, depth: int, loop: bool) -> None:
        """Some statements."""
        for _ in range(self.random.randint(1, 3)):
            self.statement("    " * indent, indent, depth, loop)

    def statement(self, pad: str, indent: int, depth: int, loop: bool) -> None:
        kind, put = self.random.random(), self.lines.append
        if depth < 3 and kind < 0.22:
            put(f"{pad}if {self.test()}:")
            self.block(indent + 1, depth + 1, loop)
            if self.random.random() < 0.6:
                put(f"{pad}else:")
                self.block(indent + 1, depth + 1, loop)
        elif depth < 2 and kind < 0.4:
            turns = f"t{len(self.lines)}"
            put(f"{pad}{turns} = {self.any('n', 'n/2', 'n - 2', 'abs(x)*3')}")
            put(f"{pad}while {turns} > 0:")
            put(f"{pad}    {turns} = {turns} - {self.any('1', '2', '1.5')}")
            self.block(indent + 1, depth + 1, True)
        elif depth < 2 and kind < 0.5:
            put(f"{pad}for k{len(self.lines)} in range({self.any('int(n)', '3', 'int(n/2)', '2, n')}):")
            self.block(indent + 1, depth + 1, True)
        elif loop and kind < 0.57:
            put(f"{pad}if {self.test()}: {self.any('break', 'continue')}")
        elif self.counts and kind < 0.6:
            put(f"{pad}g = {self.any('True', 'False', 'not g', self.test())}")
        elif self.counts and kind < 0.68:
            put(f"{pad}j = {self.any('j + 1', 'j + 1', '2', 'j + 0.5')}")
        elif self.vector and kind < 0.7:
            put(f"{pad}v = {self.any(*VECTORS)}")
        elif kind < 0.74:
            put(f"{pad}{self.any('y, u', 'u, c')} = {self.any('u, y', 'c, u', 'c, tanh(u + c)', 'u, y*c')}")
        elif self.writes and kind < 0.8:
            put(f"{pad}s {self.any('+', '*')}= tanh({self.value()})")
        else:
            put(f"{pad}{self.any(*SCALARS)} = tanh({self.value()})")

    def function(self, number: int) -> None:
        """A function that may return in a loop."""
        name, put = f"f{number}", self.lines.append
        put(f"def {name}(a, b):")
        put(f"    for k in range({self.any('4', 'int(n)')}):")
        put(f"        if a {self.any('<', '>')} {self.any('b', '0.2', 'k*0.3')}:")
        put(f"            {self.any('return a*k', 'return sin(b) + a', 'a = a*b', 'b = cos(a)')}")
        put("        a = sin(a) + 0.3*b")
        put(f"    return {self.any('a', 'a*b', 'a + cos(b)')}")
        self.functions.append(name)

    def program(self) -> str:
        """The text of it."""
        self.lines += ["y = x", "u = cos(x)*w", "c = x*0.1", "s = w*1", *["j = 0", "g = False"] * self.counts]
        if self.vector:
            self.lines.append("v = p*x")
        if self.random.random() < 0.3:
            self.function(len(self.functions))
        self.block(0, 0, False)
        self.block(0, 0, False)
        self.lines.append("z = y*u + c*s" + " + (v*v).sum()" * self.vector + " + n*0")
        return "\n".join(self.lines)


def rows_of(seed: int) -> pa.Table:
    """Rows for it: numbers of any size, zeros among them, and lists of two lengths."""
    made = np.random.default_rng(seed)
    x, w = made.normal(size=(2, SIZE))
    x[made.random(SIZE) < 0.1] = 0.0
    w[made.random(SIZE) < 0.1] = 0.0
    lists = [made.normal(size=3).tolist() for _ in range(SIZE)]
    return pa.table({"x": x, "w": w, "n": made.integers(0, 6, SIZE).astype(float), "p": lists})


COLUMNS = ("z", "dz/dx", "dz/dw")


@contextmanager
def settings(**values: int) -> Iterator[None]:
    """Other limits for how many rows are taken at a time."""
    places = {"SAMPLE": many, "MOST_RUNS": many, "BLOCK": merged, "LEAST": merged}
    before = {name: getattr(places[name], name) for name in values}
    try:
        for name, value in values.items():
            setattr(places[name], name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(places[name], name, value)


def outcome(
    program: str, table: pa.Table, at_once: int = 0, order: int | None = None, threads: int = 2
) -> Any:
    """What comes of each row, as bytes: at most so many rows at once."""
    options = Options(wrt=["x", "w"], order=order, threads=threads)
    work = Mapped(Wanted(program, options), Table("", table.schema, sliced(table, ROWS)))
    if at_once:  # as much memory as these take
        memory = 8 * work.rows.nbytes * at_once
        work = Mapped(
            Wanted(program, options.replaced(max_memory=memory)),
            Table("", table.schema, sliced(table, ROWS)),
        )
        assert work.at_once == at_once
    whole = pa.Table.from_batches([batch for batch, _ in work.results()], work.schema)
    names = [name for name in whole.column_names if name not in table.column_names]
    columns = [whole[name].combine_chunks() for name in names]
    return np.stack([each.fill_null(np.pi).to_numpy() for each in columns])


def differences(seed: int) -> dict[str, Any]:
    """The ways in which something else comes of a row, with what came of how many; none are right."""
    program, table = Writer(seed).program(), rows_of(seed)
    order = 2 if seed % 8 == 3 else None
    try:
        usual = outcome(program, table, order=order)
    except GradcliError as error:
        return {} if error.code in ("in-place", "grad-mode") else {"error": str(error)}
    mixed = np.random.default_rng(seed + 1).permutation(SIZE)
    few = [0, SIZE // 2, SIZE - 1]
    found = {}
    with settings(BLOCK=5, LEAST=1):
        found["in pieces"] = [outcome(program, table, size, order, 2) for size in (3, 7)]
        found["a thread"] = [outcome(program, table, order=order, threads=threads) for threads in (1, 2)]
    shuffled = np.empty_like(usual)
    shuffled[:, mixed] = outcome(program, table.take(pa.array(mixed)), order=order)
    found["shuffled"] = [shuffled]
    with settings(SAMPLE=3):
        found["few run together"] = [outcome(program, table, order=order)]
    with settings(MOST_RUNS=0):
        found["each for itself"] = [outcome(program, table, order=order)]
    one = np.concatenate([outcome(program, table.slice(row, 1), order=order) for row in few], 1)
    wrong = {
        way: [np.count_nonzero(_bits(each) != _bits(usual)) for each in made]
        for way, made in found.items()
        if any(_bits(each).tobytes() != _bits(usual).tobytes() for each in made)
    }
    for row, given in enumerate(table.take(few).to_pylist()):
        alone = by_itself(program, given)
        if alone is not None and not np.allclose(one[:3, row], alone, 1e-7, 1e-9, equal_nan=True):
            wrong["evaluate"] = [one[:3, row] - alone]
    if one.tobytes() != np.ascontiguousarray(usual[:, few]).tobytes():
        wrong["one row"] = [np.count_nonzero(_bits(one) != _bits(usual[:, few]))]
    return wrong


def by_itself(program: str, row: dict[str, Any]) -> Any:
    """What `evaluate` gives for a row, None if it fails."""
    inputs = {name: value for name, value in row.items() if name != "p" or "= p" in program}
    try:
        found = gradcli.evaluate(program, inputs, wrt=["x", "w"])
    except GradcliError:
        return None
    return [float(found.values["z"]), *[float(found.grads[name]) for name in "xw"]]


def _bits(values: Any) -> Any:
    return np.ascontiguousarray(values).view("u8")


if __name__ == "__main__":
    first, count = int(sys.argv[1]), int(sys.argv[2])
    failed = 0
    for seed in range(first, first + count):
        wrong = differences(seed)
        if wrong:
            failed += 1
            print(seed, wrong, flush=True)
    print(f"{failed} of {count} programs differ")
