"""docs/api.md from the signatures and docstrings of the public names.

`python -m tests.tables` writes it with the tables; tests/test_tables.py compares.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import gradcli

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "api.md"
HEAD = """# The Python interface

<!-- Written by `python -m tests.tables` from the docstrings. -->

Everything here is imported from `gradcli`. [guide.md](guide.md#from-python) has examples.

"""
FUNCTIONS = ("evaluate", "compile", "diff", "check", "assert_gradients", "map", "map_partitions")
SECTIONS = ("Args", "Returns", "Raises", "Attributes")


def page() -> str:
    """The whole document."""
    classes = [name for name in gradcli.__all__ if name not in FUNCTIONS and not name.startswith("_")]
    return HEAD + "\n".join([*map(_entry, FUNCTIONS), *map(_entry, classes)])


def _entry(name: str) -> str:
    public = getattr(gradcli, name)
    lines = [f"## {name}", "", *_signature(name, public), *_text(inspect.getdoc(public) or "")]
    if inspect.isclass(public):
        for member, value in vars(public).items():
            if member.startswith("_") and member != "__call__":
                continue
            told = value.fget if isinstance(value, property) else value
            if inspect.isfunction(told) and told.__doc__:
                shown = f"`.{member}`" if isinstance(value, property) else _call(member, told)
                lines += [f"{shown}: {_first(told.__doc__)}", ""]
    return "\n".join(lines)


def _signature(name: str, public: object) -> Iterator[str]:
    if inspect.isclass(public):
        return
    yield "```python"
    yield textwrap.fill(f"{name}{_bare(public)}", 110, subsequent_indent="    ", break_long_words=False)
    yield "```"
    yield ""


def _bare(function: object, drop: int = 0) -> inspect.Signature:
    """A signature without the types of its parameters, which the docstring tells in words."""
    signature = inspect.signature(function)  # type: ignore[arg-type]
    parameters = [each.replace(annotation=each.empty) for each in signature.parameters.values()]
    returned = _Word(str(signature.return_annotation)) if not drop else signature.empty
    return signature.replace(parameters=parameters[drop:], return_annotation=returned)


class _Word(str):
    """Written as it is."""

    def __repr__(self) -> str:
        return str(self)


def _call(name: str, function: object) -> str:
    return f"`{'' if name == '__call__' else f'.{name}'}{_bare(function, drop=1)}`"


def _first(text: str) -> str:
    return " ".join(inspect.cleandoc(text).split("\n\n")[0].split())


def _text(text: str) -> Iterator[str]:
    """A docstring as Markdown: what its sections list are lists."""
    item = ""
    section = ""
    for line in [*text.splitlines(), ""]:
        if item and not line.startswith("        "):
            yield f"- {item}"
            item = ""
        if line.rstrip(":") in SECTIONS:
            section = line.rstrip(":")
            yield f"**{section}**"
            yield ""
        elif section in ("Args", "Raises", "Attributes") and line.startswith("    "):
            if line.startswith("        "):
                item += f" {line.strip()}"
            else:
                names, _, rest = line.strip().partition(": ")
                item = f"{re.sub(r'[*]*[A-Za-z_]+', lambda found: f'`{found[0]}`', names)}: {rest}"
        else:
            yield line.strip()
