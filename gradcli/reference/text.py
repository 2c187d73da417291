"""The list of functions, and what there is to know of one, as plain text, tables, JSON and Markdown.

`gradcli functions` writes it; the list in the documentation is the Markdown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import groupby
from typing import Any


@dataclass(frozen=True, slots=True)
class FunctionSummary:
    """One line of the list."""

    name: str
    aliases: tuple[str, ...]
    family: str
    signature: str
    summary: str


@dataclass(frozen=True, slots=True)
class FunctionDetail:
    """What is shown of one function.

    Attributes:
        made_of: for each primitive behind it its name, with inputs where it is elementwise, and its rule: the
            derivative by each input, or the cotangent of each (`dA`), or in words.
        primitive: whether it is a primitive as it stands.
        command, output: an example as it is typed, and what it writes.
    """

    function: FunctionSummary
    grad_fn: str
    method: bool
    primitive: bool
    made_of: tuple[tuple[str, tuple[tuple[str, str], ...], str], ...]
    command: str
    output: str


_PAGE = """# Functions

<!-- Written by `gradcli functions --markdown > docs/functions.md`. What it says stands in gradcli/ops. -->

{count} functions, with PyTorch's names, arguments and conventions. `gradcli functions NAME` shows one of
them with its derivative and an example. How to add one: [adding-a-function.md](adding-a-function.md)."""

_TITLES = {"nn": "neural networks"}
_HINT = "gradcli functions NAME shows one of them with its derivative and an example.\n"


def _title(family: str) -> str:
    return _TITLES.get(family, family)


def _grouped(functions: Iterable[FunctionSummary]) -> Iterable[tuple[str, list[FunctionSummary]]]:
    for family, members in groupby(functions, lambda each: each.family):
        yield _title(family), list(members)


# ---- the list ----


def list_plain(functions: Sequence[FunctionSummary]) -> str:
    """A heading for each family, and a line for each function."""
    width = min(max(len(each.signature) for each in functions), 44)
    lines: list[str] = []
    for title, members in _grouped(functions):
        lines += ["", title] if lines else [title]
        for each in members:
            gap = " " * max(width - len(each.signature), 0)
            lines.append(f"  {each.signature}{gap}  {each.summary}")
    return "\n".join(lines) + "\n"


def list_table(functions: Sequence[FunctionSummary], *, width: int, color: bool) -> str:
    """The same for a terminal."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="cyan")
    table.add_column()
    for index, (title, members) in enumerate(_grouped(functions)):
        if index:
            table.add_row("", "")
        table.add_row(_styled(title, "bold"), "")
        for each in members:
            table.add_row(_styled(each.name), _styled(_with_aliases(each)))
    return _drawn(table, width, color) + "\n" + _HINT


def _with_aliases(function: FunctionSummary) -> str:
    also = f" (also {', '.join(function.aliases)})" if function.aliases else ""
    return function.summary + also


def list_json(functions: Sequence[FunctionSummary]) -> str:
    """One object with every function in a list."""
    return _dumped({"functions": [_as_object(each) for each in functions]})


def list_markdown(functions: Sequence[FunctionSummary]) -> str:
    """The page of the documentation."""
    lines = [_PAGE.format(count=len(functions))]
    for title, members in _grouped(functions):
        lines += ["", f"## {title.capitalize()}", "", "| function | what it does |", "| --- | --- |"]
        for each in members:
            lines.append(f"| `{_cell(each.signature)}` | {_cell(_prose(_with_aliases(each)))} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _prose(text: str) -> str:
    # A star pair would set the text between in italics.
    return text.replace("*", "\\*").replace("_", "\\_").replace("<", "&lt;")


# ---- one function ----


def detail_plain(detail: FunctionDetail) -> str:
    """Signature, what it does, derivative, example: each under its heading."""
    function = detail.function
    lines = [function.signature, f"  {function.summary}"]
    if function.aliases:
        lines.append(f"  also: {', '.join(function.aliases)}")
    lines += ["", "derivative", *(f"  {line}" for line in _derivative(detail))]
    if detail.command:
        lines += ["", "example", f"  $ {detail.command}"]
        lines += [f"  {line}" for line in detail.output.splitlines()]
    return "\n".join(lines) + "\n"


def _derivative(detail: FunctionDetail) -> list[str]:
    if not detail.made_of:
        return ["none"]
    if detail.primitive:
        ((_, partials, _),) = detail.made_of
        return [f"d/d{name} = {formula}" for name, formula in partials]
    made_of, name = list(detail.made_of), detail.function.name
    lines = []
    if made_of[0][0] == name:  # its rule as a whole
        lines = [f"{wrt} = {formula}" for wrt, formula in made_of[0][1]] or [made_of[0][2]]
        made_of = made_of[1:]
    if made_of:
        names = [primitive.partition("(")[0] for primitive, _, _ in made_of]
        lines.append(f"follows from its composition: {', '.join(names)}")
    for primitive, partials, words in made_of:
        rule = ", ".join(f"{_of(primitive, wrt)} = {formula}" for wrt, formula in partials)
        lines.append(f"{primitive}: {rule or words}")
    if any("(" not in primitive and partials for primitive, partials, _ in detail.made_of):
        lines.append("g is the gradient of the result, y the result")
    return lines


def _of(primitive: str, name: str) -> str:
    """What is defined: the derivative of an elementwise primitive, or the cotangent of an input."""
    return f"d/d{name}" if "(" in primitive else name


def detail_table(detail: FunctionDetail, *, width: int, color: bool) -> str:
    """The same for a terminal."""
    from rich.console import Group
    from rich.padding import Padding

    lines = detail_plain(detail).splitlines()
    parts: list[Any] = [_styled(lines[0], "bold cyan")]
    for line in lines[1:]:
        indented = line.startswith("  ")
        style = "" if indented else "bold"
        if line.startswith("  $ "):
            style = "green"
        text = _styled(line.strip() if indented else line, style)
        parts.append(Padding(text, (0, 0, 0, 2)) if indented else text)
    return _drawn(Group(*parts), width, color)


def detail_json(detail: FunctionDetail) -> str:
    """One object."""
    return _dumped(
        _as_object(detail.function)
        | {
            "grad_fn": detail.grad_fn,
            "method": detail.method,
            "primitive": detail.primitive,
            "derivative": [
                {"primitive": primitive, "partials": dict(partials), **({"says": words} if words else {})}
                for primitive, partials, words in detail.made_of
            ],
            "example": {"command": detail.command, "output": detail.output},
        }
    )


def _as_object(function: FunctionSummary) -> dict[str, Any]:
    return {
        "name": function.name,
        "aliases": list(function.aliases),
        "family": function.family,
        "signature": function.signature,
        "summary": function.summary,
    }


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


def _styled(text: str, style: str = "") -> Any:
    from rich.text import Text

    return Text(text, style=style)


def _drawn(renderable: Any, width: int, color: bool) -> str:
    from rich.console import Console

    stream = StringIO()
    console = Console(file=stream, width=width, force_terminal=color, no_color=not color, highlight=False)
    console.print(renderable)
    return "".join(line.rstrip() + "\n" for line in stream.getvalue().splitlines())
