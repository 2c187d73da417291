"""PyTorch's elementwise functions over the primitives: the rows with one line each, and the compositions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.run import value
from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.registry import function, own_method, primitive
from gradcli.tape import primitives
from gradcli.tape.node import BOOL, FLOAT32, FLOAT64, FLOATS, Node, Operand, filling, leaf
from gradcli.tape.partials import Cost
from gradcli.tape.primitives import as_node, cast, require_float, scale
from gradcli.tape.promote import floating, result_type, torch_name

if TYPE_CHECKING:
    from gradcli.ops.rows import Arguments, Naming

UNARY, BINARY = "unary", "binary"
ACTIVATION = "activation"

# ---- one line each: name, primitive, what it does ----

primitive(UNARY, e.sign, "input", "the sign: -1, 0 or 1")
primitive(UNARY, e.sgn, "input", "the sign: -1, 0 or 1")
primitive(UNARY, e.absolute, "input", "|x|, with derivative 0 at 0", "abs", "absolute")
primitive(UNARY, e.sqrt, "input", "the square root; its derivative at 0 is inf")
primitive(UNARY, e.rsqrt, "input", "1/sqrt(x)")
primitive(UNARY, e.reciprocal, "input", "1/x")
primitive(UNARY, e.exp, "input", "e to the power x")
primitive(UNARY, e.exp2, "input", "2 to the power x")
primitive(UNARY, e.expm1, "input", "exp(x) - 1, exact near 0")
primitive(UNARY, e.log, "input", "the natural logarithm")
primitive(UNARY, e.log2, "input", "the logarithm to base 2")
primitive(UNARY, e.log10, "input", "the logarithm to base 10")
primitive(UNARY, e.log1p, "input", "log(1 + x), exact near 0")
primitive(UNARY, e.sin, "input", "the sine of an angle in radians")
primitive(UNARY, e.cos, "input", "the cosine of an angle in radians")
primitive(UNARY, e.tan, "input", "the tangent of an angle in radians")
primitive(UNARY, e.asin, "input", "the inverse sine, in radians", "asin", "arcsin")
primitive(UNARY, e.acos, "input", "the inverse cosine, in radians", "acos", "arccos")
primitive(UNARY, e.atan, "input", "the inverse tangent, in radians", "atan", "arctan")
primitive(UNARY, e.sinh, "input", "the hyperbolic sine")
primitive(UNARY, e.cosh, "input", "the hyperbolic cosine")
primitive(UNARY, e.tanh, "input", "the hyperbolic tangent")
primitive(UNARY, e.asinh, "input", "the inverse hyperbolic sine", "asinh", "arcsinh")
primitive(UNARY, e.acosh, "input", "the inverse hyperbolic cosine", "acosh", "arccosh")
primitive(UNARY, e.atanh, "input", "the inverse hyperbolic tangent", "atanh", "arctanh")
primitive(UNARY, e.erf, "input", "the error function")
primitive(UNARY, e.floor, "input", "the largest integer not above x")
primitive(UNARY, e.ceil, "input", "the smallest integer not below x")
primitive(UNARY, e.trunc, "input", "x without its fraction", "trunc", "fix")
primitive(ACTIVATION, e.sigmoid, "input", "1/(1 + exp(-x))", "sigmoid", "expit")

primitive(BINARY, e.maximum, "input, other", "the larger of two; a tie is split in half")
primitive(BINARY, e.minimum, "input, other", "the smaller of two; a tie is split in half")
primitive(
    BINARY, e.atan2, "input, other", "the angle of the point (other, input), in radians", "atan2", "arctan2"
)
primitive(BINARY, e.hypot, "input, other", "sqrt(input**2 + other**2), without overflow", "hypot")
primitive(BINARY, e.logaddexp, "input, other", "log(exp(input) + exp(other)), without overflow")


# ---- arithmetic ----


def by_number(parameter: str, tensor: str, number: str) -> Naming:
    """The name of a `grad_fn` that depends on whether a parameter is a tensor or a number."""
    return lambda call: tensor if isinstance(call[parameter], Node) else number


def _both_bool(left: Operand, right: Operand) -> bool:
    return all(
        each.dtype is BOOL if isinstance(each, Node) else isinstance(each, bool) for each in (left, right)
    )


def _weighed(input: Operand, other: Operand, alpha: Any) -> tuple[Node, Any]:
    """`other` and its factor in the dtype of a sum with `input`; a fraction of integers is refused."""
    dtype = result_type((input, other))
    if isinstance(alpha, bool) and dtype is not BOOL:
        raise GradcliError("dtype", "Boolean alpha only supported for Boolean results.")
    if isinstance(alpha, float) and dtype not in FLOATS:
        raise GradcliError(
            "dtype",
            "For integral input tensors, argument alpha must not be a floating point number.",
            hint="make the tensors floating with .float(), or write their numbers with a point",
        )
    return primitives.as_dtype(other, dtype), bool(alpha) if dtype is BOOL else filling(alpha, dtype)


def _times(factor: Operand, other: Node) -> Node:
    return primitives.mul(factor, other) if isinstance(factor, Node) else scale(other, factor)


def rounded_once(term: Operand, factor: Operand, other: Node) -> Node:
    """term + factor*other in the dtype of `other`; float32 is rounded once, as PyTorch's vectors do it."""
    if other.dtype is not FLOAT32 or _is_power_of_two(factor):
        return primitives.add(term, _times(factor, other))

    from gradcli.ops.layout import in_one_step

    def wide(each: Operand) -> Node:
        return cast(primitives.as_dtype(each, FLOAT32), FLOAT64)

    by = wide(factor) if isinstance(factor, Node) else float(np.float32(factor))
    made = cast(primitives.add(wide(term), _times(by, wide(other))), FLOAT32)
    return in_one_step(made, [each for each in (term, factor, other) if isinstance(each, Node)])


def _is_power_of_two(factor: Operand) -> bool:
    """Whether a float32 times this number is exact."""
    return not isinstance(factor, Node) and abs(math.frexp(np.float32(factor))[0]) in (0.0, 0.5)


@function(UNARY, "neg", "negative")
def neg(input: Operand) -> Node:
    """-x"""
    if _both_bool(input, True):
        raise GradcliError(
            "dtype",
            "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a "
            "mask, use the `~` or `logical_not()` operator instead.",
        )
    return primitives.neg(input)


@function(BINARY, "add")
def add(input: Operand, other: Operand, *, alpha: float = 1) -> Node:
    """input + alpha*other"""
    if alpha == 1 and type(alpha) is int:
        return primitives.add(input, other)
    other, alpha = _weighed(input, other, alpha)
    return rounded_once(input, alpha, other)


def bool_difference(left: Operand, right: Operand) -> GradcliError:
    """PyTorch's error for a difference of which a side is true or false."""
    if _both_bool(left, right):
        return GradcliError(
            "dtype",
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
            "`logical_xor()` operator instead.",
            hint="use logical_xor, or ~ for the opposite of a mask",
        )
    return GradcliError(
        "dtype",
        "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to "
        "invert a mask, use the `~` or `logical_not()` operator instead.",
    )


@function(BINARY, "sub", "subtract", grad_fn=by_number("input", "Sub", "RsubBackward1"))
def sub(input: Operand, other: Operand, *, alpha: float = 1) -> Node:
    """input - alpha*other"""
    for each in (input, other):
        if (each.dtype is BOOL) if isinstance(each, Node) else isinstance(each, bool):
            raise bool_difference(input, other)
    if alpha == 1 and type(alpha) is int:
        return primitives.sub(input, other)
    other, alpha = _weighed(input, other, alpha)
    if other.dtype is FLOAT32:
        return rounded_once(input, -alpha, other)
    return primitives.sub(input, scale(other, alpha))


@function(BINARY, "rsub", grad_fn=by_number("other", "Rsub", "RsubBackward1"))
def rsub(input: Operand, other: Operand, *, alpha: float = 1) -> Node:
    """other - alpha*input"""
    return sub(other, input, alpha=alpha)  # type: ignore[no-any-return]


@function(BINARY, "mul", "multiply")
def mul(input: Operand, other: Operand) -> Node:
    """input * other"""
    return primitives.mul(input, other)


def _div_name(call: Arguments) -> str:
    if "rounding_mode" in call.explicit:
        return "DivBackward2"
    return "Div" if isinstance(call["input"], Node) else "Mul"


@function(BINARY, "div", "divide", "true_divide", grad_fn=_div_name)
def div(input: Operand, other: Operand, *, rounding_mode: str | None = None) -> Node:
    """input / other; rounding_mode "floor" or "trunc" rounds the quotient, with derivative 0"""
    if rounding_mode is None:
        return primitives.div(input, other)
    if rounding_mode == "floor":
        return e.floor_divide(input, divisor(input, other))
    if rounding_mode == "trunc":
        return e.trunc_divide(input, divisor(input, other))
    raise GradcliError(
        "bad-argument",
        f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'",
    )


def undifferentiable(name: str, hint: str | None = None) -> Any:
    """A partial derivative that PyTorch refuses to take."""

    def partial(*values: Any) -> Operand:
        raise GradcliError("no-grad", f"derivative for aten::{name} is not implemented", hint=hint)

    return partial


def divisor(input: Operand, other: Operand) -> Operand:
    """`other`, by which `input` is divided: among integers it must not be zero, if there are any."""
    if result_type((input, other)) in FLOATS or 0 in as_node(input).shape:
        return other
    if not np.all(value(as_node(other))):
        raise GradcliError(
            "bad-argument",
            "ZeroDivisionError",
            hint="integers were divided by zero: divide floating-point numbers for inf and nan",
        )
    return other


_floor_divide = primitives.Elementwise(
    "floor_divide",
    e.floor_divide.kernel,
    *[undifferentiable("floor_divide", "div(x, y, rounding_mode='floor') has derivative 0")] * 2,
    result="same",
    cost=Cost.LIBRARY,
)


@function(BINARY, "floor_divide", grad_fn="NotImplemented")
def floor_divide(input: Operand, other: Operand) -> Node:
    """the quotient rounded down; it has no derivative"""
    return _floor_divide(input, divisor(input, other))


@function(BINARY, "remainder", grad_fn=by_number("other", "RemainderBackward1", "RemainderBackward0"))
def remainder(input: Operand, other: Operand) -> Node:
    """the remainder with the sign of the divisor"""
    return e.remainder(input, divisor(input, other))


@function(BINARY, "fmod", grad_fn=by_number("other", "FmodBackward1", "FmodBackward0"))
def fmod(input: Operand, other: Operand) -> Node:
    """the remainder with the sign of the dividend"""
    return e.fmod(input, divisor(input, other))


def pow_name(call: Arguments) -> str:
    if not isinstance(call["exponent"], Node):
        return "PowBackward0"
    return "PowBackward1" if isinstance(call["input"], Node) else "PowBackward2"


@function(BINARY, "pow", grad_fn=pow_name)
def pow(input: Operand, exponent: Operand) -> Node:
    """input to the power exponent; the derivative of x**0 is 0"""
    if isinstance(input, Node) and not isinstance(exponent, Node):
        if input.dtype not in FLOATS:
            input = primitives.cast(input, result_type((input, exponent)))
            if input.dtype not in FLOATS and exponent < 0:
                raise GradcliError("bad-argument", "Integers to negative integer powers are not allowed.")
            exponent = filling(exponent, input.dtype)
        return e.power_number(input, attrs=(exponent,))
    return e.power(input, exponent)


@function(UNARY, "square", grad_fn="Pow")
def square(input: Operand) -> Node:
    """x*x"""
    return pow(as_node(input), 2)  # type: ignore[no-any-return]


@function(UNARY, "positive")
def positive(input: Operand) -> Node:
    """x itself"""
    x = as_node(input)
    if x.dtype is BOOL:
        raise GradcliError("dtype", "The `+` operator, on a bool tensor is not supported.")
    return x


@function(UNARY, "real")
def real(input: Operand) -> Node:
    """x itself"""
    return as_node(input)


@function(UNARY, "round", grad_fn=lambda call: "RoundBackward1" if "decimals" in call.explicit else "Round")
def round_(input: Operand, *, decimals: int = 0) -> Node:
    """the nearest whole number, or decimal of so many digits; halves go to the even one"""
    x = as_node(input)
    if not decimals:
        return e.rint(x)
    return e.round_decimals(require_float(x, "round", "round_cpu"), attrs=(decimals,))


@function(UNARY, "frac")
def frac(input: Operand) -> Node:
    """the fraction of x: x - trunc(x)"""
    x = require_float(input, "frac")
    return primitives.sub(x, e.trunc(x))


@function(UNARY, "deg2rad")
def deg2rad(input: Operand) -> Node:
    """degrees as radians"""
    return scale(as_float(input), math.pi / 180)


@function(UNARY, "rad2deg")
def rad2deg(input: Operand) -> Node:
    """radians as degrees"""
    return scale(as_float(input), 180 / math.pi)


def as_float(input: Operand) -> Node:
    """The operand as a node of a floating dtype, converted if need be."""
    x = as_node(input)
    return primitives.cast(x, floating(x.dtype))


@function(UNARY, "nan_to_num")
def nan_to_num(
    input: Operand, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
) -> Node:
    """nan and infinities replaced by numbers: by default 0 and the largest and smallest of the dtype"""
    return e.nan_to_num(input, attrs=(nan, posinf, neginf))


# ---- selection ----


@function(BINARY, "where")
def where(condition: Operand, input: Operand | None = None, other: Operand | None = None) -> Any:
    """input where the condition holds, other elsewhere; alone, the indices where it holds"""
    if input is None and other is None:
        return tuple([leaf(index) for index in np.nonzero(np.atleast_1d(value(as_node(condition))))])
    if input is None or other is None:
        raise GradcliError("bad-argument", "where() takes a condition and two tensors, or a condition alone")
    if isinstance(condition, Node) and condition.dtype not in (BOOL, np.uint8):
        raise GradcliError(
            "dtype",
            "where expected condition to be a boolean tensor, but got a tensor with dtype "
            f"{torch_name(condition.dtype)}",
            hint="compare first, as in where(x > 0, x, 0)",
        )
    if not isinstance(other, Node) or not isinstance(input, Node):
        dtype = result_type((input, other))
        if dtype not in FLOATS:
            input, other = [
                each if isinstance(each, Node) else filling(each, dtype) for each in (input, other)
            ]
    return primitives.where(condition, input, other)


@own_method(BINARY, "where")
def where_method(input: Operand, condition: Operand, other: Operand) -> Any:
    """input where the condition holds, other elsewhere"""
    return where(condition, input, other)


@function(
    BINARY,
    "clamp",
    "clip",
    grad_fn=lambda call: (
        "Clamp" if isinstance(call["min"], Node) or isinstance(call["max"], Node) else "ClampBackward1"
    ),
)
def clamp(input: Operand, min: Operand | None = None, max: Operand | None = None) -> Node:
    """input held between min and max; the derivative is 1 at the bounds"""
    if min is None and max is None:
        raise GradcliError("bad-argument", "torch.clamp: At least one of 'min' or 'max' must not be None")
    x = as_node(input)
    if not isinstance(min, Node) and not isinstance(max, Node):
        bounds = tuple(bound for bound in (min, max) if bound is not None)
        dtype = result_type((x, *bounds))
        held = [bound if bound is None else filling(bound, dtype) for bound in (min, max)]
        return e.clamp_number(primitives.cast(x, dtype), attrs=tuple(held))
    if min is None:
        assert max is not None
        return e.clamp_max(x, max)
    return e.clamp_min(x, min) if max is None else e.clamp_tensor(x, min, max)


# ---- activations of the base language ----


@function(ACTIVATION, "relu")
def relu(input: Operand, inplace: bool = False) -> Node:
    """max(input, 0), with derivative 0 at 0"""
    if isinstance(input, Node) and input.dtype is BOOL:
        raise GradcliError("dtype", "Boolean inputs not supported for relu")
    return e.relu(input)


@function(ACTIVATION, "silu", method=False)
def silu(input: Operand, inplace: bool = False) -> Node:
    """input*sigmoid(input)"""
    return primitives.mul(input, e.sigmoid(input))


@function(ACTIVATION, "gelu", method=False)
def gelu(input: Operand, approximate: str = "none") -> Node:
    """input times the normal distribution function at input, or (approximate="tanh") nearly that"""
    x = as_node(input)
    if approximate == "none":
        return primitives.mul(x, e.ndtr(x))
    if approximate == "tanh":
        # (1 + tanh(u))/2 is sigmoid(2*u), without its cancellation. Far out both are constant, but
        # the cube would overflow.
        near = e.clamp_number(x, attrs=(-100.0, 100.0))
        cubic = primitives.add(near, scale(e.power_number(near, attrs=(3,)), 0.044715))
        return primitives.mul(x, e.sigmoid(scale(cubic, 2 * 0.7978845608028654)))
    raise GradcliError("bad-argument", "approximate argument must be either none or tanh.")


@function(ACTIVATION, "softplus", method=False)
def softplus(input: Operand, beta: float = 1.0, threshold: float = 20.0) -> Node:
    """log(1 + exp(beta*x))/beta, and x itself where beta*x > threshold"""
    return e.softplus(input, attrs=(beta, threshold))
