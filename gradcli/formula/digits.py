"""Choices that the tape makes for the sake of digits: which of the two sides is meant, by the nodes alone.

`recording` asks before it looks at what a choice is made of: nobody reads its condition then.
"""

from __future__ import annotations

from gradcli.tape.node import LEAF, Node
from gradcli.tape.primitives import LITERAL


def meant(node: Node) -> Node | None:
    """The side of a choice that is meant; None where both are, as in the user's own.

    Zeros win over an infinite partial, where a branch was not taken, and one value is computed in two ways,
    by which element is the largest, or whether one is infinite.
    """
    c, a, b = node.inputs
    if asked_by_user(c):
        return None
    if bare(c).op.name == "untaken":
        return b
    if c.op.name == "logical_not" and bare(c.inputs[0]).op.name == "untaken":
        return a
    if guards_digits(c) or (is_zero(a) and (asks_finite(c) or nothing_counts(c))):
        return b
    if is_zero(b) and c.op.name == "logical_not":
        (inner,) = c.inputs
        if guards_digits(inner) or asks_finite(inner) or nothing_counts(inner):
            return a
    return None


def asked_by_user(condition: Node) -> bool:
    """Whether a condition stands in the program, and not in a function of the language or its derivative."""
    while condition.op.name in ("logical_not", "expand", "reshape") and condition.call is None:
        condition = condition.inputs[0]
    return condition.call is not None and condition.call.function.name == condition.op.name


def bare(node: Node) -> Node:
    """Without what only spreads it."""
    while node.op.name in ("expand", "reshape"):
        node = node.inputs[0]
    return node


def is_zero(node: Node) -> bool:
    while node.op.name == "expand":
        node = node.inputs[0]
    return (node.op is LITERAL and node.attrs[0] == 0) or (
        node.op is LEAF and not node.shape and node.value is not None and float(node.value) == 0
    )


def guards_digits(condition: Node) -> bool:
    """A choice between two ways to compute one value: whether a share is nearly all, or a value infinite."""
    name = condition.op.name
    return name == "isinf" or (name == "gt" and condition.inputs[0].op.name == "log_softmax")


def nothing_counts(condition: Node) -> bool:
    """Whether it is asked where no score of an attention is above minus infinity."""
    total = bare(condition)
    total = bare(total.inputs[0]) if total.op.name == "eq" else total
    while total.op.name in ("sum", "cast", "expand", "reshape"):
        total = total.inputs[0]
    return total.op.name == "ne" and is_number(total.inputs[1], float("-inf"))


def is_number(node: Node, number: float) -> bool:
    if node.op not in (LITERAL, LEAF) or node.shape or node.value is None:
        return False
    return bool(node.value == number) or (number != number and node.value != node.value)


def asks_finite(condition: Node) -> bool:
    if condition.op.name == "logical_not":
        return condition.inputs[0].op.name == "isfinite"
    return condition.op.name == "logical_and" and any(asks_finite(each) for each in condition.inputs)
