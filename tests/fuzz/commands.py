"""Command lines from the rows of the commands' own tables: odd options, values, programs, files, input.

Each ends with a published exit status, without an exception; what is JSON can be read.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from commands import Input
from fuzz.cases import Case
from gradcli.cli import run
from gradcli.cli.commands import COMMANDS, load
from gradcli.cli.options import Option

STATUSES = (0, 1, 2, 3, 4, 5)

_OPERANDS = (
    "x**2", "y=2*x; z=y**2", "sum(x*x)", "x", "2+3", "2*", "", " ", "-x**2", "sine(x)", "x.backward()",
    "z=1/0", "print(x)", "assert x > 5", "x = param([1.0, 2.0])", "log(x)*w", "é*x", "ﬁ+1", "x\ny", "-",
    "a.grad", "b.grad", "none.grad", "folder", "--", "sin", "x^2", "def f(x): return x*x", "f'{x}'",
    "\udcff", "x" * 300, "(" * 300,
    "import torch\nx = torch.ones(2, requires_grad=True)\n(x*x).sum().backward()",
)  # fmt: skip
_VALUES = (
    "x=1", "x=2.5", "x=[1,2]", "w=3", "x=ones(2,2)", "x", "y", "z", "x,w", "1", "0", "-1", "2", "3",
    "0.5", "1e-9", "nan", "inf", "ones", "[1,2]", "[1", "x=", "=1", "", " ", ",", "x=@a.npy", "@a.npy",
    "x=@a.csv", "x=@none.csv", "x=@b.json", "x=@-", "@-:csv", "x=@folder", "@", "x=y", "x=sin(", "é=1",
    "ﬁ=1", "x:y", "x=0:1", "0.1:10", "3:1", "dz/dx = 2*x", "dz/dx = ", "x=1:2:10", "12", "500M", "1G",
    "json", "csv", "table", "plain", "float32", "folder", "out.npz", "none/out.svg", "/dev/null",
    "99999999999999999999", "x=1e999", "\x1b[31m", "x,x,w",
)  # fmt: skip
_INPUTS = (
    b"",
    b"x**2\n",
    b"1+1\n2*\n# c\nx\n",
    b"[1, 2]",
    b"1,2\n3,4\n",
    b"\xff\xfe",
    b"x,y\n1,2\n",
    b"\0" * 9,
)
_LEFT_OUT = {"--watch", "--install-completion", "--show-completion"}


def case(random: random.Random) -> Case:
    """A command line and what stands on its standard input."""
    name = random.choice(list(COMMANDS))
    rows = [option for option in load(name).options if not _LEFT_OUT.intersection(option.flags)]
    arguments = [name]
    for _ in range(random.choice((0, 1, 1, 2))):
        arguments.append(random.choice(_OPERANDS))
    for _ in range(random.choice((0, 1, 2, 2, 3, 5))):
        arguments[random.randint(1, len(arguments)) :] += _option(random, random.choice(rows))
    if random.random() < 0.02:
        arguments.append(random.choice(("--help", "--unknown", "--versio", "-sx=1")))
    data = random.choice((None, *_INPUTS))
    text = f"gradcli {' '.join(map(ascii, arguments))} < {data!r}"
    return Case(text, lambda: _run(arguments, data))


def _option(random: random.Random, option: Option) -> list[str]:
    flag = random.choice(option.flags)
    if not option.metavar:
        return [flag]
    fitting: tuple[str, ...] = option.choices or _VALUES
    if option.metavar == "N":
        # Small: what a large one costs is the matter of the limits.
        fitting = ("0", "1", "2", "3", "-1", "x", "1.5", "")
    value = random.choice(fitting if random.random() < 0.8 else _VALUES)
    if option.metavar == "N" and value.isdecimal():
        value = value[:1]
    return [f"{flag}={value}"] if flag.startswith("--") and random.random() < 0.3 else [flag, value]


def _run(arguments: list[str], data: bytes | None) -> None:
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace") for _ in range(2))
    with _folder(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        former, sys.stdin = sys.stdin, Input(data or b"", tty=data is None)
        os.environ["GRADCLI_TRACEBACK"] = "1"
        try:
            status = run(arguments)
        finally:
            sys.stdin = former
            del os.environ["GRADCLI_TRACEBACK"]
    written = _text(out)
    assert status in STATUSES, f"status {status}: {_text(err)[-300:]}"
    assert "Traceback" not in _text(err), _text(err)[-300:]
    if status == 0 and arguments[0] in ("eval", "check") and "--json" in arguments and "-q" not in arguments:
        _readable(written)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode()  # type: ignore[attr-defined, no-any-return]


def _readable(written: str) -> None:
    """Lines of JSON, where the last of several formats was JSON."""
    if written.startswith("{"):
        for line in written.splitlines():
            json.loads(line, parse_constant=_no_constant)


def _no_constant(name: str) -> Any:
    raise AssertionError(f"{name} is no JSON")


@contextlib.contextmanager
def _folder() -> Iterator[None]:
    """An empty folder but for a few files to read."""
    import numpy as np

    former = os.getcwd()
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        try:
            Path("folder").mkdir()
            Path("a.grad").write_text("x = param(2.0)\nz = x**2\n")
            Path("b.grad").write_text("# inputs: w=2\nz = w*param(1.0)\nz.backward()\n")
            Path("folder/c.grad").write_text("z = sine(1)\n")
            np.save("a.npy", np.array([1.0, 2.0]))
            Path("a.csv").write_text("1,2\n3,4\n")
            Path("b.json").write_text("[[1, 2], [3]]")
            yield
        finally:
            os.chdir(former)
