"""Where a gradient could not get through: what was detached, read as a number, made an integer, compared, or
computed while nothing was recorded; and which names get none at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradcli.autograd import Tensor
from gradcli.explanation.model import Finding
from gradcli.explanation.source import called, written
from gradcli.explanation.steps import held
from gradcli.syntax import tree
from gradcli.syntax.survey import names_in
from gradcli.tape.custom import identity
from gradcli.tape.node import FLOATS, LEAF, Node

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.explanation.model import Story
    from gradcli.explanation.seen import Seen
    from gradcli.explanation.tape_view import TapeView

READS = {
    "item": "a Python number",
    "tolist": "a list of Python numbers",
    "numpy": "a NumPy array",
    "float": "a Python number",
    "int": "a Python integer",
    "bool": "True or False",
    "asarray": "a NumPy array",
    "array": "a NumPy array",
    "round": "a Python number",
    "tensor": "a new leaf",
}
"""What makes numbers of tensors, and what comes of it."""
COMPARING = ("gt", "lt", "ge", "le", "eq", "ne", "isclose", "logical_and", "logical_or", "logical_not")


def cuts(seen: Seen, story: Story, tape: TapeView) -> list[Finding]:
    """Every place where a history ends that the answer depends on, and every name that gets no gradient."""
    reached = {each for walk in story.walks for each in walk.cotangents}
    passed = {
        name
        for walk in story.walks
        for name, each in walk.cotangents.items()
        if isinstance(each, list) or np.any(np.asarray(each) != 0)
    }
    found = [*_severed(seen, tape, passed), *_read(seen, tape)]
    return [*found, *_names(seen, story, tape, reached, found)]


def _lost(leaves: list[str], reached: set[str]) -> str:
    """What that means for the leaves."""
    gone = [each for each in leaves if each not in reached]
    if gone:
        return f"no gradient reaches {', '.join(gone)}"
    return f"no gradient reaches {', '.join(leaves)} this way" if leaves else "no gradient passes"


def _severed(seen: Seen, tape: TapeView, reached: set[str]) -> list[Finding]:
    found = []
    inner: set[Node] = (
        set()
    )  # what a function cuts inside, and gives a result with a history, is its own affair
    for node in reversed(tape.order):
        if node.call is not None and (node.requires_grad or node in inner):
            inner.update([each for each in tape.below(node) if each.call is node.call])
    for node in tape.order:
        if node not in seen.session.cuts and (node.requires_grad or node.op is LEAF or node in inner):
            continue  # what was cut may require grad again
        sources = [each for each in tape.below(node) if each.requires_grad]
        if not sources:
            continue
        leaves = list(dict.fromkeys([name for each in sources for name in tape.leaves(each)]))
        cut = seen.session.cuts.get(node)
        span = cut.span if cut is not None else (node.call.span if node.call is not None else None)
        text = seen.source.text(span, 40) or tape.text(node)
        kind = cut.how if cut is not None else node.op.name
        lost = _lost(leaves, reached)
        if kind == "detach" and cut is None:
            continue  # a function's own
        if kind == "detach":
            says = f"{text} cuts the history (detach): {lost}"
            hint = f"leave out the detach if the gradient of {tape.text(sources[0])} is wanted"
        elif kind == "no_grad":
            says = f"{text} was computed under no_grad, so it has no history: {lost}"
            hint = "take it out of the no_grad block"
        elif kind in COMPARING or node.dtype.kind == "b":
            if all(each in reached for each in leaves):
                continue
            says = f"{text} is a comparison, True or False: {lost}"
            hint = "a smooth stand-in such as sigmoid has a derivative"
        elif node.dtype not in FLOATS:
            if tape.function(node) in ("argmax", "argmin", "argsort") and all(e in reached for e in leaves):
                continue
            says = f"{text} makes an integer ({node.dtype}) of it: {lost}"
            hint = "integers have no derivative; keep it floating"
        elif node.call is None:
            continue
        else:
            says = f"{text} cuts the history: {lost}"
            hint = ""
        found.append(Finding("cut", says, seen.source.line(span), hint))
    return found


def _read(seen: Seen, tape: TapeView) -> list[Finding]:
    """Numbers that were made of tensors and went into the answer."""
    tainted = _tainted(seen)
    found = []
    for node, span in seen.session.reads:
        call = seen.source.calls.get(span) if span is not None else None
        if call is None or called(call) not in READS or seen.source.is_quiet(span):
            continue
        if not _matters(seen, span, tainted):
            continue
        text = seen.source.text(span, 40)
        leaves = ", ".join(tape.leaves(node))
        says = f"{text} is {READS[called(call)]} without history, which cuts it: no gradient reaches "
        says += f"{leaves} this way"
        wanted = call.function.value if isinstance(call.function, tree.Attribute) else None
        arguments = call.arguments[:1] if called(call) not in ("item", "tolist", "numpy") else ()
        inner = arguments[0].span if arguments else wanted.span if wanted is not None else None
        hint = f"use {seen.source.text(inner, 40)} itself" if inner is not None else ""
        if not node.requires_grad:
            hint = _before(seen, tape, node)
        found.append(Finding("cut", says, seen.source.line(span), hint))
    return found


def _before(seen: Seen, tape: TapeView, node: Node) -> str:
    """Where something that has no history lost it."""
    for each in tape.behind([node]):
        if not each.requires_grad and any(below.requires_grad for below in tape.below(each)):
            cut = seen.session.cuts.get(each)
            span = cut.span if cut is not None else each.call.span if each.call is not None else None
            kind = "" if each.dtype in FLOATS else f", {each.dtype} has no derivative"
            return f"its history ended in {seen.source.text(span, 40)} (line {seen.source.line(span)}){kind}"
    return ""


def _tainted(seen: Seen) -> dict[int, set[str]]:
    """For each statement that made a number of a tensor, the names that may hold what came of it."""
    by: dict[int, set[str]] = {}
    for _, span in seen.session.reads:
        statement = seen.source.statement(span)
        if statement is None or id(statement) in by:
            continue
        names = set(written(statement))
        if isinstance(statement, tree.Return):
            names |= set(seen.source.functions)
        for _ in range(3):  # in loops, what is read later may have been written before
            for each in seen.source.statements:
                value = getattr(each, "value", None)
                if value is not None and names & set(names_in(value)):
                    names |= set(written(each))
                    if isinstance(each, tree.Return):
                        names |= set(seen.source.functions)
        by[id(statement)] = names
    return by


def _matters(seen: Seen, span: Span | None, tainted: dict[int, set[str]]) -> bool:
    """Whether what was read may have gone into what is differentiated."""
    statement = seen.source.statement(span)
    if statement is None:
        return False
    last = seen.source.module.body[-1]
    roots = {name.partition("[")[0] for name in seen.roots}
    if seen.ran is not None:
        roots |= set(seen.ran.roots)
    for walk in seen.session.walks:
        roots |= {seen.named.names.get(each, "") for each in walk.roots}
        own = seen.source.calls.get(walk.span) if walk.span is not None else None
        if own is not None:
            roots |= set(names_in(own))
    if statement is last or (statement.span[0] <= last.span[0] and last.span[1] <= statement.span[1]):
        return True
    value = getattr(last, "value", None)
    if value is not None and "result" in roots:
        roots |= set(names_in(value))
    return bool(tainted.get(id(statement), set()) & roots)


def _names(
    seen: Seen, story: Story, tape: TapeView, reached: set[str], found: list[Finding]
) -> list[Finding]:
    """Names that get no gradient at all: unused, frozen, integers, constants."""
    more: list[Finding] = []
    behind = set(tape.behind(tape.roots))
    leaves = {name: each for name, each in seen.runtime.leaves.items() if each.requires_grad}
    if seen.named.wanted is not None:
        leaves = {name: each for name, each in leaves.items() if name in seen.named.wanted}
    error = seen.error
    historyless = error is not None and error.code == "no-grad" and not error.message.startswith("derivative")
    for name, tensor in leaves.items():
        if name in reached or not (story.walks or historyless):
            continue
        line = _line(seen, name)
        node = identity(tensor.node)
        if node in behind or tensor.node in behind:
            values = all(walk.gives for walk in story.walks)  # f'(x), whose x is another tensor
            if not (found or (values and story.walks)):
                more.append(Finding("cut", f"no gradient reaches {name}: every path to it was cut", line))
            continue
        late = [(e, place) for each, e, place in seen.session.late if each is tensor and e in behind]
        for before, place in late:
            readers_of = [each for each in tape.order if before in tape.below(each)]
            first = f", which {tape.text(readers_of[0])} (line {tape.line(readers_of[0])}) had read before"
            span = place or seen.source.module.body[-1].span
            says = f"{seen.source.text(span, 40)} came too late: {name} did not require grad yet"
            says += f"{first if readers_of else ''}, so no gradient reaches it"
            more.append(Finding("cut", says, seen.source.line(span), "do that before it is used"))
        if late:
            continue
        readers = [step for step in story.steps if name in step.sources]
        began = dict.fromkeys([root for walk in story.walks for root in walk.roots])
        roots = ", ".join(began or (seen.ran.roots if seen.ran is not None else ())) or "the root"
        if readers:
            last = {step.statement: step for step in readers}.values()
            where = ", ".join([f"{step.name} (line {step.line})" for step in [*last][:3]])
            reads, that = ("reads", "that") if len(last) == 1 else ("read", "these")
            says = f"{name} is unused: only {where} {reads} it, and {roots} does not depend on {that}"
        elif any(name in each.says for each in found):
            continue
        else:
            says = f"{name} is unused: nothing that leads to {roots} reads it, so its gradient is None or 0"
        more.append(Finding("unused", says, line))
    held = [
        name
        for name, node in seen.named.leaves.items()
        if not name.isidentifier() and node.requires_grad and name not in reached and node not in behind
    ]
    if held and story.walks and seen.named.wanted is None:
        roots = ", ".join(dict.fromkeys([root for walk in story.walks for root in walk.roots]))
        says = (
            f"{', '.join(held[:6])} {'is' if len(held) == 1 else 'are'} unused: {roots} does not depend on "
        )
        says += "it" if len(held) == 1 else "them"
        more.append(Finding("unused", says, _line(seen, held[0].partition(".")[0])))
    frozen = [name for name in (seen.ran.freeze if seen.ran is not None else ()) if name not in reached]
    for name in frozen:
        says = f"{name} is frozen (--freeze): it gets no gradient"
        more.append(Finding("frozen", says, _line(seen, name)))
    more += _frozen(seen, behind)
    return [*more, *_constants(seen, tape, behind, set(frozen), bool(leaves))]


def _constants(seen: Seen, tape: TapeView, behind: set[Node], frozen: set[str], some: bool) -> list[Finding]:
    """Tensors that the root depends on and that do not require grad."""
    plain: list[str] = []
    found: list[Finding] = []
    for name, value in seen.runtime.names.items():
        line = _line(seen, name)
        if type(value) is Tensor and not value.requires_grad and name not in frozen:
            node = value.node
            if identity(node).op is not LEAF or node in seen.session.cuts or node in seen.session.sources:
                continue
            if node not in behind and not any(node in tape.below(each) for each in behind):
                continue
            if node.dtype not in FLOATS:
                if not some:
                    says = f"{name} is of dtype {node.dtype}: integers cannot require grad"
                    found.append(Finding("int", says, line, "write its numbers with a point"))
                continue
            if not any(value is each for each, _ in seen.session.frozen):
                plain.append(f"{name} (line {line})" if line is not None else name)
        elif type(value) in (int, float) and not some and seen.source.assigned(name) is not None:
            plain.append(f"{name} (line {line})")
    if plain:
        verb = "is a constant" if len(plain) == 1 else "are constants"
        says = f"{', '.join(plain[:8])} {verb}: not requiring grad, so no gradient goes there"
        found.append(Finding("constant", says, None, "param(…), or requires_grad=True, makes one a leaf"))
    return found


def _frozen(seen: Seen, behind: set[Node]) -> list[Finding]:
    """Leaves that the program itself told not to require grad, and on which the root depends."""
    by: dict[Span | None, list[str]] = {}
    tensors = {id(each): each for each, _ in seen.session.frozen if not each.requires_grad}
    known = [(name, each) for name, each in seen.runtime.names.items() if type(each) is Tensor]
    inside = held(seen.runtime.names, lambda each: id(each) in tensors)
    assigned = [(name, each) for name, each in known if seen.source.assigned(name) is not None]
    names = {id(each): name for name, each in (*known, *inside, *assigned)}
    for tensor, span in seen.session.frozen:
        name = names.get(id(tensor))
        own = tensor.node in behind or identity(tensor.node) in behind
        if name is not None and own and id(tensor) in tensors and name not in by.setdefault(span, []):
            by[span].append(name)
    found = []
    for place, frozen in by.items():
        if frozen:
            span = place or seen.source.module.body[-1].span
            them = "it: it gets" if len(frozen) == 1 else "them: they get"
            more = ", …" if len(frozen) > 6 else ""
            says = f"{', '.join(frozen[:6])}{more}: {seen.source.text(span, 40)} froze {them} no gradient"
            found.append(Finding("frozen", says, seen.source.line(span), "leave that out, or freeze less"))
    return found


def _line(seen: Seen, name: str) -> int | None:
    statement = seen.source.assigned(name.partition("[")[0])
    return None if statement is None else seen.source.line(statement.span)
