"""What can be said of a program before it runs: which names it assigns, where first, and what it imports.

The compiler asks for it once for the module and once for each function. Expressions are only walked
for names that the caller set from outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gradcli.syntax import tree


class Survey:
    """The names of one scope.

    Attributes:
        assigned: each name that statements of the scope bind, and the first statement that does.
        imported: the module paths (or `module.name`) behind names that only imports bind.
        torch: something, here or inside a function, imports from `torch`.
    """

    __slots__ = ("assigned", "imported", "torch")

    def __init__(self, body: Iterable[tree.Statement]) -> None:
        self.assigned: dict[str, tree.Statement] = {}
        self.imported: dict[str, str] = {}
        self.torch = False
        self._walk(body, True)
        for name in [name for name in self.imported if name in self.assigned]:
            del self.imported[name]

    def _walk(self, body: Iterable[tree.Statement], here: bool) -> None:
        """Collects from `body`; with `here` false only whether torch is imported."""
        for statement in body:
            kind = type(statement)
            if kind is tree.ExpressionStatement:
                continue
            if kind is tree.Assignment:
                if here:
                    for target in statement.targets:  # type: ignore[attr-defined]
                        self._bind(target, statement)
            elif kind is tree.AugmentedAssignment:
                if here:
                    self._bind(statement.target, statement)  # type: ignore[attr-defined]
            else:
                self._walk_compound(statement, here)

    def _walk_compound(self, statement: tree.Statement, here: bool) -> None:
        match statement:
            case tree.For():
                if here:
                    self._bind(statement.target, statement)
                self._walk(statement.body, here)
            case tree.While() | tree.With():
                self._walk(statement.body, here)
            case tree.If():
                for _, body in statement.branches:
                    self._walk(body, here)
                self._walk(statement.otherwise, here)
            case tree.FunctionDefinition() | tree.ClassDefinition():
                if here:
                    self.assigned.setdefault(statement.name, statement)
                self._walk(statement.body, False)
            case tree.Import():
                for path, alias in statement.modules:
                    self._import(
                        alias or path.partition(".")[0], path if alias else path.partition(".")[0], here
                    )
                    self.torch = self.torch or path.partition(".")[0] == "torch"
            case tree.FromImport():
                for name, alias in statement.names:
                    self._import(alias or name, f"{statement.module}.{name}", here)
                self.torch = self.torch or statement.module.partition(".")[0] == "torch"
            case _:
                pass

    def _import(self, name: str, path: str, here: bool) -> None:
        if here and self.imported.setdefault(name, path) != path:
            # Two modules under one name: then it is a variable like any other.
            self.assigned.setdefault(name, tree.Pass((0, 0)))

    def _bind(self, target: tree.Target, statement: tree.Statement) -> None:
        if type(target) is tree.Name:
            self.assigned.setdefault(target.name, statement)
        elif isinstance(target, (tree.TupleDisplay, tree.ListDisplay)):
            for each in target.items:
                self._bind(each, statement)
        elif isinstance(target, tree.Starred):
            self._bind(target.value, statement)


def names_in(*roots: tree.Syntax) -> Iterator[str]:
    """Every name that is read (or bound) in these trees, but for the bodies of functions."""
    pending: list[object] = list(roots)
    while pending:
        node = pending.pop()
        if isinstance(node, tree.Name):
            yield node.name
        elif isinstance(node, tuple):
            pending.extend(node)
        elif isinstance(node, tree.FunctionDefinition):
            pending.extend(each.default for each in node.parameters)
            pending.extend(node.decorators)
        elif isinstance(node, tree.Syntax) and not isinstance(node, tree.ClassDefinition):
            pending.extend(getattr(node, field) for field in node.fields)


def read_before(name: str, body: Iterable[tree.Statement], first: tree.Statement) -> bool:
    """Whether the statements of the module read `name` before `first` binds it."""
    for statement in body:
        if statement is first:
            if isinstance(statement, tree.AugmentedAssignment):
                return True
            value = getattr(statement, "value", None) or getattr(statement, "iterable", None)
            return value is not None and name in names_in(value)
        if name in names_in(statement):
            return not _binds_inside(statement, first) or _read_inside(name, statement, first)
    return False


def leaves_loop(body: Iterable[tree.Statement]) -> bool:
    """Whether a statement of a loop's body may end the loop: `break`, `return`, `assert`."""
    for statement in body:
        if isinstance(statement, (tree.Break, tree.Return, tree.Assert)):
            return True
        if isinstance(statement, (tree.For, tree.While)):
            # A break in there ends that loop; only what leaves both counts.
            if any(isinstance(each, (tree.Return, tree.Assert)) for each in _inside(statement)):
                return True
        elif any(leaves_loop(block) for block in _blocks(statement)):
            return True
    return False


def _inside(statement: tree.Statement) -> Iterator[tree.Statement]:
    for block in _blocks(statement):
        for each in block:
            yield each
            yield from _inside(each)


def _blocks(statement: tree.Statement) -> Iterator[tuple[tree.Statement, ...]]:
    if isinstance(statement, tree.If):
        for _, body in statement.branches:
            yield body
        yield statement.otherwise
    elif isinstance(statement, (tree.For, tree.While, tree.With)):
        yield statement.body


def _binds_inside(statement: tree.Statement, first: tree.Statement) -> bool:
    return any(each is first or _binds_inside(each, first) for body in _blocks(statement) for each in body)


def _read_inside(name: str, statement: tree.Statement, first: tree.Statement) -> bool:
    heads = {
        tree.If: lambda: [test for test, _ in statement.branches],  # type: ignore[attr-defined]
        tree.While: lambda: [statement.test],  # type: ignore[attr-defined]
        tree.For: lambda: [statement.iterable],  # type: ignore[attr-defined]
        tree.With: lambda: list(statement.contexts),  # type: ignore[attr-defined]
    }
    head = heads.get(type(statement))
    if head is not None and name in names_in(*head()):
        return True
    return any(read_before(name, body, first) for body in _blocks(statement))
