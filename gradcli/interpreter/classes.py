"""Classes as closures: subclasses of `torch.autograd.Function`, and the others. In `scopes.STATEMENTS`.

A class body holds methods and plain assignments. Its methods don't see its names, as in Python. Names that it
gives a type (`lr: float = 0.1`) are its `declared` ones, of which `dataclass` makes fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError
from gradcli.interpreter.attributes import static
from gradcli.interpreter.definitions import decorate, function_maker
from gradcli.interpreter.scopes import STATEMENTS, Scope
from gradcli.interpreter.targets import store
from gradcli.library.objects import METHOD_KINDS
from gradcli.syntax import tree
from gradcli.syntax.survey import Survey
from gradcli.values.formatting import type_name
from gradcli.values.objects import ClassValue, Decorated
from gradcli.values.values import ENCLOSING, FunctionBase, GradientClass, TypeFunction

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.values.values import Evaluate, Execute, Frame

    Member = Callable[[Frame], Any]


def _class(scope: Scope, node: tree.ClassDefinition) -> Execute:
    if any(isinstance(static(scope, each), FunctionBase) for each in node.bases):
        return _gradient_class(scope, node)
    bases = [(scope.expression(each), each.span) for each in node.bases]
    holder: list[Any] = [None]
    inner = Scope(scope.runtime, Survey(node.body), scope, node.name)
    parts: list[tuple[str, Any]] = []
    fields = [name for each in node.body for name in _declared(each)]
    decorators = [(scope.expression(each), each.span) for each in reversed(node.decorators)]
    for statement in node.body:
        if isinstance(statement, tree.FunctionDefinition):
            parts.append((statement.name, _method(scope, statement, holder)))
        elif isinstance(statement, (tree.Assignment, tree.ExpressionStatement)):
            parts.extend(("", each) for each in inner.block([statement]))
        elif not isinstance(statement, tree.Pass):
            raise GradcliError(
                "bad-argument",
                f"class {node.name}: a class holds methods and assignments",
                span=statement.span,
                hint="put other statements before the class, or into __init__",
            )
    assign = store(scope, tree.Name(node.span, node.name), node)
    name, span = node.name, node.span

    def run(frame: Frame) -> None:
        parents = []
        given = [(base(frame), place) for base, place in bases]
        stands_for = next(filter(None, [_stands_for(each) for each, _ in given]), {})
        for parent, place in given:
            if type(parent) is TypeFunction:
                parent = stands_for.get(parent.name, parent)
            if type(parent) is not ClassValue:
                said = parent.name if type(parent) is TypeFunction else f"'{type_name(parent)}'"
                message = f"class {name} cannot be made from {said}"
                hint = (
                    "bases are classes of the program, torch.nn.Module, exceptions, torch.autograd.Function"
                )
                if said in ("dict", "list", "set"):
                    hint = f"keep one in it: self.items = {said}()"
                raise GradcliError("bad-argument", message, span=place, hint=hint)
            parents.append(parent)
        own: Frame = {ENCLOSING: frame}
        for member, make in parts:
            if member:
                own[member] = make(frame, own.get(member))
            else:
                make(own)
        members = {each: value for each, value in own.items() if each != ENCLOSING}
        holder[0] = made = ClassValue(name, tuple(parents), members)
        made.declared = tuple(fields)
        scope.runtime.session.span = span
        for parent in made.order[1:]:
            told = parent.members.get("__init_subclass__")
            if told is not None:
                scope.runtime.call(told, (made,), {}, span)
                break
        decorated: Any = made
        for decorator, place in decorators:
            decorated = decorate(scope.runtime, decorated, decorator(frame), place)
        assign(frame, decorated)

    return run


def _stands_for(base: Any) -> dict[str, ClassValue]:
    """What stands for Python's types among the bases of a class beside this one."""
    meta = base.meta if type(base) is ClassValue else None
    return {} if meta is None else meta.members.get("stands_for", {})


def _declared(statement: tree.Statement) -> list[str]:
    """The names that a statement of a class gives a type."""
    if isinstance(statement, tree.Pass):
        return [statement.declares] if statement.declares else []
    targets = statement.targets if isinstance(statement, tree.Assignment) and statement.annotated else ()
    return [each.name for each in targets if isinstance(each, tree.Name)]


def _method(
    scope: Scope, node: tree.FunctionDefinition, holder: list[Any] | None
) -> Callable[[Frame, Any], Any]:
    """The closure that makes a method, by what stands above it."""
    runtime = scope.runtime
    make = function_maker(scope, node, holder)
    kind = ""
    decorators: list[tuple[Evaluate, Any]] = []
    for each in reversed(node.decorators):
        if isinstance(each, tree.Name) and each.name in METHOD_KINDS:
            kind = each.name
        elif isinstance(each, tree.Attribute) and each.name == "setter" and isinstance(each.value, tree.Name):
            kind = "setter"
        else:
            decorators.append((scope.expression(each), each.span))

    def run(frame: Frame, former: Any) -> Any:
        function: Any = make(frame)
        for decorator, span in decorators:
            function = decorate(runtime, function, decorator(frame), span)
        if kind == "setter":
            if type(former) is not Decorated or former.kind != "property":
                raise GradcliError("bad-argument", f"{node.name} is no property to set", span=node.span)
            return Decorated("property", former.function, function)
        return Decorated(kind, function) if kind else function

    return run


def _gradient_class(scope: Scope, node: tree.ClassDefinition) -> Execute:
    """`class Exp(torch.autograd.Function)`."""
    if len(node.bases) != 1:
        raise GradcliError(
            "bad-argument",
            f"class {node.name}: a subclass of torch.autograd.Function has no other base",
            span=node.bases[1].span,
        )
    makers: dict[str, Any] = {}
    for statement in node.body:
        if isinstance(statement, tree.FunctionDefinition):
            makers[statement.name] = _method(scope, statement, None)
        elif not (
            isinstance(statement, tree.Pass)
            or (isinstance(statement, tree.ExpressionStatement) and isinstance(statement.value, tree.Literal))
        ):
            raise GradcliError(
                "bad-argument",
                "a subclass of torch.autograd.Function holds forward and backward, nothing else",
                span=statement.span,
                hint="keep values in variables outside, or in ctx",
            )
    assign = store(scope, tree.Name(node.span, node.name), node)
    name, span = node.name, node.span
    return lambda frame: assign(
        frame, GradientClass(name, {each: _plain(make(frame, None)) for each, make in makers.items()}, span)
    )


def _plain(made: Any) -> Any:
    """A method that needs no object: `@staticmethod` says no more than that here."""
    return made.function if type(made) is Decorated and made.kind == "staticmethod" else made


STATEMENTS[tree.ClassDefinition] = _class
