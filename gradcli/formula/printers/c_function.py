"""A C function being written: its names, its loops, and expressions element by element.

What only moves elements, and what needs loops of its own, are rows of two tables that `c` hands in.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from gradcli.errors import GradcliError
from gradcli.formula.printers.c_words import FUNCTIONS, HELPERS, RESERVED
from gradcli.formula.printers.signature import CONSTANTS, Signature, size_text
from gradcli.formula.tree import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradcli.formula.tree import Expr, Formula

    Moved = Callable[["CFunction", Expr, Sequence[str]], str]
    Loops = Callable[["CFunction", Expr], str]

COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
CHEAP = ("symbol", "number", "slice", "tuple", "ones", "zeros", "eye", "one_hot", "index", "transpose", "neg")
"""What is repeated where it is used twice."""

ADD, MULTIPLY, SIGN, ATOM = range(1, 5)
"""How tightly a text binds."""


class CFunction:
    """One function being written."""

    def __init__(self, formula: Formula, moved: Mapping[str, Moved], loops: Mapping[str, Loops]) -> None:
        self.formula = formula
        self.moved = moved
        self.loops = loops
        self.signature = Signature.of(formula)
        self.taken = {*RESERVED, *HELPERS, *FUNCTIONS.values(), "derivative"}
        self.names: dict[str, str] = {}
        self.body: list[str] = []
        self.depth = 1
        self.open: list[str] = []
        self.arrays: list[str] = []
        self.helpers: set[str] = set()
        self.known: dict[Expr, str] = {}
        """Numbers and arrays that have a name in C."""
        self.counts: dict[Expr, int] = {}
        dims = {name for shape in self.signature.shapes.values() for each in shape for name in each.split()}
        self.sizes = [name for name in formula.sizes.values() if name in dims]
        for each in (*self.sizes, *self.signature.names):
            self.names[each] = self.fresh(each)

    # ---- the whole ----

    def text(self) -> str:
        """All of it."""
        formula = self.formula
        for each in walk([line.value for line in formula.lines]):
            for part in each.args:
                self.counts[part] = self.counts.get(part, 0) + 1
        single = len(formula.results) == 1 and not formula.results[0].value.shape
        outputs: list[str] = []
        value = ""
        for line in formula.lines:
            if isinstance(line.name, str):
                self.names[line.name] = self.named(line.value, line.name)
            elif single:
                self.prepare(line.value)
                value = self.element(line.value, [])
            else:
                name = self.fresh(re.sub(r"\W+", "_", line.name.text).strip("_"))
                outputs.append(f"double *{name}")
                self.prepare(line.value)
                self.fill(name, line.value)
        if single and self.arrays:
            self.say(f"const double value = {value};")
            value = "value"
        for array in self.arrays:
            self.say(f"free({array});")
        if single:
            self.say(f"return {value};")
        parameters = [
            *[f"size_t {self.names[each]}" for each in self.sizes],
            *[self._parameter(name, dims) for name, dims in self.signature.shapes.items()],
            *outputs,
        ]
        head = f"{'double' if single else 'void'} derivative({', '.join(parameters) or 'void'})"
        return "\n".join([*self._above(), head, "{", *self.body, "}"])

    def _above(self) -> list[str]:
        said = [f"{name}{_brackets(dims)}" for name, dims in self.signature.shapes.items()]
        labels = [f"{label}{_brackets(dims)}" for label, dims in self.signature.results.items()]
        about = f"{', '.join(labels)}{' of ' if said else ''}{', '.join(said)}"
        helpers = [text for name, text in HELPERS.items() if name in self.helpers]
        includes = ["math.h", "stddef.h", *(["stdlib.h"] if "room" in self.helpers else [])]
        return [*[f"#include <{each}>" for each in includes], "", *helpers, f"/* {about}; rows first */"]

    def _parameter(self, name: str, dims: tuple[str, ...]) -> str:
        if dims:
            return f"const double *{self.names[name]}"
        # What no shape is known of is a whole number that indexes.
        return f"{'double' if name in self.formula.inputs else 'size_t'} {self.names[name]}"

    # ---- names and lines ----

    def fresh(self, name: str) -> str:
        """A name that nothing else has."""
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def temporary(self) -> str:
        """A name for a part."""
        count = 1
        while f"v{count}" in self.taken:
            count += 1
        return self.fresh(f"v{count}")

    def say(self, line: str) -> None:
        """A line at the present depth."""
        self.body.append("    " * self.depth + line)

    def helper(self, name: str) -> str:
        """The name of a helper, which is then written above."""
        self.helpers.add(name)
        if name == "solved":
            self.helpers.add("room")
        return name

    def size(self, size: int) -> str:
        """A size."""
        words = re.split(r"(\w+)", size_text(self.formula, size).replace("**", "^"))
        text = "".join(self.names.get(each, each) for each in words)
        if "^" in text:
            text = re.sub(r"(\w+)\^(\d+)", lambda found: "*".join([found[1]] * int(found[2])), text)
        return text if text.isalnum() else f"({text})"

    def loop(self, size: int) -> str:
        """Opens a loop, and gives its index."""
        index = next(
            each for times in range(1, 9) for each in (c * times for c in "ijkl") if self._is_free(each)
        )
        self.open.append(index)
        self.say(f"for (size_t {index} = 0; {index} < {self.size(size)}; {index}++) {{")
        self.depth += 1
        return index

    def integer(self, tree: Expr, size: int, at: Sequence[str] = ()) -> str:
        """An index, of several the one at a place, as a whole number; a negative one counts from the end."""
        if tree.op == "number":
            value = int(tree.attrs[0])
            return str(value) if value >= 0 else f"({self.size(size)} - {-value})"
        if tree.op == "symbol" and not tree.shape:
            return self.names[str(tree.attrs[0])]
        return f"(size_t)({self.element(tree, at)})"

    def _is_free(self, index: str) -> bool:
        return index not in self.taken and index not in self.open

    def close(self, count: int = 1) -> None:
        """Closes loops."""
        for _ in range(count):
            self.depth -= 1
            self.say("}")
            self.open.pop()

    def array(self, shape: Sequence[int], name: str = "") -> str:
        """Declares an array."""
        name = self.fresh(name) if name else self.temporary()
        self.arrays.append(name)
        self.helpers.add("room")
        self.say(f"double *{name} = room({'*'.join(self.size(each) for each in shape) or '1'});")
        return name

    def place(self, shape: Sequence[int], indices: Sequence[str]) -> str:
        """Where an element is, row-major."""
        text = ""
        for size, index in zip(shape, indices, strict=True):
            if size != 1:
                text = f"{_bracketed(text)}*{self.size(size)} + {index}" if text else index
        return text or "0"

    # ---- parts ----

    def prepare(self, tree: Expr) -> None:
        """Everything inside that needs loops of its own, or is used twice, gets a name."""
        for each in walk([tree]):
            if each in self.known:
                continue
            if each.op in self.loops:
                self.known[each] = self.loops[each.op](self, each)
            elif each is not tree and self.counts.get(each, 0) > 1 and not _is_cheap(each):
                self.known[each] = self.named(each)

    def named(self, tree: Expr, name: str = "") -> str:
        """A part under a name, which is given back; what it needs is computed before."""
        self.prepare(tree)
        if tree.shape:
            name = self.array(tree.shape, name)
            self.fill(name, tree)
        else:
            value = self.element(tree, [])
            name = self.fresh(name) if name else self.temporary()
            self.say(f"const double {name} = {value};")
        return name

    def fill(self, name: str, tree: Expr) -> None:
        """Writes an expression into an array, or where a pointer points."""
        indices = [self.loop(size) for size in tree.shape]
        self.say(f"{name}[{self.place(tree.shape, indices)}] = {self.element(tree, indices)};")
        self.close(len(indices))

    def whole(self, tree: Expr) -> str:
        """An array that holds an expression."""
        if tree.op == "symbol":
            return self.names[str(tree.attrs[0])]
        if tree not in self.known:
            self.known[tree] = self.named(tree)
        return self.known[tree]

    # ---- elements ----

    def element(self, tree: Expr, indices: Sequence[str], least: int = 0) -> str:
        """One element of an expression, in parentheses where it binds less tightly than asked for."""
        text, level = self._element(tree, aligned(tree.shape, indices))
        return text if level >= least else f"({text})"

    def _element(self, tree: Expr, indices: Sequence[str]) -> tuple[str, int]:
        op, args = tree.op, tree.args
        if tree in self.known or op == "symbol":
            return self._read(tree, indices), ATOM
        if op == "number":
            return numeral(tree.attrs[0]), SIGN if tree.attrs[0] < 0 else ATOM
        if op in self.moved:
            return self.moved[op](self, tree, indices), ATOM
        if op == "add":
            text = self.element(args[0], indices, ADD)
            for each in args[1:]:
                term = self.element(each, indices, MULTIPLY)
                text += f" - {term[1:]}" if term.startswith("-") else f" + {term}"
            return text, ADD
        if op == "neg":
            return "-" + self.element(args[0], indices, ATOM), SIGN
        if op == "mul":
            return "*".join([self.element(each, indices, SIGN) for each in args]), MULTIPLY
        if op == "div":
            return (
                f"{self.element(args[0], indices, MULTIPLY)}/{self.element(args[1], indices, SIGN)}",
                MULTIPLY,
            )
        if op in COMPARISONS:
            one, other = [self.element(each, indices) for each in args]
            return f"({one} {COMPARISONS[op]} {other})", ATOM
        return self._called(tree, indices)

    def _called(self, tree: Expr, indices: Sequence[str]) -> tuple[str, int]:
        if tree.op == "pow" and tree.args[1].op == "number" and tree.args[1].attrs[0] == 2:
            base = self.element(tree.args[0], indices, SIGN)
            if re.fullmatch(r"\w+(\[[^\[\]]*\])?", base):
                return f"{base}*{base}", MULTIPLY
        name = FUNCTIONS.get(tree.op)
        if name is None:
            raise GradcliError("bad-argument", f"C has no function {tree.op}")
        if name in HELPERS:
            self.helper(name)
        attrs = [numeral(value) for _, value in tree.attrs]
        return f"{name}({', '.join([*[self.element(each, indices) for each in tree.args], *attrs])})", ATOM

    def _read(self, tree: Expr, indices: Sequence[str]) -> str:
        if tree in self.known:
            name = self.known[tree]
        else:
            said = str(tree.attrs[0])
            if said in CONSTANTS and said not in self.names:
                return {"pi": "acos(-1.0)", "e": "exp(1.0)", "inf": "INFINITY", "nan": "NAN"}[said]
            name = self.names.get(said, said)
            if said in self.sizes or (said in self.signature.names and said not in self.formula.inputs):
                return f"(double){name}"
        return f"{name}[{self.place(tree.shape, indices)}]" if tree.shape else name


def aligned(shape: Sequence[int], indices: Sequence[str]) -> list[str]:
    """The indices of an operand that is broadcast."""
    own = indices[len(indices) - len(shape) :]
    return ["0" if size == 1 else each for size, each in zip(shape, own, strict=True)]


def numeral(value: int | float | Fraction) -> str:
    """A number as a double."""
    if type(value) is Fraction:
        return f"({value.numerator}.0/{value.denominator}.0)"
    text = repr(float(value))
    return {"inf": "HUGE_VAL", "-inf": "-HUGE_VAL", "nan": "NAN"}.get(text, text)


def _bracketed(text: str) -> str:
    return text if text.isalnum() else f"({text})"


def _brackets(dims: tuple[str, ...]) -> str:
    return "".join(f"[{each}]" for each in dims)


def _is_cheap(tree: Expr) -> bool:
    """Whether an expression is repeated where it is used twice; one of sizes, n**2, may be no value."""
    if tree.op in CHEAP:
        return True
    leaves = [each for each in walk([tree]) if not each.args]
    return not tree.shape and all(each.op == "number" or len(each.attrs) > 1 for each in leaves)
