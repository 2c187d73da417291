"""The tables of options in README.md and docs/, written from the rows of the commands.

    python -m tests.tables

writes them anew, each between `<!-- options of COMMAND -->` and `<!-- end of options -->`, and with them
docs/gradcli.1, docs/api.md, and what `gradcli.evaluate` says of its options: its signature and the list in
its docstring. `test_tables.py` tells of one that is not as it would be written.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from gradcli.cli.commands import load
from gradcli.cli.options import Option
from gradcli.evaluation.options import OPTIONS, Options

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


EVALUATE = ROOT / "gradcli" / "evaluation" / "api.py"
_SIGNATURE = re.compile(r"(?<=^def evaluate\(\n    source: str,\n).*?(?=^\) -> )", flags=re.M | re.S)
_ARGUMENTS = re.compile(r"(?<=^        source: the text of the program\.\n).*?(?=^$)", flags=re.M | re.S)


def taking(text: str) -> str:
    """The module of `evaluate` with its signature and the list of its arguments written anew."""
    parameters = [f"    {name}: {Options.__annotations__[name]} = Options.{name},\n" for name in OPTIONS]
    told = [
        textwrap.fill(
            f"{name}: {each.python[0].lower()}{each.python[1:]}",
            110,
            initial_indent=" " * 8,
            subsequent_indent=" " * 12,
        )
        + "\n"
        for name, each in OPTIONS.items()
    ]
    text = _SIGNATURE.sub(lambda _: "".join([parameters[0], "    *,\n", *parameters[1:]]), text)
    return _ARGUMENTS.sub(lambda _: "".join(told), text)


def main() -> None:
    """Writes every table anew, and the pages that are made of rows and docstrings."""
    EVALUATE.write_text(taking(EVALUATE.read_text(encoding="utf-8")), encoding="utf-8")
    for path in documents():
        text = path.read_text(encoding="utf-8")
        path.write_text(written(text), encoding="utf-8")
    from tests import api, manual

    api.DOCUMENT.write_text(api.page(), encoding="utf-8")
    manual.PAGE.write_text(manual.page(), encoding="utf-8")


if __name__ == "__main__":
    main()
