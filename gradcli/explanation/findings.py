"""What a reader should know of a run: where history was lost, what went wrong, what adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcli.explanation.model import Finding, Story
    from gradcli.explanation.seen import Seen


def found(seen: Seen, story: Story) -> list[Finding]:
    """Everything, in the order of the text."""
    return []
