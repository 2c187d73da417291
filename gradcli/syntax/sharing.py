"""Which names may mean a tensor that is written in place, by themselves or by another name of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gradcli.syntax import tree

_FRESH = (tree.Literal, tree.FString, tree.Unary, tree.Chain, tree.Comparison, tree.Postfix)
"""Expressions whose value no name means yet."""
_LISTS = (tree.ListDisplay, tree.Comprehension, tree.TupleDisplay, tree.Call)


def written_in_place(body: Iterable[tree.Statement]) -> set[str]:
    """The names of tensors that are written (`s += x`, `s[0] = x`, `s.add_(x)`), and other names of them.

    A tensor has another name by `t = s`, as an item of a list, as a part that is a view of it, or as what a
    function is given or returns. There may be more names here than that, and there are no fewer.
    """
    nodes = list(tree.walk(body))
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, tree.AugmentedAssignment):
            found |= _base(node.target)
        elif isinstance(node, tree.Assignment):
            for target in node.targets:
                found |= set() if isinstance(target, tree.Name) else _base(target)
        elif isinstance(node, tree.Attribute) and node.name.endswith("_"):
            found |= _base(node.value)
    if not found:
        return found
    own = {node.name for node in nodes if isinstance(node, (tree.FunctionDefinition, tree.ClassDefinition))}
    own |= {name for node in nodes if isinstance(node, tree.Assignment) for name in _flat(node.targets)}
    ties = [each for node in nodes for each in _ties(node, own)]
    lists = {name for node in nodes for name in _lists(node)}
    for node in nodes:
        if isinstance(node, tree.AugmentedAssignment) and (
            not isinstance(node.target, tree.Name) or node.target.name in lists
        ):
            ties.append(_base(node.target) | _handed(node.value, own))
    size = -1
    while size != len(found):
        size = len(found)
        for each in ties:
            if not found.isdisjoint(each):
                found |= each
    return found


def _base(target: tree.Syntax) -> set[str]:
    """The name that a target begins with."""
    while isinstance(target, (tree.Index, tree.Attribute)):
        target = target.value
    return {target.name} if isinstance(target, tree.Name) else set()


def _flat(targets: object) -> set[str]:
    """All names in targets."""
    return {node.name for node in tree.walk(targets) if isinstance(node, tree.Name)}


def _ties(node: tree.Syntax, own: set[str]) -> Iterator[set[str]]:
    """Names that may mean one object after a node, of which `own` are those that the program defines."""
    match node:
        case tree.Assignment():
            yield _flat(node.targets) | _handed(node.value, own)
        case tree.For() | tree.Clause():
            yield _flat(node.target) | _handed(node.iterable, own)
        case tree.With():
            for context, target in zip(node.contexts, node.targets, strict=False):
                yield _flat(target) | _handed(context, own)
        case tree.Call():
            yield _handed(node, own)
        case tree.FunctionDefinition():
            returns = [each for each in tree.walk(node.body) if isinstance(each, tree.Return)]
            returned = [_handed(each.value, own) for each in returns]
            yield {node.name, *[each.name for each in node.parameters]}.union(*returned)
        case tree.ClassDefinition():
            yield {node.name, *[each.name for each in node.body if isinstance(each, tree.FunctionDefinition)]}


def _lists(node: tree.Syntax) -> set[str]:
    """The names that a node gives to lists, to which `+=` adds the items of another."""
    if isinstance(node, tree.AugmentedAssignment) and isinstance(node.value, _LISTS):
        return _base(node.target)
    if isinstance(node, tree.Assignment) and isinstance(node.value, _LISTS):
        return _flat(node.targets)
    return set()


def _handed(part: object, own: set[str]) -> set[str]:
    """The names of which an expression may have a tensor as it is."""
    if isinstance(part, tree.Name):
        return {part.name}
    if isinstance(part, (tuple, list)):
        return set().union(*[_handed(each, own) for each in part])
    if not isinstance(part, tree.Syntax) or isinstance(part, _FRESH):
        return set()
    found = _handed([getattr(part, field) for field in part.fields], own)
    if isinstance(part, tree.Call) and isinstance(part.function, tree.Name):
        return found if part.function.name in own else _handed((part.arguments, part.keywords), own)
    if isinstance(part, tree.Attribute) and part.name in own:
        found.add(part.name)
    if isinstance(part, tree.Lambda):
        found |= {each.name for each in part.parameters}
    return found
