"""The formats of a command's answers: a row for each, whose writer is loaded when it is used.

`gradcli eval` and `gradcli check` have their rows beside them; `--format` and `--json` are made from those.
"""

from __future__ import annotations

import sys
from typing import Any

from gradcli.cli.options import Option
from gradcli.cli.rows import OUTPUT
from gradcli.record import Record
from gradcli.report.look import Look

JSON_FAILURE = "gradcli.report.failure:write"


class Format(Record):
    """One way to write answers. Functions are named as `module:function`, and get a `gradcli.report.look`.

    Attributes:
        name: as `--format` takes it.
        writer: from an answer and its look to text, or an iterator of its pieces; from all answers where it
            doesn't stream.
        structured: what a program prints is a part of it; else that and diagnostics are told beside it.
        streams: an answer is written as soon as it comes, not with all others at the end.
        failure: from an error and its look to text; without it failures and notes go to standard error.
        head: from the look to what stands above all answers.
        foot: from all answers and the look to what stands below them.
    """

    name: str
    writer: str
    structured: bool = False
    streams: bool = True
    failure: str = ""
    head: str = ""
    foot: str = ""


class Formats(Record):
    """The formats that a command offers.

    Attributes:
        table: a row for each.
        terminal, pipe: the names of those that a terminal and a pipe get.
    """

    table: tuple[Format, ...]
    terminal: str
    pipe: str

    def options(self, help: str, panel: str = OUTPUT) -> tuple[Option, ...]:
        """The rows of `--format`, and of `--json` if there is such a format."""
        names = tuple([each.name for each in self.table])
        option = Option("format", ("--format",), help, metavar="|".join(names), choices=names, panel=panel)
        if "json" not in names:
            return (option,)
        return (
            option,
            Option("format", ("--json",), "The same as --format json.", value="json", panel=panel),
        )

    def named(self, name: str) -> Format:
        """The row of that name."""
        return next(each for each in self.table if each.name == name)

    def chosen(self, arguments: dict[str, Any]) -> Format:
        """That which was asked for, or suits where standard output goes."""
        default = self.terminal if sys.stdout.isatty() else self.pipe
        return self.named(arguments.get("format", default))


class Text(Record):
    """An answer that its room has written already.

    Attributes:
        notes: what people should know besides, for standard error.
    """

    text: str
    notes: tuple[str, ...] = ()


def write(answer: Text, look: Look) -> str:
    """Such an answer as it is."""
    return f"{answer.text}\n"


TEXT = Formats((Format("text", f"{__name__}:write"),), terminal="text", pipe="text")
"""For a command whose answers are `Text`."""


def called(function: str, *arguments: Any) -> Any:
    """What the function `module:function` makes of the arguments."""
    from importlib import import_module

    module, _, name = function.partition(":")
    return getattr(import_module(module), name)(*arguments)
