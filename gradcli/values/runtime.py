"""The state of one run of a program: its variables, its inputs, what it printed, how far it got.

The compiled closures share one `Runtime`; `gradcli.evaluate` makes it and reads the outcome from it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, Location
from gradcli.values.objects import ABSENT, ClassValue

if TYPE_CHECKING:
    from typing import Protocol

    from gradcli.autograd import Session
    from gradcli.errors import Span
    from gradcli.limits import Limits
    from gradcli.syntax import tree
    from gradcli.text.tensor_text import Style
    from gradcli.values.objects import Instance
    from gradcli.values.values import Execute, Frame

    class ManyRows(Protocol):
        """Many rows for which a program is run at once (`interpreter.together`)."""

        compilers: Mapping[type, Any]
        """What compiles nodes of the syntax tree that decide."""
        outer: Collection[str]
        """The names that functions assign outside of themselves."""

        def read(self, value: Any) -> Any:
            """The value of a variable, if it is of one kind for all rows."""

        def called(self, body: list[Execute], frame: Frame) -> Any:
            """What the body of a function returns."""

    class Observer(Protocol):
        """Who is told of the statements of a run."""

        def watched(self, statement: tree.Statement, execute: Execute) -> Execute:
            """What is called in place of a statement's closure."""


MOST_NOTES = 8
"""Of a longer chain of calls, only both ends are told."""


class Runtime:
    """One run.

    Attributes:
        text: the program.
        session: the tape's rules and operations.
        limits: the counters of steps, time and memory.
        torch: the program imports from `torch`, and so gets PyTorch's world.
        inputs: values from outside by name, ready to be bound; a name is used where the program asks for it.
        unused_inputs: names from outside that the program doesn't have.
        wanted: names whose constants are to require grad (`wrt`).
        frozen: names whose leaves are not to require grad.
        retained: names whose gradients are kept.
        names: the variables of the module.
        leaves: the leaves that require grad, under the name that each was first assigned to.
        depth: how many calls of the program's functions are under way.
        before_last: called before the last statement of the module, or None.
        before_backward: looks at roots and weights before a backward of the program's own, or None.
        own_backward: the program asked for gradients itself.
        printed: the pieces of text that it printed.
        warnings: what PyTorch warns of, each once.
        kept: what modules keep for the run: what was saved, who logs.
        generators: random numbers that are not PyTorch's, by the module that they belong to.
        style: how tensors are printed, once the program says so.
        write: gets each piece as it is printed, or None.
        caller: what calls a value, `caller(runtime, function, arguments, keywords, span)`: the library's,
            which is above this room.
        spends: nobody reads the tree after this run, so that long chains may be given up on the way.
        observer: is told of each statement that is run, or None.
        together: the rows that the run is for, when it is for many; what decides is then compiled otherwise.
        parameters: the tensors that are `nn.Parameter`s; None while there are none.
    """

    __slots__ = (
        "before_backward",
        "before_last",
        "caller",
        "deep",
        "depth",
        "frozen",
        "generators",
        "inputs",
        "kept",
        "leaf_names",
        "leaves",
        "limits",
        "names",
        "observer",
        "own_backward",
        "parameters",
        "printed",
        "retained",
        "session",
        "spends",
        "style",
        "text",
        "together",
        "torch",
        "unused_inputs",
        "wanted",
        "warnings",
        "write",
    )

    caller: Callable[..., Any]

    def __init__(
        self,
        text: str,
        session: Session,
        limits: Limits,
        write: Callable[[str], None] | None = None,
    ) -> None:
        self.text = text
        self.session = session
        self.limits = limits
        self.torch = False
        self.inputs: Mapping[str, Any] = {}
        self.unused_inputs: tuple[str, ...] = ()
        self.wanted: frozenset[str] = frozenset()
        self.frozen: frozenset[str] = frozenset()
        self.retained: frozenset[str] = frozenset()
        self.write = write
        self.names: Frame = {}
        self.leaves: dict[str, Tensor] = {}
        self.leaf_names: dict[int, str] = {}
        self.depth = 0
        self.deep = False
        self.own_backward = False
        self.before_backward: Callable[[list[Tensor], list[Tensor | None]], None] | None = None
        self.before_last: Callable[[], None] | None = None
        self.printed: list[str] = []
        self.warnings: dict[str, None] = {}
        self.kept: dict[str, Any] = {}
        self.generators: dict[str, Any] = {}
        self.style: Style | None = None
        self.spends = False
        self.observer: Observer | None = None
        self.together: ManyRows | None = None

    def line(self, span: Span) -> int:
        """The line of the program on which `span` begins."""
        return Location.of(span, self.text).line

    def locate(self, error: GradcliError) -> None:
        """Gives an error without a place that of the operation that was under way."""
        if error.span is None:
            error.span = self.session.span

    def note(self, error: GradcliError, note: str) -> None:
        """Adds to an error where it came through; the innermost place comes first."""
        self.locate(error)
        error.notes = (*error.notes, note)

    def print(self, text: str) -> None:
        """Prints."""
        self.printed.append(text)
        if self.write is not None:
            self.write(text)

    def call(self, function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any], span: Span) -> Any:
        """What a value of the language gives when it is called."""
        return self.caller(self, function, arguments, keywords, span)

    def special(self, value: Instance | ClassValue, name: str, span: Span | None, *arguments: Any) -> Any:
        """What an object's special method gives (`__len__`), or `ABSENT` if its class has none."""
        cls = value.meta if isinstance(value, ClassValue) else value.cls
        function = None if cls is None else cls.find(name)
        if function is None:
            return ABSENT
        return self.call(function, (value, *arguments), {}, span or self.session.span or (0, 0))

    def warn(self, text: str) -> None:
        """Warns, once."""
        self.warnings[text] = None

    # ---- leaves and their names -------------------------------------------------------------

    def admit(self, name: str, value: Any) -> Any:
        """A value on its way into module variable `name`, for names that the caller said something about."""
        if name in self.frozen:
            if isinstance(value, Tensor) and value.is_leaf and value.requires_grad:
                self.session.set_requires_grad(value, False)
        elif name in self.wanted and name not in self.leaves:
            value = self._require_grad(value)
        if isinstance(value, Tensor) and value.requires_grad:
            if value.is_leaf:
                self.register(name, value)
            elif name in self.retained:
                self.session.retain_grad(value)
        return value

    def _require_grad(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            if value.is_leaf and not value.requires_grad:
                self.session.set_requires_grad(value, True)
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float, list)):
            return value
        data = float(value) if isinstance(value, int) else value
        return self.session.tensor(data, requires_grad=True)

    def register(self, name: str, leaf: Tensor) -> None:
        """Remembers the name of a leaf that requires grad; the first name counts."""
        if id(leaf) in self.leaf_names or leaf.dangles:
            return  # a view that was made outside recording says that it requires grad, and gets none
        former = self.leaves.get(name)
        if former is not None:
            del self.leaf_names[id(former)]
        self.leaves[name] = leaf
        self.leaf_names[id(leaf)] = name

    def register_late(self, leaf: Tensor) -> None:
        """As `register`, for a leaf that requires grad only since it has its name."""
        if leaf.requires_grad and leaf.is_leaf and id(leaf) not in self.leaf_names:
            for name, value in self.names.items():
                if value is leaf:
                    self.register(name, leaf)
                    return


def call_chain(notes: tuple[str, ...]) -> tuple[str, ...]:
    """The notes of an error, of which only the ends are kept when there are many."""
    if len(notes) <= MOST_NOTES:
        return notes
    keep = MOST_NOTES // 2
    return (*notes[:keep], f"… {len(notes) - 2 * keep} more of these …", *notes[-keep:])
