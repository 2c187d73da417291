"""Choices by a condition, and conditions; what the tape chooses for the sake of digits is not one."""

from __future__ import annotations

from fractions import Fraction

from gradcli.formula.normal import Sum, of_number, rational, scaled
from gradcli.formula.recording import Recording, Rule
from gradcli.formula.tree import number
from gradcli.tape.node import LEAF, Node
from gradcli.tape.primitives import LITERAL


def _where(recording: Recording, node: Node) -> Sum:
    c, a, b = node.inputs
    if c.op.name == "untaken" or _guards_digits(c):  # zeros that win over an infinite partial
        return recording.known(b).shaped(node.shape)
    if _is_zero(b) and c.op.name == "logical_not" and _guards_digits(c.inputs[0]):
        return recording.known(a).shaped(node.shape)
    left, right = recording.known(a), recording.known(b)
    if _where_no_value(c):
        return (right if _is_zero(a) else left).shaped(node.shape)
    if c.op.name == "logical_not" and _where_no_value(c.inputs[0]):
        return (right if _is_zero(a) else left).shaped(node.shape)
    if _is_zero(a) and _mentions_not_finite(c, b):
        return right.shaped(node.shape)
    if _is_zero(a) and b.op.name == "mul" and b.inputs[1].op.name == "log":
        inner = b.inputs[1].inputs[0]
        if inner.op.name == "where" and inner.inputs[0] is c:
            base = recording.known(inner.inputs[2])
            if base.constant is not None:
                return right.shaped(node.shape)
            power = recording.read(recording.known(b.inputs[0]))
            return recording.atom("xlogy", power, recording.read(base), shape=node.shape)
    if b.op.name == "div" and _is_zero(a) and b.inputs[1].op.name in ("where", "expand", "reshape"):
        inner = b.inputs[1]
        while inner.op.name in ("expand", "reshape"):
            inner = inner.inputs[0]
        if inner.op.name == "where" and inner.inputs[2].op.name in ("norm", "reshape"):
            top = recording.known(b.inputs[0])
            bottom = recording.known(inner.inputs[2])
            return recording.over(top, bottom).shaped(node.shape)
    condition = recording.known(c)
    test = condition.single
    if left.constant == 1 and c.op.name == "gt" and b.op.name == "sigmoid":
        inner = b.inputs[0]
        if inner.op.name == "where" and inner.inputs[0].op.name == "ge":  # softplus is x itself from there on
            return recording.applied("sigmoid", recording.known(inner.inputs[2]), node.shape)
    if condition.constant is None and c.op.name == "eq" and left.constant in (0, 1):
        length = c.inputs[0]
        if length.op.name == "hypot" and _is_zero(c.inputs[1]):  # a convention for the origin
            return right.shaped(node.shape)
    if test is None or condition.constant is not None:
        return (left if condition.terms else right).shaped(node.shape)
    tree = recording.operand(condition)
    if tree.op == "logical_not":
        tree, left, right = tree.args[0], right, left
    if left.key[1] == right.key[1]:
        return left.shaped(node.shape)
    for value, at in ((left, 0), (right, 1)):  # a number in front of what is selected beside 0
        other = (right, left)[at]
        one = value.single
        if not other.terms and one is not None and one[1] and one[0] != 1:
            bare = scaled(
                value, rational(1 / Fraction(one[0]) if not isinstance(one[0], float) else 1 / one[0])
            )
            pair = (bare, other) if at == 0 else (other, bare)
            chosen = [
                recording.reader.plain(each.shaped(())) if not each.terms else recording.read(each)
                for each in pair
            ]
            return scaled(recording.atom("where", tree, *chosen, shape=node.shape), one[0])
    trees = [recording.operand(each) for each in (left, right)]
    return recording.atom("where", tree, *trees, shape=node.shape)


def _is_zero(node: Node) -> bool:
    while node.op.name == "expand":
        node = node.inputs[0]
    return (node.op is LITERAL and node.attrs[0] == 0) or (
        node.op is LEAF and not node.shape and node.value is not None and float(node.value) == 0
    )


def _guards_digits(condition: Node) -> bool:
    """A choice between two ways to compute one value: which is the largest, or whether it is infinite."""
    if condition.op.name == "isinf":
        return True
    if condition.op.name == "eq" and len(condition.inputs) == 2:
        right = condition.inputs[1]
        while right.op.name in ("reshape", "cast"):
            right = right.inputs[0]
        left = condition.inputs[0]
        return right.op.name == "argmax" and left.op is LEAF
    return False


def _where_no_value(condition: Node) -> bool:
    """Whether it is asked where the logarithm of a determinant is not a number."""
    sign = condition.inputs[0] if condition.inputs else condition
    return sign.op.name == "part" and sign.attrs[0] == 0 and sign.inputs[0].op.name == "slogdet"


def _mentions_not_finite(condition: Node, value: Node) -> bool:
    if condition.op.name == "logical_not":
        return condition.inputs[0].op.name == "isfinite"
    return condition.op.name == "logical_and" and any(
        _mentions_not_finite(each, value) for each in condition.inputs
    )


def _compared(op: str) -> Rule:
    def rule(recording: Recording, node: Node) -> Sum:
        args = recording.inputs(node)
        left, right = recording.inputs(node)
        if left.constant is not None and right.constant is not None:
            a, b = left.constant, right.constant
            truth = {"eq": a == b, "ne": a != b, "lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b}[op]
            return of_number(int(truth), node.shape)
        trees = [recording.operand(each) for each in args]
        if op == "ne" and right.constant == 0 and trees[0].op == "relu":
            return recording.atom("gt", trees[0].args[0], number(0), shape=node.shape)
        return recording.atom(op, *trees, shape=node.shape)

    return rule


def _logic(op: str) -> Rule:
    def rule(recording: Recording, node: Node) -> Sum:
        args = recording.inputs(node)
        left, right = recording.inputs(node)
        for one, other in ((left, right), (right, left)):
            value = one.constant
            if value is not None:
                if op == "logical_and":
                    return other if value else of_number(0, node.shape)
                return of_number(1, node.shape) if value else other
        return recording.atom(op, *[recording.operand(each) for each in args], shape=node.shape)

    return rule


def _not(recording: Recording, node: Node) -> Sum:
    (value,) = recording.inputs(node)
    if value.constant is not None:
        return of_number(int(not value.constant), node.shape)
    tree = recording.read(value)
    opposite = {"lt": "ge", "ge": "lt", "gt": "le", "le": "gt", "eq": "ne", "ne": "eq"}.get(tree.op)
    if opposite in ("eq", "ne"):
        return recording.atom(opposite, *tree.args, shape=node.shape)
    return recording.atom("logical_not", tree, shape=node.shape)


RULES: dict[str, Rule] = {
    "where": _where,
    **{name: _compared(name) for name in ("eq", "ne", "lt", "le", "gt", "ge")},
    "logical_and": _logic("logical_and"),
    "logical_or": _logic("logical_or"),
    "logical_not": _not,
}
"""What each primitive means."""
