"""Rules and accounts: which rule was broken and why there is one, what weights do, what added up, what no
backward began from, and why `.grad` is None."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradcli.autograd import Tensor
from gradcli.engine import run as engine
from gradcli.errors import Location
from gradcli.explanation.model import Finding
from gradcli.explanation.source import called
from gradcli.explanation.writers.words import shown
from gradcli.syntax import tree
from gradcli.tape.custom import identity
from gradcli.tape.node import LEAF, Node
from gradcli.tape.reverse import ones_like, reverse

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.explanation.model import Story
    from gradcli.explanation.seen import Seen
    from gradcli.explanation.tape_view import TapeView

WHY = {
    "graph-freed": (
        "backward needs what the operation saved, and the first backward freed it; what saves nothing can be "
        "walked again"
    ),
    "int-requires-grad": (
        "an integer cannot require grad: a derivative tells what a small step does, and between two integers "
        "there is none"
    ),
    "in-place": "backward would need the value from before, which was overwritten in place",
    "non-scalar-root": (
        "the gradient of several numbers at once is not one gradient: weights w say how much each counts, "
        "and backward(w) differentiates sum(w*y)"
    ),
    "weights-shape": "there is one weight for each element of the root",
    "no-grad": "the root has no history: nothing it was computed from requires grad, or the history was cut",
    "unused-input": "the output does not depend on this input",
}
"""Why there is each rule."""


def accounts(seen: Seen, story: Story, tape: TapeView) -> list[Finding]:
    """What is to say about rules, roots, weights and sums."""
    return [
        *_rule(seen),
        *_weights(seen),
        *_beyond_root(seen, story, tape),
        *_accumulated(story),
        *_cleared(seen),
        *_none(seen, story),
        *_early(seen),
        *_idle(seen),
        *_hooks(seen, story),
    ]


def _hooks(seen: Seen, story: Story) -> list[Finding]:
    found = []
    hooked = {
        each.function.value.name: each
        for each in seen.source.calls.values()
        if called(each) == "register_hook"
        and isinstance(each.function, tree.Attribute)
        and isinstance(each.function.value, tree.Name)
    }
    for walk in seen.session.walks[-1:]:
        for node, arrived in walk.changed.items():
            name = seen.named.names.get(node, seen.named.names.get(identity(node), "a value without a name"))
            call = hooked.get(name)
            before = engine.value(arrived) if isinstance(arrived, Node) else arrived
            says = f"a hook put {shown(walk.cotangent(node))} in the place of {shown(before)}, "
            says += f"the gradient of {name}; what is behind it gets that"
            found.append(Finding("hook", says, None if call is None else seen.source.line(call.span)))
    return found


def _rule(seen: Seen) -> list[Finding]:
    error = seen.error
    if error is None or error.code not in WHY:
        return []
    line = None if error.span is None else Location.of(error.span, seen.source.whole).line
    why = WHY[error.code]
    if error.code == "no-grad" and error.message.startswith("derivative"):
        why = error.message
        visited = [each for walk in seen.session.walks[-1:] for each in walk.cotangents]
        span = visited[-1].call.span if visited and visited[-1].call is not None else None
        line = line if span is None else seen.source.line(span)
        why = f"{seen.source.text(span, 40)}: {why}" if span is not None else why
    elif error.code == "in-place" and " leaf " in error.message:
        why = (
            "a gradient arrives at a leaf as it was; once it is overwritten in the history there is none such"
        )
    elif error.code == "no-grad" and line is None:
        made = [seen.source.statement(_span(each)) for each in reversed(seen.roots.values())]
        if seen.ran is not None:  # a root that is a number
            made += [seen.source.assigned(name, last=True) for name in seen.ran.roots]
        last = next((each for each in made if each is not None), seen.source.module.body[-1])
        line, why = seen.source.line(last.span), f"{why} ({seen.source.text(last.span, 40)})"
    found = [Finding("rule", f"{error.code}: {why}", line, error.hint or "")]
    lines = [seen.source.line(each) for each in error.places if each is not None]
    texts = [seen.source.text(each, 40) for each in error.places if each is not None]
    if error.code == "in-place" and len(lines) == 2:
        found.append(
            Finding(
                "rule",
                f"{texts[1]} overwrote in place what {texts[0]} on line {lines[0]} had saved for backward",
                lines[1],
                "do it out of place (y = y + 1), or before anything saves the value",
            )
        )
    if error.code == "graph-freed" and lines:
        by = f"; {texts[1]} on line {lines[1]} freed it" if len(lines) > 1 else ""
        found.append(
            Finding(
                "rule",
                f"{texts[0]} saved its operands for its derivative{by}",
                lines[0],
                "retain_graph=True in the first backward keeps it",
            )
        )
    return found


def _span(node: Node) -> Span | None:
    return None if node.call is None else node.call.span


def _cleared(seen: Seen) -> list[Finding]:
    """Gradients that were cleared after a backward, and before the step that was to use them."""
    found = []
    for block in seen.source.blocks():
        names = [
            (called(call), statement.span)
            for statement in block
            for call in [getattr(statement, "value", None)]
            if isinstance(call, tree.Call)
        ]
        useful = [each for each in names if each[0] in ("backward", "zero_grad", "step")]
        for first, second, third in zip(useful, useful[1:], useful[2:], strict=False):
            if (first[0], second[0], third[0]) == ("backward", "zero_grad", "step"):
                says = f"{seen.source.text(second[1])} cleared what backward on line "
                says += f"{seen.source.line(first[1])} had found, before {seen.source.text(third[1])} used it"
                line = seen.source.line(second[1])
                found.append(Finding("accumulated", says, line, "before backward, or after the step"))
    return found


def _weights(seen: Seen) -> list[Finding]:
    found = []
    names = seen.named.names
    for walk in seen.session.walks[:2]:
        for root, weight in zip(walk.roots, walk.weights, strict=True):
            if weight is None:
                continue
            line = seen.source.line(walk.span)
            name, by = names.get(root, "the root"), names.get(weight, shown(engine.value(weight)))
            if identity(root).op is LEAF:
                says = f"backward started at {name}, a leaf, so d{name}/d{name} = 1 and {by} served only as "
                says += f"a weight: {name}.grad = {by} · 1 = {shown(engine.value(weight))}"
                found.append(Finding("weights", says, line, _meant(root, weight, name, by)))
            elif root.size > 1:
                product = name if np.all(np.asarray(engine.value(weight)) == 1) else f"{by}*{name}"
                says = f"{name} has {root.size} elements, and each counts as its weight says: this is the "
                says += f"gradient of sum({product})"
                found.append(Finding("weights", says, line))
    return found


def _meant(root: object, weight: object, name: str, by: str) -> str:
    assert isinstance(root, Node)
    assert isinstance(weight, Node)
    if not weight.requires_grad or weight.size != 1:
        return "start backward at what was computed"
    (gradient,) = reverse([weight], [ones_like(weight)], [identity(root)])
    if gradient is None:
        return "start backward at what was computed"
    return f"probably meant: {by}.backward(), which gives {name}.grad = {shown(engine.value(gradient))}"


def _beyond_root(seen: Seen, story: Story, tape: TapeView) -> list[Finding]:
    """What depends on a leaf and on what no root depends."""
    if not story.walks:
        return []
    found = []
    for walk in seen.session.walks[-1:]:
        for root, weight in zip(walk.roots, walk.weights, strict=True):
            names = seen.named.names
            if weight is None and identity(root).op is LEAF and root in names:
                says = f"backward began at {names[root]}, a leaf itself: its gradient by itself is 1"
                line = seen.source.line(walk.span) or seen.source.line(seen.source.module.body[-1].span)
                found.append(Finding("root", says, line, "begin at what was computed from it"))
    began = next((each.span for each in reversed(seen.session.walks) if each.span is not None), None)
    behind = set(tape.order)
    used = {below for step in story.steps for below in step.sources}
    for step in story.steps:
        if not step.recorded or step.node in behind or step.name in used or step.depth:
            continue
        if step.turns > 1 and step.turn < step.turns:
            continue
        roots = ", ".join(dict.fromkeys([root for walk in story.walks for root in walk.roots]))
        leaves = list(tape.leaves(step.node))
        if not leaves:
            continue
        depends = f"depends on {', '.join(leaves[:3])}, and no backward began there"
        says, line = f"{step.name} = {step.text} {depends}: the root is {roots}", step.line
        if began is not None:  # the program says where
            says, line = f"backward began at {roots}; {step.name} = {step.text} ", seen.source.line(began)
            says += f"(line {step.line}) {depends}"
        found.append(Finding("root", says, line, f"--root {step.name}, or {step.name}.backward()"))
    return found


def _accumulated(story: Story) -> list[Finding]:
    sums: dict[tuple[int | None, int, int], list[str]] = {}
    firsts = {}
    for name in dict.fromkeys([each.name for each in story.ledger]):
        own = [each for each in story.ledger if each.name == name]
        kept = [each for each in own[1:] if not each.cleared and each.before is not None]
        if kept:
            key = kept[0].line, kept[0].walk, len(kept) + 1
            sums.setdefault(key, []).append(name)
            firsts[key] = kept[0]
    found = []
    for key, names in sums.items():
        line, walk, count = key
        first = firsts[key]
        grads = ", ".join([f"{each}.grad" for each in names])
        verb = "was" if len(names) == 1 else "were"
        says = f"{grads} {verb} not cleared, so backward {walk} added to what was there: it holds"
        says += f" the sum of {count} backwards"
        if len(names) == 1 and np.size(first.after) == 1:
            says += f" ({shown(first.before)} + {shown(first.added)} = {shown(first.after)})"
        hint = (
            f"{names[0]}.grad = None, zero_grad() or --zero-grad before each backward, unless that is meant"
        )
        found.append(Finding("accumulated", says, line, hint))
    return found


def _none(seen: Seen, story: Story) -> list[Finding]:
    """Names whose `.grad` the program reads and that have none, since they are computed."""
    found = []
    values = seen.runtime.names
    for attribute in seen.source.attributes:
        if attribute.name != "grad" or not isinstance(attribute.value, tree.Name):
            continue
        name = attribute.value.name
        tensor = values.get(name)
        tensor = tensor if type(tensor) is Tensor else None
        step = next(
            (each for each in reversed(story.steps) if tensor is not None and each.node is tensor.node), None
        )
        if step is None or getattr(tensor, "is_leaf", True) or getattr(tensor, "grad", None) is not None:
            continue
        says = f"{name}.grad is None: {name} is computed (line {step.line}), and backward keeps the "
        says += "gradients of leaves only"
        for walk in reversed(story.walks):
            if name in walk.cotangents:
                says += f"; it was {shown(walk.cotangents[name])} when backward {walk.number} passed"
                break
        line = seen.source.line(attribute.span)
        hint = f"{name}.retain_grad() before backward, or --retain-grad {name}"
        found.append(Finding("none", says, line, hint))
    return found


def _early(seen: Seen) -> list[Finding]:
    """Gradients of leaves that were read when there was none yet."""
    found = []
    for tensor, place, walks in seen.session.missed:
        span = place or seen.source.module.body[-1].span
        read = [
            each
            for each in seen.source.attributes
            if each.name == "grad" and span[0] <= each.span[0] and each.span[1] <= span[1]
        ]
        if not read or any(seen.source.is_compared(each.span) for each in read):
            continue
        at = read[0].span
        text, line = seen.source.text(at, 40), seen.source.line(at)
        if walks:
            says = f"{text} is None: no backward before line {line} reached it"
        else:
            says = f"{text} is None: it is read before any backward"
            later = [each.span for each in seen.session.walks if not each.gives and each.span is not None]
            if later:
                says += f", of which the first is on line {seen.source.line(later[0])}"
        if not tensor.requires_grad:
            continue
        hint = "read it after backward"
        if walks and tensor.grad is None:
            says, hint = f"{says}: what they began at does not depend on it, or is cut off", ""
        found.append(Finding("none", says, line, hint))
    return found[:3]


def _idle(seen: Seen) -> list[Finding]:
    """Optimisers that make steps in a program that never calls backward."""
    calls = {called(each): each for each in seen.source.calls.values()}
    if "step" not in calls or "backward" in calls or "grad" in calls:
        return []
    call = calls["step"]
    owner = call.function.value if isinstance(call.function, tree.Attribute) else None
    value = seen.runtime.names.get(owner.name) if isinstance(owner, tree.Name) else None
    if "param_groups" not in getattr(value, "attributes", ()):
        return []
    says = (
        f"{seen.source.text(call.span, 40)} changes nothing: no backward is called, so there are no gradients"
    )
    return [Finding("none", says, seen.source.line(call.span), "loss.backward() before the step")]
