"""Functions of the program on their way to being differentiated: arguments of their own, nests of tensors.

`torch_func` and `autograd_functional` are made of it. A function is called on tensors of its own, so that
nested derivatives don't meet: each level differentiates by its own arguments and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.library.calling import call_value
from gradcli.library.tensor_methods import weight_of
from gradcli.ops.rows import CallName, Function
from gradcli.tape import primitives
from gradcli.tape.custom import detached
from gradcli.tape.node import FLOATS, LEAF, Node, RecordedCall, leaf, stamp, topological
from gradcli.values.formatting import type_name
from gradcli.values.values import BoundMethod, Builtin, GradientClass, UserFunction

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

_ALIAS = CallName("alias", "AliasBackward0", saves=False)
FUNCTIONS = (UserFunction, Builtin, Function, BoundMethod, GradientClass)


class Level:
    """One call of a function that is being differentiated.

    Attributes:
        hidden: the leaves that stand for arguments which themselves require no grad.
        attached: results keep their history; else they are values.
        hides: they keep none if nothing outside requires grad.
    """

    def __init__(self, runtime: Runtime, span: Span, attached: bool = True, hides: bool = True) -> None:
        self.hides = hides
        self.runtime = runtime
        self.span = span
        self.hidden: set[Node] = set()
        self.attached = attached and runtime.session.recording
        runtime.own_backward = True

    def enter(self, value: Any) -> Any:
        """An argument, or a nest of them, as tensors of this level's own."""
        if isinstance(value, dict):
            return type(value)((key, self.enter(each)) for key, each in value.items())
        if isinstance(value, (list, tuple)) and any(
            isinstance(each, (Tensor, list, tuple)) for each in value
        ):
            return type(value)(self.enter(each) for each in value)
        session = self.runtime.session
        tensor = value if type(value) is Tensor else session.tensor(_numbers(value, self.span))
        if type(value) in (int, bool):
            tensor = session.tensor(float(value))
        node = tensor.node
        if node.dtype not in FLOATS:
            raise GradcliError(
                "int-requires-grad",
                "only Tensors of floating point and complex dtype can require gradients, and this argument "
                f"has dtype {node.dtype}",
                span=self.span,
                hint="write its numbers with a point, as in [1., 2.]",
            )
        if node.requires_grad and self.attached:
            return self.alias(tensor)
        fresh = leaf(session.numpy(tensor), True)
        self.hidden.add(fresh)
        return Tensor(fresh)

    def alias(self, tensor: Tensor) -> Tensor:
        """The same tensor, by a node of its own."""
        node = primitives.reshape(tensor.node, attrs=(tensor.shape,))
        stamp(node, RecordedCall(_ALIAS, self.span))
        return Tensor(node)

    def call(self, function: Any, arguments: Sequence[Any], keywords: dict[str, Any]) -> Any:
        """What the function gives, recorded whatever goes on around it."""
        session = self.runtime.session
        with session.recorded(True):
            found = call_value(self.runtime, function, tuple(arguments), keywords, self.span)
        session.span = self.span
        return found

    def derive(self, compute: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        """Derivatives by a function of `gradcli.derivatives.functional`, recorded: they may be
        differentiated again."""
        session = self.runtime.session
        with session.recorded(True):
            return compute(session, *arguments, **keywords)

    def leave(self, value: Any) -> Any:
        """A result, or a nest of them: with a history only where something outside requires grad."""
        return mapped(self._left, value)

    def _left(self, value: Any) -> Any:
        if type(value) is not Tensor or not value.requires_grad:
            return value
        if self.attached:
            if not self.hides:
                return value
            for node in topological([value.node]):
                if node.op is LEAF and node not in self.hidden:
                    return value
        return Tensor(detached(value.node))


def _numbers(value: Any, span: Span) -> Any:
    if isinstance(value, (int, float, list, tuple)):
        return value
    raise GradcliError("bad-argument", f"expected a tensor, not {type_name(value)}", span=span)


def flat(value: Any) -> list[Tensor]:
    """The tensors in a nest, in order."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [tensor for each in value for tensor in flat(each)]
    return [value]


def like(value: Any, tensors: Iterable[Any]) -> Any:
    """Tensors in the nest of `value`."""
    source = iter(tensors)
    return mapped(lambda _: next(source), value)


def mapped(function: Callable[[Any], Any], value: Any) -> Any:
    """What a function makes of each thing in a nest, in a nest like it."""
    if isinstance(value, dict):
        return type(value)((key, mapped(function, each)) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return type(value)(mapped(function, each) for each in value)
    return function(value)


def outputs_of(value: Any, name: str, span: Span) -> list[Tensor]:
    found = flat(value)
    for each in found:
        if type(each) is not Tensor:
            raise GradcliError(
                "bad-argument",
                "The outputs of the user-provided function given to "
                f"{name} must be either a Tensor or a tuple of Tensors but the given outputs of the "
                f"user-provided function has type <class '{type_name(each)}'>.",
                span=span,
                hint="return a tensor from the function",
            )
    return found


def require_function(function: Any, name: str, span: Span) -> None:
    if not isinstance(function, FUNCTIONS):
        raise GradcliError(
            "bad-argument",
            f"{name} takes a function, not {type_name(function)}",
            span=span,
            hint=f"def f(x): return …, then {name}(f)",
        )


def directions(runtime: Runtime, span: Span, given: Any, inputs: Sequence[Tensor], name: str) -> list[Tensor]:
    """A direction for each input, of exactly its shape."""
    parts = _parts(given, len(inputs))
    if len(parts) != len(inputs):
        raise GradcliError(
            "bad-argument",
            f"{name}: got {len(inputs)} inputs and {len(parts)} directions",
            span=span,
        )
    found = []
    for part, each in zip(parts, inputs, strict=True):
        way = weight_of(runtime, part, each, span)
        if way is None or way.shape != each.shape:
            shape = [] if way is None else list(way.shape)
            raise GradcliError(
                "shape",
                f"{name}: v has invalid size: should be torch.Size({list(each.shape)}) but got "
                f"torch.Size({shape}).",
                span=span,
                hint="a direction has exactly the shape of its input",
            )
        found.append(Tensor(primitives.cast(way.node, each.dtype)))
    return found


def _parts(given: Any, count: int) -> list[Any]:
    """What was given as one direction, or as a sequence of them, for so many inputs."""
    if not isinstance(given, (list, tuple)):
        return [given]
    if any(type(each) is Tensor for each in flat(given)):
        return flat(given)
    # Numbers: lists nest in a direction as well as around several.
    nested = len(given) == 1 and isinstance(given, tuple)
    return list(given) if count > 1 or nested else [given]
