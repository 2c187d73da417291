"""Compile time: where names come from, and which function compiles which node of the syntax tree.

A `Scope` stands for the module or for one function. Expressions become closures that take the frame and
give a value, statements closures that take the frame and give None or a signal.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError
from gradcli.syntax import tree
from gradcli.syntax.survey import Survey
from gradcli.values.values import ENCLOSING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Evaluate, Execute, Frame


class Compilers(dict[type, Any]):
    """The compiler of each kind of node.

    Each file beside this one adds those that stand in it, and is loaded when a program first has such a node.
    """

    def __init__(self, usual: str, elsewhere: dict[type, str]) -> None:
        super().__init__()
        self._usual = usual
        self._elsewhere = elsewhere

    def __missing__(self, kind: type) -> Any:
        import_module(f"gradcli.interpreter.{self._elsewhere.get(kind, self._usual)}")
        return dict.__getitem__(self, kind)


EXPRESSIONS: dict[type, Callable[[Scope, Any], Evaluate]] = Compilers(
    "expressions",
    {
        tree.Attribute: "attributes",
        tree.Slice: "attributes",
        tree.Index: "attributes",
        tree.Call: "calls",
        tree.Comparison: "comparisons",
        **dict.fromkeys(
            (
                tree.ListDisplay,
                tree.TupleDisplay,
                tree.SetDisplay,
                tree.DictDisplay,
                tree.Comprehension,
                tree.Lambda,
            ),
            "displays",
        ),
        tree.Postfix: "straight",
        tree.AssignmentExpression: "targets",
    },
)
STATEMENTS: dict[type, Callable[[Scope, Any], Execute]] = Compilers(
    "statements",
    {
        **dict.fromkeys((tree.FunctionDefinition, tree.Import, tree.FromImport), "definitions"),
        **dict.fromkeys((tree.Try, tree.Raise, tree.Delete, tree.Global, tree.Nonlocal), "failures"),
        tree.ClassDefinition: "classes",
        tree.Assignments: "straight",
    },
)

UNKNOWN = object()
"""What `Scope.constant` gives for a name that isn't known before the program runs."""


@cache
def _namespaces() -> Any:
    """What names mean before a program assigns any: an import statement for each takes as long as this."""
    from gradcli.library import namespaces

    return namespaces


class Scope:
    """The module, or the body of one function, while it is compiled.

    Attributes:
        runtime: the run that the closures belong to.
        survey: the names of this scope.
        enclosing: the scope around a function's, None for the module.
        function: the name of the function, None for the module.
        overridden: module names whose first assignment is replaced from outside.
        free: module names that are read and neither bound nor known.
        repeats: what is being compiled runs more than once, in a loop or a function.
        spends: what is being compiled is compiled only now, so that the tree may give up its long chains.
        method_of: in a method, what holds its class once that is made, and the name of its first parameter.
    """

    __slots__ = (
        "enclosing",
        "free",
        "function",
        "method_of",
        "overridden",
        "repeats",
        "runtime",
        "spends",
        "survey",
    )

    def __init__(
        self, runtime: Runtime, survey: Survey, enclosing: Scope | None = None, function: str | None = None
    ) -> None:
        self.runtime = runtime
        self.survey = survey
        self.enclosing = enclosing
        self.function = function
        self.overridden: dict[str, tree.Statement] = {}
        self.free: set[str] = set()
        self.repeats = enclosing is not None
        self.spends = False
        self.method_of: tuple[list[Any], str] | None = None

    @property
    def module(self) -> Scope:
        """The scope of the module."""
        # Looked for each time: a scope that held itself would live until the garbage collector comes.
        scope = self
        while scope.enclosing is not None:
            scope = scope.enclosing
        return scope

    def expression(self, node: tree.Expression) -> Evaluate:
        """The closure of an expression."""
        return self._compiler(EXPRESSIONS, node)(self, node)  # type: ignore[no-any-return]

    def value(self, node: tree.Expression) -> Evaluate:
        """The closure of a statement's value, which nothing else is made from."""
        self.spends = self.runtime.spends
        try:
            return self.expression(node)
        finally:
            self.spends = False

    def expressions(self, nodes: Iterable[tree.Expression]) -> list[Evaluate]:
        """The closures of several."""
        return [self.expression(node) for node in nodes]

    def _compiler(self, usual: Any, node: Any) -> Any:
        together = self.runtime.together
        special = together.compilers.get(type(node)) if together is not None else None
        return special or usual[type(node)]

    def loop(self, body: Iterable[tree.Statement]) -> list[Execute]:
        """The closures of the statements in a loop."""
        before = self.repeats
        self.repeats = True
        try:
            return self.block(body)
        finally:
            self.repeats = before

    def block(self, body: Iterable[tree.Statement]) -> list[Execute]:
        """The closures of statements in order."""
        return [self.statement(each) for each in body if type(each) is not tree.Pass]

    def statement(self, node: tree.Statement) -> Execute:
        """The closure of a statement, told to whoever observes the run."""
        execute = self._compiler(STATEMENTS, node)(self, node)
        observer = self.runtime.observer
        return execute if observer is None else observer.watched(node, execute)

    def is_global(self, name: str) -> bool:
        """Whether `name` means the module's variable where this scope assigns it."""
        return self.enclosing is None or self.survey.outer.get(name) is tree.Global

    def is_local(self, name: str) -> bool:
        """Whether this scope has a variable `name` of its own, which is no business of the caller's."""
        return self.enclosing is not None and name not in self.survey.outer

    def hops(self, name: str) -> int:
        """How many functions further out the variable is that `nonlocal name` means; 0 if there is none."""
        count, scope = 1, self.enclosing
        while scope is not None and scope.enclosing is not None:
            if name in scope.survey.assigned:
                return count
            count, scope = count + 1, scope.enclosing
        return 0

    def is_special(self, name: str) -> bool:
        """Whether the caller said something about a module variable of this name."""
        runtime = self.runtime
        return self.is_global(name) and (
            name in runtime.inputs
            or name in runtime.wanted
            or name in runtime.frozen
            or name in runtime.retained
        )

    # ---- names ------------------------------------------------------------------------------

    def constant(self, name: str) -> Any:
        """What `name` stands for, if that is settled before the program runs; else `UNKNOWN`."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.survey.assigned or name in scope.survey.outer:
                return UNKNOWN
            path = scope.survey.imported.get(name)
            if path is not None:
                return _namespaces().imported(path, self.runtime.torch)
            scope = scope.enclosing
        if name in self.runtime.inputs:
            return UNKNOWN
        return self.bare(name)

    def bare(self, name: str) -> Any:
        """The function, namespace or constant that the language has under this name, or `UNKNOWN`."""
        return _namespaces().bare(name, self.runtime.torch, UNKNOWN)

    def load(self, name: str, span: Span) -> Evaluate:
        """The closure that reads a variable."""
        load, together = self._load(name, span), self.runtime.together
        return load if together is None else lambda frame: together.read(load(frame))

    def _load(self, name: str, span: Span) -> Evaluate:
        constant = self.constant(name)
        if constant is not UNKNOWN:
            return lambda frame: constant
        if self.is_global(name):
            return self._load_global(name, span)
        if name in self.survey.assigned:
            return _load_local(name, span)
        hops = 1
        scope = self.enclosing
        assert scope is not None
        while scope.enclosing is not None:
            if name in scope.survey.assigned:
                return _load_enclosing(name, span, hops)
            hops += 1
            scope = scope.enclosing
        return self._load_global(name, span)

    def _load_global(self, name: str, span: Span) -> Evaluate:
        names = self.runtime.names
        self.reads(name)

        def load(frame: Frame) -> Any:
            try:
                return names[name]
            except KeyError:
                return self.missing(name, span)

        return load

    def reads(self, name: str) -> None:
        """Notes that a module variable is read."""
        if name not in self.module.survey.assigned:
            self.module.free.add(name)

    def missing(self, name: str, span: Span) -> Any:
        """A module variable that has no value yet: an input, a function of ours, or an error."""
        runtime = self.runtime
        if name in runtime.inputs and name not in self.module.overridden:
            value = runtime.names[name] = runtime.inputs[name].free(runtime, name)
            return value
        value = self.bare(name)
        if value is not UNKNOWN:
            return value
        from gradcli.interpreter.unset import unset

        module = self.module
        raise unset(runtime, module.survey.assigned, module.free, name, span)


def _load_local(name: str, span: Span) -> Evaluate:
    def load(frame: Frame) -> Any:
        try:
            return frame[name]
        except KeyError:
            raise GradcliError(
                "unknown-name",
                f"cannot access local variable '{name}' where it is not associated with a value",
                span=span,
                hint="a name that a function assigns is its own; global and nonlocal mean the outer one",
            ) from None

    return load


def _load_enclosing(name: str, span: Span, hops: int) -> Evaluate:
    def load(frame: Frame) -> Any:
        for _ in range(hops):
            frame = frame[ENCLOSING]
        try:
            return frame[name]
        except KeyError:
            raise GradcliError(
                "unknown-name", f"{name} has no value yet in the function around this one", span=span
            ) from None

    return load
