"""The documents list the options that there are, in the words of their rows."""

from __future__ import annotations

import shutil
import subprocess

import pytest

import api
from gradcli.cli.commands import COMMANDS
from manual import PAGE, page
from tables import EVALUATE, documents, tables, taking, written

HOLDING = [path for path in documents() if tables(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("path", HOLDING, ids=lambda path: path.name)
def test_a_table_of_options_is_as_the_rows_say(path) -> None:  # type: ignore[no-untyped-def]
    """`python -m tests.tables` writes them again."""
    text = path.read_text(encoding="utf-8")
    assert text == written(text)


def test_every_command_on_programs_has_its_table() -> None:
    """One says `<!-- options of COMMAND -->` and `<!-- end of options -->` in a document, and writes it."""
    listed = [command for path in HOLDING for command in tables(path.read_text(encoding="utf-8"))]
    assert sorted(listed) == sorted(name for name in COMMANDS if name != "functions")


def test_what_evaluate_takes_is_as_the_options_say() -> None:
    """`python -m tests.tables` writes it again."""
    text = EVALUATE.read_text(encoding="utf-8")
    assert text == taking(text)


def test_the_page_of_the_interface_is_as_the_docstrings_say() -> None:
    """`python -m tests.tables` writes it again."""
    assert api.DOCUMENT.read_text(encoding="utf-8") == api.page()


def test_the_manual_page_is_as_the_rows_say() -> None:
    """`python -m tests.tables` writes it again."""
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="there is no mandoc here")
def test_the_manual_page_is_well_formed() -> None:
    ran = subprocess.run(["mandoc", "-T", "lint", PAGE], capture_output=True, text=True, check=False)
    assert [line for line in ran.stdout.splitlines() if "longer than 80 bytes" not in line] == []
