"""The manual page, `docs/gradcli.1`, from the rows of the commands.

`python -m tests.tables` writes it with the tables; tests/test_tables.py compares.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from gradcli.cli.commands import COMMANDS, load
from gradcli.cli.options import Command

PAGE = Path(__file__).resolve().parent.parent / "docs" / "gradcli.1"
STATUS = (
    ("0", "fine"),
    ("1", "a check or an assert failed"),
    ("2", "the command line is wrong"),
    ("3", "the program or its data is invalid"),
    ("4", "an autograd rule was broken"),
    ("5", "a limit was reached"),
    ("70", "a fault of gradcli itself"),
    ("130", "interrupted"),
)


def page() -> str:
    """The whole page."""
    return "".join(f"{line}\n" for text in _page() for line in _lines(text))


def _lines(text: str) -> list[str]:
    """Text in lines of 80 at most, as the format likes it; commands and what stays as it is are one line."""
    if text.startswith(".") or len(text) <= 80:
        return [text]
    return textwrap.wrap(text, 80, break_long_words=False, break_on_hyphens=False)


def _page() -> Iterator[str]:
    yield '.TH GRADCLI 1 2026-11-28 gradcli "User Commands"'
    yield ".SH NAME"
    yield "gradcli \\- values and derivatives of programs, by automatic differentiation"
    yield ".SH SYNOPSIS"
    for number, name in enumerate(COMMANDS):
        if number:
            yield ".br"
        yield f".B gradcli {name}"
        yield "[\\fIOPTIONS\\fR]"
        yield f"[\\fI{load(name).operand}\\fR ...]"
    yield ".SH DESCRIPTION"
    yield (
        "gradcli reads a program in a small, safe subset of Python, records it on an autograd tape and "
        "answers with values and derivatives, by PyTorch\\(aqs rules."
    )
    yield ".SH COMMANDS"
    for name in COMMANDS:
        yield from _command(load(name))
    yield ".SH EXIT STATUS"
    for number, meaning in STATUS:
        yield from (".TP", f".B {number}", meaning)
    yield ".SH EXAMPLES"
    yield ".nf"
    for name in COMMANDS:
        yield from map(_text, load(name).examples[:2])
    yield ".fi"


def _command(command: Command) -> Iterator[str]:
    yield f".SS gradcli {command.name}"
    yield _text(COMMANDS[command.name])
    for paragraph in re.sub(r"[\b]\n", "", command.description).split("\n\n"):
        yield from (".PP", _text(" ".join(paragraph.split())))
    yield from (".TP", f"\\fI{command.operand}\\fR", _text(command.operand_help))
    for option in command.options:
        flags = ", ".join(f"\\fB{_text(flag)}\\fR" for flag in option.flags)
        value = f" \\fI{_text(option.metavar)}\\fR" if option.metavar else ""
        yield from (".TP", f"{flags}{value}", _text(option.help))


def _text(text: str) -> str:
    """Text for roff: what it would take for something else is written out; no line begins with a dot."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("^", "\\(ha").replace("~", "\\(ti")
    text = text.replace("'", "\\(aq").replace("`", "\\(ga")
    return f"\\&{text}" if text.startswith(".") else text
