"""Random scripts with what PyTorch scripts use and the other grammars never write, and with more of Python.

`broad(random)` gives one: the statements of `scripts.py` with many more functions, methods and attributes,
and loops, functions, comprehensions, `try`, dicts and formats around them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from fuzz.scripts import STATEMENTS, Name, Script, words

MORE = words(Path(__file__).with_suffix(".txt"))


class Broad(Script):
    """A script that writes nearly everything."""

    def unary_more(self) -> None:
        name = self.pick()
        if self.random.random() < 0.5:
            call = self.random.choice(MORE["UNARY"]).format(a=name)
            self.made(f"{name}.{call}", None)
        else:
            self.made(self.random.choice(MORE["FUNCTIONS"]).format(a=name), None)

    def pair_more(self) -> None:
        name = self.pick()
        self.made(self.random.choice(MORE["PAIRS"]).format(a=name, b=self.partner(name)), None)

    def in_place_more(self) -> None:
        name = self.pick(leaf=False) if self.random.random() < 0.75 else self.pick()
        statement = self.random.choice(MORE["IN_PLACE"]).format(a=name)
        leaf = self.names[name].leaf and ".data" not in statement
        if self.random.random() < (0.87 if leaf else 0.12):
            self.say(f"with {self.random.choice(OUTSIDE)}:\n    {statement}")
        else:
            self.say(statement)

    def told(self) -> None:
        self.say(self.random.choice(MORE["TOLD"]).format(a=self.pick()))

    def expression(self, name: str) -> str:
        """Something made of a name."""
        if self.random.random() < 0.5:
            return f"{name}.{self.random.choice(MORE['UNARY']).format(a=name)}"
        return self.random.choice(MORE["FUNCTIONS"]).format(a=name)

    def python(self) -> None:
        """A statement of the language around an expression."""
        name, made = self.pick(), self.fresh()
        other = self.partner(name)
        text = self.random.choice(PYTHON).format(
            a=name, b=other, m=made, e=self.expression(name), f=self.expression("t"), n=len(self.lines)
        )
        self.say(text)
        self.names[made] = Name(None)

    def derivative(self) -> None:
        """What gives derivatives in another way than `backward`."""
        name = self.pick()
        self.say(self.random.choice(DERIVATIVES).format(a=name, f=self.expression("t")))


OUTSIDE = ("torch.no_grad()", "torch.no_grad()", "torch.set_grad_enabled(False)")
PYTHON, DERIVATIVES = (
    part.split("\n----\n")
    for part in Path(__file__)
    .with_name("broad_python.txt")
    .read_text(encoding="utf-8")[:-1]
    .split("\n====\n")
)
"""Statements that make `{m}` of `{a}` and `{b}`, or of the expression `{e}`; `{f}` is one of `t`."""

KINDS: tuple[tuple[Callable[[Broad], None], int], ...] = (
    (Broad.unary_more, 22),
    (Broad.pair_more, 16),
    (Broad.in_place_more, 14),
    (Broad.told, 8),
    (Broad.python, 14),
    (Broad.derivative, 4),
)


def broad(random: Random) -> str:
    """One script."""
    return Broad(random).grown((*STATEMENTS, *KINDS))
