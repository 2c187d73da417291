"""How modules that compute are made: their settings, their first weights, what their `repr` says of them."""

from __future__ import annotations

import math
from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor, labels
from gradcli.errors import GradcliError, failure, missing_arguments, too_many_arguments
from gradcli.neural.init import kaiming_bound, room
from gradcli.neural.module import MODULE, Held, apply, assign, initialise, parameter
from gradcli.values.conversions import integer, listed
from gradcli.values.dtypes import dtype_name, numpy_dtype
from gradcli.values.formatting import represent
from gradcli.values.objects import ClassValue, Instance
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

    Forward = Callable[..., Any]

REQUIRED = object()
"""The default of a setting that a call must give."""


_WEIGHTED = frozenset(("linear", "conv", "sparse", "batchnorm", "instancenorm", "normalization", "rnn"))
"""The groups of layers that have `reset_parameters`."""


def _beginning_again(name: str, start: Forward) -> dict[str, Any]:
    """How a layer starts, and how it gets weights again as they are at the start."""

    @wraps(start)
    def remembered(runtime: Runtime, span: Span, module: Instance, *values: Any, **named: Any) -> None:
        start(runtime, span, module, *values, **named)
        module.state["begun"] = (values, named)

    def reset(runtime: Runtime, span: Span, module: Instance) -> None:
        values, named = module.state["begun"]
        fresh = Instance(module.cls)
        start(runtime, span, fresh, *values, **named)
        for each, value in fresh.attributes.items():
            own = module.attributes.get(each)
            if type(value) is type(own) is Tensor:
                assign(runtime, own, value)

    return {"__init__": Builtin(name, remembered), "reset_parameters": Builtin("reset_parameters", reset)}


def layer(
    name: str, start: Forward, forward: Forward, shown: Callable[[Runtime, Instance], str], group: str
) -> ClassValue:
    """A module of ours: what its call does, what it computes, and what its `repr` says of it."""
    members = {
        "__init__": Builtin(name, start),
        "forward": Builtin("forward", forward),
        "extra_repr": Builtin("extra_repr", lambda runtime, span, module: shown(runtime, module)),
    }
    if group in _WEIGHTED:
        members |= _beginning_again(name, start)
    return ClassValue(name, (MODULE,), members, f"torch.nn.modules.{group}.{name}")


def begin(runtime: Runtime, span: Span, module: Instance, **settings: Any) -> np.dtype[Any]:
    """Starts a module with its settings; the dtype that its parameters have."""
    initialise(runtime, span, module)
    dtype = settings.pop("dtype", None)
    settings.pop("device", None)
    module.attributes.update(settings)
    name = dtype_name(dtype)
    return runtime.session.default_dtype if name is None else numpy_dtype(name)


def described(runtime: Runtime, module: Instance, names: Sequence[str]) -> str:
    return ", ".join(f"{name}={represent(runtime, Held(module)[name])}" for name in names)


def whole(runtime: Runtime, value: Any, span: Span, what: str) -> int:
    found = integer(runtime, value, span, f"{what} must be an integer")
    if found < 0:
        message = f"Trying to create tensor with negative dimension {found}: {what}"
        raise GradcliError("bad-argument", message, span=span)
    return found


def uniform(runtime: Runtime, shape: tuple[int, ...], dtype: np.dtype[Any], bound: float) -> Tensor:
    values = runtime.session.context.generator.uniform(room(shape, dtype), dtype, -bound, bound)
    return parameter(runtime, values, writes=1)


def filled(runtime: Runtime, shape: tuple[int, ...], dtype: np.dtype[Any], value: float) -> Tensor:
    return parameter(runtime, np.full(room(shape, dtype), value, dtype), writes=1)


def as_sizes(runtime: Runtime, value: Any, count: int, span: Span, what: str, *, signed: bool = False) -> Any:
    """A setting of a convolution for each dim."""
    if type(value) is str and what == "padding":
        return value
    given = listed(runtime, value, span) if isinstance(value, (list, tuple)) else [value] * count
    if signed:
        return tuple(integer(runtime, each, span, f"{what} must be an integer") for each in given)
    return tuple(whole(runtime, each, span, what) for each in given)


def weights(
    runtime: Runtime,
    module: Instance,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    bias: bool,
    outputs: int | None = None,
) -> None:
    """Weight and bias as every layer of PyTorch begins with them; `outputs` where it isn't the first size."""
    fan = shape[1] * math.prod(shape[2:])
    bound = kaiming_bound(fan) if fan else 0.0
    module.attributes["weight"] = uniform(runtime, shape, dtype, bound)
    module.attributes["bias"] = None
    if bias:
        ends = 1 / math.sqrt(fan) if fan else 0.0
        module.attributes["bias"] = uniform(
            runtime, shape[:1] if outputs is None else (outputs,), dtype, ends
        )


def has_bias(runtime: Runtime, module: Instance) -> str:
    return f"bias={Held(module)['bias'] is not None}"


def called_with(
    name: str, row: str, inputs: int, values: tuple[Any, ...], named: Mapping[str, Any], span: Span
) -> list[Any]:
    """What a module is called with, which are the first parameters of its row; raises Python's errors."""
    names = [each.name for each in labels.row(row).positional[:inputs]]
    name = f"{name}.forward"
    if len(values) > len(names):
        raise too_many_arguments(name, len(names) + 1, len(names) + 1, len(values) + 1, span)
    given = dict(zip(names, values, strict=False))
    for each, value in named.items():
        if each in given or each not in names:
            what = "multiple values for" if each in given else "an unexpected keyword"
            raise failure("TypeError", f"{name}() got {what} argument '{each}'", span)
        given[each] = value
    missing = [each for each in names if each not in given]
    if missing:
        raise missing_arguments(name, missing, span)
    return [given[each] for each in names]


def functional(
    name: str,
    row: str,
    settings: Mapping[str, Any],
    group: str,
    shown: Callable[[Runtime, Instance], str] = lambda runtime, module: "",
    inputs: int = 1,
) -> ClassValue:
    """A module that calls a row of the function table with its settings."""

    def start(runtime: Runtime, span: Span, module: Instance, *values: Any, **named: Any) -> None:
        given = bound(name, settings, values, named, span)
        begin(runtime, span, module, **given)

    def forward(runtime: Runtime, span: Span, module: Instance, *values: Any, **named: Any) -> Any:
        tensors = called_with(name, row, inputs, values, named, span)
        return apply(runtime, row, *tensors, **{each: Held(module)[each] for each in settings})

    return layer(name, start, forward, shown, group)


def bound(
    name: str, settings: Mapping[str, Any], values: tuple[Any, ...], named: dict[str, Any], span: Span
) -> dict[str, Any]:
    """The settings of a module, from what its call gives."""
    given = dict(settings) | dict(zip(settings, values, strict=False)) | named
    unknown = [each for each in named if each not in settings]
    missing = [each for each, value in given.items() if value is REQUIRED]
    twice = [each for each in named if each in list(settings)[: len(values)]]
    called = f"{name}.__init__"
    if missing and not unknown:
        raise missing_arguments(called, missing, span)
    if len(values) > len(settings):
        least = [each for each in settings.values() if each is REQUIRED]
        raise too_many_arguments(called, len(least) + 1, len(settings) + 1, len(values) + 1, span)
    if unknown or twice:
        what = "an unexpected keyword" if unknown else "multiple values for"
        hint = f"it takes {', '.join(settings)}" if settings else "it takes no arguments"
        message = f"{called}() got {what} argument '{(unknown or twice)[0]}'"
        raise failure("TypeError", message, span, hint=hint)
    return given


def shows(*names: str, bare: bool = False) -> Callable[[Runtime, Instance], str]:
    """What a `repr` says: the settings by name, or their values alone."""

    def run(runtime: Runtime, module: Instance) -> str:
        if bare:
            return ", ".join(represent(runtime, Held(module)[name]) for name in names)
        return described(runtime, module, names)

    return run
