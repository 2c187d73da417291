"""What is differentiated where nobody names it: the value of the last statement, its entries, or what was
assigned last.

`gradcli.evaluation.run` asks, once a program has run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.limits import DEEPEST
from gradcli.syntax import tree
from gradcli.tape.node import topological
from gradcli.values.formatting import type_name
from gradcli.values.objects import Distinct
from gradcli.values.values import NUMBERS

if TYPE_CHECKING:
    from gradcli.values.runtime import Runtime

MOST_ENTRIES = 1000
"""A list with more entries is one value."""


def entries(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """A value under its name, or the entries of a list under the name with their indices."""
    found = list(islice(_entries(name, value, {}, 1), MOST_ENTRIES + 1))
    if len(found) > MOST_ENTRIES:
        yield name, value
    else:
        yield from found


def _entries(name: str, value: Any, known: dict[int, bool], depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Distinct):  # a set
        value = list(value)
    if isinstance(value, (list, tuple)) and value and depth <= DEEPEST and not _is_plain(value, known, depth):
        for at, each in enumerate(value):
            yield from _entries(f"{name}[{at}]", each, known, depth + 1)
    elif isinstance(value, dict) and value and depth <= DEEPEST:
        for at, (key, each) in enumerate(value.items()):
            shown = repr(key) if type(key) in (str, *NUMBERS) else at
            yield from _entries(f"{name}[{shown}]", each, known, depth + 1)
    else:
        yield name, value


def is_called(value: Any) -> bool:
    """Whether a value is a function, a class or a module: what somebody calls, and nothing to show."""
    return type_name(value) in ("function", "builtin_function_or_method", "method", "type", "module")


def is_plain(value: list[Any] | tuple[Any, ...]) -> bool:
    """Whether a list holds numbers only, as a row or as rows of one length; it is shown as one value."""
    return _is_plain(value, {}, 1)


def _is_plain(value: list[Any] | tuple[Any, ...], known: dict[int, bool], depth: int) -> bool:
    """`is_plain`, which looks at each list once, however often it stands in others, and not too deep."""
    found = known.get(id(value))
    if found is None:
        if not value or depth > DEEPEST:
            found = False
        elif any(isinstance(each, (list, tuple)) for each in value):
            rows = all(
                isinstance(each, (list, tuple)) and _is_plain(each, known, depth + 1) for each in value
            )
            found = rows and len({len(each) for each in value}) == 1
        else:
            found = all(type(each) in NUMBERS for each in value)
        known[id(value)] = found
    return found


def roots_of(values: dict[str, Any]) -> dict[str, Any]:
    """The roots in the values of the last statement: one by itself, of several those that have a gradient."""
    if len(values) == 1:
        (value,) = values.values()
        if type(value) is Tensor or type(value) in NUMBERS:
            return values
    found = {label: each for name, value in values.items() for label, each in entries(name, value)}
    return {label: each for label, each in found.items() if type(each) is Tensor and each.requires_grad}


def assigned_last(body: Iterable[tree.Statement], runtime: Runtime) -> dict[str, Any]:
    """The variable that was assigned last, as the text has it, and depends on what was set from outside."""
    inputs = {node for given in runtime.inputs.values() for node in given.leaves}
    if not inputs:
        return {}
    seen = set()
    for name in _targets(body):
        value = runtime.names.get(name)
        if name in seen or type(value) is not Tensor or not value.requires_grad:
            continue
        if runtime.leaves.get(name) is value:
            continue  # an input; under another name it is a result
        seen.add(name)
        if not inputs.isdisjoint(topological([value.node])):
            return {name: value}
    return {}


def _targets(body: Iterable[tree.Statement]) -> Iterator[str]:
    """The names that statements assign, from the last to the first, but for those of functions."""
    for statement in reversed(tuple(body)):
        if not statement.opens_scope:
            for block in reversed(statement.blocks):
                yield from _targets(block)
        if isinstance(statement, tree.Assignment):
            for target in statement.targets:
                yield from _names(target)
        elif isinstance(statement, tree.AugmentedAssignment):
            yield from _names(statement.target)
        elif isinstance(statement, tree.Assignments):
            for each in reversed(statement.bound):
                yield each.name


def _names(target: tree.Expression) -> Iterator[str]:
    if isinstance(target, tree.Name):
        yield target.name
    elif isinstance(target, (tree.TupleDisplay, tree.ListDisplay)):
        for each in target.items:
            yield from _names(each)
