"""`copy.copy` and `copy.deepcopy` of values of the language: lists, dicts, tensors, objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.limits import DEEP_CALLS
from gradcli.values.objects import PARAMETERS, Defaults, Instance

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

    Copying = Callable[[Runtime, Tensor], Tensor]


def copy(runtime: Runtime, span: Span, x: Any) -> Any:
    """A value of its own with the same parts."""
    if isinstance(x, (list, dict)):
        runtime.limits.room(len(x), span)
        return type(x)(x)
    if type(x) is Instance:
        made = Instance(x.cls)
        made.attributes, made.state = dict(x.attributes), dict(x.state)
        return made
    return runtime.session.detach(x) if type(x) is Tensor else x


def deepcopy(runtime: Runtime, span: Span, x: Any) -> Any:
    """A value whose parts are copied as well; what stands in it twice is copied once."""
    return _deep(runtime, span, x, {}, 0, _tensor)


def stored(runtime: Runtime, span: Span, x: Any) -> Any:
    """What a file would keep of a value: its tensors are leaves, without their gradients."""
    return _deep(runtime, span, x, {}, 0, _alone)


def _deep(runtime: Runtime, span: Span, x: Any, known: dict[int, Any], depth: int, make: Copying) -> Any:
    if id(x) in known:
        return known[id(x)]
    if depth > DEEP_CALLS:
        raise GradcliError("limit", f"values nest deeper than {DEEP_CALLS} here", span=span)
    runtime.limits.step(span)
    if type(x) is Tensor:
        tensor = known[id(x)] = make(runtime, x)
        return tensor
    if isinstance(x, list):
        runtime.limits.room(len(x), span)
        items: list[Any] = []
        known[id(x)] = items
        items.extend(_deep(runtime, span, each, known, depth + 1, make) for each in x)
        return items
    if type(x) is tuple:
        return tuple([_deep(runtime, span, each, known, depth + 1, make) for each in x])
    if isinstance(x, dict):
        known[id(x)] = entries = type(x)()
        if type(entries) is Defaults and type(x) is Defaults:
            entries.factory = x.factory
        for key, value in x.items():
            entries[key] = _deep(runtime, span, value, known, depth + 1, make)
        return entries
    if type(x) is Instance:
        known[id(x)] = made = Instance(x.cls)
        made.state = _deep(runtime, span, x.state, known, depth + 1, make)
        made.attributes = _deep(runtime, span, x.attributes, known, depth + 1, make)
        return made
    return x


def _tensor(runtime: Runtime, x: Tensor) -> Tensor:
    if not x.is_leaf:
        message = "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol"
        raise GradcliError("bad-argument", message)
    made = _alone(runtime, x)
    if x.grad is not None:
        made.grad = _alone(runtime, x.grad)
    return made


def _alone(runtime: Runtime, x: Tensor) -> Tensor:
    """A leaf of its own with the numbers of a tensor."""
    session = runtime.session
    made: Tensor = session.leaf(session.numpy(x).copy(), x.requires_grad)
    if x in PARAMETERS:
        PARAMETERS.add(made)
    return made
