"""The commands by name: a new one is a file of that name with a `COMMAND` (see `options.py`) and a row here.

What `gradcli --help` and a shell's Tab show stands here, so that neither loads the commands.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gradcli.cli.options import Command

COMMANDS = {
    "eval": "Values and gradients of a program.",
    "check": "Are these gradients right?",
    "diff": "The derivative of a program as a formula.",
    "explain": "The chain rule of a program, step by step, with its numbers.",
    "plot": "A function and its derivatives as a picture.",
    "map": "A table in, values and derivatives for each row out.",
    "graph": "The picture of a program: values forward, gradients backward.",
    "functions": "The functions of the language, or one of them.",
}
"""Each command and what it is for."""


def load(name: str) -> Command:
    """The command of that name."""
    from importlib import import_module

    command: Command = import_module(f"gradcli.cli.{name}").COMMAND
    return command
