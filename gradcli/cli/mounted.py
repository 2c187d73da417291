"""The command line as a Typer app, `gradcli.cli.app`, for programs that mount it among their own commands.

    app = typer.Typer()
    app.add_typer(gradcli.cli.app, name="grad")

Its commands read their arguments as `gradcli` does. The program itself needs Typer for the completion in
PowerShell only.
"""

import inspect
import os
import sys
from collections.abc import Callable, Sequence
from keyword import iskeyword
from typing import Annotated, Any, ClassVar

import typer
from typer.core import TyperCommand

from gradcli.cli import completion
from gradcli.cli import help as pages
from gradcli.cli.commands import COMMANDS, load
from gradcli.cli.options import Command, Option

Run = Callable[[Sequence[str]], int]

_TAKES_A_SHELL = "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION"
"""Where Typer looks whether the completion options take the name of a shell (`--show-completion zsh`) or
find out themselves which one they run in."""


class _Command(TyperCommand):
    """A command whose arguments Typer hands on as they are: an expression may start with a minus."""

    run: ClassVar[Any]  # a `Run`

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if ctx.resilient_parsing:  # a shell asks what could come next
            return super().parse_args(ctx, args)
        ctx.args = list(args)
        return []

    def invoke(self, ctx: Any) -> Any:
        raise typer.Exit(self.run([ctx.info_name, *ctx.args]))


def run_app(arguments: Sequence[str], run: Run) -> int:
    """Answers PowerShell, with the name of the shell behind the option; the exit status."""
    names_a_shell = len(arguments) == 2 and arguments[0].endswith("-completion")
    if names_a_shell:
        os.environ[_TAKES_A_SHELL] = "1"
    try:
        build(run)(list(arguments), prog_name="gradcli")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    finally:
        if names_a_shell:
            del os.environ[_TAKES_A_SHELL]
    return 0


def build(run: Run) -> typer.Typer:
    """The whole command line as Typer sees it; `run` does what arguments say."""
    handing_on = type("_Command", (_Command,), {"run": staticmethod(run)})

    def say_version(asked: bool) -> None:
        if asked:
            raise typer.Exit(run(["--version"]))

    def root(
        version: Annotated[
            bool,
            typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=say_version),
        ] = False,
    ) -> None:
        pass

    app = typer.Typer(
        name="gradcli",
        add_completion=True,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich" if sys.stdout.isatty() else None,
    )
    app.callback(help=pages.ABOUT)(root)
    for name, summary in COMMANDS.items():
        command = load(name)
        app.command(name, cls=handing_on, short_help=summary)(_callback(command))
    return app


def _callback(command: Command) -> Any:
    """A function whose signature is the command's table, since Typer reads signatures."""

    def callback(**values: object) -> None:
        raise AssertionError("its command hands the arguments on")

    parameters = [_argument(command), *(_parameter(option) for option in command.options)]
    callback.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    callback.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return callback


def _argument(command: Command) -> inspect.Parameter:
    info = typer.Argument(
        metavar=f"[{command.operand}]...",
        help=command.operand_help,
        show_default=False,
        autocompletion=lambda incomplete: completion.operands(command, incomplete),
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
        autocompletion=lambda incomplete: completion.values(option, incomplete),
    )
    return _keyword(name, list[str] if option.repeat else str, info)


def _keyword(name: str, kind: Any, info: Any, default: object = None) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, info]
    )
