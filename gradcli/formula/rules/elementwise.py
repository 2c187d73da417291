"""Functions of each element: powers, exponentials, and what is even or odd."""

from __future__ import annotations

import math
from fractions import Fraction

from gradcli.formula.normal import Sum, added, collected, of_number, of_tree, rational, scaled
from gradcli.formula.recording import Recording, Rule
from gradcli.formula.rules import choices, named, scans, shuffles
from gradcli.formula.rules.products import along
from gradcli.formula.symmetry import EVEN, ODD
from gradcli.formula.tree import Expr, apply, number, symbol
from gradcli.tape.node import BOOL, FLOATS, Node
from gradcli.tape.primitives import mul, scale, sub
from gradcli.tape.promote import broadcast


def _cast(recording: Recording, node: Node) -> Sum:
    (value,) = recording.inputs(node)
    source = node.inputs[0].dtype
    if source is BOOL and node.dtype in FLOATS and value.constant is None:
        tree = recording.operand(value)
        return recording.atom("where", tree, number(1), number(0), shape=tree.shape).shaped(node.shape)
    if source is BOOL and (rows := named.one_hot(recording, node)) is not None:
        return of_tree(rows)
    if node.dtype not in FLOATS and source in FLOATS:
        return recording.atom("trunc", recording.read(value), shape=node.shape)
    return value


def _exp(recording: Recording, node: Node) -> Sum:
    (value,) = recording.inputs(node)
    shift = shuffles.shifted(node.inputs[0])
    if shift is not None:
        source, dims = shift
        if len(dims) == 1:
            tree = recording.read(recording.known(source))
            return recording.atom("softmax", tree, attrs=along(dims[0], len(tree.shape)), shape=node.shape)
    if value.constant == 0:
        return of_number(1, node.shape)
    one = value.single
    if one is not None and one[0] == 1 and len(one[1]) == 1 and one[1][0][0].op == "log_softmax":
        ((tree, labels, exponent),) = one[1]
        if exponent == 1:
            chosen = apply("softmax", *tree.args, attrs=tree.attrs, shape=tree.shape)
            return collected([(1, [(chosen, labels, 1)])], node.shape)
    return recording.applied("exp", value, node.shape)


def _odd(recording: Recording, node: Node) -> Sum:
    """f(-u) = -f(u)"""
    (value,) = recording.inputs(node)
    one = recording.reader.single(value).single
    if one is not None and one[0] < 0:
        return scaled(_unary(recording, node, scaled(value, -1)), -1)
    return _unary(recording, node, value)


def _even(recording: Recording, node: Node) -> Sum:
    """f(-u) = f(u)"""
    (value,) = recording.inputs(node)
    one = recording.reader.single(value).single
    return _unary(recording, node, scaled(value, -1) if one is not None and one[0] < 0 else value)


_AT_ZERO = {"sin": 0, "tan": 0, "cos": 1, "sinh": 0, "tanh": 0, "cosh": 1, "asin": 0, "atan": 0, "erf": 0}


def _unary(recording: Recording, node: Node, value: Sum) -> Sum:
    if not value.terms and node.op.name in _AT_ZERO:
        return of_number(_AT_ZERO[node.op.name], node.shape)
    return recording.applied(node.op.name, value, node.shape)


def _log(recording: Recording, node: Node) -> Sum:
    (value,) = recording.inputs(node)
    if value.constant == 1:
        return of_number(0, node.shape)
    one = value.single
    if one is not None and one[0] == 1 and [(each[0].op, each[2]) for each in one[1]] == [("softmax", 1)]:
        ((tree, labels, _),) = one[1]  # which doesn't underflow
        whole = apply("log_softmax", *tree.args, attrs=tree.attrs, shape=tree.shape)
        return collected([(1, [(whole, labels, 1)])], node.shape)
    return _unary(recording, node, value)


def _power_of(exponent: int | Fraction) -> Rule:
    def rule(recording: Recording, node: Node) -> Sum:
        (value,) = recording.inputs(node)
        return recording.power(value, exponent)

    return rule


def _added(recording: Recording, node: Node, sign: int) -> Sum:
    turned = shuffles.turned(recording, node.inputs) if sign == 1 and node.shape else None
    if turned is not None:
        return turned.shaped(node.shape)
    left, right = recording.inputs(node)
    value = added(left, right, sign).shaped(node.shape)
    if node.call is not None and len(value.terms) == 2:
        recording.reader.own.add(value.key)
    return value


def _div(recording: Recording, node: Node) -> Sum:
    top, bottom = recording.inputs(node)
    if node.call is None and bottom.single == INFINITE:  # as a gradient is divided where a length is 0
        return of_number(0, node.shape)
    return recording.over(top, bottom).shaped(node.shape)


INFINITE = of_tree(number(math.inf)).single


def _scale(recording: Recording, node: Node) -> Sum:
    return recording.times(recording.inputs(node)[0], recording.sizes.number(node.attrs[0]))


def _mul(recording: Recording, node: Node) -> Sum:
    scan = scans.summed_later(recording, node)
    if scan is not None:
        return scan
    left, right = recording.inputs(node)
    if node.call is None and (square := _conjugates(recording, *node.inputs)) is not None:
        return square.shaped(node.shape)
    if choices.beyond_counts(node):
        return recording.times(recording.known(node.inputs[0].inputs[1]), right).shaped(node.shape)
    return recording.times(left, right).shaped(node.shape)


def _conjugates(recording: Recording, less: Node, more: Node) -> Sum | None:
    """(1 - u)*(1 + u) as 1 - u**2, which has fewer digits near its zeros, so that the tape has the other."""
    if less.op.name != "sub" or more.op.name != "add":
        return None
    first, second = recording.inputs(less)
    if any(
        one is not other and one.terms != other.terms
        for one, other in zip((first, second), recording.inputs(more), strict=True)
    ):
        return None
    return added(recording.power(first, 2), recording.power(second, 2), -1)


def _pow(recording: Recording, node: Node) -> Sum:
    args = recording.inputs(node)
    if node.attrs:
        return recording.power(args[0], node.attrs[0]).shaped(node.shape)
    base, exponent = args
    if exponent.constant is not None:
        return recording.power(base, exponent.constant).shaped(node.shape)
    if base.constant == 1:
        return of_number(1, node.shape)
    trees = [recording.read(each.shaped(()) if each.constant is not None else each) for each in args]
    return recording.atom("pow", *trees, shape=node.shape)


def _sigmoid(recording: Recording, node: Node) -> Sum:
    (value,) = recording.inputs(node)
    return of_number(Fraction(1, 2), node.shape) if not value.terms else _unary(recording, node, value)


def _elu(recording: Recording, node: Node) -> Sum:
    """negative*(exp(inner*x) - 1) where x <= 0, positive*x elsewhere."""
    (value,) = recording.inputs(node)
    negative, positive, inner = [recording.sizes.number(each) for each in node.attrs]
    below = recording.applied("expm1", recording.times(value, inner), node.shape)
    tree = recording.operand(value)
    condition = apply("le", tree, number(0), shape=tree.shape)
    sides = recording.times(below, negative), recording.times(value, positive)
    return recording.reader.choice(condition, *sides).shaped(node.shape)


def _softplus(recording: Recording, node: Node) -> Sum:
    args = recording.inputs(node)
    beta, threshold = node.attrs
    attrs = tuple([(n, v) for n, v, d in (("beta", beta, 1), ("threshold", threshold, 20)) if v != d])
    return recording.applied("softplus", args[0], node.shape, attrs)


def _huber(recording: Recording, node: Node) -> Sum:
    """h*(x - h/2), where h is x held within delta: the slope."""
    (x,) = node.inputs
    slope = node.op.partials[0](x, node, *node.attrs)  # type: ignore[attr-defined]
    return recording.of(mul(slope, sub(x, scale(slope, 0.5))))


CLAMPS = ("clamp", "clamp_", "clamp_min", "clamp_max", "clip", "maximum")
"""What the user calls for a bound that is meant."""


def _clamp(recording: Recording, node: Node) -> Sum:
    args = recording.inputs(node)
    bounded = node.call is not None and node.call.function.name in CLAMPS
    if bounded:
        recording.bounded.add(node.inputs[0])
    if node.attrs and (constant := args[0].constant) is not None:
        return of_number(rational(float(node.op.compute(float(constant), *node.attrs))), node.shape)
    if node.attrs and not bounded:
        low, high = node.attrs
        held = None if low is None or high is not None else recording.held(args[0], low)
        if held is not None:
            return held.shaped(node.shape)
    trees = [recording.read(each) for each in args]
    if node.attrs:
        low, high = node.attrs
        trees += [symbol("None") if each is None else number(each) for each in (low, high)]
    shape = broadcast(*[each.shape for each in trees])
    return recording.atom("clamp", *trees, shape=shape).shaped(node.shape)


def _nan_to_num(recording: Recording, node: Node) -> Sum:
    tree = recording.operand(recording.inputs(node)[0])
    nan, *infinite = node.attrs
    chosen: list[Expr] = []
    if nan or any(each is not None for each in infinite):
        chosen = [symbol("None") if each is None else number(each) for each in (nan, *infinite)]
    return recording.atom("nan_to_num", tree, *chosen, shape=tree.shape).shaped(node.shape)


RULES: dict[str, Rule] = {
    "add": lambda recording, node: _added(recording, node, 1),
    "sub": lambda recording, node: _added(recording, node, -1),
    "neg": lambda recording, node: scaled(recording.inputs(node)[0], -1),
    "mul": _mul,
    "guarded_mul": _mul,
    "div": _div,
    "scale": _scale,
    "reciprocal": _power_of(-1),
    "sqrt": _power_of(Fraction(1, 2)),
    "rsqrt": _power_of(Fraction(-1, 2)),
    "pow": _pow,
    "exp": _exp,
    "log": _log,
    **dict.fromkeys(ODD, _odd),
    **dict.fromkeys(EVEN, _even),
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "elu": _elu,
    "huber": _huber,
    "clamp": _clamp,
    "nan_to_num": _nan_to_num,
    "cast": _cast,
    **dict.fromkeys(("detach", "held"), lambda recording, node: recording.inputs(node)[0].shaped(node.shape)),
    "shield": lambda recording, node: recording.inputs(node)[0].shaped(node.shape),
}
"""What each primitive means."""
