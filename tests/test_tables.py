"""The documents list the options that there are, in the words of their rows."""

from __future__ import annotations

import pytest

from gradcli.cli.commands import COMMANDS
from tables import documents, tables, written

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
