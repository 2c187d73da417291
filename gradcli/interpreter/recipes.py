"""Tensor expressions in loops and functions: recorded from a recipe once they have been seen to repeat.

What such an expression records depends on the shapes, dtypes and flags of the tensors that go in, and on the
numbers that stand in it. As long as these stay the same, a function written for it makes the nodes, without
the calls, promotions and checks that led to them the first time. Anything else takes the usual way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.autograd.recorder import VIEWS
from gradcli.engine import run as engine
from gradcli.errors import GradcliError
from gradcli.interpreter.attributes import static
from gradcli.interpreter.scopes import UNKNOWN
from gradcli.library.tensor_methods import METHODS
from gradcli.ops import registry
from gradcli.ops.rows import Function
from gradcli.record import Record
from gradcli.syntax import tree
from gradcli.tape.node import FLOATS, LEAF, Node, RecordedCall, in_order_of_making, postorder, was_held
from gradcli.tape.primitives import LITERAL, expand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from gradcli.errors import Span
    from gradcli.interpreter.scopes import Scope
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Evaluate, Frame

    Make = Callable[[Frame], Tensor | None]
    Signature = Sequence[tuple[Any, Any, Any]]

PATIENCE = 8
"""How often an expression is evaluated before it is looked at whether it repeats."""
ATTEMPTS = 8
"""How often it is looked at: one whose operands keep changing gets no recipe."""
MOST_NODES = 60
"""What records more is left to the usual way."""

_OPERATORS = frozenset("+-*/@") | {"**"}
_NUMBERS = (int, float)


def repeated(scope: Scope, node: tree.Expression, evaluate: Evaluate) -> Evaluate:
    """The closure of an expression that is evaluated time and again, made from its usual one."""
    names: dict[str, tree.Expression] = {}
    if _operations(scope, node, names) < 1:
        return evaluate
    loads = [scope.expression(each) for each in names.values()]
    runtime, session, span = scope.runtime, scope.runtime.session, node.span
    context = session.context
    recipe: Recipe | None = None
    former: Signature = ()
    waiting, attempts = PATIENCE, ATTEMPTS

    def run(frame: Frame) -> Any:
        nonlocal recipe, former, waiting, attempts
        if not session.recording:
            return evaluate(frame)
        if recipe is not None:
            if context.default_dtype is recipe.default_dtype:
                try:
                    result = recipe.make(frame)
                except GradcliError:
                    return evaluate(frame)  # it tells in its own order what is missing
                if result is not None:
                    session.span = span
                    return result
            recipe, waiting = None, PATIENCE
        if waiting or not attempts:
            waiting = max(waiting - 1, 0)
            return evaluate(frame)
        try:
            values = [load(frame) for load in loads]
        except GradcliError:
            return evaluate(frame)
        attempts -= 1
        signature = _signature(values)
        if signature != former:  # only what comes twice is written down
            former = signature
            return evaluate(frame)
        result, recipe = _observed(runtime, evaluate, frame, loads, values, span)
        return result

    return run


def _operations(scope: Scope, node: tree.Expression, names: dict[str, tree.Expression]) -> int:
    """How many operations an expression consists of, or less than 0 for one of another kind.

    Its operands are collected in `names`: variables, and their gradients.
    """
    total = 0
    pending: list[tree.Expression] = [node]
    while pending:
        match pending.pop():
            case tree.Name() as each if scope.constant(each.name) is UNKNOWN:
                names.setdefault(each.name, each)
            case tree.Attribute(value=tree.Name() as owner, name="grad") as each if (
                scope.constant(owner.name) is UNKNOWN
            ):
                names.setdefault(f"{owner.name}.grad", each)
            case tree.Literal() as each if type(each.value) in _NUMBERS:
                pass
            case tree.Unary() as each if each.operator == "-":
                total += 1
                pending.append(each.operand)
            case tree.Chain() as each if all(link.operator in _OPERATORS for link in each.links):
                total += len(each.links)
                pending += [each.first, *[link.operand for link in each.links]]
            case tree.Call() as each if _is_plain_call(scope, each, pending):
                total += 1
                pending += each.arguments
            case _:
                return -1
    return total


def _is_plain_call(scope: Scope, call: tree.Call, pending: list[tree.Expression]) -> bool:
    """Whether a function of the table is called, and does the same each time; what owns it is added."""
    callee = call.function
    function = static(scope, callee)
    if function is UNKNOWN and type(callee) is tree.Attribute:
        if callee.name in METHODS or callee.name.endswith("_"):
            return False
        function = registry.method(callee.name)
        pending.append(callee.value)
    settings = [each.value for each in call.keywords]
    if any(each.name == "inplace" for each in call.keywords):
        return False
    return (
        type(function) is Function
        and function.name not in VIEWS
        and not (function.name == "linear" and len(call.arguments) > 2)  # which may be a view as well
        and function.family != "random"
        and all(type(each) is tree.Literal and type(each.value) in (*_NUMBERS, bool) for each in settings)
    )


class Recipe(Record):
    """How an expression is recorded.

    Attributes:
        default_dtype: what it has to be.
        make: from a frame to the result, or None where an operand is another kind of thing there.
    """

    default_dtype: np.dtype[Any]
    make: Make


def _signature(values: Sequence[Any]) -> Signature:
    """What is recorded for operands depends on: of each its shape, dtype and flag, or its type and number."""
    return [
        (each.node.shape, each.node.dtype, each.node.requires_grad)
        if type(each) is Tensor
        else (type(each), each if type(each) in _NUMBERS else None, None)
        for each in values
    ]


def _observed(
    runtime: Runtime,
    evaluate: Evaluate,
    frame: Frame,
    loads: Sequence[Evaluate],
    values: Sequence[Any],
    span: Span,
) -> tuple[Any, Recipe | None]:
    """The value of an expression in the usual way, and a recipe for its like if there is one."""
    context = runtime.session.context
    before = engine.demands(), context.draws
    result = evaluate(frame)
    if type(result) is not Tensor or result.view is not None:
        return result, None
    if (engine.demands(), context.draws) != before:  # it looked at values, or drew random numbers
        return result, None
    operands = [each.node for each in values if type(each) is Tensor]
    if len({id(each) for each in operands}) < len(operands):
        return result, None
    if any(each.op is LITERAL or each.op is expand for each in operands):
        return result, None  # a number of a rule, which operations fold into numbers of their own
    if not all(type(each) is Tensor or type(each) in _NUMBERS for each in values):
        return result, None
    made = _made(result.node, operands, span)
    if made is None or not all(_is_known(each, {*made, *operands}) for each in made):
        return result, None
    return result, Recipe(context.default_dtype, _written(made, loads, values))


def _made(result: Node, operands: Sequence[Node], span: Span) -> list[Node] | None:
    """The nodes that an expression recorded, inputs first; None if they aren't all its own and plain."""
    given = set(operands)
    # An operation may look through an operand at what that was made of, and so depend on more than it.
    beyond = {each for node in operands for each in node.inputs} - given
    order = postorder(
        [result],
        lambda node: [] if node in beyond else [each for each in node.inputs if each not in given],
    )
    plain = all(node not in beyond and _is_plain_node(node, span) for node in order)
    # A recipe makes them in the order in which they were made without it, which a gradient's sums may follow.
    return in_order_of_making(order) if plain and result not in given and len(order) <= MOST_NODES else None


def _is_plain_node(node: Node, span: Span) -> bool:
    """Whether a node was recorded by the expression at `span` and holds nothing, or is a number."""
    if node.op is LEAF:
        return not node.shape and not node.requires_grad and node.dtype in FLOATS
    if node.op is LITERAL:
        return True
    call = node.call
    return (
        call is not None
        and call.span is not None
        and span[0] <= call.span[0] <= call.span[1] <= span[1]
        and node.value is None
        and node.accumulator is None
        and node.version is None
        and not was_held(node)
        and not node.op.of_program
    )


def _is_known(node: Node, known: set[Node]) -> bool:
    """Whether what the call of a node saved is among these nodes, or are numbers."""
    saved = node.call.saved if node.call is not None else None
    return saved is None or all(
        each in known if isinstance(each, Node) else isinstance(each, _NUMBERS)
        for each in (*saved[2], *saved[3].values())
    )


def _written(made: Sequence[Node], loads: Sequence[Evaluate], values: Sequence[Any]) -> Make:
    """The function that makes the nodes of an expression from a frame, for operands like these."""
    scope: dict[str, Any] = {"Node": Node, "RecordedCall": RecordedCall, "Tensor": Tensor}
    names: dict[Node, str] = {}
    calls: dict[int, str] = {}
    last = {id(node.call): place for place, node in enumerate(made) if node.call is not None}
    lines: list[str] = []

    def named(value: Any) -> str:
        if type(value) is int or value is True or value is False or value == ():
            return repr(value)
        name = f"k{len(scope)}"
        scope[name] = value
        return name

    for place, (load, value) in enumerate(zip(loads, values, strict=True)):
        name = f"x{place}"
        lines.append(f"{name} = {named(load)}(frame)")
        other = [f"type({name}) is not {named(type(value))}"]
        if type(value) is Tensor:
            names[value.node] = name
            lines += [f"if {other[0]}: return None", f"{name} = {name}.node"]
            other = [
                f"{name}.shape != {named(value.node.shape)}",
                f"{name}.dtype is not {named(value.dtype)}",
                f"{name}.requires_grad is not {value.node.requires_grad}",
            ]
        else:
            other += [f"{name} != {named(value)}", f"not {name}"]  # zero has two signs
        lines.append(f"if {' or '.join(other)}: return None")
    for place, node in enumerate(made):
        call = node.call
        if node.op is LEAF or node.op is LITERAL or call is None:
            names[node] = named(node)  # a number of the program or of a rule: it never changes
            continue
        if id(call) not in calls:
            calls[id(call)] = f"c{place}"
            lines.append(f"c{place} = RecordedCall({named(call.function)}, None)")
            lines.append(f"c{place}.place = {call.place}")
        inputs = "".join(f"{names[each]}, " for each in node.inputs)
        settings = map(named, (node.attrs, node.shape, node.dtype, node.requires_grad))
        names[node] = f"v{place}"
        lines.append(f"v{place} = Node({named(node.op)}, ({inputs}), {', '.join(settings)})")
        lines.append(f"v{place}.call = {calls[id(call)]}")
        if call.saved is not None and place == last[id(call)]:
            what, parameters, bound, keywords = call.saved
            values = "".join(f"{names[each] if isinstance(each, Node) else named(each)}, " for each in bound)
            more = "".join(
                f"{key!r}: {names[each] if isinstance(each, Node) else named(each)}, "
                for key, each in keywords.items()
            )
            saved = f"({named(what)}, {named(parameters)}, ({values}), {{{more}}})"
            lines.append(f"{calls[id(call)]}.saved = {saved}")
    lines.append(f"return Tensor({names[made[-1]]})")
    source = "\n    ".join(["def make(frame):", *lines])
    exec(compile(source, "<recipe>", "exec"), scope)  # every name in it was made here
    return scope.pop("make")  # type: ignore[no-any-return]  # so that it doesn't hold itself
