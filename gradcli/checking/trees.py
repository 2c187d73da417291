"""What the checks ask of a syntax tree: its free names, whether it cuts history, itself without asserts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradcli.syntax import tree
from gradcli.syntax.survey import Survey, read_first

CUTS = frozenset(
    (
        *("no_grad", "detach", "detach_", "data", "inference_mode", "set_grad_enabled", "stop_gradient"),
        *("normal", "bernoulli", "multinomial"),
    )
)
"""Names that take values out of their history on purpose, draws of random numbers among them; such values
count as constants."""


def cuts_history(module: tree.Module, *, inside_functions: bool = True) -> bool:
    """Whether a program takes values out of their history, or does so outside its functions."""
    statements = [
        each
        for each in module.body
        if inside_functions or not isinstance(each, (tree.FunctionDefinition, tree.ClassDefinition))
    ]
    for node in tree.walk(statements):
        kind = type(node)
        if (kind is tree.Name or kind is tree.Attribute) and node.name in CUTS:  # type: ignore[attr-defined]
            return True
    return False


def without_asserts(module: tree.Module) -> tree.Module:
    """The program with `pass` in place of each assert, for runs at other points."""
    return module.replaced(body=_quiet(module.body))


def _quiet(part: Any) -> Any:
    """A part of a tree without asserts, in the bodies that it holds too."""
    if isinstance(part, tuple):
        return tuple([_quiet(each) for each in part])
    if isinstance(part, tree.Assert):
        return tree.Pass(part.span)
    if isinstance(part, tree.Statement) and part.blocks:
        return part.replaced(**{field: _quiet(getattr(part, field)) for field in part.fields})
    return part


def assigned_names(module: tree.Module) -> list[str]:
    """The variables that the program binds at its top level, functions and imports among them."""
    return list(Survey(module.body).assigned)


def free_names(module: tree.Module) -> list[str]:
    """The inputs of a program: names that it reads, and that neither it nor the language gave a value."""
    from gradcli.formula.reads import Reads
    from gradcli.library import namespaces
    from gradcli.ops.rows import Function

    reads = Reads(module)
    survey = reads.survey
    unknown = object()
    found: dict[str, None] = {}
    called = {
        node.function.name
        for node in tree.walk(module.body)
        if isinstance(node, tree.Call) and isinstance(node.function, tree.Name)
    }
    assigned = set(survey.assigned) - read_first(module.body, survey.assigned)
    for name in _read(module.body, assigned | set(survey.imported)):
        here = namespaces.bare(name, survey.torch, unknown)  # t^2: t is a function where it is called
        if name not in called and (here is unknown or (type(here) is Function and name in reads.operands)):
            found.setdefault(name)
    return list(found)


def _read(body: Any, bound: set[str]) -> Iterator[str]:
    """Names that these trees read and nothing around them binds, in the order of the text."""
    names: list[tuple[int, str]] = []
    _collect(body, bound, names)
    for _, name in sorted(names):
        yield name


def _collect(node: Any, bound: set[str], names: list[tuple[int, str]]) -> None:
    pending: list[Any] = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, tuple):
            pending.extend(each)
        elif isinstance(each, tree.Name):
            if each.name not in bound:
                names.append((each.span[0], each.name))
        elif isinstance(each, tree.FunctionDefinition):
            survey = Survey(each.body)
            inner = bound | set(survey.assigned) | set(survey.imported)
            inner |= {parameter.name for parameter in each.parameters}
            pending.extend(parameter.default for parameter in each.parameters)
            _collect(each.body, inner, names)
        elif isinstance(each, tree.ClassDefinition):
            _collect(each.body, bound | {"staticmethod"}, names)
        elif isinstance(each, tree.Syntax):
            pending.extend(getattr(each, field) for field in each.fields)
