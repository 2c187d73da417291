"""Mutants: programs with tokens and characters changed, and data files with their bytes changed.

The programs are the samples and a few that use what the samples don't; their words, numbers and signs are
exchanged with each other's, so that many mutants come past the parser. The files are those of `files`.
"""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path
from typing import Any

import gradcli
from fuzz import files
from fuzz.cases import Case
from gradcli.report.csv_text import csv_pieces
from gradcli.report.json_text import json_text
from gradcli.report.plain import plain_text
from gradcli.report.table import table_text

SAMPLES = Path(__file__).parents[2] / "samples"
MORE = (
    """\
def f(x, n=2, *rest, **more):
    return x**n if n > 0 else 1/x
x = param(1.5)
y = f(x, n=3) + f(x, -1)
""",
    """\
x = param([[1.0, 2.0], [3.0, 4.0]])
w = x[0, ::2] * x[:, None].T
y = (w @ x).sum()
y.backward()
print(x.grad)
""",
    """\
x = param(ones(3))
with no_grad():
    y = x * 2
z = [a*b for a, b in zip(x, y)]
sum(z)
""",
    """\
import torch
x = torch.randn(4, requires_grad=True)
l = []
for i in range(3):
    l.append(x.relu()[i:])
torch.cat(l).sum().backward()
print(f'{x.grad.norm():.3f}', x.grad.shape)
""",
    "x=-s(2)*|x|+2x²-½; y = x if x > 0 and not x == 1 else 3e-2\n",
    """\
x = param(2.0)
x.register_hook(print)
assert x*x == approx(4), 'no'
y = x.clamp(0, 1); del x
y
""",
    """\
i = 0
while i < 5:
    i += 1
    if i == 3: continue
    elif i > 4: break
else:
    pass
x = zeros(i, 2).exp()
""",
    """\
s = 'a' * 3 + "%d {}" % 2
print(s.format(1), s.split('a'), len(s), sep='', end='\\n')
""",
)
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_STRAYS = (
    "(", ")", "[", "]", "{", "}", "'", "\"", "\n", "\n  ", ":", ",", "**", "-", "=", "==", ".", "..", "@",
    "\\", "#", "é", "²", "\0", "\x1b", "\u2028", "0", "999999999999999999999999999999", "1e999", "None",
    "True", "inf", "nan", "x", "lambda ", "f'", "*", ":=", "!", "%", "|", "<", " if ", " for ", "in", "()",
    ".grad", ".T", "[0]", "_", "\t", ";",
)  # fmt: skip
_OPTIONS: tuple[dict[str, Any], ...] = (
    *[{}] * 6,
    {"weights": "ones"},
    {"hessian": True},
    {"order": 2},
    {"jacobian": True},
)
_WRITERS = (
    plain_text,
    lambda result: "".join(csv_pieces(result)),
    lambda result: json_text(result, "a"),
    lambda result: table_text(result, width=80, color=False, ascii_only=True),
)


@cache
def _programs() -> tuple[list[list[str]], list[str]]:
    """The tokens of each program, and all tokens to exchange them with."""
    texts = [path.read_text() for path in sorted(SAMPLES.iterdir()) if path.suffix in (".grad", ".py")]
    split = [_TOKEN.findall(text) for text in (*texts, *MORE)]
    return split, sorted({token for tokens in split for token in tokens if not token.isspace()})


def mutant(random: random.Random) -> str:
    """A program with some of its tokens lost, doubled, exchanged or strange."""
    programs, words = _programs()
    tokens = list(random.choice(programs))
    for _ in range(random.choice((1, 1, 2, 3, 8))):
        at = random.randrange(len(tokens) + 1)
        match random.randrange(7):
            case 0:
                del tokens[at : at + random.choice((1, 1, 1, 3))]
            case 1 | 2:
                tokens[at : at + 1] = [random.choice(words)]
            case 3:
                tokens[at:at] = [random.choice(_STRAYS)]
            case 4:
                tokens[at:at] = tokens[at - random.randrange(1, 9) : at] * random.choice((1, 1, 2, 50))
            case 5 if tokens:
                other = random.randrange(len(tokens))
                at = min(at, len(tokens) - 1)
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case 6:
                donor = random.choice(programs)
                start = random.randrange(len(donor))
                tokens[at:at] = donor[start : start + random.randrange(1, 12)]
        tokens = tokens or ["x"]
    return "".join(tokens)


def case(random: random.Random) -> Case:
    """A mutant of a program, at times of a data file."""
    if random.random() < 0.1:
        return files.case(random)
    program = mutant(random)
    options = random.choice(_OPTIONS)
    write = random.choice(_WRITERS)

    def run() -> None:
        result = gradcli.evaluate(program, max_seconds=3, max_memory=200_000_000, max_steps=20_000, **options)
        write(result)

    return Case(f"{program!r}   # {options}", run)
