"""The command line: one file for each command, and the dispatch that loads no more than it needs.

`main` runs it. A new command is a file and a row in `gradcli.cli.commands`. Ordinary runs
are read by our own scanner; Typer, which is built from the same tables, is only loaded for help texts and
shell completion.
"""

from __future__ import annotations

import gc
import os
import sys

from gradcli.cli import streams
from gradcli.cli.commands import COMMANDS, load
from gradcli.process import rare_collection

TYPE_CHECKING = False  # as in `typing`, whose import costs more than `gradcli --version` does
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

INTERNAL_ERROR = 70
"""The exit status of our own bugs, as in sysexits.h."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit."""
    streams.prepare()
    with rare_collection():
        status = run(sys.argv[1:] if arguments is None else arguments)
    streams.finish()
    gc.freeze()  # Python would look through all that was loaded twice more before it ends
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run the command line; the exit status. No traceback leaves this function."""
    try:
        try:
            status = _dispatch(arguments)
        finally:
            sys.stdout.flush()
    except streams.OutputLost as lost:
        status = lost.status
    except OSError as error:  # a terminal that is gone
        sys.stderr.write(f"gradcli: {error.strerror or error}\n")
        return 3
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # the last resort: our bug, told in a line unless somebody wants it all
        from gradcli.errors import was_interrupted

        if was_interrupted(error):
            return 130
        if os.environ.get("GRADCLI_TRACEBACK"):
            raise
        sys.stderr.write(
            f"gradcli: internal error: {type(error).__name__}: {error}\n"
            "This is a bug in gradcli. Please report it with the command that you ran and what\n"
            "GRADCLI_TRACEBACK=1 in front of it prints.\n"
        )
        return INTERNAL_ERROR
    return max(status, streams.verdict())


def _dispatch(arguments: Sequence[str]) -> int:
    if "_GRADCLI_COMPLETE" in os.environ or not arguments or arguments[0] in _ROOT_OPTIONS:
        return _typer(arguments)
    first, *rest = arguments
    if first == "--version":
        from gradcli import __version__

        print(f"gradcli {__version__}")
        return 0
    if first not in COMMANDS:
        kind = "option" if first.startswith("--") else "command"
        return _wrong_usage(None, f"no such {kind}: {first}", _command_hint(first))

    from gradcli.cli.options import HelpRequested, UsageError, scan

    command = load(first)
    try:
        return command.run(scan(command, rest))
    except HelpRequested:
        return _typer([first, "--help"])
    except UsageError as error:
        return _wrong_usage(first, str(error))


_ROOT_OPTIONS = ("--help", "--install-completion", "--show-completion")


def _typer(arguments: Sequence[str]) -> int:
    from gradcli.cli.app import run_app

    return run_app(arguments)


def _wrong_usage(command: str | None, problem: str, hint: str = "") -> int:
    name = f"gradcli {command}" if command else "gradcli"
    sys.stderr.write(f"{name}: {problem}\n{hint}Try '{name} --help' for help.\n")
    return 2


def _command_hint(word: str) -> str:
    """Somebody who writes the program first, or misspells a command, meant this."""
    from gradcli.errors import suggestion

    hint = suggestion(word, [*COMMANDS, *_ROOT_OPTIONS, "--version"])
    if hint:
        return f"{hint}\n"
    if word.startswith("--") or word.isidentifier():
        return ""
    return f"to evaluate a program: gradcli eval '{word}'\n"
