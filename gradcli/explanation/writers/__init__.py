"""A story as text, Markdown, JSON and HTML: a module for each, with `write(story, screen) -> str`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcli.explanation.model import Story

FORMATS = {
    name: f"gradcli.explanation.writers.{name}_writer" for name in ("text", "markdown", "json", "html")
}
"""Each format and the module that writes it."""


def write(story: Story, format: str, width: int = 100, ascii: bool = False) -> str:
    """A story in a format.

    Args:
        width: of the lines of text.
        ascii: nothing but ASCII characters.
    """
    text: str = import_module(FORMATS[format]).write(story, width, ascii)
    return text
