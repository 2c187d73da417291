"""The walks that a loop repeats, asked for what was freed or overwritten before they are replayed.

The session comes here from its third backward on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.autograd.saved_values import check, come_upon
from gradcli.engine.replay import Replays
from gradcli.tape.node import postorder

if TYPE_CHECKING:
    from collections.abc import Collection

    from gradcli.engine.replay import Recognized, Replay
    from gradcli.errors import Span
    from gradcli.tape.node import Node


class RepeatedWalks(Replays):
    """The walks that a session repeats."""

    __slots__ = ()

    def asked(
        self, root: Node, place: Span | None, overwrote: bool, steps: Collection[Node] | None
    ) -> tuple[Replay, Recognized] | None:
        """As `of`, but that inner `steps` of calls that it comes upon from outside are nobody's to be freed.

        Raises:
            GradcliError: `graph-freed` and `in-place`, as a walk does.
        """
        found = self.of(root, place)
        if found is None:
            return None
        saving = found[1][3]
        if steps:
            strays = come_upon(postorder([root]), steps)
            saving[:] = [node for node in saving if node not in strays]
        check(saving, overwrote, place)
        return found
