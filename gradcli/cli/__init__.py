"""The command line: one file for each command, and the dispatch that loads no more than it needs.

`main` runs it. A new command is a file and a row in `gradcli.cli.commands`. Arguments are
read, and help and completion are written, by the rows of the commands. `gradcli.cli.app` is the same as a
Typer app, for programs that mount it; Typer is loaded then, and for completion in PowerShell.
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

    import typer

    app: typer.Typer

INTERNAL_ERROR = 70
"""The exit status of our own bugs, as in sysexits.h."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit."""
    streams.prepare()
    with rare_collection():
        status = run(sys.argv[1:] if arguments is None else arguments)
        streams.finish()
        # Python would look through all that is loaded when the collector is put back, and twice at the end.
        gc.freeze()
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
    completing = os.environ.get("_GRADCLI_COMPLETE")
    if completing:
        return _completed(completing, arguments)
    if not arguments:
        return _help() or 2
    first, *rest = arguments
    if first == "--version":
        from gradcli import __version__

        print(f"gradcli {__version__}")
        return 0
    if first == "--help":
        return _help()
    if first not in COMMANDS and first not in _COMPLETION:
        kind = "option" if first.startswith("--") else "command"
        return _wrong_usage(None, f"no such {kind}: {first}", _command_hint(first))

    from gradcli.cli.options import HelpRequested, UsageError, scan

    try:
        if first in _COMPLETION:
            return _completion(first, rest)
        command = load(first)
        return command.run(scan(command, rest))
    except HelpRequested:
        return _help(first)
    except UsageError as error:
        return _wrong_usage(first if first in COMMANDS else None, str(error))


_COMPLETION = ("--install-completion", "--show-completion")
_POWERSHELL = ("powershell", "pwsh")


def _help(command: str | None = None) -> int:
    from gradcli.cli import help as pages

    pages.show(pages.command_page(load(command)) if command else pages.root_page())
    return 0


def _completed(shell: str, words: Sequence[str]) -> int:
    """What a shell's Tab asks for."""
    from gradcli.cli import completion

    if shell in completion.SCRIPTS:
        return completion.answer(shell, words)
    return _typer(words)


def _completion(option: str, names: Sequence[str]) -> int:
    from gradcli.cli import completion
    from gradcli.cli.options import UsageError

    if "--help" in names:
        return _help()
    if len(names) > 1:
        raise UsageError(f"option {option} takes one shell")
    if names and names[0] in _POWERSHELL:
        return _typer([option, *names])
    does = completion.show if option == "--show-completion" else completion.install
    return does(names[0] if names else None)


def _typer(arguments: Sequence[str]) -> int:
    from gradcli.cli.mounted import run_app

    return run_app(arguments, run)


def __getattr__(name: str) -> object:
    """`app`, which loads Typer."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from gradcli.cli.mounted import build

    return build(run)


def _wrong_usage(command: str | None, problem: str, hint: str = "") -> int:
    name = f"gradcli {command}" if command else "gradcli"
    sys.stderr.write(f"{name}: {problem}\n{hint}Try '{name} --help' for help.\n")
    return 2


def _command_hint(word: str) -> str:
    """Somebody who writes the program first, or misspells a command, meant this."""
    from gradcli.errors import suggestion

    hint = suggestion(word, [*COMMANDS, *_COMPLETION, "--help", "--version"])
    if hint:
        return f"{hint}\n"
    if word.startswith("--") or word.isidentifier():
        return ""
    return f"to evaluate a program: gradcli eval '{word}'\n"
