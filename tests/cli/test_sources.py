"""What a SOURCE is: text, a path, standard input, lines."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from gradcli.cli.options import UsageError
from gradcli.cli.sources import File, is_path, read_sources
from gradcli.errors import GradcliError


@pytest.mark.parametrize(
    ("operand", "path"),
    [
        ("model.grad", True),
        ("dir/snippet.py", True),
        ("../a-b/model.grad", True),
        ("x", False),
        ("y.backward(); x.grad", False),
        ("y=x.grad", False),
        ("f(x).grad", False),
        ("x[0].grad", False),
        (" x.grad", False),
        ("x.py\n", False),
    ],
)
def test_a_path_ends_as_one_and_looks_like_no_program(operand: str, path: bool) -> None:
    assert is_path(operand) is path


def _read(operands: list[str | File], lines: bool = False) -> list[tuple[str, object]]:
    return [
        (source.name, source.text if isinstance(source.text, str) else source.text.code)
        for source in read_sources(operands, lines=lines, stdin_taken=False)
    ]


def _pipe(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_sources_come_in_the_order_of_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.grad").write_text("x\n")
    Path("notes.txt").write_text("y\n")
    _pipe(monkeypatch, b"z")
    assert _read(["1+1", "a.grad", File("notes.txt"), "-", "2"]) == [
        ("<arg 1>", "1+1"),
        ("a.grad", "x\n"),
        ("notes.txt", "y\n"),
        ("<stdin>", "z"),
        ("<arg 5>", "2"),
    ]


def test_lines_skip_what_is_empty_or_a_comment_and_keep_their_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _pipe(monkeypatch, b"x\n\n  # nothing\r\n  y  \r\nz")
    assert _read([], lines=True) == [("<stdin>:1", "x"), ("<stdin>:4", "y"), ("<stdin>:5", "z")]
    assert _read(["x\ny"], lines=True) == [("<arg 1>:1", "x"), ("<arg 1>:2", "y")]


def test_bad_utf_8_spoils_its_own_line_only(monkeypatch: pytest.MonkeyPatch) -> None:
    _pipe(monkeypatch, b"x\n\xff\ny\n")
    assert _read(["-"], lines=True) == [("<stdin>:1", "x"), ("<stdin>:2", "io"), ("<stdin>:3", "y")]


def test_a_byte_order_mark_and_carriage_returns_are_no_part_of_a_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _pipe(monkeypatch, b"\xef\xbb\xbfx = 1\r\nx\r\n")
    assert _read(["-"]) == [("<stdin>", "x = 1\nx\n")]


def test_a_missing_file_says_how_to_write_it_as_text() -> None:
    ((source),) = read_sources(["x.grad"], lines=False, stdin_taken=False)
    assert isinstance(source.text, GradcliError)
    assert source.text.message == "cannot read x.grad: No such file or directory"
    assert source.text.hint == "a SOURCE that ends so is a path; as program text, write ' x.grad'"


@pytest.mark.parametrize("operands", [["-", "-"], ["-", "x", "-"]])
def test_standard_input_is_read_once(operands: list[str]) -> None:
    with pytest.raises(UsageError, match="only once"):
        _read(operands)


def test_a_stream_is_read_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            buffer[:2] = b"x\n"
            return 2

    stream = io.TextIOWrapper(io.BufferedReader(Endless()))
    monkeypatch.setattr(sys, "stdin", stream)
    sources = read_sources(["-"], lines=True, stdin_taken=False)
    assert [next(sources).name for _ in range(3)] == ["<stdin>:1", "<stdin>:2", "<stdin>:3"]


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no such device")
@pytest.mark.parametrize("lines", [False, True])
def test_what_never_ends_is_not_read_forever(lines: bool) -> None:
    (source,) = read_sources([File("/dev/zero")], lines=lines, stdin_taken=False, most=1000)
    assert isinstance(source.text, GradcliError)
    assert (source.text.code, source.text.message) == (
        "limit",
        "the program is longer than 1,000 bytes, which take as much memory as there may be",
    )


@pytest.mark.parametrize("lines", [False, True])
def test_a_program_may_be_as_long_as_that(tmp_path: Path, lines: bool) -> None:
    (tmp_path / "a.grad").write_text("x" * 999)
    (source,) = read_sources([File(tmp_path / "a.grad")], lines=lines, stdin_taken=False, most=1000)
    assert source.text == "x" * 999
