"""The help texts: the same words on a terminal and in a pipe, within the width there is."""

from __future__ import annotations

import io
import re
import sys

import pytest

from gradcli.cli.commands import COMMANDS, load
from gradcli.cli.help import Page, command_page, plain, root_page, show

PAGES = {"gradcli": root_page(), **{name: command_page(load(name)) for name in COMMANDS}}


class Terminal(io.StringIO):
    """Standard output that is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def _on_a_terminal(page: Page, monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    for name, value in {"TERM": "xterm-256color", **environment}.items():
        monkeypatch.setenv(name, value)
    screen = Terminal()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", screen)
        show(page)
    return screen.getvalue()


def _words(text: str) -> str:
    return re.sub(r"[─│╭╮╰╯:\s]+", "", text)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("columns", [50, 80, 200])
def test_a_page_fits_and_says_the_same_everywhere(
    monkeypatch: pytest.MonkeyPatch, name: str, columns: int
) -> None:
    page = PAGES[name]
    framed = re.sub(r"\x1b\[[0-9;]*m", "", _on_a_terminal(page, monkeypatch, COLUMNS=str(columns)))
    in_a_pipe = list(plain(page))
    for lines, width in ((framed.splitlines(), min(columns, 100)), (in_a_pipe, 80)):
        for line in lines:
            assert len(line.rstrip()) <= width or line.strip() in page.examples
    assert _words(framed) == _words("\n".join(in_a_pipe))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_there_with_its_words(name: str) -> None:
    text = " ".join("\n".join(plain(PAGES[name])).split())
    for option in load(name).options:
        shown = f"{', '.join(option.flags)} {option.metavar}".rstrip()
        assert f" {shown} {' '.join(option.help.split())}" in text


def test_colours_are_for_terminals_that_have_them(monkeypatch: pytest.MonkeyPatch) -> None:
    page = PAGES["eval"]
    assert "\x1b[" in _on_a_terminal(page, monkeypatch, TERM="xterm-256color")
    assert "\x1b[" not in _on_a_terminal(page, monkeypatch, TERM="dumb")
