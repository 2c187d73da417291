"""`--steps`: how a derivative came about, as comments above it.

The program operation by operation, then back from its end: at each operation the table's rule, which says
what the gradient of its result gives to each of its inputs; then the laws that made the formula short.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradcli.formula.asked import Asked
from gradcli.formula.printers.gradcli import expression
from gradcli.formula.recording import Recording
from gradcli.formula.tree import Line, walk
from gradcli.tape.general import PART
from gradcli.tape.node import LEAF, Node
from gradcli.tape.primitives import LITERAL, add

RULES = {
    "add": "sum rule",
    "sub": "sum rule",
    "neg": "sum rule",
    "scale": "a number stays",
    "mul": "product rule",
    "div": "quotient rule",
    "pow": "power rule",
    "where": "the branch that is taken",
}
"""What calculus calls the rule of a primitive; any other is the chain rule, with the table's derivative."""

QUIET = ("expand", "reshape", "cast", "detach", "literal")
"""What changes the form of a value only is no step of its own."""

MOST = 60
"""Longer programs are told in this many operations."""


def steps(asked: Asked, lines: list[Line]) -> list[str]:
    """The steps, a line each.

    Args:
        asked: the question, whose first derivatives have been found.
        lines: the derivatives as they are printed.
    """
    run = asked.run
    names: dict[Node, str] = dict(run.recording.names)
    own = {value.node: name for name, value in run.runtime.names.items() if hasattr(value, "node")}
    roots = [root.node for root in run.program.values()]
    order = _operations(roots, names)
    for name, root in run.program.items():
        own.setdefault(root.node, name)
    shown: list[Node] = []
    for node in order:
        if (node.op.name in QUIET and node not in own) or _parts(node):
            continue
        names[node] = own.get(node) or _fresh(names.values())
        shown.append(node)
    told = [f"{names[node]} = {_written(asked, node, names)}" for node in shown[:MOST]]
    if len(shown) > MOST:
        told.append(f"and {len(shown) - MOST} operations more")
    if len(roots) == 1:
        told += _backward(asked, shown[:MOST], names)
    for line in lines:
        label = line.name
        assert not isinstance(label, str)
        if label.kind in ("", "grad") and len(label.wrt) == 1 and label.wrt[0] in asked.run.targets:
            plain = asked.unsimplified(line).value
            told.append(f"without laws: {label.text} = {expression(plain)}")
    laws = run.recording.reader.laws
    parts = walk([line.value for line in lines])
    return told + [
        f"law: {each}" for each in dict.fromkeys([law for part in parts for law in laws.get(part, ())])
    ]


def _parts(node: Node) -> int:
    """How many results an operation has, if several."""
    return int(getattr(node.op, "parts", False))


def _operations(roots: list[Node], known: Mapping[Node, str]) -> list[Node]:
    """Every operation that requires grad once, inputs first."""
    found: dict[Node, None] = {}
    stack = [(each, False) for each in roots]
    while stack:
        node, ready = stack.pop()
        if node in found or node in known or node.op in (LEAF, LITERAL):
            continue
        if ready:
            found[node] = None
        else:
            stack.append((node, True))
            stack += [(each, False) for each in reversed(node.inputs)]
    return list(found)


def _fresh(taken: object) -> str:
    listed = set(taken)  # type: ignore[call-overload]
    count = 1
    while f"v{count}" in listed:
        count += 1
    return f"v{count}"


def _recording(asked: Asked, names: Mapping[Node, str]) -> Recording:
    old = asked.run.recording
    return Recording(names, old.sizes, old.indices, old.rules, old.ledger)


def _written(asked: Asked, node: Node, names: Mapping[Node, str]) -> str:
    """An operation by the names of its inputs."""
    others = {each: name for each, name in names.items() if each is not node}
    recording = _recording(asked, others)
    return expression(recording.read(recording.of(node)))


def _backward(asked: Asked, shown: list[Node], names: Mapping[Node, str]) -> list[str]:
    """What each operation gives to its inputs, from the last to the first."""
    from gradcli.tape.reverse import ones_like

    (root,) = [each.node for each in asked.run.program.values()]
    given: dict[Node, None] = {}
    told: list[str] = []
    if root.shape:
        told.append(f"the gradient of {names[root]} is weighted: g_{names[root]} = {_weights(asked)}")
    for node in reversed(shown):
        if not node.requires_grad:
            continue
        known = dict(names)
        seed = ones_like(root)
        if node is not root or root.shape:
            seed = asked.run.session.leaf(_like(node)).node
            known[seed] = f"g_{names[node]}"
        recording = _recording(asked, known)
        results = []
        for each, cotangent in _cotangents(node, seed, names).items():
            target = f"g_{names[each]}"
            before = f"{target} + " if each in given else ""
            results.append(f"{target} = {before}{expression(recording.read(recording.of(cotangent)))}")
            given[each] = None
        if results:
            told.append(f"{_rule(node)}: {', '.join(results)}")
    return told


def _cotangents(node: Node, seed: Node, names: Mapping[Node, str]) -> dict[Node, Node]:
    """What an operation gives to each input that has a name, seen through what only changes the form."""
    found: dict[Node, Node] = {}
    pending: list[tuple[Node, Any]] = [(node, seed)]
    while pending:
        each, cotangent = pending.pop()
        index = each.attrs[0] if each.op is PART else 0
        if each.op is PART:  # the other results of the operation were given nothing
            (each,) = each.inputs
            cotangent = [cotangent if at == index else None for at in range(_parts(each))]
        for source, own in zip(each.inputs, each.op.vjp(each, cotangent), strict=True):
            if own is None or not source.requires_grad:
                continue
            if source in names:
                found[source] = add(found[source], own) if source in found else own
            elif source.op is not LEAF:
                pending.append((source, own))
    return found


def _weights(asked: Asked) -> str:
    return ", ".join(str(getattr(each, "text", each)) for each in asked.weighing)


def _like(node: Node) -> object:
    import numpy as np

    return np.zeros(node.shape, node.dtype)


def _rule(node: Node) -> str:
    """What a step is called: a rule of calculus, or the table's rule of the primitive."""
    from gradcli.formula.shown import rule
    from gradcli.reference.formulas import partials
    from gradcli.tape.primitives import Elementwise

    name = (node.inputs[0] if node.op is PART else node).op.name
    if name in RULES:
        return RULES[name]
    if isinstance(node.op, Elementwise):
        found = partials(node.op)
        return "chain rule, " + "; ".join(f"{name}: d/d{wrt} = {formula}" for wrt, formula in found)
    found = rule(name)
    said = ", ".join(f"{wrt} = {formula}" for wrt, formula in found)
    return f"chain rule, {name}: {said}" if found else f"chain rule, {name}"
