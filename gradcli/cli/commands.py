"""The commands by name: a new one is a file with a `COMMAND` (see `gradcli.cli.options`) and a row here.

The dispatch in `gradcli.cli` loads the one that is called, the help of `gradcli` all of them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gradcli.cli.options import Command

COMMANDS = {
    "eval": "gradcli.cli.eval",
    "check": "gradcli.cli.check",
    "diff": "gradcli.cli.diff",
    "explain": "gradcli.cli.explain",
    "plot": "gradcli.cli.plot",
    "map": "gradcli.cli.map",
    "graph": "gradcli.cli.graph",
    "functions": "gradcli.cli.functions",
}
"""Each command and the module that holds its `COMMAND`."""


def load(name: str) -> Command:
    """The command of that name."""
    from importlib import import_module

    command: Command = import_module(COMMANDS[name]).COMMAND
    return command
