"""The exit status of every error code, alone and among others, and where errors say they are."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

import gradcli.cli
import gradcli.errors
from commands import Gradcli
from gradcli.errors import EXIT_STATUS, GradcliError, Location, internal_error, suggestion, was_interrupted

# Every code: the arguments that lead to it, the exit status, and line, column and end of the place.
CODES = [
    ("assertion", ["x = 1.0\nassert x == 2, 'no'"], 1, (2, 8, 14)),
    ("syntax", ["x y"], 3, (1, 3, 4)),
    ("unknown-name", ["y = x", "-s", "x=1", "--root", "z"], 3, None),
    ("unknown-function", ["y = sine(1)"], 3, (1, 5, 9)),
    ("unset-input", ["y = 2*x"], 3, (1, 7, 8)),
    ("bad-argument", ["x = 1.0; y = 2*x", "-s", "y=1"], 3, None),
    ("shape", ["y = ones(2) + ones(3)"], 3, (1, 5, 22)),
    ("dtype", ["y = mean(tensor([1, 2]))"], 3, (1, 5, 25)),
    ("io", ["y = x", "-s", "x=@missing.npy"], 3, None),
    ("in-place", ["x = param(1.0)\nx += 1"], 4, (2, 1, 7)),
    ("non-scalar-root", ["y = 2*x", "-s", "x=[1,2]"], 4, (1, 5, 8)),
    ("weights-shape", ["y = 2*x", "-s", "x=[1,2]", "-g", "[1,2,3]"], 4, None),
    ("graph-freed", ["x = param(1.0); y = x*x; y.backward(); y.backward()"], 4, (1, 40, 52)),
    ("no-grad", ["x = tensor(1.0); y = x*x; y.backward()"], 4, (1, 27, 39)),
    ("int-requires-grad", ["x = tensor(1, requires_grad=True)"], 4, (1, 5, 34)),
    ("unused-input", ["x = param(1.0); w = param(2.0); autograd.grad(x*x, w)"], 4, (1, 33, 54)),
    ("anomaly", ["y = log(x)", "-s", "x=-1", "--detect-anomaly"], 4, (1, 5, 11)),
    ("limit", ["while True: pass", "--max-steps", "10"], 5, None),
]


def test_every_code_is_in_the_table() -> None:
    assert {code for code, *_ in CODES} == set(EXIT_STATUS) - {"internal"}  # to which no program leads


@pytest.mark.parametrize(("code", "arguments", "status", "place"), CODES, ids=[row[0] for row in CODES])
def test_a_code_has_its_exit_status(
    gradcli: Gradcli, code: str, arguments: list[str], status: int, place: tuple[int, int, int] | None
) -> None:
    ran = gradcli("eval", *arguments, "--json")
    assert ran.status == status
    assert ran.object["ok"] is False
    error = ran.object["error"]
    assert error["code"] == code
    if place is not None:
        assert (error["line"], error["column"], error["end_column"]) == place
    assert GradcliError(code, "").exit_status == status


FAULTS = {0: "x = param(1.0); x*2", 1: "assert 1 == 2", 3: "y = 2*unset", 4: "x = param(1.0)\nx += 1"}


@pytest.mark.parametrize("first", FAULTS)
@pytest.mark.parametrize("second", FAULTS)
def test_of_several_programs_the_highest_status_counts(gradcli: Gradcli, first: int, second: int) -> None:
    ran = gradcli("eval", FAULTS[first], FAULTS[second], "--json")
    assert ran.status == max(first, second)
    assert [each["ok"] for each in ran.objects] == [first == 0, second == 0]


@pytest.mark.parametrize("first", FAULTS)
@pytest.mark.parametrize("second", FAULTS)
def test_of_several_checks_too(gradcli: Gradcli, first: int, second: int) -> None:
    assert gradcli("check", FAULTS[first], FAULTS[second]).status == max(first, second)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["eval", "2 + 3"], 0),
        (["eval", "x", "--set", "x=1"], 0),
        (["eval", "x", "--set", "x"], 2),
        (["eval", "x", "--set", "=1"], 2),
        (["eval", "x", "--nothing"], 2),
        (["eval", "x", "--order", "many"], 2),
        (["eval", "x", "--format", "xml"], 2),
        (["eval", "x", "--set"], 2),
        (["eval", "1", "2", "--out", "a.npz"], 2),
        (["eval", "--lines", "-f", "missing", "--out", "a.npz"], 2),
        (["evall", "x"], 2),
        (["--nothing"], 2),
        (["--version"], 0),
        (["eval", "--help"], 0),
        (["functions", "sin"], 0),
        (["functions", "sine"], 3),
        (["check", "y = x*x", "-s", "x=1"], 0),
        (["eval", "missing.grad"], 3),
        (["eval", "-f", "missing"], 3),
    ],
)
def test_the_status_of_a_command_line(gradcli: Gradcli, arguments: list[str], status: int) -> None:
    assert gradcli(*arguments).status == status


@pytest.mark.parametrize(
    ("span", "place"),
    [
        ((0, 1), (1, 1, 1, 2)),
        ((0, 0), (1, 1, 1, 1)),
        ((3, 5), (2, 1, 2, 3)),
        ((1, 4), (1, 2, 2, 2)),
        ((6, 9), (3, 1, 3, 3)),
        ((99, 120), (3, 3, 3, 3)),
        ((4, 2), (2, 2, 2, 2)),
    ],
)
def test_a_span_as_people_count_it(span: tuple[int, int], place: tuple[int, int, int, int]) -> None:
    found = Location.of(span, "ab\ncd\nef")
    assert (found.line, found.column, found.end_line, found.end_column) == place
    assert found == Location(*place)
    assert found != Location(place[0] + 1, *place[1:])
    assert found != place
    assert len({found, Location(*place)}) == 1


def test_an_error_is_located_once() -> None:
    error = GradcliError("shape", "as at {0} and {1}", places=((3, 4), None))
    assert error.location is None
    error.locate("ab\ncd")
    error.locate("another text")
    assert (error.message, str(error)) == ("as at line 2, column 1 and {1}",) * 2
    error.span = (4, 5)
    assert error.location == Location(2, 2, 2, 3)


@pytest.mark.parametrize(
    ("name", "hint"), [("sine", "did you mean sin?"), ("sn", "did you mean sin?"), ("zzz", None)]
)
def test_a_close_name_is_suggested(name: str, hint: str | None) -> None:
    assert suggestion(name, ["sin", "cosh", "exp"]) == hint


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x", "-s", "x=1", "-s", "x=2"], "option --set: x is given twice"),
        (["x", "-s", "x=1", "--jvp", "x=1", "--jvp", "x=2"], "option --jvp: x is given twice"),
        (["x", "-s", "x=1", "--jvp", "1", "--jvp", "2"], "option --jvp: a value without a name stands alone"),
        (
            ["x", "-s", "x=1", "--jvp", "1", "--jvp", "x=2"],
            "option --jvp: a value without a name stands alone",
        ),
        (["x*w", "-s", "x=@-", "-s", "w=@-"], "standard input can be read only once"),
        (["x*w", "-s", "x=@-", "-s", "w=2", "--jvp", "x=@-"], "standard input can be read only once"),
    ],
)
def test_what_is_given_twice_is_wrong_usage(gradcli: Gradcli, arguments: list[str], said: str) -> None:
    ran = gradcli("eval", *arguments, stdin="1")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"gradcli eval: {said}\n")


@pytest.mark.parametrize(
    ("settings", "status", "unknown"),
    [
        (["-s", "x=1", "-s", "w=2"], 0, []),
        (["-s", "x=1", "-s", "w=2", "-s", "v=3"], 3, ["v"]),
        (["-s", "x=1", "-s", "w=2", "-s", "v=3", "-s", "u=3"], 3, ["v", "u"]),
    ],
)
def test_an_input_may_serve_only_some_of_several_programs(
    gradcli: Gradcli, settings: list[str], status: int, unknown: list[str]
) -> None:
    ran = gradcli("eval", "2*x", "x*w", *settings)
    assert ran.status == status
    told = [line for line in ran.err.splitlines() if line.startswith("error")]
    assert told == [f"error[unknown-name]: none of the programs has a name {name}" for name in unknown]


def test_a_fault_of_ours_shows_its_traceback_to_who_asks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for asked in ("", "1"):
        monkeypatch.setenv("GRADCLI_TRACEBACK", asked)
        error = internal_error(ZeroDivisionError("oh no"))
        assert (error.code, error.message) == ("internal", "ZeroDivisionError: oh no")
        assert ("ZeroDivisionError: oh no" in capsys.readouterr().err) is bool(asked)


def test_a_text_may_begin_with_empty_lines() -> None:
    assert Location.of((2, 3), "\n\nx") == Location(3, 1, 3, 2)
    assert Location.of((0, 1), "\nx") == Location(1, 1, 2, 1)


def test_a_fault_of_ours_is_raised_for_who_asks(gradcli: Gradcli, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> object:
        raise ZeroDivisionError("oh no")

    monkeypatch.setattr("gradcli.cli.load", broken)
    with pytest.raises(ZeroDivisionError):
        gradcli("eval", "x")
    monkeypatch.setenv("GRADCLI_TRACEBACK", "")
    assert gradcli("eval", "x").status == 70


def test_an_interrupt_that_python_wraps_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrapped(*_: object) -> None:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as error:
            raise RuntimeError("Error calling __set_name__") from error

    monkeypatch.setattr("gradcli.cli._dispatch", wrapped)
    assert gradcli.cli.run(["eval", "1"]) == 130
    with pytest.raises(RuntimeError) as caught:
        wrapped()
    with pytest.raises(KeyboardInterrupt):
        gradcli.errors.internal_error(caught.value)


def test_an_error_of_the_system_is_told_in_a_line(gradcli: Gradcli, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("gradcli.cli._dispatch", gone)
    ran = gradcli("eval", "1")
    assert (ran.status, ran.out, ran.err) == (3, "", "gradcli: Input/output error\n")


def test_an_interrupt_is_looked_for_behind_errors_of_any_depth() -> None:
    behind = GradcliError("io", "")
    behind.__cause__ = ValueError()
    assert not any(map(was_interrupted, (None, ValueError(), behind)))
    behind.__cause__.__context__ = KeyboardInterrupt()
    assert all(map(was_interrupted, (KeyboardInterrupt(), behind.__cause__, behind)))


@pytest.mark.parametrize(("name", "found"), [("abcde", True), ("abcdf", True), ("abcxyz", False)])
def test_a_suggestion_is_close_by_more_than_half(name: str, found: bool) -> None:
    # Twice the letters that agree, by the letters of both: 1, 0.8 and 0.55.
    assert (suggestion(name, ["abcde"]) is not None) is found


@pytest.mark.parametrize(
    ("options", "out"),
    [
        ([], "before\n"),
        (["--json"], None),
        (["--format", "csv"], ""),
        (["--quiet"], "before\n"),
        (["--quiet", "--json"], "before\n"),
    ],
)
def test_what_a_program_printed_stands_before_its_failure(
    gradcli: Gradcli, options: list[str], out: str | None
) -> None:
    for others in ([], ["1 + 1"]):
        ran = gradcli("eval", "print('before')\nassert 1 == 2", *others, *options)
        assert ran.status == 1
        if out is None:
            assert [each["ok"] for each in ran.objects] == [False, True][: 1 + len(others)]
            assert ran.err == ""
            continue
        assert ran.out.startswith(out)
        assert ran.out.count("before") == (out != "")
        assert ran.err.startswith("error[assertion]")


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (["1"], []),
        (["1", "--jobs", "2"], []),
        (["1", "--max-seconds", "60"], ["watched"]),
        (["1", "2"], []),
        (["1", "2", "--jobs", "2"], ["shared"]),
        (["1", "2", "--max-seconds", "60"], ["shared"]),
    ],
)
def test_where_programs_run(
    gradcli: Gradcli, monkeypatch: pytest.MonkeyPatch, arguments: list[str], where: list[str]
) -> None:
    """One alone runs here, and is watched where its time counts; several run elsewhere where that serves."""
    seen = []

    class Watchdog(contextlib.nullcontext):  # type: ignore[type-arg]
        def __init__(self, seconds: float, ended: Callable[[], object]) -> None:
            super().__init__()
            assert seconds == 60
            seen.append("watched")

    def ordered_map(
        work: Callable[[Any], Any], sources: Iterable[Any], *_: object, **__: object
    ) -> Iterator[Any]:
        seen.append("shared")
        return map(work, sources)

    monkeypatch.setattr("gradcli.cli.watchdog.Watchdog", Watchdog)
    monkeypatch.setattr("gradcli.cli.parallel.ordered_map", ordered_map)
    assert gradcli("eval", *arguments).status == 0
    assert seen == where


def test_notes_are_told_unless_there_are_many_programs_or_silence_is_wanted(gradcli: Gradcli) -> None:
    alone = ["eval", "log(x)", "-s", "x=-1"]
    assert "note: " in gradcli(*alone).err
    assert gradcli(*alone, "--quiet").err == ""
    assert gradcli("eval", "--lines", "-s", "x=-1", stdin="log(x)\n").err == ""


def test_a_script_of_pytorch_is_differentiated_where_that_is_asked_for(
    gradcli: Gradcli, tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    script.write_text("import torch\nx = torch.tensor(3.0, requires_grad=True)\ny = x*x\n")
    assert "dy/dx" not in gradcli("eval", str(script)).out
    for asked in (["--wrt", "x"], ["--root", "y"], ["--order", "1"]):
        assert "dy/dx = 6.0" in gradcli("eval", str(script), *asked).out
    script.write_text("x = param(3.0)\ny = x*x\n")
    assert "dy/dx = 6.0" in gradcli("eval", str(script)).out
