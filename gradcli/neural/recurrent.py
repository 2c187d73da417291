"""Recurrent layers, and the cells that they repeat: RNN, LSTM and GRU.

A step is a composition of functions of the table in the order in which PyTorch computes it. A layer takes all
inputs through the first product at once, and states one by one through the second.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, failure
from gradcli.neural.init import room
from gradcli.neural.making import REQUIRED, begin, bound, layer, uniform, whole
from gradcli.neural.module import Held, apply, apply_as
from gradcli.neural.packed import PACKED, in_order, packed_as, sizes_of
from gradcli.values.conversions import truth
from gradcli.values.objects import ClassValue, Instance
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

    Step = Callable[[Runtime, Any, tuple[Any, ...], tuple[Any, Any]], tuple[Any, ...]]
    """From what the input became in the first product, states and second weights, to new states."""


# ---- one step ------------------------------------------------------------------------------------


def _plain(activation: str) -> Step:
    def step(
        runtime: Runtime, given: Any, states: tuple[Any, ...], weights: tuple[Any, Any]
    ) -> tuple[Any, ...]:
        return (
            apply(runtime, activation, apply(runtime, "add", _linear(runtime, states[0], weights), given)),
        )

    return step


def _lstm(runtime: Runtime, given: Any, states: tuple[Any, ...], weights: tuple[Any, Any]) -> tuple[Any, ...]:
    gates = apply(runtime, "add", _linear(runtime, states[0], weights), given)
    taken, kept, new, shown = apply(runtime, "chunk", gates, 4, -1)
    taken, kept, shown = (apply(runtime, "sigmoid", each) for each in (taken, kept, shown))
    new = apply(runtime, "tanh", new)
    memory = apply(runtime, "add", apply(runtime, "mul", kept, states[1]), apply(runtime, "mul", taken, new))
    return apply(runtime, "mul", shown, apply(runtime, "tanh", memory)), memory


def _gru(runtime: Runtime, given: Any, states: tuple[Any, ...], weights: tuple[Any, Any]) -> tuple[Any, ...]:
    (state,) = states
    reset, update, new = apply(runtime, "chunk", given, 3, -1)
    own_reset, own_update, own = apply(runtime, "chunk", _linear(runtime, state, weights), 3, -1)
    reset = apply(runtime, "sigmoid", apply(runtime, "add", own_reset, reset))
    update = apply(runtime, "sigmoid", apply(runtime, "add", own_update, update))
    new = apply(runtime, "tanh", apply(runtime, "add", new, apply(runtime, "mul", own, reset)))
    rest = apply(runtime, "mul", apply(runtime, "sub", state, new), update)
    return (apply(runtime, "add", rest, new),)


def _linear(runtime: Runtime, value: Any, weights: tuple[Any, Any]) -> Any:
    return apply(runtime, "linear", value, *weights)


_KINDS: dict[str, tuple[int, int]] = {"RNN": (1, 1), "LSTM": (4, 2), "GRU": (3, 1)}
"""For each kind how many gates it has, and how many states."""


def _step(span: Span, kind: str, module: Instance) -> Step:
    if kind != "RNN":
        return _lstm if kind == "LSTM" else _gru
    nonlinearity = Held(module)["nonlinearity"]
    if nonlinearity not in ("tanh", "relu"):
        message = f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
        raise failure("ValueError", message, span)
    return _plain(nonlinearity)


# ---- layers --------------------------------------------------------------------------------------


def _sizes(runtime: Runtime, span: Span, given: dict[str, Any]) -> None:
    for name in ("input_size", "hidden_size", "num_layers", "proj_size"):
        if name in given:
            given[name] = whole(runtime, given[name], span, name)
            if given[name] == 0 and name in ("hidden_size", "num_layers"):
                raise failure("ValueError", f"{name} must be greater than zero", span)
    for name in ("bias", "batch_first", "bidirectional"):
        if name in given:
            given[name] = truth(runtime, given[name], span)


_WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def _weigh(
    runtime: Runtime, kind: str, module: Instance, width: int, dtype: np.dtype[Any], suffix: str = ""
) -> None:
    """Gives a module the weights of one cell, and its biases where it has any."""
    held = Held(module)
    hidden: int = held["hidden_size"]
    rows = _KINDS[kind][0] * hidden
    shown = _shown_size(module)
    shapes = dict(zip(_WEIGHTS, ((rows, width), (rows, shown), (rows,), (rows,)), strict=True))
    if not held["bias"]:
        shapes = {name: shapes[name] for name in _WEIGHTS[:2]}
    if shown != hidden:
        shapes["weight_hr"] = (shown, hidden)
    for name, shape in shapes.items():
        module.attributes[name + suffix] = uniform(runtime, shape, dtype, 1 / math.sqrt(hidden))


def _shown_size(module: Instance) -> int:
    """How many numbers a state that is shown has: projected ones have less."""
    size: int = module.attributes.get("proj_size") or Held(module)["hidden_size"]
    return size


def _weights(module: Instance, suffix: str = "") -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """The weight and bias of the first product of a cell, and those of the second."""
    held = Held(module)
    first, second = (held[name + suffix] for name in _WEIGHTS[:2])
    biases = [held[name + suffix] if held["bias"] else None for name in _WEIGHTS[2:]]
    return (first, biases[0]), (second, biases[1])


def _directions(module: Instance) -> tuple[str, ...]:
    return ("", "_reverse") if Held(module)["bidirectional"] else ("",)


def recurrent(kind: str) -> ClassValue:
    """The layer of a kind of cell."""
    count = _KINDS[kind][1]
    settings: dict[str, Any] = {"input_size": REQUIRED, "hidden_size": REQUIRED, "num_layers": 1}
    settings |= {"nonlinearity": "tanh"} if kind == "RNN" else {}
    settings |= {"bias": True, "batch_first": False, "dropout": 0.0, "bidirectional": False}
    settings |= {"proj_size": 0} if kind == "LSTM" else {}
    settings |= {"device": None, "dtype": None}

    def start(runtime: Runtime, span: Span, module: Instance, *values: Any, **named: Any) -> None:
        given = bound(kind, settings, values, named, span)
        _sizes(runtime, span, given)
        if not 0 <= given.setdefault("proj_size", 0) < given["hidden_size"]:
            raise failure("ValueError", "proj_size has to be smaller than hidden_size", span)
        if type(given["dropout"]) not in (int, float) or not 0 <= given["dropout"] <= 1:
            message = "dropout should be a number in range [0, 1]"
            raise failure(
                "ValueError", f"{message} representing the probability of an element being zeroed", span
            )
        dtype = begin(runtime, span, module, mode=kind, **given)
        _step(span, kind, module)
        for at in range(given["num_layers"]):
            width = given["input_size"] if at == 0 else _shown_size(module) * len(_directions(module))
            for suffix in _directions(module):
                _weigh(runtime, kind, module, width, dtype, f"_l{at}{suffix}")

    def forward(runtime: Runtime, span: Span, module: Instance, input: Any, hx: Any = None) -> Any:
        held = Held(module)
        if type(input) is Instance and input.cls is PACKED:
            return _forward_packed(runtime, span, kind, module, input, hx)
        batched = _checked(kind, module, input, span)
        first = held["batch_first"] and batched
        if not batched:
            input = apply(runtime, "unsqueeze", input, 1)
        elif first:
            input = apply(runtime, "transpose", input, 0, 1)
        given = _given(runtime, kind, module, input, input.shape[1], hx, batched, span)
        output, finals = _run(runtime, span, kind, module, input, given)
        states = [apply(runtime, "stack", each, 0) for each in finals]
        if not batched:
            output = apply(runtime, "squeeze", output, 1)
            states = [apply(runtime, "squeeze", each, 1) for each in states]
        elif first:
            turned = "TransposeBackward0" if _of_one_piece(kind, input) else "TransposeBackward1"
            output = apply_as(runtime, turned, "transpose", output, 0, 1)
        return output, tuple(states) if count == 2 else states[0]

    def shown(runtime: Runtime, module: Instance) -> str:
        held = Held(module)
        parts = [str(held["input_size"]), str(held["hidden_size"])]
        parts += [f"proj_size={held['proj_size']}"] if module.attributes.get("proj_size") else []
        usual = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0, "bidirectional": False}
        return ", ".join([*parts, *(f"{each}={held[each]}" for each in usual if held[each] != usual[each])])

    made = layer(kind, start, forward, shown, "rnn")
    made.members["flatten_parameters"] = Builtin("flatten_parameters", lambda runtime, span, module: None)
    return made


def _forward_packed(
    runtime: Runtime, span: Span, kind: str, module: Instance, packed: Instance, hx: Any
) -> tuple[Instance, Any]:
    """Sequences of several lengths: each is gone through as far as it goes."""
    data, sizes = packed.attributes["data"], sizes_of(runtime, packed)
    _checked(kind, module, data, span)
    if hx is not None:
        sorted_states = [
            in_order(runtime, packed, each, "sorted_indices")
            for each in (hx if isinstance(hx, (tuple, list)) else [hx])
        ]
        hx = tuple(sorted_states) if len(sorted_states) > 1 else sorted_states[0]
    given = _given(runtime, kind, module, data, sizes[0], hx, True, span)
    output, finals = _run(runtime, span, kind, module, data, given, sizes)
    states = [
        in_order(runtime, packed, apply(runtime, "stack", each, 0), "unsorted_indices") for each in finals
    ]
    return packed_as(runtime, output, packed), tuple(states) if len(states) > 1 else states[0]


def _checked(kind: str, module: Instance, input: Any, span: Span) -> bool:
    """Whether an input has a batch; raises where it fits no layer of this size."""
    size = Held(module)["input_size"]
    if type(input) is not Tensor:
        raise GradcliError("bad-argument", f"{kind} takes a tensor", span=span)
    dims = len(input.shape)
    if dims not in (2, 3):
        message = f"{kind}: Expected input to be 2D or 3D, got {dims}D instead"
        raise failure("ValueError", message, span, "shape")
    if input.shape[-1] != size:
        message = f"input.size(-1) must be equal to input_size. Expected {size}, got {input.shape[-1]}"
        raise GradcliError("shape", message, span=span)
    return dims == 3


def _given(
    runtime: Runtime,
    kind: str,
    module: Instance,
    input: Tensor,
    batch: int,
    hx: Any,
    batched: bool,
    span: Span,
) -> list[list[Any]]:
    """The first states: for each kind of state one for each layer and direction."""
    held, count = Held(module), _KINDS[kind][1]
    rows = held["num_layers"] * len(_directions(module))
    names = ("hidden[0]", "hidden[1]") if count == 2 else ("hidden",)
    shapes = [(rows, batch, size) for size in (_shown_size(module), held["hidden_size"])[:count]]
    if hx is None:
        states = [_zeros(runtime, each, input) for each in shapes]
    else:
        states = list(hx) if count == 2 and isinstance(hx, (tuple, list)) else [hx]
        if len(states) != count or any(type(each) is not Tensor for each in states):
            wanted = "(h_0, c_0)" if count == 2 else "h_0"
            raise GradcliError("bad-argument", f"the states of {kind} are given as {wanted}", span=span)
        if not batched:
            states = [apply(runtime, "unsqueeze", each, 1) for each in states]
    for name, each, wants in zip(names, states, shapes, strict=True):
        if tuple(each.shape) != wants:
            message = f"Expected {name} size {wants}, got {list(each.shape)}"
            raise GradcliError("shape", message, span=span)
    return [list(apply(runtime, "unbind", each, 0)) for each in states]


def _of_one_piece(kind: str, input: Tensor) -> bool:
    """Whether PyTorch has one operation for a layer, of which results have the name."""
    return kind == "LSTM" and input.dtype == np.float32


def _zeros(runtime: Runtime, shape: tuple[int, ...], like: Tensor) -> Tensor:
    return runtime.session.leaf(np.zeros(room(shape, like.dtype), like.dtype))


def _run(
    runtime: Runtime,
    span: Span,
    kind: str,
    module: Instance,
    input: Any,
    given: list[list[Any]],
    sizes: list[int] | None = None,
) -> tuple[Any, list[list[Any]]]:
    """The outputs of the last layer, and the last states of all.

    Of packed sequences `sizes` says how many have each place; the states of those that have ended stay.
    """
    held = Held(module)
    step = _step(span, kind, module)
    finals: list[list[Any]] = [[] for _ in given]
    joined = "MkldnnRnnLayerBackward0" if _of_one_piece(kind, input) else "StackBackward0"
    for at in range(held["num_layers"]):
        outputs = []
        for place, suffix in enumerate(_directions(module)):
            first, second = _weights(module, f"_l{at}{suffix}")
            projection = module.attributes.get(f"weight_hr_l{at}{suffix}")
            states = tuple(each[at * len(_directions(module)) + place] for each in given)
            products = _linear(runtime, input, first)
            if sizes is None:
                steps = list(apply(runtime, "unbind", products, 0))
            else:
                steps = list(apply(runtime, "split", products, sizes, 0))
            found = []
            for each in reversed(steps) if suffix else steps:
                runtime.limits.step(span)
                alive, rest = _parted(runtime, states, each.shape[0])
                alive = step(runtime, each, alive, second)
                if projection is not None:
                    alive = (apply(runtime, "linear", alive[0], projection), *alive[1:])
                found.append(alive[0])
                states = alive if rest is None else _rejoined(runtime, alive, rest)
            name = "stack" if sizes is None else "cat"
            outputs.append(apply_as(runtime, joined, name, found[::-1] if suffix else found, 0))
            for final, state in zip(finals, states, strict=True):
                final.append(state)
        input = outputs[0] if len(outputs) == 1 else apply(runtime, "cat", outputs, -1)
        if held["dropout"] and held["training"] and at + 1 < held["num_layers"]:
            input = apply(runtime, "dropout", input, held["dropout"], True)
    return input, finals


def _parted(runtime: Runtime, states: tuple[Any, ...], count: int) -> tuple[tuple[Any, ...], Any]:
    """The states of the first sequences, and those of the others, if there are any."""
    others = states[0].shape[0] - count
    if not others:
        return states, None
    parts = [apply(runtime, "split", each, [count, others], 0) for each in states]
    return tuple([each[0] for each in parts]), [each[1] for each in parts]


def _rejoined(runtime: Runtime, alive: tuple[Any, ...], rest: list[Any]) -> tuple[Any, ...]:
    return tuple([apply(runtime, "cat", list(pair), 0) for pair in zip(alive, rest, strict=True)])


# ---- cells ---------------------------------------------------------------------------------------


def cell(kind: str) -> ClassValue:
    """One step by itself."""
    count = _KINDS[kind][1]
    name = f"{kind}Cell"
    settings: dict[str, Any] = {"input_size": REQUIRED, "hidden_size": REQUIRED, "bias": True}
    settings |= {"nonlinearity": "tanh"} if kind == "RNN" else {}
    settings |= {"device": None, "dtype": None}

    def start(runtime: Runtime, span: Span, module: Instance, *values: Any, **named: Any) -> None:
        given = bound(name, settings, values, named, span)
        _sizes(runtime, span, given)
        dtype = begin(runtime, span, module, **given)
        _weigh(runtime, kind, module, given["input_size"], dtype)
        if not given["bias"]:
            module.attributes |= {"bias_ih": None, "bias_hh": None}

    def forward(runtime: Runtime, span: Span, module: Instance, input: Any, hx: Any = None) -> Any:
        held = Held(module)
        if type(input) is not Tensor or len(input.shape) not in (1, 2):
            message = (
                f"{name}: Expected input to be 1D or 2D, got {len(getattr(input, 'shape', ()))}D instead"
            )
            raise GradcliError("shape", message, span=span)
        if hx is None:
            shape = (*input.shape[:-1], held["hidden_size"])
            states: tuple[Any, ...] = (_zeros(runtime, shape, input),) * count
        else:
            states = tuple(hx) if count == 2 and isinstance(hx, (tuple, list)) else (hx,)
        if len(states) != count:
            raise GradcliError("bad-argument", f"the states of {name} are given as (h_0, c_0)", span=span)
        single = len(input.shape) == 1
        if single:
            input, *states_of_one = (apply(runtime, "unsqueeze", each, 0) for each in (input, *states))
            states = tuple(states_of_one)
        first, second = _weights(module)
        found = _step(span, kind, module)(runtime, _linear(runtime, input, first), states, second)
        if single:
            found = tuple([apply(runtime, "squeeze", each, 0) for each in found])
        return found if count == 2 else found[0]

    def shown(runtime: Runtime, module: Instance) -> str:
        held = Held(module)
        parts = [str(held["input_size"]), str(held["hidden_size"])]
        parts += [] if held["bias"] else ["bias=False"]
        other = kind == "RNN" and held["nonlinearity"] != "tanh"
        return ", ".join([*parts, *([f"nonlinearity={held['nonlinearity']}"] if other else [])])

    return layer(name, start, forward, shown, "rnn")


RECURRENT: dict[str, ClassValue] = {
    **{kind: recurrent(kind) for kind in _KINDS},
    **{f"{kind}Cell": cell(kind) for kind in _KINDS},
}
