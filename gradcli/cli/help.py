"""The help texts, drawn from the commands' rows: plain in a pipe, by Rich on a terminal.

`gradcli.cli` calls this for `--help` and without arguments. Both ways have the same words in the same order;
Rich, which adds frames and colours, is only loaded for a terminal.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator

from gradcli.cli.commands import COMMANDS
from gradcli.cli.options import Command, Option
from gradcli.record import Record

WIDEST = 100
"""Lines longer than that are hard to read, however wide a terminal is."""
PIPED = 80
_LEFT = 30
"""So wide the column of the options is at most; a longer one has its help below it."""

ABOUT = (
    "A gradient calculator for the shell. It reads a program in a small, safe subset of Python, records it "
    "on an autograd tape over NumPy and answers with values and derivatives, by PyTorch's autograd rules."
)
ROOT_OPTIONS = (
    Option("version", ("--version",), "Show the version and exit."),
    Option(
        "install",
        ("--install-completion",),
        "Teach a shell the commands, options and functions: bash, zsh, fish (the one in use).",
        metavar="[SHELL]",
    ),
    Option("show", ("--show-completion",), "Print what would be installed for it.", metavar="[SHELL]"),
)
HELP = Option("help", ("--help",), "Show this message and exit.")


class Page(Record):
    """A help text.

    Attributes:
        usage: the command line in general.
        paragraphs: what it does.
        examples: command lines.
        sections: under each heading what may be given, with a sentence on it.
        end: the last paragraph, or nothing.
    """

    usage: str
    paragraphs: tuple[str, ...]
    examples: tuple[str, ...]
    sections: dict[str, list[tuple[str, str, str]]]
    end: str = ""


def root_page() -> Page:
    """The help of `gradcli` itself."""
    return Page(
        "gradcli [OPTIONS] COMMAND [ARGS]...",
        (ABOUT,),
        ("gradcli eval 'y=2*x; z=y**2' --set x=1",),
        {
            "Commands": [(name, "", summary) for name, summary in COMMANDS.items()],
            "Options": [_entry(option) for option in (*ROOT_OPTIONS, HELP)],
        },
        "gradcli COMMAND --help says more about one.",
    )


def command_page(command: Command) -> Page:
    """The help of one command."""
    sections = {"Arguments": [(f"[{command.operand}]...", "", command.operand_help)]}
    for option in command.options:
        sections.setdefault(option.panel, []).append(_entry(option))
    sections.setdefault("Options", []).append(_entry(HELP))
    return Page(
        f"gradcli {command.name} [OPTIONS] [{command.operand}]...",
        (COMMANDS[command.name], *command.description.split("\n\n")),
        command.examples,
        sections,
        command.epilog,
    )


def _entry(option: Option) -> tuple[str, str, str]:
    return ", ".join(option.flags), option.metavar, option.help


def show(page: Page) -> None:
    """Writes a page to standard output, as wide as the terminal is."""
    if sys.stdout.isatty():
        _show_by_rich(page)
    else:
        sys.stdout.write("".join(f"{line}\n" for line in plain(page)))


def plain(page: Page, width: int = PIPED) -> Iterator[str]:
    """The page in lines of plain text."""
    yield f"Usage: {page.usage}"
    for paragraph in page.paragraphs:
        yield ""
        yield from _wrapped(paragraph, width, "  ")
    if page.examples:
        yield from ("", "  Examples:" if len(page.examples) > 1 else "  Try:")
        yield from (f"    {example}" for example in page.examples)
    for heading, entries in page.sections.items():
        yield from ("", f"{heading}:")
        for left, lines in _columns(entries, width - 2):
            yield f"  {left}{lines[0]}".rstrip()
            yield from (f"  {' ' * len(left)}{line}" for line in lines[1:])
    if page.end:
        yield ""
        yield from _wrapped(page.end, width, "  ")


def _columns(entries: list[tuple[str, str, str]], width: int) -> Iterator[tuple[str, list[str]]]:
    """The left column, padded, and the lines of the right one; what is too long on the left stands alone."""
    lefts = [f"{flags} {metavar}".rstrip() for flags, metavar, _ in entries]
    column = max(len(left) for left in lefts if len(left) <= _LEFT or len(lefts) == 1) + 2
    for left, (_, _, text) in zip(lefts, entries, strict=True):
        lines = _wrapped(text, width - column)
        if len(left) > column - 2:
            yield left, [""]
            left = ""
        yield left.ljust(column), lines


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()), width, initial_indent=indent, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _show_by_rich(page: Page) -> None:
    from rich.box import ASCII, ROUNDED
    from rich.console import Console, Group
    from rich.padding import Padding
    from rich.panel import Panel
    from rich.text import Text

    encodes = (sys.stdout.encoding or "").lower().startswith("utf")
    console = Console(highlight=False)
    width = min(console.width, WIDEST)

    def padded(*lines: Text) -> Padding:
        return Padding(Group(*lines), (0, 1, 1, 1))

    def option(flags: str, metavar: str) -> Text:
        return Text.assemble((flags, "bold cyan"), f" {metavar}" if metavar else "")

    console.print()
    console.print(padded(Text.assemble(("Usage: ", "bold yellow"), (page.usage, "bold"))))
    for number, paragraph in enumerate(page.paragraphs):
        style = "bold" if not number and len(page.paragraphs) > 1 else ""
        console.print(padded(*[Text(line, style) for line in _wrapped(paragraph, width - 2)]))
    if page.examples:
        above = Text("Examples:" if len(page.examples) > 1 else "Try:", "bold yellow")
        for example in (above, *[Text(f"  {each}", "green") for each in page.examples], Text()):
            console.print(Text(" ") + example, soft_wrap=True)  # a long one is copied as it is
    for heading, entries in page.sections.items():
        shown = []
        named = {f"{flags} {metavar}".rstrip(): option(flags, metavar) for flags, metavar, _ in entries}
        for left, lines in _columns(entries, width - 4):
            text = named.get(left.strip(), Text())
            shown.append(Text.assemble(text, " " * (len(left) - len(text)), lines[0]))
            shown += [Text(" " * len(left) + line) for line in lines[1:]]
        box = ROUNDED if encodes else ASCII
        console.print(
            Panel(Group(*shown), title=heading, title_align="left", border_style="dim", width=width, box=box)
        )
    if page.end:
        console.print()
        console.print(padded(*[Text(line) for line in _wrapped(page.end, width - 2)]))
