"""PyTorch's elementwise functions of two and three tensors beyond arithmetic: primitives and compositions.

Loaded with the function table when a program uses one of them; arithmetic, comparisons, `pow`,
`where` and `clamp` stand in `functions`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.functions import BINARY, by_number, pow, pow_name, rounded_once, undifferentiable
from gradcli.ops.layout import in_one_step
from gradcli.ops.registry import function, primitive
from gradcli.tape import primitives
from gradcli.tape.node import BOOL, FLOAT32, FLOAT64, FLOATS, Node, Operand, filling
from gradcli.tape.partials import Cost, When
from gradcli.tape.primitives import Elementwise, as_dtype, as_node, cast, div, mul, scale, where
from gradcli.tape.promote import broadcast, c_name, floating, meeting_type, result_type, torch_name

if TYPE_CHECKING:
    from gradcli.ops.rows import Arguments, Naming

# ---- the larger and the smaller, ignoring nan: a tie goes to the first ----


def _first_counts(compare: Elementwise) -> When:
    return When(lambda a, b, y: e.logical_or(compare(a, b), e.isnan(b)))


def _second_counts(compare: Elementwise) -> When:
    return When(lambda a, b, y: primitives.logical_not(e.logical_or(compare(a, b), e.isnan(b))))


def _counting(counts: np.ufunc) -> Any:
    """The one of two that counts more, or is no nan; of two zeros the first, whatever their signs."""

    def kernel(a: Any, b: Any, out: Any = None) -> Any:
        first = counts(a, b) | (b != b)
        if out is None:
            return np.where(first, a, b)[()]
        np.copyto(out, b)
        np.copyto(out, a, where=first)
        return out

    return kernel


fmax = Elementwise(
    "fmax",
    _counting(np.greater_equal),
    _first_counts(e.ge),
    _second_counts(e.ge),
    result="same",
    selects=True,
    cost=Cost.ARITHMETIC,
)
fmin = Elementwise(
    "fmin",
    _counting(np.less_equal),
    _first_counts(e.le),
    _second_counts(e.le),
    result="same",
    selects=True,
    cost=Cost.ARITHMETIC,
)
primitive(BINARY, fmax, "input, other", "the larger of two, or the one that is no nan; a tie goes to input")
primitive(BINARY, fmin, "input, other", "the smaller of two, or the one that is no nan; a tie goes to input")

# ---- signs ----


copysign_primitive = Elementwise(
    "copysign",
    np.copysign,
    lambda a, b, y: where(e.eq(a, 0), 0.0, div(y, a)),
    e.saved_zero,
    cost=Cost.ARITHMETIC,
)


@function(BINARY, "copysign", grad_fn=by_number("other", "Copysign", "CopysignBackward1"))
def copysign(input: Operand, other: Operand) -> Node:
    """|input| with the sign of other"""
    return copysign_primitive(input, other)


def _heaviside(x: Any, values: Any, out: Any = None) -> Any:
    # Not np.heaviside: there the step of nan is nan, here 0.
    return e.into(out, np.where(np.equal(x, 0), values, np.greater(x, 0)))


heaviside_primitive = Elementwise(
    "heaviside", _heaviside, *[undifferentiable("heaviside")] * 2, result="same", cost=Cost.SELECTION
)


@function(BINARY, "heaviside", grad_fn="NotImplemented")
def heaviside(input: Operand, values: Operand) -> Node:
    """the step function: 0 below 0, 1 above, and values at 0; it has no derivative"""
    first, second = as_node(input), as_node(values)
    if first.dtype is not second.dtype:
        raise GradcliError("dtype", "heaviside is not yet implemented for tensors with different dtypes.")
    return heaviside_primitive(first, second)


# ---- logarithms of sums, products with logarithms ----

logaddexp2 = Elementwise(
    "logaddexp2",
    np.logaddexp2,
    lambda a, b, y: e.sigmoid(scale(primitives.sub(a, b), e.LN2)),
    lambda a, b, y: e.sigmoid(scale(primitives.sub(b, a), e.LN2)),
    cost=Cost.LIBRARY,
)
primitive(BINARY, logaddexp2, "input, other", "log2(2**input + 2**other), without overflow")


def by_both_numbers(base: str) -> Naming:
    """The name of a `grad_fn` that is numbered by which of `input` and `other` is a number."""

    def name(call: Arguments) -> str:
        if not isinstance(call["input"], Node):
            return base + "Backward1"
        return base + ("Backward0" if isinstance(call["other"], Node) else "Backward2")

    return name


@function(BINARY, "xlogy", grad_fn=by_both_numbers("Xlogy"))
def xlogy(input: Operand, other: Operand) -> Node:
    """input*log(other), and 0 where input is 0"""
    return e.xlogy(input, other)


# ---- powers in double precision ----


@function(BINARY, "float_power", grad_fn=pow_name)
def float_power(input: Operand, exponent: Operand) -> Node:
    """input to the power exponent, always in double precision"""
    base, power = (
        cast(each, FLOAT64) if isinstance(each, Node) else float(each) for each in (input, exponent)
    )
    return pow(base, power)  # type: ignore[no-any-return]


@function(BINARY, "ldexp")
def ldexp(input: Operand, other: Operand) -> Node:
    """input * 2**other"""
    first, second = as_node(input), as_node(other)
    dtype = floating(result_type((first, second)))
    return mul(cast(first, dtype), e.exp2(cast(second, dtype)))


# ---- integers, and the numbers beside a number ----

gcd_primitive = Elementwise("gcd", np.gcd, 0, 0, result="same", cost=Cost.LIBRARY)
lcm_primitive = Elementwise("lcm", np.lcm, 0, 0, result="same", cost=Cost.LIBRARY)


def _integers(op: Elementwise, input: Operand, other: Operand) -> Node:
    dtype = meeting_type(input, other)
    if dtype.kind not in "iu":
        raise GradcliError("dtype", f"\"{op.name}_cpu\" not implemented for '{torch_name(dtype)}'")
    return op(input, other)


@function(BINARY, "gcd", grad_fn="NotImplemented")
def gcd(input: Operand, other: Operand) -> Node:
    """the greatest common divisor of integers"""
    return _integers(gcd_primitive, input, other)


@function(BINARY, "lcm", grad_fn="NotImplemented")
def lcm(input: Operand, other: Operand) -> Node:
    """the least common multiple of integers"""
    return _integers(lcm_primitive, input, other)


nextafter_primitive = Elementwise(
    "nextafter", np.nextafter, When(lambda a, b, y: e.ne(a, b)), 0, cost=Cost.LIBRARY
)


@function(BINARY, "nextafter")
def nextafter(input: Operand, other: Operand) -> Node:
    """the number beside input on the way to other"""
    dtype = meeting_type(input, other)
    if dtype not in FLOATS:
        raise GradcliError("dtype", f"\"nextafter_cpu\" not implemented for '{torch_name(dtype)}'")
    return nextafter_primitive(input, other)


# ---- sums with a factor, between two tensors ----


@function(BINARY, "lerp", grad_fn=by_number("weight", "LerpBackward1", "LerpBackward0"))
def lerp(input: Operand, end: Operand, weight: Operand) -> Node:
    """input + weight*(end - input), exact at both ends"""
    start, end = as_node(input), as_node(end)
    for each, name in ((end, "end"), (weight, "weight")):
        if isinstance(each, Node) and each.dtype is not start.dtype:
            raise GradcliError(
                "dtype",
                f"expected dtype {c_name(start.dtype)} for `{name}` but got dtype {c_name(each.dtype)}",
            )
    if start.dtype not in FLOATS:
        raise GradcliError("dtype", f"\"lerp_kernel_scalar\" not implemented for '{torch_name(start.dtype)}'")
    _meet(start, end, weight)
    step = primitives.sub(end, start)
    if not isinstance(weight, Node):
        weight = filling(weight, start.dtype)
        if abs(weight) < 0.5:
            return rounded_once(start, weight, step)
        left = float(np.float32(weight)) - 1 if start.dtype is FLOAT32 else weight - 1
        return in_one_step(rounded_once(end, left, step), (start, end))
    near = rounded_once(start, weight, step)
    far = rounded_once(end, primitives.sub(weight, 1), step)
    return in_one_step(where(e.lt(e.absolute(weight), 0.5), near, far), (start, end, weight))


def _meet(*operands: Operand) -> None:
    """Raises where shapes don't broadcast, in the order of the operands."""
    broadcast(*[each.shape for each in operands if isinstance(each, Node)])


@function(BINARY, "addcmul")
def addcmul(input: Operand, tensor1: Operand, tensor2: Operand, *, value: float = 1) -> Node:
    """input + value*tensor1*tensor2"""
    _meet(input, tensor1, tensor2)
    first, second, value = _factors(input, tensor1, tensor2, value)
    if first.dtype is BOOL:
        raise GradcliError("dtype", "\"addcmul_cpu_out\" not implemented for 'Bool'")
    if first.dtype is FLOAT32:
        return rounded_once(input, scale(first, value), second)
    return primitives.add(input, scale(mul(first, second), value))


def _factors(input: Operand, left: Operand, right: Operand, value: float) -> tuple[Node, Node, float]:
    """Both tensors and the number in the dtype of a sum with `input`; integers cut its fraction off."""
    dtype = result_type((input, left, right))
    number = filling(value if dtype in FLOATS else int(value), dtype)
    return as_dtype(left, dtype), as_dtype(right, dtype), number


@function(BINARY, "addcdiv")
def addcdiv(input: Operand, tensor1: Operand, tensor2: Operand, *, value: float = 1) -> Node:
    """input + value*tensor1/tensor2"""
    if result_type((tensor1, tensor2)) not in FLOATS:
        raise GradcliError(
            "dtype",
            "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will "
            "perform a true division of tensor1 and tensor2. The historic addcdiv behavior can be "
            "implemented as (input + value * torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer "
            "inputs and as (input + value * tensor1 / tensor2) for float inputs. The future addcdiv "
            "behavior is just the latter implementation: (input + value * tensor1 / tensor2), for all "
            "dtypes.",
            hint="make one of them floating with .float()",
        )
    _meet(input, tensor1, tensor2)
    first, second, value = _factors(input, tensor1, tensor2, value)
    if first.dtype is FLOAT32:
        return primitives.add(input, div(scale(first, value), second))
    return primitives.add(input, scale(div(first, second), value))


# ---- one bound ----


def _one_bound(input: Operand, bound: Operand, op: Elementwise, low: bool) -> Node:
    if isinstance(bound, Node):
        return op(input, bound)
    x = as_node(input)
    return e.clamp_number(as_dtype(x, result_type((x, bound))), attrs=(bound, None) if low else (None, bound))


@function(BINARY, "clamp_min", grad_fn=by_number("min", "ClampMinBackward1", "ClampMinBackward0"))
def clamp_min(input: Operand, min: Operand) -> Node:
    """input, but at least min; the derivative at min is 1"""
    return _one_bound(input, min, e.clamp_min, True)


@function(BINARY, "clamp_max", grad_fn=by_number("max", "ClampMaxBackward1", "ClampMaxBackward0"))
def clamp_max(input: Operand, max: Operand) -> Node:
    """input, but at most max; the derivative at max is 1"""
    return _one_bound(input, max, e.clamp_max, False)
