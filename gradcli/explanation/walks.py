"""A backward walk, told: what each step handed to the names it reads, and the paths to each leaf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.explanation.local import formula
from gradcli.explanation.model import LeafGradient, Path, Row, Told
from gradcli.tape.custom import identity
from gradcli.tape.node import LEAF, Node, topological
from gradcli.tape.reverse import ones_like, reverse

if TYPE_CHECKING:
    from gradcli.explanation.model import Step
    from gradcli.explanation.source import ProgramText
    from gradcli.explanation.steps import Named
    from gradcli.explanation.watching import Walk

MOST_PATHS = 12
"""More paths to a leaf than this are not written one by one."""
MOST_TRIED = 400
"""More paths than this are not even looked at one by one."""
MOST_NODES = 120
"""A gradient of more nodes is not written as one formula of the leaves."""


def told(
    walk: Walk, named: Named, steps: list[Step], source: ProgramText, implicit: str, formulas: bool
) -> Told:
    """A walk told in the names of the program.

    Args:
        implicit: what the walk is called that the command itself made.
        formulas: whether the whole gradients are wanted as formulas.
    """
    found = Told(walk.number, source.line(walk.span), source.text(walk.span) or implicit)
    found.gives = walk.gives
    found.roots = [named.names.get(each, named.names.get(identity(each), "result")) for each in walk.roots]
    found.weighted = len(walk.roots) != 1 or any(each is not None for each in walk.weights)
    found.weighted = found.weighted or walk.roots[0].size != 1
    for name, root, weight in zip(found.roots, walk.roots, walk.weights, strict=True):
        seed = np.ones(root.shape, root.dtype) if weight is None else engine.value(weight)
        if weight is not None and weight in named.names:
            found.weights[name] = named.names[weight]
        found.seeds[name] = seed if name not in found.seeds else found.seeds[name] + seed
    on_way = set(topological(walk.roots))
    for node, name in named.names.items():
        cotangent = walk.cotangent(node)
        if cotangent is not None and not isinstance(cotangent, list) and node in on_way:
            found.cotangents[name] = cotangent
    for node, name in named.names.items():
        fixed = not node.requires_grad or identity(node).op is LEAF
        if fixed and (node in on_way or name not in found.given):
            found.given[name] = engine.value(node)
    walked = [
        step
        for step in steps
        if step.local is not None and step.node in on_way and step.name in found.cotangents
    ]
    _rows(found, walked, named)
    _results(found, walk, named, on_way, formulas)
    return found


def _rows(found: Told, walked: list[Step], named: Named) -> None:
    uses: dict[str, int] = dict.fromkeys(found.seeds, 1)
    for step in walked:
        assert step.local is not None
        for each in step.local.sources:
            name = named.names[each]
            uses[name] = uses.get(name, 0) + 1
    for step in walked:
        local = step.local
        assert local is not None
        shares = local.pulled(found.cotangents[step.name])
        for node in local.sources:
            name = named.names[node]
            if node not in shares:
                continue
            alone = uses[name] == 1
            share = found.cotangents[name] if alone and name in found.cotangents else shares[node]
            number = local.node.size == 1 and node.size == 1
            slope = local.slopes.get(node) if number else None
            incoming = found.label(step.name)
            text = local.formula(node, "" if number else incoming)
            row = Row(step, name, slope, text, incoming, found.label(name), share, alone)
            found.rows.append(row)


def _results(found: Told, walk: Walk, named: Named, on_way: set[Node], formulas: bool) -> None:
    into: dict[str, list[Row]] = {}
    for row in found.rows:
        into.setdefault(row.source, []).append(row)
    first = {name: at for at, name in enumerate(named.reported)}
    for node, name in sorted(named.names.items(), key=lambda each: first.get(each[1], len(first))):
        asked = identity(node).op is LEAF if named.wanted is None else name in named.wanted
        if not asked or node not in on_way or name not in found.cotangents:
            continue
        if any(each.name == name for each in found.results):
            continue
        paths, more, rest = _paths(found, name, into) if not walk.changed else ([], 0, None)
        whole = _whole(walk, node, named, on_way) if formulas else None
        label = found.label(name)
        found.results.append(LeafGradient(name, label, paths, more, rest, found.cotangents[name], whole))


def _paths(found: Told, leaf: str, into: dict[str, list[Row]]) -> tuple[list[Path], int, Any]:
    """The paths from a leaf to the roots: the largest, and the count and sum of the others."""
    if _count(leaf, into, found.seeds) > MOST_TRIED:
        return [], 0, None
    ways: list[tuple[Row, ...]] = []
    stack: list[tuple[str, tuple[Row, ...]]] = [(leaf, ())]
    while stack:
        name, rows = stack.pop()
        if name in found.seeds:
            ways.append(rows)
        stack.extend((row.step.name, (*rows, row)) for row in reversed(into.get(name, ())))
    paths = [_path(found, leaf, rows) for rows in ways]
    if len(paths) == 1:
        paths = [Path(paths[0].names, paths[0].rows, found.cotangents[leaf])]
    if len(paths) <= MOST_PATHS:
        return paths, 0, None
    ordered = sorted(paths, key=lambda path: -float(np.max(np.abs(path.value), initial=0.0)))
    rest = ordered[MOST_PATHS:]
    return ordered[:MOST_PATHS], len(rest), sum([each.value for each in rest])


def _path(found: Told, leaf: str, rows: tuple[Row, ...]) -> Path:
    names = (leaf, *[row.step.name for row in rows])
    value = found.seeds[names[-1]]
    for row in reversed(rows):
        local = row.step.local
        assert local is not None
        node = next(each for each in local.sources if local.named[each] == row.source)
        value = local.pulled(value).get(node, np.zeros(node.shape))
    return Path(names, tuple(reversed(rows)), value)


def _count(leaf: str, into: dict[str, list[Row]], seeds: dict[str, Any]) -> int:
    """How many paths there are from a leaf to the roots."""
    known: dict[str, int] = {}
    stack = [leaf]
    while stack:
        name = stack[-1]
        missing = [row.step.name for row in into.get(name, ()) if row.step.name not in known]
        if name in known or not missing:
            stack.pop()
            known[name] = (name in seeds) + sum([known[row.step.name] for row in into.get(name, ())])
        else:
            stack += missing
    return known[leaf]


def _whole(walk: Walk, node: Node, named: Named, on_way: set[Node]) -> str | None:
    """The gradient as one formula of the leaves and constants."""
    if len(on_way) > MOST_NODES or any(each.op.of_program for each in on_way):
        return None
    names = {
        each: name
        for each, name in named.names.items()
        if identity(each).op is LEAF or (each.op is LEAF and not each.requires_grad)
    }
    for weight in walk.weights:
        if weight in named.names:
            names[weight] = named.names[weight]
    seeds = [
        ones_like(root) if weight is None else weight
        for root, weight in zip(walk.roots, walk.weights, strict=True)
    ]
    order = list(topological(walk.roots))
    (found,) = reverse(walk.roots, seeds, [identity(node)], order)
    return None if found is None else formula(found, names)
