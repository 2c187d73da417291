"""PyTorch's elementwise functions over the primitives: the rows with one line each, and the compositions."""

from __future__ import annotations

from typing import Any

from gradcli.errors import GradcliError
from gradcli.ops import core
from gradcli.ops import elementwise as e
from gradcli.ops.core import Operand, as_node, scale
from gradcli.ops.registry import function, primitive
from gradcli.tape.node import BOOL, FLOATS, Node

UNARY, BINARY = "unary", "binary"

# ---- one line each: name, primitive, what it does ----

primitive(UNARY, e.sign, "input", "the sign: -1, 0 or 1", "sign", "sgn")
primitive(UNARY, core.neg, "input", "-x", "neg", "negative")
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
primitive(UNARY, e.isfinite, "input", "where x is neither infinite nor nan")
primitive(UNARY, e.isinf, "input", "where x is infinite")
primitive(UNARY, e.isnan, "input", "where x is nan")
primitive(UNARY, core.logical_not, "input", "where x is zero")
primitive("nn", e.sigmoid, "input", "1/(1 + exp(-x))", "sigmoid", "expit")
primitive("nn", e.relu, "input", "max(x, 0), with derivative 0 at 0")

primitive(BINARY, e.eq, "input, other", "where two tensors are equal")
primitive(BINARY, e.ne, "input, other", "where two tensors differ", "ne", "not_equal")
primitive(BINARY, e.lt, "input, other", "where input < other", "lt", "less")
primitive(BINARY, e.le, "input, other", "where input <= other", "le", "less_equal")
primitive(BINARY, e.gt, "input, other", "where input > other", "gt", "greater")
primitive(BINARY, e.ge, "input, other", "where input >= other", "ge", "greater_equal")
primitive(BINARY, e.logical_and, "input, other", "where both are nonzero")
primitive(BINARY, e.logical_or, "input, other", "where one is nonzero")
primitive(BINARY, e.logical_xor, "input, other", "where exactly one is nonzero")
primitive(BINARY, e.maximum, "input, other", "the larger of two; a tie is split in half")
primitive(BINARY, e.minimum, "input, other", "the smaller of two; a tie is split in half")
primitive(
    BINARY, e.atan2, "input, other", "the angle of the point (other, input), in radians", "atan2", "arctan2"
)
primitive(BINARY, e.hypot, "input, other", "sqrt(input**2 + other**2), without overflow", "hypot")
primitive(BINARY, e.logaddexp, "input, other", "log(exp(input) + exp(other)), without overflow")
primitive(BINARY, e.remainder, "input, other", "the remainder with the sign of the divisor")
primitive(BINARY, e.fmod, "input, other", "the remainder with the sign of the dividend")


# ---- arithmetic ----


def _both_bool(left: Operand, right: Operand) -> bool:
    return all(
        each.dtype is BOOL if isinstance(each, Node) else isinstance(each, bool) for each in (left, right)
    )


@function(BINARY, "add")
def add(input: Operand, other: Operand, *, alpha: float = 1) -> Node:
    """input + alpha*other"""
    return core.add(input, other if alpha == 1 else scale(as_node(other), alpha))


@function(BINARY, "sub", "subtract")
def sub(input: Operand, other: Operand, *, alpha: float = 1) -> Node:
    """input - alpha*other"""
    if _both_bool(input, other):
        raise GradcliError(
            "dtype",
            "Subtraction, the `-` operator, with two bool tensors is not supported.",
            hint="use logical_xor, or ~ for the opposite of a mask",
        )
    return core.sub(input, other if alpha == 1 else scale(as_node(other), alpha))


@function(BINARY, "rsub")
def rsub(input: Operand, other: Operand, *, alpha: float = 1) -> Node:
    """other - alpha*input"""
    return sub(other, input, alpha=alpha)  # type: ignore[no-any-return]


@function(BINARY, "mul", "multiply")
def mul(input: Operand, other: Operand) -> Node:
    """input * other"""
    return core.mul(input, other)


@function(BINARY, "div", "divide", "true_divide")
def div(input: Operand, other: Operand, *, rounding_mode: str | None = None) -> Node:
    """input / other; rounding_mode "floor" or "trunc" rounds the quotient"""
    if rounding_mode is None:
        return core.div(input, other)
    if rounding_mode == "floor":
        return e.floor_divide(input, other)
    if rounding_mode == "trunc":
        quotient = core.div(input, other)
        dtype = core.result_type((input, other))
        return core.cast(e.trunc(quotient), dtype)
    raise GradcliError(
        "bad-argument",
        f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'",
    )


@function(BINARY, "floor_divide")
def floor_divide(input: Operand, other: Operand) -> Node:
    """the quotient rounded down"""
    return e.floor_divide(input, other)


@function(BINARY, "pow")
def pow(input: Operand, exponent: Operand) -> Node:
    """input to the power exponent; the derivative of x**0 is 0"""
    if isinstance(input, Node) and not isinstance(exponent, Node):
        if input.dtype not in FLOATS:
            if isinstance(exponent, float):
                return e.power_number(core.cast(input, core.floating(input.dtype)), attrs=(exponent,))
            if exponent < 0:
                raise GradcliError("bad-argument", "Integers to negative integer powers are not allowed.")
        return e.power_number(input, attrs=(exponent,))
    return e.power(input, exponent)


@function(UNARY, "square", grad_fn="Pow")
def square(input: Operand) -> Node:
    """x*x"""
    return e.power_number(as_node(input), attrs=(2,))


@function(UNARY, "positive")
def positive(input: Operand) -> Node:
    """x itself"""
    return as_node(input)


@function(BINARY, "bitwise_and")
def bitwise_and(input: Operand, other: Operand) -> Node:
    """input & other, for masks and integers"""
    return e.bitwise_and(*_whole("&", input, other))


@function(BINARY, "bitwise_or")
def bitwise_or(input: Operand, other: Operand) -> Node:
    """input | other, for masks and integers"""
    return e.bitwise_or(*_whole("|", input, other))


@function(BINARY, "bitwise_xor")
def bitwise_xor(input: Operand, other: Operand) -> Node:
    """the exclusive or, for masks and integers"""
    return e.bitwise_xor(*_whole("xor", input, other))


@function(UNARY, "bitwise_not")
def bitwise_not(input: Operand) -> Node:
    """~input: the opposite of a mask"""
    return e.bitwise_not(*_whole("~", input))


def _whole(symbol: str, *operands: Operand) -> tuple[Operand, ...]:
    for each in operands:
        if (isinstance(each, Node) and each.dtype in FLOATS) or isinstance(each, float):
            raise GradcliError(
                "dtype",
                f"{symbol} needs masks or integers, not floating-point numbers",
                hint="compare first, as in (x > 0) & (x < 1)",
            )
    return operands


# ---- selection ----


@function(BINARY, "where")
def where(condition: Operand, input: Operand, other: Operand) -> Node:
    """input where the condition holds, other elsewhere"""
    return core.where(condition, input, other)


@function(BINARY, "clamp", "clip")
def clamp(input: Operand, min: Operand | None = None, max: Operand | None = None) -> Node:
    """input held between min and max; the derivative is 1 at the bounds"""
    if min is None and max is None:
        raise GradcliError("bad-argument", "torch.clamp: At least one of 'min' or 'max' must not be None")
    x = as_node(input)
    if not isinstance(min, Node) and not isinstance(max, Node):
        bounds = tuple(bound for bound in (min, max) if bound is not None)
        dtype = core.result_type((x, *bounds))
        return e.clamp_number(core.cast(x, dtype), attrs=(min, max))
    low = min if min is not None else core.constant(float("-inf"), x.dtype)
    high = max if max is not None else core.constant(float("inf"), x.dtype)
    return e.clamp_tensor(x, low, high)


# ---- activations of the base language ----


@function("nn", "silu")
def silu(input: Operand) -> Node:
    """x*sigmoid(x)"""
    return core.mul(input, e.sigmoid(input))


@function("nn", "gelu")
def gelu(input: Operand, approximate: str = "none") -> Node:
    """x times the normal distribution function at x, or its tanh approximation"""
    x = as_node(input)
    if approximate == "none":
        return core.mul(x, e.ndtr(x))
    if approximate == "tanh":
        inner = scale(core.add(x, scale(e.power_number(x, attrs=(3,)), 0.044715)), 0.7978845608028654)
        return scale(core.mul(x, core.add(e.tanh(inner), 1)), 0.5)
    raise GradcliError("bad-argument", "approximate argument must be either none or tanh.")


@function("nn", "softplus", method=False)
def softplus(input: Operand, beta: float = 1.0, threshold: float = 20.0) -> Node:
    """log(1 + exp(beta*x))/beta, and x itself where beta*x > threshold"""
    return e.softplus(input, attrs=(beta, threshold))


__all__: list[Any] = []
