"""`gradcli.cli.app` among the commands of another program."""

from __future__ import annotations

import typer
from typer.testing import CliRunner

import gradcli.cli


def _mounted() -> typer.Typer:
    app = typer.Typer()
    app.add_typer(gradcli.cli.app, name="grad")

    @app.command()
    def other() -> None:
        print("something else")

    return app


def test_its_commands_do_what_they_do_by_themselves() -> None:
    run = CliRunner().invoke
    ran = run(_mounted(), ["grad", "eval", "-x**2", "-s", "x=3"])
    assert (ran.exit_code, ran.stdout) == (0, "x = 3.0\nresult = -9.0\ndresult/dx = -6.0\n")
    ran = run(_mounted(), ["grad", "eval", "x**2", "-s", "x=2", "--passes", "2"])
    assert (ran.exit_code, ran.stdout) == (4, "")
    ran = run(_mounted(), ["grad", "eval", "--help"])
    assert (ran.exit_code, ran.stdout.splitlines()[0]) == (0, "Usage: gradcli eval [OPTIONS] [SOURCE]...")
    ran = run(_mounted(), ["grad", "--version"])
    assert ran.stdout == f"gradcli {gradcli.__version__}\n"


def test_the_other_program_lists_them() -> None:
    ran = CliRunner().invoke(_mounted(), ["grad", "--help"])
    assert ran.exit_code == 0
    assert "Values and gradients of a program." in ran.stdout
    assert CliRunner().invoke(_mounted(), ["other"]).stdout == "something else\n"
