"""`explain`: what happened in a run, forwards and backwards. The command line and Python call it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.engine.run import watched
from gradcli.errors import GradcliError
from gradcli.evaluation.differentiate import differentiate
from gradcli.evaluation.options import Options
from gradcli.evaluation.run import Ran, at_work, run
from gradcli.explanation.equations import equations, trusted
from gradcli.explanation.findings import found
from gradcli.explanation.model import Accumulation, Story
from gradcli.explanation.seen import Seen
from gradcli.explanation.source import ProgramText
from gradcli.explanation.statements import observed
from gradcli.explanation.steps import Named, steps
from gradcli.explanation.walks import told
from gradcli.syntax import tree
from gradcli.syntax.parser import parse
from gradcli.tape.custom import identity

if TYPE_CHECKING:
    from gradcli.evaluation.result import Evaluation
    from gradcli.explanation.watching import Walk

RULES = 4
"""The exit status of a broken rule of autograd: what led to it is told all the same."""
MOST_BOXES = 150
"""So many boxes of a picture can be read."""
SHOWN_WALKS = 2
"""Of more walks only so many at either end are told."""


def explain(
    source: str,
    options: Options | None = None,
    *,
    depth: int = 0,
    expect: Sequence[tuple[str, Any]] = (),
    element: str | None = None,
    check: bool = False,
    page: bool = False,
) -> Story:
    """What happened in a run, forwards and backwards.

    Args:
        source: the text of the program.
        options: as `gradcli.evaluate` takes them.
        depth: calls of the program's own functions are opened down to this depth, and from 1 on loops.
        expect: gradients that were expected, `("dz/dx", 4.0)`, to be hunted for.
        element: one element to follow, `w[0,2]`.
        check: whether every equation is computed again, and compared with differences.
        page: whether the page of `gradcli graph` is wanted, to stand beside the steps.

    Raises:
        GradcliError: whatever is wrong with the program, but for a broken rule of autograd, which stands in
            the story.
    """
    module = parse(source)
    runtime, session, trace = observed(source, options or Options(), depth)
    seen = Seen(ProgramText(module, source), runtime, session, trace)
    with at_work(runtime), watched():  # whose nodes remember what they were computed from
        result = _run(module, options or Options(), seen)
        if module.body:
            trace.look(runtime.names, module.body[-1], {}, ())
        trace.depth = -1  # what follows is ours
        runtime.write = None
        story = _told(module, seen, result)
        story.opened = depth > 0
        story.findings = found(seen, story)
        if element is not None:
            from gradcli.explanation.element import followed

            story.element = followed(seen, story, element)
        if expect:
            from gradcli.explanation.expected import hunted

            story.expected = [line for label, value in expect for line in hunted(story, label, value)]
        story.equations = equations(story)
        if check:
            from gradcli.explanation.verify import verified

            story.checked, story.wrong = verified(story)
        if page and seen.ran is not None:
            story.page = _page(seen.ran, module)
        return story


def _page(ran: Ran, module: tree.Module) -> str:
    from gradcli.graphs.canvas import drawn
    from gradcli.graphs.folding import folded
    from gradcli.graphs.picture import Tape

    tape = Tape(ran, module)
    tape.animate()
    return str(drawn(folded(tape, MOST_BOXES), "html"))


def _run(module: tree.Module, options: Options, seen: Seen) -> Evaluation | None:
    """Runs and differentiates; None if a rule of autograd was broken."""
    try:
        seen.ran = run(module, options, seen.runtime)
        roots = {name: each.node for name, each in seen.ran.roots.items() if type(each) is Tensor}
        seen.roots = roots
        return differentiate(seen.ran)
    except GradcliError as error:
        if error.exit_status != RULES:
            raise
        error.locate(seen.source.whole)
        seen.error = error
        return None


def _told(module: tree.Module, seen: Seen, result: Evaluation | None) -> Story:
    story = Story(seen.source.whole)
    visited = [node for walk in seen.session.walks for node in walk.cotangents]
    began = list(dict.fromkeys([root for walk in seen.session.walks for root in walk.roots]))
    seen.named = named = Named(seen.trace, seen.runtime, seen.roots, began, visited)
    if seen.ran is not None and seen.ran.wrt:
        named.wanted = seen.ran.wrt
    before = "".join(
        f"{story.text[each.span[0] : each.span[1]]}\n"
        for each in module.body
        if isinstance(each, (tree.FunctionDefinition, tree.Import, tree.FromImport))
    )
    story.steps = steps(named, seen.trace, seen.source, module, before, seen.roots)
    story.leaves = dict(named.leaves)
    walks = [each for each in seen.session.walks if each.cotangents]
    story.walked = seen.session.walked
    if len(walks) > 2 * SHOWN_WALKS:
        walks = [*walks[:SHOWN_WALKS], *walks[-SHOWN_WALKS:]]
    story.walks = [
        told(each, named, story.steps, seen.source, "backward", not _seen_before(walks, each))
        for each in walks
    ]
    trusted(story)
    story.ledger = _ledger(seen)
    story.own_backward = seen.runtime.own_backward
    story.error = seen.error
    if result is not None:
        from gradcli.report.labels import derivatives

        story.final = list(derivatives(result))
        story.unused_inputs = result.unused_inputs
    return story


def _ledger(seen: Seen) -> list[Accumulation]:
    entries: list[Accumulation] = []
    held: dict[int, Any] = {}
    for walk in seen.session.walks:
        for each in walk.ledger:
            names = seen.named.names
            name = names.get(each.target) or names.get(identity(each.target), "")
            if not name:
                continue
            key = id(each.target.accumulator)
            cleared = key in held and not _same(held[key], each.before)
            held[key] = each.after
            line = seen.source.line(walk.span)
            entries.append(
                Accumulation(name, walk.number, line, each.before, each.added, each.after, cleared)
            )
    return entries


def _seen_before(walks: list[Walk], walk: Walk) -> bool:
    """Whether an earlier walk went over the same nodes."""
    earlier = walks[: walks.index(walk)]
    return any(each.roots == walk.roots and each.weights == walk.weights for each in earlier)


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return bool(np.array_equal(one, other, equal_nan=True))
