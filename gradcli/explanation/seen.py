"""What was seen of one run, for those who say something about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcli.errors import GradcliError
    from gradcli.evaluation.run import Ran
    from gradcli.explanation.source import ProgramText
    from gradcli.explanation.statements import StatementObserver
    from gradcli.explanation.steps import Named
    from gradcli.explanation.watching import WatchedSession
    from gradcli.tape.node import Node
    from gradcli.values.runtime import Runtime


class Seen:
    """One run.

    Attributes:
        source: the text and the tree.
        runtime, session, trace: as `observed` gave them.
        ran: the finished run; None if it broke a rule.
        error: which rule.
        named: the values that have names.
        roots: what was differentiated, or the last value, by name.
    """

    def __init__(
        self, source: ProgramText, runtime: Runtime, session: WatchedSession, trace: StatementObserver
    ) -> None:
        self.source = source
        self.runtime = runtime
        self.session = session
        self.trace = trace
        self.ran: Ran | None = None
        self.error: GradcliError | None = None
        self.named: Named
        self.roots: dict[str, Node] = {}
