"""The elements of a tape's values as formulas: every operation taken apart into those that have an enclosure.

What works element by element is a row of `MEANINGS`, in terms of a few functions, products and choices.
Everything else (sums, matrix products, indexing) is computed by its own kernel, on arrays of objects that
record what is done to them. A node that has no meaning here becomes the operation `unknown`, with its name
and place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gradcli.enclosure.objects import Scalar, number_of
from gradcli.enclosure.scalars import Formulas
from gradcli.tape.node import BOOL, LEAF, Node, postorder
from gradcli.tape.primitives import LITERAL, Elementwise

Array = np.ndarray[Any, np.dtype[Any]]
MOST_FORMULAS = 40_000
"""A tape that takes more is not taken apart."""
MOST_ELEMENTS = 256
"""Nor is one with larger arrays on it."""


# ---- what elementwise operations mean -------------------------------------------------------------

Meaning = Callable[..., int]
"""From formulas, the numbers of the operands and the attributes to the number of the result."""


def _called(name: str) -> Meaning:
    return lambda f, a: f.function(name, a)


def _compared(relation: str) -> Meaning:
    return lambda f, a, b: f.test(relation, a, b)


def _pow(f: Formulas, a: int, b: Any, *rest: Any) -> int:
    if not isinstance(b, int) or rest:  # never: attributes are wrapped
        raise TypeError
    exponent = f.value_of(b)
    if exponent is not None and Fraction(float(exponent)) == exponent:
        return f.power(a, float(exponent))
    return f.function("exp", f.mul(b, f.function("log", a)))


def _maximum(f: Formulas, a: int, b: int) -> int:
    return f.where(f.test(">=", a, b), a, b)


def _minimum(f: Formulas, a: int, b: int) -> int:
    return f.where(f.test("<=", a, b), a, b)


def _clamp(f: Formulas, x: int, low: Any, high: Any) -> int:
    x = x if low is None else _maximum(f, x, low)
    return x if high is None else _minimum(f, x, high)


def _softplus(f: Formulas, x: int, beta: int, threshold: int) -> int:
    inner = f.mul(x, beta)
    smooth = f.mul(f.function("log1pexp", inner), f.inverse(beta))
    return f.where(f.test(">", inner, threshold), x, smooth)


def _huber(f: Formulas, x: int, delta: int) -> int:
    held = _clamp(f, x, f.mul(delta, f.constant(-1)), delta)
    return f.mul(held, f.sub(x, f.mul(held, f.constant(Fraction(1, 2)))))


def _guarded(f: Formulas, g: int, p: int) -> int:
    """A product in which a zero wins: where one is chosen, what is beside it does not count."""
    op, operands, _ = f[g]
    if op == "where":
        condition, one, other = operands
        return f.where(condition, _guarded(f, one, p), _guarded(f, other, p))
    return g if f.value_of(g) == 0 else f.mul(g, p)


def _logit(f: Formulas, x: int) -> int:
    return f.sub(f.function("log", x), f.function("log1p", f.scaled(x, -1)))


def _atan2(f: Formulas, a: int, b: int) -> int:
    zero, half = f.constant(0), f.constant(math.pi / 2)
    right = f.function("atan", f.mul(a, f.inverse(b)))
    above = f.function("atan", f.mul(b, f.inverse(a)))
    beside = f.where(f.test(">", a, zero), f.sub(half, above), f.sub(f.scaled(half, -1), above))
    left = f.where(f.test(">=", a, zero), f.add(right, f.scaled(half, 2)), f.sub(right, f.scaled(half, 2)))
    straight = f.where(f.test("==", a, zero), f.where(f.test("<", b, zero), f.scaled(half, 2), zero), beside)
    return f.where(f.test(">", b, zero), right, f.where(f.test("<", b, zero), left, straight))


def _elu(f: Formulas, x: int, negative: int, positive: int, inner: int) -> int:
    below = f.mul(negative, f.function("expm1", f.mul(inner, x)))
    return f.where(f.test("<=", x, f.constant(0)), below, f.mul(positive, x))


def _times_log(name: str) -> Meaning:
    def meaning(f: Formulas, x: int, y: int) -> int:
        zero = f.constant(0)
        return f.where(f.test("==", x, zero), zero, f.mul(x, f.function(name, y)))

    return meaning


def _entr(f: Formulas, x: int) -> int:
    zero = f.constant(0)
    return f.where(f.test("==", x, zero), zero, f.scaled(f.mul(x, f.function("log", x)), -1))


def _divided(name: str) -> Meaning:
    return lambda f, a, b: f.function(name, f.mul(a, f.inverse(b)))


def _remainder(name: str) -> Meaning:
    return lambda f, a, b: f.sub(a, f.mul(b, f.function(name, f.mul(a, f.inverse(b)))))


def _copysign(f: Formulas, a: int, b: int) -> int:
    size = f.abs(a)
    return f.where(f.test(">=", b, f.constant(0)), size, f.scaled(size, -1))


def _round(f: Formulas, x: int, decimals: Any = None) -> int:
    power = f.value_of(decimals) if decimals is not None else Fraction(0)
    assert power is not None
    factor = Fraction(10) ** int(power)
    return f.scaled(f.function("round", f.scaled(x, factor)), 1 / factor)


def _bce(f: Formulas, x: int, t: int) -> int:
    one, least = f.constant(1), f.constant(-100)
    held = [_maximum(f, f.function(*each), least) for each in (("log", x), ("log1p", f.scaled(x, -1)))]
    return f.scaled(f.add(f.mul(t, held[0]), f.mul(f.sub(one, t), held[1])), -1)


def _over_log(base: float) -> Meaning:
    return lambda f, x: f.mul(f.function("log", x), f.inverse(f.constant(math.log(base))))


NAMED = (
    *("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh"),
    *("tanh", "asinh", "acosh", "atanh", "sigmoid", "erf", "erfc", "ndtr", "erfinv", "lgamma"),
    *("floor", "ceil", "trunc", "sign"),
)
"""Operations that are functions of `gradcli.enclosure.functions` by the same name."""

MEANINGS: dict[str, Meaning] = {
    **{name: _called(name) for name in NAMED},
    "add": lambda f, a, b: f.add(a, b),
    "sub": lambda f, a, b: f.sub(a, b),
    "mul": lambda f, a, b: f.mul(a, b),
    "scale": lambda f, a, b: f.mul(a, b),
    "guarded_mul": _guarded,
    "neg": lambda f, a: f.scaled(a, -1),
    "div": lambda f, a, b: f.mul(a, f.inverse(b)),
    "reciprocal": lambda f, a: f.inverse(a),
    "rsqrt": lambda f, a: f.power(a, -0.5),
    "pow": _pow,
    "exp2": lambda f, x: f.function("exp", f.mul(x, f.constant(math.log(2)))),
    "log2": _over_log(2),
    "log10": _over_log(10),
    "abs": lambda f, a: f.abs(a),
    "sgn": _called("sign"),
    "relu": lambda f, a: f.where(f.test(">", a, f.constant(0)), a, f.constant(0)),
    "maximum": _maximum,
    "minimum": _minimum,
    "fmax": _maximum,
    "fmin": _minimum,
    "clamp": _clamp,
    "clamp_min": _maximum,
    "clamp_max": _minimum,
    "where": lambda f, c, a, b: f.where(c, a, b),
    **{name: _compared(sign) for name, sign in zip(
        ("lt", "le", "gt", "ge", "eq", "ne"), ("<", "<=", ">", ">=", "==", "!="), strict=True
    )},
    **{f"{kind}_{op}": (lambda f, a, b, op=op: f.logical(op, a, b))
       for kind in ("logical", "bitwise") for op in ("and", "or", "xor")},
    "logical_not": lambda f, a: f.negated(a),
    "bitwise_not": lambda f, a: f.negated(a),
    # Values of reals are finite wherever there are some.
    "isfinite": lambda f, a: f.constant(1),
    "isinf": lambda f, a: f.constant(0),
    "isnan": lambda f, a: f.constant(0),
    "untaken": lambda f, g, p: f.constant(0),
    "nan_to_num": lambda f, a, *attrs: a,
    "hypot": lambda f, a, b: f.function("sqrt", f.add(f.mul(a, a), f.mul(b, b))),
    "atan2": _atan2,
    "logaddexp": lambda f, a, b: f.add(a, f.function("log1pexp", f.sub(b, a))),
    "softplus": _softplus,
    "huber": _huber,
    "logit": _logit,
    "elu": _elu,
    "prelu": lambda f, x, w: f.where(f.test(">", x, f.constant(0)), x, f.mul(w, x)),
    "xlogy": _times_log("log"),
    "xlog1py": _times_log("log1p"),
    "entr": _entr,
    "floor_divide": _divided("floor"),
    "trunc_divide": _divided("trunc"),
    "remainder": _remainder("floor"),
    "fmod": _remainder("trunc"),
    "copysign": _copysign,
    "heaviside": lambda f, x, v: f.where(
        f.test("==", x, f.constant(0)), v, f.test(">", x, f.constant(0))
    ),
    "round": _round,
    "binary_cross_entropy": _bce,
}  # fmt: skip
"""What each elementwise operation means for real numbers, wherever it has a value."""


def _meant(formulas: Formulas, node: Node) -> Callable[..., Scalar]:
    meaning = MEANINGS.get(node.op.name)
    if node.op.name.startswith("bitwise") and node.dtype is not BOOL:
        meaning = None  # of whole numbers
    attrs = [each if each is None else formulas.constant(each) for each in node.attrs if _plain(each)]
    if node.op.name == "polygamma" and node.attrs == (0,):
        meaning, attrs = _called("digamma"), []

    def computed(*operands: Any) -> Scalar:
        numbers = [number_of(formulas, each) for each in operands]
        if meaning is None:
            return Scalar(formulas, formulas.unknown(numbers, node, (node.op, node.attrs)))
        return Scalar(formulas, meaning(formulas, *numbers, *attrs))

    return computed


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, (int, float))


# ---- what is no elementwise operation -------------------------------------------------------------


def _folded(meaning: Meaning) -> Callable[[Formulas, Array, tuple[int, ...]], Any]:
    """A reduction by a function of two."""

    def reduced(formulas: Formulas, x: Array, dims: tuple[int, ...]) -> Any:
        ufunc = np.frompyfunc(
            lambda a, b: Scalar(formulas, meaning(formulas, number_of(formulas, a), number_of(formulas, b))),
            2,
            1,
        )
        for dim in sorted([each % x.ndim for each in dims], reverse=True):
            x = np.asarray(ufunc.reduce(x, axis=dim), object)
        return x

    return reduced


def _log_sum_exp(formulas: Formulas, x: Array, dim: int) -> Any:
    each = np.frompyfunc(lambda a: Scalar(formulas, formulas.function("exp", number_of(formulas, a))), 1, 1)
    log = np.frompyfunc(lambda a: Scalar(formulas, formulas.function("log", number_of(formulas, a))), 1, 1)
    return log(np.asarray(np.add.reduce(each(x), axis=dim), object))


def _log_softmax(formulas: Formulas, x: Array, dim: int) -> Any:
    return x - np.expand_dims(np.asarray(_log_sum_exp(formulas, x, dim), object), dim)


def _norm(formulas: Formulas, x: Array, dims: tuple[int, ...]) -> Any:
    root = np.frompyfunc(lambda a: Scalar(formulas, formulas.function("sqrt", number_of(formulas, a))), 1, 1)
    return root(np.asarray(np.add.reduce(x * x, axis=dims), object))


def _cast(formulas: Formulas, x: Array, dtype: np.dtype[Any]) -> Any:
    """To whole numbers by cutting, to bools by what is not 0; floats are the same numbers."""
    if dtype.kind == "f":
        return x

    def one(a: Any) -> Scalar:
        number = number_of(formulas, a)
        if dtype.kind == "b":
            return Scalar(formulas, formulas.test("!=", number, formulas.constant(0)))
        return Scalar(formulas, formulas.function("trunc", number))

    return np.frompyfunc(one, 1, 1)(x)


OTHERS: Mapping[str, Callable[..., Any]] = {
    "amax": _folded(_maximum),
    "amin": _folded(_minimum),
    "logsumexp": _log_sum_exp,
    "log_softmax": _log_softmax,
    "norm": _norm,
    "cast": _cast,
}
"""Operations whose kernels ask what a value is, or work on floats only."""


def formulas_of(nodes: Sequence[Node], variables: Mapping[Node, int]) -> tuple[Formulas, list[list[int]]]:
    """The elements of nodes as formulas.

    Args:
        nodes: what is wanted.
        variables: nodes of one element, and the index of the variable that each is.

    Returns:
        The formulas, and for each node the numbers of its elements, in order.
    """
    formulas = Formulas()
    values: dict[Node, Any] = {}
    for node, index in variables.items():
        values[node] = _array([Scalar(formulas, formulas.make("variable", (), index))], node.shape)
    order = postorder(nodes, lambda node: () if node in variables else node.inputs)
    for node in order:
        if node not in values:
            values[node] = _value(formulas, node, [values[each] for each in node.inputs])
    return formulas, [
        [number_of(formulas, each) for each in np.asarray(values[node], object).reshape(-1)] for node in nodes
    ]


def _value(formulas: Formulas, node: Node, operands: Sequence[Any]) -> Any:
    if node.op is LEAF or node.op is LITERAL or (node.value is not None and not node.inputs):
        value = np.asarray(node.value)
        if node.size > MOST_ELEMENTS:
            return _opaque(formulas, node, ())
        return value if value.dtype.kind in "bi" else value.astype(np.float64)
    moving = any(_is_formula(each) for each in operands)
    if not moving:
        if node.value is None and not node.inputs:  # drawn at random
            return _opaque(formulas, node, ())
        return np.asarray(node.op.compute(*operands, *node.attrs) if node.value is None else node.value)
    if node.op.constant:  # the derivative has been taken: what is left is the value
        return operands[0]
    if node.size > MOST_ELEMENTS or len(formulas.expressions) > MOST_FORMULAS:
        return _opaque(formulas, node, operands)
    if isinstance(node.op, Elementwise):
        found = np.frompyfunc(_meant(formulas, node), len(operands), 1)(*operands)
        return np.asarray(found, object)
    other = OTHERS.get(node.op.name)
    try:
        if other is not None:
            return np.asarray(other(formulas, *operands, *node.attrs), object)
        found = np.asarray(node.op.compute(*operands, *node.attrs), object)
    except Exception:  # a kernel that was not made for objects may raise anything
        return _opaque(formulas, node, operands)
    return found if found.shape == node.shape else _opaque(formulas, node, operands)


def _is_formula(value: Any) -> bool:
    return getattr(value, "dtype", None) == np.dtype(object)


def _opaque(formulas: Formulas, node: Node, operands: Sequence[Any]) -> Any:
    """A value of which nothing is known but what it is made of."""
    inputs = [
        each.number for operand in operands if _is_formula(operand)
        for each in operand.reshape(-1)[:MOST_ELEMENTS] if type(each) is Scalar
    ]  # fmt: skip
    size = min(node.size, MOST_ELEMENTS)
    elements = [Scalar(formulas, formulas.unknown(inputs, node, (node, at))) for at in range(size)]
    if node.size > MOST_ELEMENTS:
        return np.broadcast_to(np.array(elements[:1], object), node.shape)
    return _array(elements, node.shape)


def _array(elements: Sequence[Scalar], shape: tuple[int, ...]) -> Array:
    array = np.empty(len(elements), object)
    array[:] = elements
    return array.reshape(shape)
