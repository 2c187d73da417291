"""Comparisons, logic and bits: the rows of the functions whose results are masks or whole numbers."""

from __future__ import annotations

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.registry import function, primitive
from gradcli.tape import primitives
from gradcli.tape.node import FLOATS, Node, Operand
from gradcli.tape.promote import meeting_type, torch_name

LOGIC = "comparison and logic"

primitive(LOGIC, e.isfinite, "input", "where x is neither infinite nor nan")
primitive(LOGIC, e.isinf, "input", "where x is infinite")
primitive(LOGIC, e.isnan, "input", "where x is nan")
primitive(LOGIC, e.signbit, "input", "where x has a minus, -0.0 included")
primitive(LOGIC, primitives.logical_not, "input", "where x is zero")
primitive(LOGIC, e.eq, "input, other", "where two tensors are equal")
primitive(LOGIC, e.ne, "input, other", "where two tensors differ", "ne", "not_equal")
primitive(LOGIC, e.lt, "input, other", "where input < other", "lt", "less")
primitive(LOGIC, e.le, "input, other", "where input <= other", "le", "less_equal")
primitive(LOGIC, e.gt, "input, other", "where input > other", "gt", "greater")
primitive(LOGIC, e.ge, "input, other", "where input >= other", "ge", "greater_equal")
primitive(LOGIC, e.logical_and, "input, other", "where both are nonzero")
primitive(LOGIC, e.logical_or, "input, other", "where one is nonzero")
primitive(LOGIC, e.logical_xor, "input, other", "where exactly one is nonzero")


@function(LOGIC, "bitwise_and")
def bitwise_and(input: Operand, other: Operand) -> Node:
    """input & other, for masks and integers"""
    return e.bitwise_and(*_whole("and", input, other))


@function(LOGIC, "bitwise_or")
def bitwise_or(input: Operand, other: Operand) -> Node:
    """input | other, for masks and integers"""
    return e.bitwise_or(*_whole("or", input, other))


@function(LOGIC, "bitwise_xor")
def bitwise_xor(input: Operand, other: Operand) -> Node:
    """the exclusive or, for masks and integers"""
    return e.bitwise_xor(*_whole("xor", input, other))


@function(LOGIC, "bitwise_not")
def bitwise_not(input: Operand) -> Node:
    """~input: the opposite of a mask"""
    return e.bitwise_not(*_whole("not", input))


def _whole(name: str, *operands: Operand) -> tuple[Operand, ...]:
    dtype = meeting_type(*operands)
    if dtype in FLOATS:
        raise GradcliError(
            "dtype",
            f"\"bitwise_{name}_cpu\" not implemented for '{torch_name(dtype)}'",
            hint="masks and integers have bits: compare first, as in (x > 0) & (x < 1)",
        )
    return operands
