"""Single points at which a formula has no value and `eval` has one, or the other way round, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.formula.signs import never_zero
from gradcli.formula.tree import Expr, Formula, of_sizes, symbol, walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.formula.recording import Recording

LONG_NOTE = 60
"""Longer expressions, in symbols, are not written out in notes."""


def at_single_points(formula: Formula, recording: Recording) -> list[str]:
    """Single points at which a formula has no value, and `eval` has."""
    cancelled = recording.reader.domain.cancelled
    if not (cancelled or recording.left_out or recording.inverted):
        return []
    trees = walk([line.value for line in formula.lines])
    named = {
        symbol(line.name, line.value.shape): line.value for line in formula.lines if type(line.name) is str
    }
    below = {part for each in trees if each.op == "div" for part in _factors(each.args[1], named)}
    below |= {part for each in below for part in recording.reader.made_of.get(each, ())}
    lost = [
        f"where {_said(tree)} is 0 this has no value, and {says}"
        for tree, says in recording.left_out.items()
        if tree in below
    ]
    logs = {part for each in trees if each.op == "log" for part in _factors(each.args[0], named)}
    shown = below | logs
    won = [tree for tree in recording.inverted if tree in trees]
    for tree in cancelled:
        if never_zero(tree) or of_sizes(tree):
            continue
        if tree.op == "log":
            if tree not in trees:
                lost.append(
                    f"where {_said(tree.args[0])} is below 0 eval has no value, and this may have one"
                )
            continue
        root = tree.args[0] if tree.op == "sqrt" else None
        if root is not None and tree not in trees and root in shown:
            lost.append(f"where {_said(root)} is below 0 eval has no value, and this may have one")
        won.append(tree)
    lost += [
        f"where {_said(tree)} is 0 eval has no value, and this may have one"
        for tree in won
        if tree not in shown and (tree.op != "sqrt" or tree.args[0] not in shown)
    ]
    return list(dict.fromkeys(lost))


def _said(tree: Expr) -> str:
    """An expression in a note; one of a long program is not written out."""
    from gradcli.formula.printers.gradcli import expression

    return expression(tree) if tree.cost <= LONG_NOTE else "one of the longer expressions"


def _factors(tree: Expr, named: Mapping[Expr, Expr]) -> list[Expr]:
    """What makes an expression 0 where it is 0; what has a line of its own is what that says."""
    parts = [tree]
    for each in parts:
        if each in named:
            parts.append(named[each])
        elif each.op in ("mul", "matmul"):
            parts += each.args
        elif each.op in ("pow", "sqrt", "neg", "div") or each.op == "index":
            parts.append(each.args[0])
    return parts
