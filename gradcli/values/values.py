"""The values of the language that are neither Python's own nor tensors: sizes, dtypes, functions, namespaces.

The interpreter makes and reads them; a program never sees a Python object of any other kind, which is
what keeps it inside. Everything it may ask of one of them stands in an explicit table.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.syntax import tree

NUMBERS = (int, float, bool)
"""The types of Python's own numbers that a program has."""
Frame = dict[str, Any]
"""The variables of the module or of one call of a function."""
Evaluate = Callable[[Frame], Any]
"""A compiled expression."""
Execute = Callable[[Frame], Any]
"""A compiled statement: gives None, or one of the signals below."""

Stream = Callable[[Frame], Generator[Any, None, Any]]
"""A compiled block that may yield on its way to its signal."""

Implementation = Callable[..., Any]
"""What a built-in function does: `run(runtime, span, *arguments, **keywords)`."""

ENCLOSING = "<enclosing>"
"""The key, no name of the language, under which a call's frame holds the frame around its `def`."""


class Signal:
    """Why a block ends early: `break` or `continue`."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


BREAK = Signal("break")
CONTINUE = Signal("continue")


class Returned:
    """A `return` on its way out of the blocks of a function."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def run_block(body: Iterable[Execute], frame: Frame) -> Any:
    """Executes statements until one leaves their block: its signal, or None."""
    # Written out where every turn of a loop and every call comes through.
    for statement in body:
        signal = statement(frame)
        if signal is not None:
            return signal
    return None


def at_once(body: Sequence[Execute]) -> Stream:
    """The stream of a block in which nothing is yielded."""

    def run(frame: Frame) -> Generator[Any, None, Any]:
        yield from ()
        return run_block(body, frame)

    return run


def settled(stream: Stream) -> Execute:
    """The closure of a stream that yields nothing."""

    def run(frame: Frame) -> Any:
        try:
            next(stream(frame))
        except StopIteration as ended:
            return ended.value

    return run


class Size(tuple[int, ...]):
    """A shape: a tuple that prints as `torch.Size([2, 3])`."""

    __slots__ = ()


class DType:
    """An element type; `name` is NumPy's and PyTorch's (`float32`)."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DType) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


class Approx:
    """`approx(8)`: what compares equal to everything near it."""

    __slots__ = ("absolute", "expected", "relative")

    def __init__(self, expected: Any, relative: Any, absolute: Any) -> None:
        self.expected = expected
        self.relative = relative
        self.absolute = absolute


class Device:
    """Where tensors live: always the processor."""

    __slots__ = ()


class GradientFunction:
    """What `.grad_fn` shows of the operation that made a tensor, which is that of `node`."""

    __slots__ = ("name", "node")

    def __init__(self, name: str, node: Any) -> None:
        self.name = name
        self.node = node


class Builtin:
    """A function of ours. `run(runtime, span, *arguments, **keywords)`."""

    __slots__ = ("name", "run")

    def __init__(self, name: str, run: Implementation) -> None:
        self.name = name
        self.run = run


class TypeFunction(Builtin):
    """A type's name, which makes values of that type when called: `float`, `list`, `torch.Tensor`."""

    __slots__ = ("dtype", "matches")

    def __init__(
        self, name: str, run: Implementation, matches: Callable[[Any], bool], dtype: str | None = None
    ) -> None:
        super().__init__(name, run)
        self.matches = matches
        self.dtype = dtype


class BoundMethod:
    """A method that was looked up and not called yet: `f = x.sum`.

    Attributes:
        run: `run(runtime, span, owner, *arguments, **keywords)`.
    """

    __slots__ = ("name", "owner", "run")

    def __init__(self, owner: Any, name: str, run: Implementation) -> None:
        self.owner = owner
        self.name = name
        self.run = run


class Namespace:
    """`torch`, `np`, `F` …: names that reach functions.

    Attributes:
        path: as it is imported, `torch.nn.functional`.
        members: what differs from the function table, or isn't in it.
        functions: whether the function table's names are reached through it.
        missing: for known names that don't exist here, what to write instead.
        late: gives further members, loaded when a name is in none of the others.
        absent: it stands for a module that is not here.
    """

    __slots__ = ("absent", "functions", "late", "members", "missing", "path")

    def __init__(
        self,
        path: str,
        members: Mapping[str, Any],
        *,
        functions: bool = True,
        missing: Mapping[str, str] | None = None,
        late: Callable[[], Mapping[str, Any]] | None = None,
        absent: bool = False,
    ) -> None:
        self.late = late
        self.absent = absent
        self.path = path
        self.members = members
        self.functions = functions
        self.missing = missing or {}


class UserFunction:
    """A `def` of the program.

    Attributes:
        attributes: what the program put there by `function.name = value`.
        enclosing: the frame around the `def`, for functions inside functions.
        defaults: the values of the parameters that have them.
        gradient: the function that `@backward` made its gradient, or None.
        recording: what `@no_grad()` or `@enable_grad()` above it says, or None.
        generates: it yields, so that calling it makes a generator.
        holder: holds the class whose method it is, once that is made; None for what is no method.
    """

    __slots__ = (
        "attributes",
        "body",
        "defaults",
        "enclosing",
        "generates",
        "gradient",
        "holder",
        "name",
        "parameters",
        "recording",
        "simple",
        "span",
    )

    def __init__(
        self,
        name: str,
        parameters: tuple[tree.DefParameter, ...],
        body: list[Execute],
        enclosing: Frame | None,
        defaults: dict[str, Any],
        span: Span,
        generates: bool = False,
        holder: list[Any] | None = None,
    ) -> None:
        self.name = name
        self.parameters = parameters
        self.body = body
        self.enclosing = enclosing
        self.defaults = defaults
        self.span = span
        self.generates = generates
        self.holder = holder
        self.attributes: dict[str, Any] = {}
        self.gradient: UserFunction | None = None
        self.recording: bool | None = None
        # Parameter names alone, when binding is a matter of pairing them with arguments.
        plain = not any(each.star or each.keyword_only for each in parameters)
        self.simple = tuple(each.name for each in parameters) if plain else None

    @property
    def qualified(self) -> str:
        """What Python calls it in its errors: a method after its class."""
        cls = self.holder and self.holder[0]
        return f"{cls.name}.{self.name}" if cls else self.name


class GradientClass:
    """A `class … (torch.autograd.Function)` of the program, with its static methods."""

    __slots__ = ("methods", "name", "span")

    def __init__(self, name: str, methods: dict[str, Any], span: Span) -> None:
        self.name = name
        self.methods = methods
        self.span = span


class FunctionBase:
    """`torch.autograd.Function`, which only stands as a base class."""

    __slots__ = ()


class GradientContext:
    """The `ctx` of a `GradientClass`: what `forward` leaves for `backward`."""

    __slots__ = (
        "attributes",
        "dirty",
        "materialize",
        "needs_input_grad",
        "non_differentiable",
        "restore",
        "saved",
    )

    def __init__(self, needs_input_grad: tuple[bool, ...]) -> None:
        self.attributes: dict[str, Any] = {}
        self.needs_input_grad = needs_input_grad
        self.materialize = True
        self.dirty: tuple[Any, ...] = ()
        self.non_differentiable: tuple[Any, ...] = ()
        self.saved: tuple[Any, ...] = ()
        # Turns what was saved into what `saved_tensors` gives: results get their place in the graph back.
        self.restore: Callable[[tuple[Any, ...]], tuple[Any, ...]] = tuple


class Array:
    """What `tensor.numpy()` gives: the tensor, and whether it stands for one of NumPy's numbers."""

    __slots__ = ("scalar", "tensor")

    def __init__(self, tensor: Any, scalar: bool) -> None:
        self.tensor = tensor
        self.scalar = scalar


def unwrapped(value: Any) -> Any:
    """The tensor of an array; other values as they are."""
    return value.tensor if type(value) is Array else value


def is_generator(value: Any) -> bool:
    """Whether a value is a `torch.Generator`, asked without loading what draws."""
    return type(value).__module__ == "gradcli.tape.generator"


class HookHandle:
    """What `register_hook` gives: a way to take the hook away."""

    __slots__ = ("remove",)

    def __init__(self, remove: Callable[[], None]) -> None:
        self.remove = remove


class NullContext:
    """A `with` context that changes nothing here."""

    __slots__ = ()


class GradientOf:
    """`backward(f)` as a decorator: the function below it is the gradient of `f`."""

    __slots__ = ("function",)

    def __init__(self, function: UserFunction) -> None:
        self.function = function
