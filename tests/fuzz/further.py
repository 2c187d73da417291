"""Random scripts that go on where something is refused: keys, dims, dtypes, empty tensors, many results.

`further(random)` gives one: the statements of `scripts.py`, and those of `further.txt`, whose `<words>` are
filled in by chance. Most stand in a `try`, so that what comes after an error is compared as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from random import Random

from fuzz.scripts import STATEMENTS, WORDS, Name, Script, Shape, written

PARTS = {
    title: rest.split("\n\n" if title == "STATEMENTS" else "\n")
    for title, rest in (
        part.strip("\n").split("\n", 1)
        for part in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")[3:].split("\n== ")
    )
}
"""What stands below each heading of `further.txt`: `<m>` is made of `<a>` and `<b>`; `<e>` is a value."""
SHAPES: tuple[Shape, ...] = ((3,), (2, 3), (), (2, 2), (1,), (0,), (2, 1, 2), (2, 0), (1, 3), (2, 2, 2))
NUMBERS = (*(1.0, -1.0, 2.0, 0.5, 3.0, -2.0, 0.0, 1.5, -0.5, 4.0) * 3, float("inf"), float("nan"))
DTYPES = ("float32", "float32", "float64", "int64", "int32", "bool", "uint8", "int8", "int16", "float16")
CHOICES: dict[str, tuple[str, ...]] = {
    "n": ("2", "0.5", "-1", "3.", "0", "1.5", "2.", "True", "-2", "0."),
    "dim": ("0", "0", "-1", "-1", "1", "-2", "2", "0"),
    "whole": ("1", "0", "2", "-1", "3"),
    "flag": ("True", "False"),
    "bit": ("0", "1"),
    "p": ("2", "1", "0", "float('inf')", "3", "-1", "0.5", "'fro'"),
    "dtype": tuple(f"torch.{each}" for each in DTYPES),
    "size": ("(2,)", "(2, 3)", "(3,)", "(2, 2)", "(-1,)", "()", "(0,)", "(1, -1)", "(3, 2)", "(2, 0)"),
    "index": (
        *("torch.tensor([0])", "torch.tensor([1, 0])", "torch.tensor([0, 0])", "torch.tensor(0)"),
        *("torch.tensor([-1])", "torch.tensor([], dtype=torch.long)", "torch.tensor([[0, 1]])"),
        *("torch.tensor([[0], [1]])", "torch.tensor([2])", "torch.tensor([1, 1, 0])"),
    ),
    "mask": (
        *("<a>>0", "<a>>1", "<b>>0", "<a>==<a>", "torch.tensor(True)", "<a>.isnan()", "<a>!=<a>"),
        *("torch.tensor([True, False])", "torch.zeros_like(<a>, dtype=torch.bool)"),
    ),
    "reduce": ("'sum'", "'prod'", "'mean'", "'amax'", "'amin'"),
    "mode": ("None", "'floor'", "'trunc'"),
    "reduction": ("'mean'", "'sum'", "'none'"),
    "padding": ("'constant'", "'reflect'", "'replicate'", "'circular'"),
    "key": tuple(PARTS["KEYS"]),
    "einsum": tuple(PARTS["EINSUM"]),
    "einsum1": tuple(PARTS["EINSUM1"]),
    "t": tuple(PARTS["LAMBDAS"]),
    "e": tuple(PARTS["VALUES"]),
}
WALKS = re.compile(r"backward\(|autograd\.grad\(|\.grad\b")


class Further(Script):
    """A script that writes what the others don't."""

    def filled(self, text: str, name: str, made: str = "") -> str:
        """A text with its words filled in."""
        names = {"a": name, "b": self.partner(name), "m": made, "i": str(self.count)}
        names["t:a"] = re.sub(r"\bt\b(?!\()", name, self.random.choice(PARTS["LAMBDAS"]))

        def word(found: re.Match[str]) -> str:
            which = found[1]
            if which in names:
                return names[which]
            return PLACE.sub(word, self.random.choice(CHOICES[which]))

        return PLACE.sub(word, text)

    def trying(self, text: str, name: str) -> None:
        """Says it, mostly so that the script goes on behind it; not where a refused walk has begun there."""
        inner = text.replace("\n", "\n    ")
        if WALKS.search(text) and self.random.random() < 0.9:
            self.say(f"if {name}.requires_grad:\n    {inner}")
        elif self.random.random() < 0.1:
            self.say(text)
        else:
            errors = "(RuntimeError, TypeError, IndexError, ValueError)"
            self.say(f"try:\n    {inner}\nexcept {errors} as error: print('refused', str(error)[:160])")

    def leaf_further(self) -> None:
        shape = self.random.choice(SHAPES)
        name = self.fresh()
        numbers = str(written(shape, lambda: self.random.choice(NUMBERS)))
        numbers = re.sub(r"\b(inf|nan)\b", r"float('\1')", numbers)
        dtype = self.random.choice(DTYPES) if self.random.random() < 0.4 else "float32"
        if not dtype.startswith("float"):
            numbers = re.sub(r"float\('\w+'\)", "1.", numbers).replace("-", "")
        grad = dtype.startswith("float") and self.random.random() < 0.7
        self.say(f"{name} = torch.tensor({numbers}, dtype=torch.{dtype}, requires_grad={grad})")
        self.names[name] = Name(shape, grad)

    def made(self, expression: str, shape: Shape | None) -> None:
        name, made = self.pick(), self.fresh()
        self.say(f"{made} = {name}")
        self.trying(f"{made} = {expression}", name)
        self.names[made] = Name(shape)

    def value(self) -> None:
        name = self.pick()
        self.made(self.filled(self.random.choice(PARTS["VALUES"]), name), None)

    def write(self) -> None:
        name = self.pick()
        statement = self.filled(self.random.choice(WRITES), name)
        if self.random.random() < 0.4:
            around = self.random.choice(("no_grad", "no_grad", "no_grad", "enable_grad"))
            statement = f"with torch.{around}():\n    {statement}"
        self.trying(statement, name)

    def statement(self) -> None:
        name, made = self.pick(), self.fresh()
        self.say(f"{made} = {name}")
        self.trying(self.filled(self.random.choice(PARTS["STATEMENTS"]), name, made), name)
        self.names[made] = Name(None)


WRITES = [
    *PARTS["WRITES"],
    *(re.sub(r"\{(\w)\}", r"<\1>", each) for each in (*WORDS["IN_PLACE"], *WORDS["IN_PLACE_PAIRS"])),
]
PLACE = re.compile(r"<([a-z]\w*(?::a)?)>")
KINDS: tuple[tuple[Callable[[Further], None], int], ...] = (
    (Further.leaf_further, 8),
    (Further.value, 36),
    (Further.write, 22),
    (Further.statement, 24),
)


def further(random: Random) -> str:
    """One script."""
    others = [each for each in STATEMENTS if each[0] is not Script.in_place]
    return Further(random).grown((*others, *KINDS))
