"""Runs code that was read without a tree (`syntax.arithmetic`): what its names, calls and assignments are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.interpreter.attributes import bound, item, static
from gradcli.interpreter.calls import is_unknown, unknown_function
from gradcli.interpreter.comparisons import comparer
from gradcli.interpreter.expressions import caret
from gradcli.interpreter.postfix import Act, running
from gradcli.interpreter.scopes import EXPRESSIONS, STATEMENTS, UNKNOWN, Scope
from gradcli.interpreter.targets import is_told, putting, store, updating
from gradcli.library import members
from gradcli.library.arguments import PLAIN, for_table, keywords_for_table
from gradcli.library.calling import call_own, call_value
from gradcli.library.python_methods import distinct
from gradcli.limits import check_nesting
from gradcli.ops import registry
from gradcli.ops.rows import Function
from gradcli.syntax import marks, tree
from gradcli.values.conversions import as_key, truth

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Evaluate, Execute, Frame

    Stack = list[Any]
    Made = Callable[[Scope, Any, Any], Callable[[Stack, Span], None]]


def _expression(scope: Scope, node: tree.Postfix) -> Evaluate:
    return running(scope, _compiled(scope, node))


def _assignments(scope: Scope, node: tree.Assignments) -> Execute:
    run = running(scope, _compiled(scope, node), putting(scope.runtime))

    def execute(frame: Frame) -> None:
        run(frame)

    return execute


def _compiled(scope: Scope, node: tree.Postfix | tree.Assignments) -> tree.Code:
    """The code with what its names stand for, where that is settled, and what is done with values."""
    code = node.code.spend() if scope.runtime.spends else node.code
    codes = code.codes
    meant: dict[Any, Any] = {}
    for each in {code for code in codes if type(code) is not float and type(code) is not int}:
        if type(each) is tree.Name:
            constant = scope.constant(each.name)
            if constant is UNKNOWN:
                scope.reads(each.name)
            else:
                meant[each] = constant if type(constant) in (float, int) else _given(constant)
        elif isinstance(each, _STANDING) or (
            type(each) is marks.Stored and not is_told(scope.runtime, each.name.name)
        ):
            pass  # as it stands
        elif type(each) is marks.Quoted:
            meant[each] = _given(each.name)
        elif type(each) is not str:
            made = _MADE.get(type(each))
            meant[each] = _given(each) if made is None else Act(made(scope, each, node))
    if meant:
        kept = (float, int)
        codes = [each if type(each) in kept else meant.get(each, each) for each in codes]
    code = tree.Code(codes, code.starts, code.ends)
    for each in meant:
        if type(each) is marks.Applied and _is_unknown(scope, each.name):
            _refuse_before(
                code, meant[each], each.name, unknown_function(scope, each.name.name, each.name.span)
            )
    return code


_STANDING = (
    *(marks.Decided, marks.Joined, marks.Tested, marks.Otherwise, marks.Chosen),
    *(marks.Carried, marks.Unlinked),
)
"""What `running` does by itself."""


def _is_unknown(scope: Scope, name: tree.Name) -> bool:
    """Whether there is no function of this name, and nothing else that could be called."""
    return static(scope, name) is UNKNOWN and is_unknown(scope, name.name)


def _refuse_before(code: tree.Code, call: Act, name: tree.Name, refuse: Evaluate) -> None:
    """Has what is wrong with a function raised before its arguments are evaluated, which stand behind it."""
    begin, behind = name.span
    at, end = next(
        (
            (at, end)
            for at, (each, start, end) in enumerate(zip(code.codes, code.starts, code.ends, strict=True))
            if each is call and start <= begin and end >= behind  # with the brackets around it
        ),
        (-1, 0),
    )
    if at < 0:
        return  # a statement before this one has come to it
    while at and code.starts[at - 1] >= behind and code.ends[at - 1] <= end:
        at -= 1
    code.codes.insert(at, refuse)
    code.starts.insert(at, begin)
    code.ends.insert(at, behind)


def _given(value: Any) -> Evaluate:
    return lambda frame: value


# ---- what is done with the last values -----------------------------------------------------------


def _stored(scope: Scope, mark: marks.Stored, node: Any) -> Callable[[Stack, Span], None]:
    """What assigns to a name of which the caller has said something."""
    names = scope.runtime.names
    put = store(scope, mark.name, node)
    return lambda stack, span: put(names, stack.pop())


def _updated(scope: Scope, mark: marks.Updated, node: Any) -> Callable[[Stack, Span], None]:
    names = scope.runtime.names
    update = updating(scope, mark.name, mark.operator, store(scope, mark.name, node))

    def run(stack: Stack, span: Span) -> None:
        value = stack.pop()
        update(names, stack.pop(), value, span)

    return run


def _combined(of_two: Callable[[Any, Any, Span], Any]) -> Callable[[Stack, Span], None]:
    def run(stack: Stack, span: Span) -> None:
        right = stack.pop()
        stack[-1] = of_two(stack[-1], right, span)

    return run


def _linked(scope: Scope, mark: marks.Linked, node: Any) -> Callable[[Stack, Span], None]:
    compare = comparer(scope.runtime, mark.name)

    def run(stack: Stack, span: Span) -> None:
        right = stack[-1]
        stack[-2:] = right, compare(stack[-2], right, span)

    return run


def _on_last(do: Callable[[Runtime, Any, Span], Any]) -> Made:
    """What does something with the last value alone."""

    def made(scope: Scope, mark: Any, node: Any) -> Callable[[Stack, Span], None]:
        runtime = scope.runtime

        def run(stack: Stack, span: Span) -> None:
            stack[-1] = do(runtime, stack[-1], span)

        return run

    return made


def _gathered(scope: Scope, mark: marks.Gathered, node: Any) -> Callable[[Stack, Span], None]:
    runtime, count, kind = scope.runtime, mark.name, type(mark)

    def run(stack: Stack, span: Span) -> None:
        made: Any = _taken(stack, count)
        for each in made:
            if type(each) is list or type(each) is tuple:
                check_nesting(made, span)
                break
        if kind is marks.Tupled:
            made = tuple(made)
        elif kind is marks.Bagged:
            made = distinct(runtime, span, made)
        stack.append(made)

    return run


def _paired(scope: Scope, mark: marks.Paired, node: Any) -> Callable[[Stack, Span], None]:
    count = 2 * mark.name

    def run(stack: Stack, span: Span) -> None:
        made = _taken(stack, count)
        stack.append(dict(zip(made[::2], made[1::2], strict=True)))

    return run


def _sliced(scope: Scope, mark: marks.Sliced, node: Any) -> Callable[[Stack, Span], None]:
    return lambda stack, span: stack.append(slice(*_taken(stack, mark.name)))


def _taken(stack: Stack, count: int) -> list[Any]:
    """The last so many values, off the stack."""
    if not count:
        return []
    found = stack[-count:]
    del stack[-count:]
    return found


def _indexed(scope: Scope, mark: marks.Indexed, node: Any) -> Callable[[Stack, Span], None]:
    runtime, session, count = scope.runtime, scope.runtime.session, mark.name

    def run(stack: Stack, span: Span) -> None:
        key = stack.pop() if count == 1 else tuple(_taken(stack, count))
        value = stack[-1]
        try:
            if type(value) is Tensor:
                session.span = span
                stack[-1] = session.index(value, members.index_key(runtime, key, _KEY), not runtime.torch)
            else:
                stack[-1] = item(runtime, value, key, span, _KEY)
        except GradcliError as error:
            if error.span is _KEY:
                error.span = _within(runtime.text, span)
            raise

    return run


_KEY = (-1, -1)
"""Where the indices stand that an error is about: looked for only then."""


def _within(text: str, span: Span) -> Span:
    """Where the indices stand that an expression ends with, but for brackets around it."""
    end = start = text.rfind("]", *span)
    depth = 1
    while depth:
        start -= 1
        depth += (text[start] in ")]") - (text[start] in "([")
    inside = text[start + 1 : end]
    return end - len(inside.lstrip()), start + 1 + len(inside.rstrip())


def _member(scope: Scope, mark: marks.Member, node: Any) -> Callable[[Stack, Span], None]:
    runtime, session, name = scope.runtime, scope.runtime.session, mark.name
    read = members.TENSOR_ATTRIBUTES.get(name)

    def run(stack: Stack, span: Span) -> None:
        value = stack[-1]
        session.span = span
        if read is not None and type(value) is Tensor:
            stack[-1] = read(runtime, value)
        else:
            stack[-1] = members.attribute(runtime, value, name, _last(runtime.text, name, span))

    return run


def _last(text: str, name: str, span: Span) -> Span:
    """Where the name stands that an expression ends with, but for brackets around it."""
    start = text.rfind(name, *span)
    return start, start + len(name)


# ---- calls ---------------------------------------------------------------------------------------


_OURS: Any = object()
"""Stands for a method of tensors that is ours, and in no row of the table."""


def _fetched(scope: Scope, mark: marks.Fetched, node: Any) -> Callable[[Stack, Span], None]:
    """What puts the method beside its value; a row of the table, and a method of ours, as they are."""
    runtime, session, name = scope.runtime, scope.runtime.session, mark.name
    own = members.own_method(name)
    found: Any = _OURS if own is not None else registry.method(name)

    def run(stack: Stack, span: Span) -> None:
        value = stack[-1]
        if type(value) is Tensor and found is not None:
            stack.append(found)
            return
        session.span = span
        stack.append(members.attribute(runtime, value, name, _last(runtime.text, name, span), called=True))

    return run


def _invoked(scope: Scope, mark: marks.Invoked, node: Any) -> Callable[[Stack, Span], None]:
    """What calls the method that stands below the arguments, and above its value."""
    runtime, session = scope.runtime, scope.runtime.session
    name, count, names = mark.name, mark.count, mark.keywords
    own: Any = members.own_method(name)

    def run(stack: Stack, span: Span) -> None:
        values = _taken(stack, count)
        keywords = dict(zip(names, _taken(values, len(names)), strict=True)) if names else {}
        function = stack.pop()
        value = stack[-1]
        if type(value) is not Tensor or (function is not _OURS and type(function) is not Function):
            stack[-1] = call_value(runtime, function, tuple(values), keywords, span)
        elif function is _OURS:
            session.span = span
            stack[-1] = call_own(runtime, name, own, (value, *values), keywords, span, 1)
        else:
            values = [each if type(each) in PLAIN else for_table(runtime, each, span) for each in values]
            if keywords:
                keywords = keywords_for_table(runtime, keywords, span)
            session.span = span
            stack[-1] = session.apply(function, (value, *values), keywords, 0)

    return run


def _applied(scope: Scope, mark: marks.Applied, node: Any) -> Callable[[Stack, Span], None]:
    """What calls the function of a name with the last values."""
    runtime, session = scope.runtime, scope.runtime.session
    apply = session.apply
    count, names, name = mark.count, mark.keywords, mark.name
    function = static(scope, name)
    if type(function) is Function and count == 1 and not names:

        def apply_to_one(stack: Stack, span: Span) -> None:
            value = stack[-1]
            if type(value) not in PLAIN:
                value = for_table(runtime, value, span)
            session.span = span
            stack[-1] = apply(function, (value,), {})

        return apply_to_one
    if type(function) is Function and not names:

        def apply_to_all(stack: Stack, span: Span) -> None:
            values = _taken(stack, count)
            values = [each if type(each) in PLAIN else for_table(runtime, each, span) for each in values]
            session.span = span
            stack.append(apply(function, tuple(values), {}))

        return apply_to_all
    load: Callable[[Any], Any]
    if function is not UNKNOWN:
        load = _given(function)
    elif is_unknown(scope, name.name):
        load = unknown_function(scope, name.name, name.span)  # where it has no arguments
    else:
        load = scope.expression(name)

    def call(stack: Stack, span: Span) -> None:
        values = _taken(stack, count)
        keywords = dict(zip(names, _taken(values, len(names)), strict=True)) if names else {}
        try:
            function = load(runtime.names)
        except GradcliError as error:  # the place is that of the name here, not where it stands first
            begin = runtime.text.index(name.name, span[0])
            error.span = (begin, begin + len(name.name))
            raise
        stack.append(call_value(runtime, function, tuple(values), keywords, span))

    return call


_MADE: dict[type, Made] = {
    marks.Stored: _stored,
    marks.Updated: _updated,
    marks.Related: lambda scope, mark, node: _combined(comparer(scope.runtime, mark.name)),
    marks.Linked: _linked,
    marks.Negated: _on_last(lambda runtime, value, span: not truth(runtime, value, span)),
    marks.Keyed: _on_last(lambda runtime, value, span: as_key(value, span)),
    marks.Bounded: _on_last(bound),
    marks.Raised: lambda scope, mark, node: _combined(caret(scope.runtime)),
    marks.Gathered: _gathered,
    marks.Tupled: _gathered,
    marks.Bagged: _gathered,
    marks.Paired: _paired,
    marks.Sliced: _sliced,
    marks.Indexed: _indexed,
    marks.Member: _member,
    marks.Fetched: _fetched,
    marks.Invoked: _invoked,
    marks.Applied: _applied,
}

EXPRESSIONS[tree.Postfix] = _expression
STATEMENTS[tree.Assignments] = _assignments
