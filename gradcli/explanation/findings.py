"""What a reader should know of a run: where history was lost, what went wrong, what adds up.

Each function here and in the files beside looks at one thing, and gives a `Finding` for each place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.explanation.accounts import accounts
from gradcli.explanation.anomalies import anomalies
from gradcli.explanation.cuts import cuts
from gradcli.explanation.shapes import shapes
from gradcli.explanation.slopes import slopes
from gradcli.explanation.stationary import stationary
from gradcli.explanation.tape_view import TapeView

if TYPE_CHECKING:
    from gradcli.explanation.model import Finding, Story
    from gradcli.explanation.seen import Seen

MOST = 20
"""So many findings are told of."""
FIRST = ("rule", "cut", "nan", "root", "weights", "none")
"""The kinds that come first, whatever their line."""


def found(seen: Seen, story: Story) -> list[Finding]:
    """Everything there is to say, the gravest first, then in the order of the text."""
    if not story.walks and seen.error is None and not seen.session.reads:
        tape = TapeView(seen)
        return [*accounts(seen, story, tape), *cuts(seen, story, tape), *anomalies(seen, story, tape)]
    tape = TapeView(seen)
    every = [
        *accounts(seen, story, tape),
        *cuts(seen, story, tape),
        *anomalies(seen, story, tape),
        *slopes(seen, story, tape),
        *shapes(seen, story, tape),
    ]
    every += stationary(story, every)
    unique = {(each.kind, each.line, each.says): each for each in every}
    return sorted(unique.values(), key=lambda each: (each.kind not in FIRST, each.line or 0))[:MOST]
