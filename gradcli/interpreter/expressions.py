"""Expressions as closures: literals, names, operators, f-strings.

One function for each kind of tree node, listed in `scopes.EXPRESSIONS`. A closure does as little as its
node needs: what can be decided from the tree is decided when it is made.
Other kinds are in files of their own, which `scopes` lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.interpreter.scopes import EXPRESSIONS, Scope
from gradcli.syntax import tree
from gradcli.values import operators
from gradcli.values.conversions import truth
from gradcli.values.formatting import formatted

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.tape.node import Shape
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Evaluate, Frame

_MANY = 16
"""Chains of more links are evaluated without a closure for each, where they run once."""

# ---- literals and names --------------------------------------------------------------------------


def _literal(scope: Scope, node: tree.Literal) -> Evaluate:
    value = node.value
    if type(value) is int:
        operators.whole(value, node.span)
    return lambda frame: value


def _name(scope: Scope, node: tree.Name) -> Evaluate:
    return scope.load(node.name, node.span)


def _fstring(scope: Scope, node: tree.FString) -> Evaluate:
    runtime = scope.runtime
    parts: list[Evaluate] = []
    for part in node.parts:
        parts.append(_text(part) if isinstance(part, str) else _field(scope, part))

    def run(frame: Frame) -> str:
        texts = []
        length = 0
        for part in parts:
            texts.append(part(frame))
            length += len(texts[-1])
            runtime.limits.text(length, node.span)
        runtime.limits.room(length, node.span, "text", 1)
        return "".join(texts)

    return run


def _text(text: str) -> Evaluate:
    return lambda frame: text


def _field(scope: Scope, field: tree.Field) -> Evaluate:
    runtime, session = scope.runtime, scope.runtime.session
    value = scope.expression(field.value)
    spec = _fstring(scope, field.spec) if field.spec is not None else None
    prefix = field.text or ""
    # `{x=}` shows the repr unless a format says otherwise, as in Python.
    conversion = field.conversion or ("r" if field.text is not None and spec is None else None)
    span = field.span

    def run(frame: Frame) -> str:
        shown = value(frame)
        wanted = spec(frame) if spec is not None else ""
        session.span = span
        return prefix + formatted(runtime, shown, wanted, conversion)

    return run


# ---- operators -----------------------------------------------------------------------------------


def _unary(scope: Scope, node: tree.Unary) -> Evaluate:
    operand, span, session = scope.expression(node.operand), node.span, scope.runtime.session
    runtime = scope.runtime
    if node.operator == "not":
        return lambda frame: not truth(runtime, operand(frame), span)
    if node.operator == "-":
        literal = node.operand
        if type(literal) is tree.Literal and type(literal.value) in (int, float):
            negated = operators.negative(literal.value, span, runtime)
            return lambda frame: negated

        def negate(frame: Frame) -> Any:
            value = operand(frame)
            if type(value) is Tensor:
                session.span = span
                return session.negate(value)
            return operators.negative(value, span, runtime)

        return negate
    if node.operator == "+":

        def positive(frame: Frame) -> Any:
            value = operand(frame)
            return value if type(value) is Tensor else operators.positive(value, span, runtime)

        return positive

    def invert(frame: Frame) -> Any:
        value = operand(frame)
        if type(value) is Tensor:
            session.span = span
            return session.invert(value)
        return operators.inverted(value, span, runtime)

    return invert


def _chain(scope: Scope, node: tree.Chain) -> Evaluate:
    if len(node.links) > _MANY and not scope.repeats and scope.runtime.together is None:
        from gradcli.interpreter.postfix import chain

        return chain(scope, node)
    if len(node.links) == 1:
        link = node.links[0]
        return _binary(
            scope, link.operator, scope.expression(node.first), scope.expression(link.operand), node.span
        )
    runtime, session = scope.runtime, scope.runtime.session
    operate, plain = session.operate, operators.plain
    first = scope.expression(node.first)
    start = node.first.span[0]
    links = [(link.operator, scope.expression(link.operand), (start, link.span[1])) for link in node.links]
    links[-1] = (*links[-1][:2], node.span)  # with the brackets around it

    def run(frame: Frame) -> Any:
        left = first(frame)
        for symbol, operand, span in links:
            right = operand(frame)
            if type(left) is Tensor or (type(right) is Tensor and type(left) is not str):
                session.span = span
                left = operate(symbol, left, right)
            else:
                left = plain(symbol, left, right, span, runtime)
        return left

    return run


def _binary(scope: Scope, symbol: str, first: Evaluate, second: Evaluate, span: Span) -> Evaluate:
    runtime, session = scope.runtime, scope.runtime.session
    if symbol == "^":
        if runtime.torch:
            return _refused(span)
        power = caret(runtime)
        return lambda frame: power(first(frame), second(frame), span)
    operate, plain = session.operate, operators.plain

    def run(frame: Frame) -> Any:
        left = first(frame)
        right = second(frame)
        # A text with a tensor on the right is "%.4f" % loss.
        if type(left) is Tensor or (type(right) is Tensor and type(left) is not str):
            session.span = span
            return operate(symbol, left, right)
        return plain(symbol, left, right, span, runtime)

    return run


def caret(runtime: Runtime) -> Callable[[Any, Any, Span], Any]:
    """`^`, which is power here and exclusive or in Python: refused where that could be meant."""
    session = runtime.session

    def power(left: Any, right: Any, span: Span) -> Any:
        if type(left) is Tensor or type(right) is Tensor:
            session.span = span
            if discrete(left) and discrete(right):
                raise exclusive_or(span)
            if type(left) is Tensor and type(right) is int and right < 0 and _is_square(left.shape):
                runtime.warn(
                    f"^{right} is taken of each element; the inverse of a matrix is inverse(A), its powers "
                    f"are matrix_power(A, {right})"
                )
            return session.operate("**", left, right)
        if type(left) is bool and type(right) is bool:
            raise exclusive_or(span)
        return operators.plain("**", left, right, span, runtime)

    return power


def _is_square(shape: Shape) -> bool:
    return len(shape) == 2 and shape[0] == shape[1] > 1


def discrete(value: Any) -> bool:
    """Whether a value is a bool or an integer, or a tensor of them."""
    return value.dtype.kind != "f" if type(value) is Tensor else type(value) in (bool, int)


def exclusive_or(span: Span) -> GradcliError:
    """The error for a `^` that could mean exclusive or."""
    return GradcliError(
        "dtype",
        "^ is power here, but exclusive or of bools and integers in Python",
        span=span,
        hint="write ** for power, or != for exclusive or of bools",
    )


def _refused(span: Span) -> Evaluate:
    """`^` in a PyTorch script."""

    def run(frame: Frame) -> Any:
        message = "^ is exclusive or in Python, and power on a calculator"
        raise GradcliError(
            "bad-argument", message, span=span, hint="write ** for power, or != for exclusive or of bools"
        )

    return run


def _logical(scope: Scope, node: tree.Logical) -> Evaluate:
    runtime = scope.runtime
    *most, last = [(scope.expression(each), each.span) for each in node.operands]
    stops_at = node.operator == "or"
    final = last[0]

    def run(frame: Frame) -> Any:
        for operand, span in most:
            value = operand(frame)
            if truth(runtime, value, span) is stops_at:
                return value
        return final(frame)

    return run


def _conditional(scope: Scope, node: tree.Conditional) -> Evaluate:
    runtime, span = scope.runtime, node.test.span
    test, then, otherwise = scope.expressions((node.test, node.then, node.otherwise))
    return lambda frame: then(frame) if truth(runtime, test(frame), span) else otherwise(frame)


def _starred(scope: Scope, node: tree.Starred) -> Evaluate:
    raise GradcliError(
        "syntax", "a * is only possible in a call, a list, a tuple and a target", span=node.span
    )


EXPRESSIONS.update(
    {
        tree.Literal: _literal,
        tree.Name: _name,
        tree.FString: _fstring,
        tree.Unary: _unary,
        tree.Chain: _chain,
        tree.Logical: _logical,
        tree.Conditional: _conditional,
        tree.Starred: _starred,
    }
)
