"""Choices by a condition, and conditions; what the tape chooses for the sake of digits is not one."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from gradcli.formula.branches import compared
from gradcli.formula.digits import asked_by_user, bare, is_number, is_zero, meant
from gradcli.formula.normal import Sum, collected, of_number, of_tree, relabelled
from gradcli.formula.quotients import broadcast_all
from gradcli.formula.recording import LEAST, Recording, Rule
from gradcli.formula.signs import never_zero
from gradcli.formula.tree import Expr, apply, number
from gradcli.tape.node import LEAF, Node
from gradcli.tape.primitives import LITERAL


def _where(recording: Recording, node: Node) -> Sum:
    side = meant(node)
    if side is not None:
        return recording.known(side).shaped(node.shape)
    c, a, b = node.inputs
    # The user's own choice means what it says, and so does its gradient.
    for convention in CONVENTIONS if not asked_by_user(c) else ():
        found = convention(recording, node)
        if found is not None:
            return found.shaped(node.shape)
    left, right = recording.known(a), recording.known(b)
    condition = recording.known(c)
    if condition.constant is not None:
        return (left if condition.terms else right).shaped(node.shape)
    tree = recording.operand(condition)
    if tree.op == "logical_not":
        tree, left, right = tree.args[0], right, left
    elif tree.op == "ne":
        tree, left, right = apply("eq", *tree.args, shape=tree.shape), right, left
    if left.key[1] == right.key[1]:
        return left.shaped(node.shape)
    return recording.reader.choice(tree, left, right).shaped(node.shape)


# ---- what the tape chooses, and what is meant ----


def _logarithm_of_negative(recording: Recording, node: Node) -> Sum | None:
    """The logarithm of a determinant below 0 is no number, and neither is its gradient."""
    c, a, b = node.inputs
    if not (_where_no_value(c) or (c.op.name == "logical_not" and _where_no_value(c.inputs[0]))):
        return None
    for one, other in ((a, b), (b, a)):
        if is_number(bare(one), float("nan")):
            part = bare(other)
            tree = recording.tree(part.inputs[0])
            return recording.atom("logdet", tree, shape=part.shape)
    return recording.known(a if c.op.name == "logical_not" else b)


def _zero_power(recording: Recording, node: Node) -> Sum | None:
    """p*log(x) is 0 where p is: xlogy, but for a base that is a number, whose logarithm is finite."""
    c, a, b = node.inputs
    if not (is_zero(a) and b.op.name == "mul" and b.inputs[1].op.name == "log"):
        return None
    inner = b.inputs[1].inputs[0]
    if inner.op.name != "where" or inner.inputs[0] is not c:
        return None
    given = inner.inputs[2]
    base = recording.known(given)
    if given.op is LEAF and not (given.requires_grad or given.shape) and given.value == math.e:
        return recording.known(b.inputs[0])  # log(e) is 1
    if base.constant is not None:
        return recording.known(b)
    power = recording.read(recording.known(b.inputs[0]))
    return recording.atom("xlogy", power, recording.read(base), shape=node.shape)


def _origin(recording: Recording, node: Node) -> Sum | None:
    """The gradient of a length is 0 where the length is; textbooks leave that point out, and a note tells."""
    c, a, b = node.inputs
    opposite = c.op.name in ("ne", "logical_not")
    while c.op.name in ("logical_not", "expand", "reshape"):
        c = c.inputs[0]
    if c.op.name not in ("eq", "ne") or not is_zero(c.inputs[1]):
        return None
    length = bare(c.inputs[0])
    if length.op.name not in ("norm", "hypot"):
        return None
    taken = a if opposite else b
    value = recording.known(taken)
    if recording.known(length).constant is not None:
        return None  # it is that point
    if bare(taken) is length and length.op.name == "norm":
        one = value.single
        assert one is not None
        ((tree, labels, exponent),) = one[1]
        if is_number(bare(b if opposite else a), math.inf):  # what is divided by it is 0 then
            recording.leave_out(recording.known(length), "eval gives 0")
        if tree.op != "norm":  # it goes by a name
            return value
        safe = apply("length", *tree.args, attrs=tree.attrs, shape=tree.shape)
        return collected([(one[0], [(safe, labels, exponent)])], value.shape)
    if is_zero(b if opposite else a):
        recording.leave_out(recording.known(length), "eval gives 0")
    return value


def _others(recording: Recording, node: Node) -> Sum | None:
    """The product of the others is the whole over the element; at 0, the tape multiplies it out."""
    c, _, b = node.inputs
    if c.op.name != "eq" or not is_zero(c.inputs[1]) or b.op.name != "guarded_mul":
        return None
    zeros, others = b.inputs
    if others.op.name != "div":
        return None
    x, (top, bottom) = c.inputs[0], others.inputs
    if bottom.op.name != "where" or bottom.inputs[0] is not c or bottom.inputs[2] is not x:
        return None
    wholes = [bare(each) for each in (zeros, top)]
    if {each.op.name for each in wholes} != {"prod"} or node.call is not None:
        return None
    (dim,) = wholes[0].attrs
    tree = recording.read(recording.known(x).shaped(x.shape))
    dims = [] if len(tree.shape) == 1 else [number(dim)]
    value = recording.known(x)
    recording.leave_out(value, "eval gives the product of the others")
    whole = apply("prod", tree, *dims, shape=(*tree.shape[:dim], *tree.shape[len(tree.shape) + dim + 1 :]))
    kept = (*tree.shape[:dim], 1, *tree.shape[len(tree.shape) + dim + 1 :])
    spread: dict[int, int | None] = {
        at - len(whole.shape): place for at, place in enumerate(_kept_dims(len(tree.shape), dim))
    }
    return recording.over(relabelled(of_tree(whole), spread, kept), value)


def _kept_dims(rank: int, dim: int) -> list[int]:
    return [each for each in range(-rank, 0) if each != dim]


def _beyond(recording: Recording, node: Node) -> Sum | None:
    """softplus is x itself beyond its threshold, where its derivative differs from 1 by less than is told."""
    c, a, b = node.inputs
    if recording.known(a).constant != 1 or c.op.name != "gt" or b.op.name != "sigmoid":
        return None
    inner = b.inputs[0]
    if inner.op.name != "where" or inner.inputs[0].op.name != "ge":
        return None
    return recording.applied("sigmoid", recording.known(inner.inputs[2]), node.shape)


def _guarded(node: Node, x: Node, deep: int = 8) -> bool:
    """Whether something is made of what softplus reads: of x within its threshold, else of the threshold."""
    if node.op.name == "where" and node.inputs[0].op.name == "ge" and node.inputs[2] is x:
        c, a, _ = node.inputs
        t = c.inputs[1]
        return c.call is None and c.inputs[0] is x and t.value is not None and is_number(a, t.value)
    return deep > 0 and any(_guarded(each, x, deep - 1) for each in node.inputs)


def _within(recording: Recording, node: Node) -> Sum | None:
    """Higher derivatives of softplus, which are 0 beyond its threshold, and less than is told without it."""
    c, a, b = node.inputs
    if c.op.name == "ge" and _guarded(node, c.inputs[0], 0):
        return recording.known(b)
    if c.op.name == "logical_not" and c.inputs[0].op.name == "ge" and is_zero(b):
        inner = c.inputs[0]
        if inner.call is None and _guarded(a, inner.inputs[0]):
            return recording.known(a)
    return None


def beyond_counts(node: Node) -> bool:
    """Whether a product is of what is 0 beyond a threshold, and of a derivative of softplus within it."""
    one, other = node.inputs
    if one.op.name != "where" or one.inputs[0].op.name != "logical_not" or not is_zero(one.inputs[2]):
        return False
    c = one.inputs[0].inputs[0]
    return c.op.name == "gt" and c.call is None and _guarded(other, c.inputs[0])


def _far_out(recording: Recording, node: Node) -> Sum | None:
    """The derivative of erfcx is a series far out, where the difference that it is would lose its digits."""
    c, _, b = node.inputs
    if node.call is not None or c.op.name != "gt" or b.op.name != "sub":
        return None
    product = bare(b.inputs[0])
    inner = product.inputs[0] if product.op.name == "scale" else product
    if inner.op.name != "mul" or all(each.op.name != "erfcx" for each in inner.inputs):
        return None
    return recording.known(b)


def _held_below(recording: Recording, node: Node) -> Sum | None:
    """An exponential reads what is not above 0, where another branch is taken above."""
    c, a, b = node.inputs
    if c.op.name != "lt" or c.inputs[0] is not a or not is_zero(c.inputs[1]) or not is_zero(b):
        return None
    return recording.known(a) if node.call is None and c.call is None else None


def _held_above(recording: Recording, node: Node) -> Sum | None:
    """Below the small number that a length is held above, the length has no gradient."""
    c, a, b = node.inputs
    c = bare(c)
    if c.op.name != "ge" or not is_zero(b) or bare(c.inputs[0]).op.name != "norm":
        return None
    if c.inputs[0] in recording.bounded:
        return None
    least = c.inputs[1].value
    return recording.known(a) if least is not None and not np.shape(least) and 0 < least <= LEAST else None


def _scaled_power(recording: Recording, node: Node) -> Sum | None:
    """The p-norm divides by the largest element, so that powers don't overflow, and multiplies with it."""
    c, a, b = node.inputs
    if _is_scale(node):
        return of_number(1, node.shape)
    taken = a if c.op.name in ("ne", "logical_not") else b
    while c.op.name in ("logical_not", "expand", "reshape"):
        c = c.inputs[0]
    if c.op.name not in ("eq", "ne") or not is_zero(c.inputs[1]) or not _is_scaled(c.inputs[0]):
        return None
    source = bare(c.inputs[0])
    if source.op.name == "sum":
        recording.leave_out(recording.known(source), "eval gives 0")
    return recording.known(taken)


def _is_scale(node: Node) -> bool:
    """Whether a node is the largest element, or 1 where that is 0 or infinite."""
    if node.op.name != "where" or node.inputs[0].op.name != "logical_and":
        return False
    above, finite = node.inputs[0].inputs
    top = node.inputs[1]
    return (
        above.op.name == "gt"
        and finite.op.name == "isfinite"
        and above.inputs[0] is finite.inputs[0] is top
        and not asked_by_user(node.inputs[0])
    )


def _is_scaled(node: Node, deep: int = 8) -> bool:
    """Whether something is made of what was divided by such a scale."""
    node = bare(node)
    if node.op.name == "div" and _is_scale(bare(node.inputs[1])):
        return True
    if node.op.name == "where":
        return deep > 0 and _is_scaled(node.inputs[2], deep - 1)
    return deep > 0 and node.op.name in ("pow", "sum", "sqrt") and _is_scaled(node.inputs[0], deep - 1)


CONVENTIONS: tuple[Callable[[Recording, Node], Sum | None], ...] = (
    _logarithm_of_negative,
    _zero_power,
    _origin,
    _others,
    _beyond,
    _within,
    _far_out,
    _held_above,
    _held_below,
    _scaled_power,
)
"""Choices that the tape makes for the sake of digits or of single points, and what they mean without."""


def _where_no_value(condition: Node) -> bool:
    """Whether it is asked where the logarithm of a determinant is not a number."""
    sign = condition.inputs[0] if condition.inputs else condition
    return sign.op.name == "part" and sign.attrs[0] == 0 and sign.inputs[0].op.name == "slogdet"


def _asks_nan(condition: Node) -> bool:
    condition = bare(condition)
    return condition.op.name == "isnan" or (
        condition.op.name == "logical_and" and all(_asks_nan(each) for each in condition.inputs)
    )


def _decided(node: Node) -> bool | None:
    """Whether a comparison of given whole numbers, such as labels, holds for all or none of them."""
    sources = [bare(each) for each in node.inputs]
    if any(each.op is not LEAF and each.op is not LITERAL for each in sources):
        return None
    if not any(each.dtype.kind == "i" and each.shape and each.value is not None for each in sources):
        return None
    found = node.op.compute(*[each.value for each in sources])
    return bool(found.all()) if found.all() or not found.any() else None


def _compared(op: str) -> Rule:
    def rule(recording: Recording, node: Node) -> Sum:
        decided = _decided(node)
        if decided is not None:
            return of_number(int(decided), node.shape)
        left, right = args = recording.inputs(node)
        tree = recording.operand(left)
        if op == "ne" and right.constant == 0 and tree.op == "relu":
            found = recording.reader.above_0(tree)
            return of_tree(found).shaped(node.shape)
        sides = recording.reader.sides(*args)
        a, b = [each.constant for each in sides]
        if (
            a is None
            and b == 0
            and (first := recording.operand(sides[0])).op == "symbol"
            and never_zero(first)
        ):
            a = 1  # pi, or a size
        if a is not None and b is not None:
            truth = {"eq": a == b, "ne": a != b, "lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b}[op]
            return of_number(int(truth), node.shape)
        trees = [recording.operand(each) for each in sides]
        if op in ("eq", "ne"):
            trees.sort(key=lambda each: (each.op == "number", each.op != "symbol", each.key))
        elif sides[0] is not left:
            return of_tree(compared(op, *trees)).shaped(node.shape)
        return _condition(op, trees, node)

    return rule


def _condition(op: str, trees: list[Expr], node: Node) -> Sum:
    """A condition without the dims along which both of its sides are constant."""
    shape = broadcast_all([each.shape for each in trees])
    return of_tree(apply(op, *trees, shape=shape)).shaped(node.shape)


def _logic(op: str) -> Rule:
    def rule(recording: Recording, node: Node) -> Sum:
        if op == "logical_or" and node.call is None:
            for each, asked in (node.inputs, node.inputs[::-1]):
                if _asks_nan(asked):  # what nan meets becomes nan anyway
                    return recording.known(each).shaped(node.shape)
        left, right = args = recording.inputs(node)
        for one, other in ((left, right), (right, left)):
            value = one.constant
            if value is not None:
                if op == "logical_and":
                    return other.shaped(node.shape) if value else of_number(0, node.shape)
                return of_number(1, node.shape) if value else other.shaped(node.shape)
        return _condition(op, [recording.operand(each) for each in args], node)

    return rule


def _not(recording: Recording, node: Node) -> Sum:
    (value,) = recording.inputs(node)
    if value.constant is not None:
        return of_number(int(not value.constant), node.shape)
    tree = recording.operand(value)
    opposite = {"lt": "ge", "ge": "lt", "gt": "le", "le": "gt", "eq": "ne", "ne": "eq"}.get(tree.op)
    if opposite in ("eq", "ne"):
        return recording.atom(opposite, *tree.args, shape=tree.shape).shaped(node.shape)
    return recording.atom("logical_not", tree, shape=tree.shape).shaped(node.shape)


def _bits(op: str, logical: Rule) -> Rule:
    """Of truth values the bits are what they are."""

    def rule(recording: Recording, node: Node) -> Sum:
        if node.dtype == np.bool_:
            return logical(recording, node)
        return _condition(op, [recording.operand(each) for each in recording.inputs(node)], node)

    return rule


def _either_one(recording: Recording, node: Node) -> Sum:
    return _condition("logical_xor", [recording.operand(each) for each in recording.inputs(node)], node)


RULES: dict[str, Rule] = {
    "where": _where,
    **{name: _compared(name) for name in ("eq", "ne", "lt", "le", "gt", "ge")},
    "logical_and": _logic("logical_and"),
    "logical_or": _logic("logical_or"),
    "logical_not": _not,
    "bitwise_and": _bits("bitwise_and", _logic("logical_and")),
    "bitwise_or": _bits("bitwise_or", _logic("logical_or")),
    "bitwise_xor": _bits("bitwise_xor", _either_one),
    "bitwise_not": _bits("bitwise_not", _not),
}
"""What each primitive means."""
