"""The tables of options in README.md and docs/, written from the rows of the commands.

    python -m tests.tables

writes them anew, each between `<!-- options of COMMAND -->` and `<!-- end of options -->`, and with them
docs/gradcli.1 and docs/api.md; `test_tables.py` tells of one that is not as it would be written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from gradcli.cli.commands import load
from gradcli.cli.options import Option

ROOT = Path(__file__).resolve().parent.parent
_TABLE = re.compile(
    r"(?<=^<!-- options of )(\w+)( -->\n)(.*?)(?=^<!-- end of options -->$)", flags=re.M | re.S
)


def documents() -> list[Path]:
    """The files that may hold tables."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def tables(text: str) -> list[str]:
    """The commands whose tables stand in a document."""
    return [match.group(1) for match in _TABLE.finditer(text)]


def written(text: str) -> str:
    """The document with all its tables written anew."""
    return _TABLE.sub(lambda match: f"{match.group(1)}{match.group(2)}\n{table(match.group(1))}\n", text)


def table(command: str) -> str:
    """The options of a command, under the headings of its help."""
    return "\n".join(["| option | meaning |", "| --- | --- |", *_lines(load(command).options)]) + "\n"


def _lines(options: tuple[Option, ...]) -> Iterator[str]:
    for panel in dict.fromkeys(option.panel for option in options):
        yield f"| **{panel}** | |"
        for row in options:
            if row.panel == panel:
                flags = f"{', '.join(row.flags)} {row.metavar}".rstrip()
                yield f"| `{_cell(flags)}` | {_cell(row.help)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Writes every table anew, and the pages that are made of rows and docstrings."""
    for path in documents():
        text = path.read_text(encoding="utf-8")
        path.write_text(written(text), encoding="utf-8")
    from tests import api, manual

    api.DOCUMENT.write_text(api.page(), encoding="utf-8")
    manual.PAGE.write_text(manual.page(), encoding="utf-8")


if __name__ == "__main__":
    main()
