"""The help texts and the shell completion: a Typer app built from the commands' tables.

`gradcli.cli` loads this for `--help`, without arguments, and when a shell asks for completions; an
ordinary run never does. Rich draws the help on a terminal, a pipe gets it plain.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterable, Sequence
from keyword import iskeyword
from typing import Annotated, Any

import typer

from gradcli.cli.commands import COMMANDS, load
from gradcli.cli.options import Command, Option

_ABOUT = """A gradient calculator for the shell.

It reads a program in a small, safe subset of Python, records it on an autograd tape over NumPy and
answers with values and derivatives, by PyTorch's autograd rules.
"""

_TAKES_A_SHELL = "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION"
"""Where Typer looks whether the completion options take the name of a shell (`--show-completion zsh`) or
find out themselves which one they run in."""


def run_app(arguments: Sequence[str]) -> int:
    """Show what was asked for; the exit status."""
    names_a_shell = len(arguments) == 2 and arguments[0].endswith("-completion")
    if names_a_shell:
        os.environ[_TAKES_A_SHELL] = "1"
    try:
        build()(list(arguments), prog_name="gradcli")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    finally:
        if names_a_shell:
            del os.environ[_TAKES_A_SHELL]
    return 0


def build() -> typer.Typer:
    """The whole command line as Typer sees it."""
    app = typer.Typer(
        name="gradcli",
        add_completion=True,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich" if sys.stdout.isatty() else None,
    )
    app.callback(help=_ABOUT + _listing("Try:", ("gradcli eval 'y=2*x; z=y**2' --set x=1",)))(_root)
    for name in COMMANDS:
        command = load(name)
        app.command(name, help=_help(command), short_help=command.summary, epilog=command.epilog)(
            _callback(command)
        )
    return app


def _root(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """`--version` stands here for the help; `gradcli.cli` answers it without Typer."""


def _help(command: Command) -> str:
    return f"{command.summary}\n\n{command.description}\n" + _listing("Examples:", command.examples)


def _listing(title: str, lines: Sequence[str]) -> str:
    # A paragraph that starts with \b keeps its line breaks.
    return "\n\n\b\n" + "\n".join([title, *(f"  {line}" for line in lines)])


def _callback(command: Command) -> Any:
    """A function whose signature is the command's table, since Typer reads signatures."""

    def callback(**values: object) -> None:
        raise AssertionError("ordinary runs do not come through Typer")

    parameters = [_argument(command), *(_parameter(option) for option in command.options)]
    callback.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    callback.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return callback


def _argument(command: Command) -> inspect.Parameter:
    info = typer.Argument(
        metavar=f"[{command.operand}]...",
        help=command.operand_help,
        show_default=False,
        autocompletion=lambda incomplete: _completed(incomplete, command.words(), files=True),
    )
    return _keyword("operands", list[str], info)


def _parameter(option: Option) -> inspect.Parameter:
    name = option.key.replace("-", "_")
    if iskeyword(name):  # `--as`; Typer reads the flags, not the name
        name += "_"
    if not option.metavar:
        info = typer.Option(*option.flags, help=option.help, rich_help_panel=option.panel)
        return _keyword(name, bool, info, default=False)
    info = typer.Option(
        *option.flags,
        help=option.help,
        metavar=option.metavar,
        rich_help_panel=option.panel,
        show_default=False,
        autocompletion=lambda incomplete: _completed(incomplete, option.choices, "FILE" in option.metavar),
    )
    return _keyword(name, list[str] if option.repeat else str, info)


def _completed(incomplete: str, words: Iterable[str], files: bool) -> list[str]:
    """What a word may become: one of some, a file where one may stand, and a file behind an `@` anywhere."""
    found = [word for word in words if word.startswith(incomplete)]
    before, at, path = incomplete.rpartition("@")
    if found or not (files or at):
        return found
    return [f"{before}{at}{each}" for each in _files(path)]


def _files(start: str) -> list[str]:
    folder, name = os.path.split(start)
    try:
        with os.scandir(folder or ".") as entries:
            return sorted(
                os.path.join(folder, entry.name) + ("/" if entry.is_dir() else "")
                for entry in entries
                if entry.name.startswith(name) and not (entry.name.startswith(".") and not name)
            )
    except OSError:
        return []


def _keyword(name: str, kind: Any, info: Any, default: object = None) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, info]
    )
