"""Shapes of text that grow: what is repeated, nested or left open, right and wrong.

Each shape is a pattern and a number of times. Whatever its size, a text ends in a result or a GradcliError
that can be shown; `growth` measures the time.
"""

from __future__ import annotations

import random
from typing import Any

import gradcli
from fuzz.cases import Case
from gradcli.errors import GradcliError
from gradcli.report.diagnostic import diagnostic_text

REPEATED = (
    # before, what is repeated (% is its number), between, after
    ("x=1", "", "\n", "\n(x)"), ("x=1\n", "", "\n", "x"), ("x=1", "", ";\n", ""), ("x=1;", " ", "", "x"),
    ("x=1\n", "# note", "\n", "\nx"), ("x=1 #", "é", "", "\nx"), ("x=1\n", "\t", "\n", "\nx"),
    ("x=1\n", " ", "\r\n", "\nx"), ("x=1\n", "", "\f\n", "\nx"), ("x=(1", "", "\n", ")"),
    ("x=[1", "", "\n# a\n", "]"), ("x=1\n", "\\", "\n", "\nx"), ("x=1 ", "\\", "\n", "\n+1"),
    ("", "x%=1", "\n", ""), ("", "x%=1", ";", ""), ("", "x=%", "\n", ""), ("", "x%", "=", "=1"),
    ("", "x%", ",", "=1"), ("", "x%", ",", ""), ("x=1\n", "x=x+1", "\n", ""), ("x=1\n", "x+=1", "\n", ""),
    ("x=param(1.0)\n", "x=x*1.5", "\n", ""), ("", "1", "+", ""), ("", "1", "*", ""), ("", "1", "-", ""),
    ("", "1.5", "/", ""), ("", "1", "**", ""), ("", "1", "^", ""), ("", "1", "%", ""), ("", "1", "//", ""),
    ("x=param(1.0)\n", "x", "+", ""), ("x=param(1.0)\n", "x", "*", ""),
    ("x=param(1.0)\n", "sin(x)", "-", ""), ("x=ones(2,2)\n", "x", "@", ""), ("", "1", "<", ""),
    ("", "1", "==", ""), ("", "1", " and ", ""), ("", "0", " or ", ""), ("", "True", " if True else ", ""),
    ("", "1 < 2", " and ", ""), ("[", "1", ",", "]"), ("[", "[]", ",", "]"), ("(", "1", ",", ")"),
    ("x=", "1", ",", ""), ("print(", "1", ",", ")"), ("print(", "'a'", " ", ")"), ("max(", "1", ",", ")"),
    ("sin(", "1", ",", ")"), ("sin(", "a%=1", ",", ")"), ("f(", "a%=1", ",", ")"), ("sin(1", "", ",", ")"),
    ("print(", "*[1]", ",", ")"), ("torch.tensor(", "1", ",", ")"), ("x=[1]\nx", "[0:1]", "", ""),
    ("x=ones(3)\nx", "[:]", "", ""), ("x=ones(3)\nx[", "0", ",", "]"), ("x=ones(3)\nx[", ":", "", "]"),
    ("x=ones(3)\nx[", "...", ",", "]"), ("x=ones(3)\nx[", "None", ",", "]"), ("x=ones(3)\nx", ".T", "", ""),
    ("x=ones(3)\nx", ".sum()", "", ""), ("x=ones(3)\nx", ".sin()", "", ""), ("x", ".a%", "", ""),
    ("x", ".", "", ""), ("x", "()", "", ""), ("", "(", "", ""), ("", ")", "", ""), ("", "[", "", ""),
    ("", "{", "", ""), ("", "()", "", ""), ("", "x", " ", ""), ("", "1", " ", ""), ("", "1", ".", ""),
    ("", "1", "e", ""), ("", "9", "", ""), ("1.", "9", "", ""), ("0.", "0", "", "1"), ("1e", "9", "", ""),
    ("1e-", "9", "", ""), ("0x", "f", "", ""), ("", "1", "_", ""), ("", "a", "", "=1"), ("", "é", "", "=1"),
    ("", "ﬁ", "", "=1"), ("", "٣", "", ""), ("'", "a", "", "'"), ("'", "\\n", "", "'"), ("'", "\\", "", ""),
    ("'", "a", "", ""), ("'''", "a", "\n", "'''"), ("'''", "a", "\n", ""), ("\"\"\"", "\"", " ", ""),
    ("f'", "{1}", "", "'"), ("f'", "{", "", "'"), ("f'", "{{", "", "'"), ("f'", "}", "", "'"),
    ("x=1\nf'{x:", "9", "", "}'"), ("x=1\nf'{x", "!r", "", "}'"), ("'", "%s", "", "'%1"),
    ("'", "{}", "", "'.format(1)"), ("'", "{0}", "", "'.format(1)"), ("'", "a%", "''", "'"),
    ("", "-", "", "1"), ("", "+", "", "1"), ("", "~", "", "1"), ("", "not ", "", "1"), ("", "!", "", ""),
    ("", "=", "", ""), ("", ";", "", ""), ("", ":", "", ""), ("", "@", "", ""), ("", "$", "", ""),
    ("", "\0", "", ""), ("", "\u200b", "", "x"), ("", "\u202e", "", "x"), ("", "\ud800", "", ""),
    ("", "x²", "+", ""), ("", "π", "*", ""), ("x=2\n", "2x", "+", ""), ("x=2\n", "x²", "*", ""),
    ("x=2\n", "|x|", "+", ""), ("", "½", "", ""), ("if 1:\n", " x=%", "\n", ""),
    ("if 0: x=0\n", "elif 0: x=%", "\n", ""), ("", "if 1: x=%", "\n", ""),
    ("", "for i in [1]: x=i", "\n", ""), ("", "while 0: x=1", "\n", ""), ("x=1\n", "assert x", "\n", ""),
    ("", "def f%(x): return x", "\n", ""), ("def f(", "a%", ",", "): return 1"),
    ("def f(", "a%=1", ",", "): return 1\nf()"), ("def f(x): return x\n", "f(1)", "+", ""),
    ("def f(x):\n", " y%=x", "\n", "\n return x\nf(1)"), ("", "import torch", "\n", ""),
    ("", "import a%", "\n", ""), ("from torch import ", "sin", ",", ""),
    ("x=param(1.0)\ny=x*x\n", "y.backward(retain_graph=True)", "\n", ""), ("", "a%", "+", ""),
    ("x=1\n", "del x", "\n", ""), ("", "pass", "\n", ""), ("global ", "a%", ",", ""),
    ("with ", "no_grad()", ",", ": x=1"), ("x=param(1.0)\n", "with no_grad(): y=x", "\n", ""),
    ("", "lambda x:", "", "1"), ("[", "1 for x in [1]", " ", "]"), ("{", "1:%", ",", "}"),
    ("", ">>> 1", "\n", ""), ("", "%%a", "\n", "1"),
)  # fmt: skip
NESTED = (
    # before, what opens, what is inside, what closes, after
    ("", "(", "1", ")", ""), ("", "[", "1", "]", ""), ("", "[", "", "]", ""), ("", "(", "1", ",)", ""),
    ("", "sin(", "1.0", ")", ""), ("x=param(1.0)\n", "sin(", "x", ")", ""), ("", "-(", "1", ")", ""),
    ("", "1+(", "1", ")", ""), ("", "(1+", "1", ")", ""), ("", "2**(", "0", ")", ""),
    ("", "print(", "1", ")", ""), ("", "not (", "1", ")", ""), ("x=ones(1)\n", "x[", "0", "]", ""),
    ("x=[0]\n", "x[", "0", "]", ""), ("", "{", "1", "}", ""), ("", "{1:", "1", "}", ""),
    ("", "(", "1", "]", ""), ("", "[(", "1", ")]", ""), ("", "lambda x: (", "1", ")", ""),
    ("", "(1 if 1 else ", "1", ")", ""), ("x=1\nf'", "{x:", "", "}", "'"),
    ("x=1\nf'{", "(", "x", ")", "}'"), ("x=1\n", "f'{", "x", "}'", ""), ("", "max(1,", "1", ")", ""),
    ("def f(x): return x\n", "f(", "1", ")", ""), ("", "[1 for x in [", "1", "]]", ""),
    ("", "torch.sin(", "1", ")", ""),
)  # fmt: skip
BLOCKS = ("if 1:", "while 1:", "for i in [1]:", "def f():", "with no_grad():", "else:", "class A:", "try:")
"""Each line indents one more than the line before: quadratic in characters, so they stay small."""
TABLES: dict[str, tuple[Any, ...]] = {"repeated": REPEATED, "nested": NESTED, "blocks": BLOCKS}


def shapes() -> list[tuple[str, int]]:
    """Kind and row of each shape."""
    return [(kind, at) for kind, rows in TABLES.items() for at in range(len(rows))]


def pattern(shape: tuple[str, int]) -> object:
    """The row of a shape."""
    kind, at = shape
    return TABLES[kind][at]


def text(shape: tuple[str, int], size: int) -> str:
    """The text of a shape that is `size` times as long as the least."""
    kind, at = shape
    if kind == "blocks":
        depth = int((2 * size) ** 0.5)
        return "".join(f"{' ' * level}{BLOCKS[at]}\n" for level in range(depth)) + " " * depth + "pass\n"
    if kind == "nested":
        before, opens, inside, closes, after = NESTED[at]
        return before + opens * size + inside + closes * size + after
    before, unit, between, after = REPEATED[at]
    units = [unit.replace("%", str(number), 1) for number in range(size)] if "%" in unit else [unit] * size
    return before + between.join(units) + after


def run(program: str) -> None:
    """Evaluates; an error is written for people as well, which may not fail either."""
    try:
        gradcli.evaluate(program, max_seconds=10, max_steps=100_000)
    except GradcliError as error:
        diagnostic_text(error, name="a", color=False)


def case(random: random.Random) -> Case:
    """A shape in some size, at times with another inside it or behind it."""
    program = text(random.choice(shapes()), int(10 ** random.uniform(0, 3)))
    if random.random() < 0.4:
        other = text(random.choice(shapes()), int(10 ** random.uniform(0, 2)))
        at = random.choice((0, len(program), random.randrange(len(program) + 1)))
        program = program[:at] + other + program[at:]
    return Case(repr(program[:300]), lambda: run(program))
