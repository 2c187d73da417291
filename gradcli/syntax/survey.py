"""What can be said of a program before it runs: which names it assigns, where first, and what it imports.

The compiler asks for it once for the module and once for each function. Expressions are only walked
for names that the caller set from outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gradcli.syntax import tree


class Survey:
    """The names of one scope.

    Attributes:
        assigned: each name that statements of the scope bind, and the first statement that does.
        imported: the module paths (or `module.name`) behind names that only imports bind.
        torch: something, here or inside a function, imports from `torch`.
        outer: names that `global` and `nonlocal` take from outside, and which of the two does.
    """

    __slots__ = ("assigned", "imported", "outer", "torch")

    def __init__(self, body: Iterable[tree.Statement]) -> None:
        self.assigned: dict[str, tree.Statement] = {}
        self.imported: dict[str, str] = {}
        self.outer: dict[str, type[tree.Statement]] = {}
        self.torch = False
        self._walk(body, True)
        for name in self.outer:
            self.assigned.pop(name, None)
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
                        self.bind(target, statement)
            elif kind is tree.AugmentedAssignment:
                if here:
                    self.bind(statement.target, statement)  # type: ignore[attr-defined]
            else:
                self._walk_compound(statement, here)

    def _walk_compound(self, statement: tree.Statement, here: bool) -> None:
        for block in statement.blocks:
            self._walk(block, here and not statement.opens_scope)
        match statement:
            case tree.If() | tree.While() if here:
                for named in _named_in(*statement.heads):
                    self.bind(named.target, statement)
            case tree.For() if here:
                self.bind(statement.target, statement)
            case tree.FunctionDefinition() | tree.ClassDefinition() if here:
                self.assigned.setdefault(statement.name, statement)
            case tree.With() if here:
                for target in statement.targets:
                    if target is not None:
                        self.bind(target, statement)
            case tree.Try() if here:
                for each in statement.handlers:
                    if each.name is not None:
                        self.assigned.setdefault(each.name, statement)
            case tree.Delete() if here:
                self.bind(statement.target, statement)
            case tree.Global() | tree.Nonlocal() if here:
                self.outer.update(dict.fromkeys(statement.names, type(statement)))
            case tree.Assignments() if here:
                self.assigned = {each.name: statement for each in statement.bound} | self.assigned
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

    def bind(self, target: tree.Target, statement: tree.Statement) -> None:
        """Notes what a target binds."""
        if type(target) is tree.Name:
            self.assigned.setdefault(target.name, statement)
        elif isinstance(target, (tree.TupleDisplay, tree.ListDisplay)):
            for each in target.items:
                self.bind(each, statement)
        elif isinstance(target, tree.Starred):
            self.bind(target.value, statement)


def _named_in(*tests: tree.Expression) -> Iterator[tree.AssignmentExpression]:
    """What tests assign on the way, but for what functions and comprehensions do."""
    pending: list[object] = list(tests)
    while pending:
        node = pending.pop()
        if isinstance(node, tree.AssignmentExpression):
            yield node
        if isinstance(node, tuple):
            pending.extend(node)
        elif isinstance(node, tree.Syntax) and not isinstance(node, (tree.Comprehension, tree.Lambda)):
            pending.extend(getattr(node, field) for field in node.fields)


def names_in(*roots: tree.Syntax | tuple[object, ...]) -> Iterator[str]:
    """Every name that is read (or bound) in these trees, but for the bodies of functions."""
    pending: list[object] = list(roots)
    while pending:
        node = pending.pop()
        if isinstance(node, tree.Name):
            yield node.name
        elif isinstance(node, tree.Comprehension):
            own = {name for each in node.clauses for name in names_in(each.target)}
            inside = names_in(node.element, *[(each.iterable, each.conditions) for each in node.clauses])
            yield from (name for name in inside if name not in own)
        elif isinstance(node, tree.Lambda):
            pending.extend(each.default for each in node.parameters)
        elif isinstance(node, tuple):
            pending.extend(node)
        elif isinstance(node, tree.FunctionDefinition):
            pending.extend(each.default for each in node.parameters)
            pending.extend(node.decorators)
        elif isinstance(node, tree.Syntax) and not isinstance(node, tree.ClassDefinition):
            pending.extend(getattr(node, field) for field in node.fields)


def read_first(body: Iterable[tree.Statement], firsts: Mapping[str, tree.Statement]) -> set[str]:
    """The names, each given with the first statement of the module that binds it, that are read before it."""
    binds: dict[int, set[str]] = {}
    for name, statement in firsts.items():
        binds.setdefault(id(statement), set()).add(name)
    return _Reading(binds, set(firsts)).of(body)[0]


class _Reading:
    """One walk over statements in the order in which they run.

    Attributes:
        binds: the names that a statement, by its identity, is the first to bind.
        open: the names that nothing has bound yet on the way here.
    """

    def __init__(self, binds: Mapping[int, set[str]], names: set[str]) -> None:
        self.binds = binds
        self.open = names

    def of(self, body: Iterable[tree.Statement]) -> tuple[set[str], set[str]]:
        """The open names that are read in there, and those that are bound."""
        read: set[str] = set()
        bound: set[str] = set()
        for statement in body:
            here = self.binds.get(id(statement), set()) & self.open
            scoped = _within(statement)
            if scoped:
                read |= self.open.intersection(names_in(*statement.heads))
                if isinstance(statement, tree.For):
                    read |= self.open.intersection(names_in(statement.target)) - here
            else:
                read |= self.open.intersection(names_in(statement)) - here
                read |= here.intersection(names_in(*_reads(statement)))
            self.open -= here
            bound |= here
            inside: set[str] = set()
            for block in scoped:  # what one branch binds, the next one doesn't know
                found, made = self.of(block)
                read |= found
                inside |= made
                self.open |= made
            self.open -= inside
            bound |= inside
        return read, bound


def _reads(statement: tree.Statement) -> tuple[tree.Expression, ...]:
    """What a statement evaluates before it binds its own targets."""
    if isinstance(statement, tree.AugmentedAssignment):
        return (statement.target, statement.value)
    return (statement.value,) if isinstance(statement, tree.Assignment) else ()


_LEAVE = (tree.Break, tree.Return, tree.Assert, tree.Raise, tree.Yield)


def leaves_loop(body: Iterable[tree.Statement]) -> bool:
    """Whether a statement of a loop's body may leave it: `break`, `return`, `assert`, `raise`, `yield`."""
    for statement in body:
        if isinstance(statement, _LEAVE):
            return True
        if statement.loops:
            # A break in there ends that loop; only what leaves both counts.
            if any(isinstance(each, _LEAVE[1:]) for each in _inside(statement)):
                return True
            if leaves_loop(getattr(statement, "otherwise", ())):
                return True
        elif any(leaves_loop(block) for block in _within(statement)):
            return True
    return False


def _inside(statement: tree.Statement) -> Iterator[tree.Statement]:
    for block in _within(statement):
        for each in block:
            yield each
            yield from _inside(each)


def _within(statement: tree.Statement) -> tuple[tuple[tree.Statement, ...], ...]:
    """The bodies that run where the statement stands."""
    return () if statement.opens_scope else statement.blocks


def assigned_in(body: Iterable[tree.Statement]) -> set[str]:
    """The names that statements assign, at any depth, but for those of functions."""
    survey = Survey(body)
    return {*survey.assigned, *survey.outer}


def outer_names(body: Iterable[tree.Statement]) -> set[str]:
    """The names that functions in there assign outside of themselves."""
    found: set[str] = set()
    for statement in body:
        if isinstance(statement, (tree.Global, tree.Nonlocal)):
            found.update(statement.names)
        for block in statement.blocks:
            found |= outer_names(block)
    return found
