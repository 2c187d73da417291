"""A command is one file: it picks its rows by name, and `answer_each` does the rest of its run."""

from __future__ import annotations

import json
import sys

import pytest

from commands import Gradcli, Input
from gradcli.cli.formats import JSON_FAILURE, TEXT, Format, Formats, Text
from gradcli.cli.options import Command, scan
from gradcli.cli.programs import answer_each
from gradcli.cli.rows import row, rows
from gradcli.errors import GradcliError
from gradcli.evaluation.options import Options

FORMATS = Formats(
    (
        Format("text", f"{TEXT.table[0].writer}"),
        Format("json", f"{__name__}:write", True, failure=JSON_FAILURE),
    ),
    terminal="text",
    pipe="text",
)


@pytest.mark.parametrize(
    "command", ["eval", "check", "diff", "explain", "graph", "plot --range x=0:1", "map - --from csv"]
)
def test_every_command_shows_where_a_program_is_wrong(gradcli: Gradcli, command: str) -> None:
    name, *options = command.split()
    for program in ("y = 1; sin(x", "y = 1; zzz(x)"):
        ran = gradcli(name, program, *options, stdin="x\n1\n")
        assert "  --> <arg 1>:1:" in ran.err
        assert f" 1 | {program}\n" in ran.err


def write(answer: Text, look: object) -> str:
    return json.dumps(answer.text) + "\n"


def _answer(text: str, options: Options) -> Text:
    """What the command was asked; a program `bad` fails, `broken` shows a fault of ours."""
    if text == "broken":
        raise ZeroDivisionError("oh no")
    if text == "bad":
        raise GradcliError("shape", "a bad program", span=(0, 3))
    assert options.write is None or not options.write("printed")
    inputs = sorted(options.inputs or {})
    return Text(f"{text}: {inputs} by {options.wrt} in {options.threads}", ("it is said",))


COMMAND = Command(
    name="ask",
    description="",
    examples=(),
    options=(
        *rows("file", "lines", "set", "wrt", "jobs"),
        row("max-steps", help="Fewer."),
        *FORMATS.options("How."),
    ),
    run=lambda arguments: answer_each(arguments, _answer, FORMATS),
)


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", Input(b"", tty=True))
        status = COMMAND.run(scan(COMMAND, arguments))
        return (status, *capsys.readouterr())

    return call


def test_one_program_with_its_options(ask) -> None:  # type: ignore[no-untyped-def]
    assert ask("z", "-s", "x=1", "-w", "x,y") == (
        0,
        "printed\nz: ['x'] by ['x', 'y'] in None\n",
        "note: it is said\n",
    )


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_several_programs_say_whose_answer_it_is(ask, jobs: str) -> None:  # type: ignore[no-untyped-def]
    status, out, err = ask("z", "bad", "y", "--jobs", jobs)
    threads = 1 if jobs == "2" else None
    assert status == 3
    assert out == (
        f"# <arg 1>\nprinted\nz: [] by None in {threads}\n# <arg 3>\nprinted\ny: [] by None in {threads}\n"
    )
    assert err == ("note: it is said\nerror[shape]: a bad program\n  --> <arg 2>\nnote: it is said\n")


def test_a_structured_format_has_the_failures_in_it(ask) -> None:  # type: ignore[no-untyped-def]
    status, out, err = ask("z", "bad", "broken", "--json")
    answers = [json.loads(line) for line in out.splitlines()]
    assert (status, err) == (70, "")
    assert answers[0] == "z: [] by None in None"
    assert [(each["source"], each["error"]["code"]) for each in answers[1:]] == [
        ("<arg 2>", "shape"),
        ("<arg 3>", "internal"),
    ]


def test_rows_are_picked_by_name() -> None:
    assert [each.flags[-1] for each in rows("set", "max-memory")] == ["--set", "--max-memory"]
    assert row("seed", help="Other.").help == "Other."
    assert row("seed").help != "Other."
    with pytest.raises(KeyError):
        row("no-such-row")


def test_the_program_that_failed_is_named(gradcli) -> None:  # type: ignore[no-untyped-def]
    ran = gradcli("diff", "sine(x)")
    assert ran.status == 3
    assert "  --> <arg 1>:1:1\n" in ran.err
