"""Sequences of several lengths, packed: `torch.nn.utils.rnn`. `recurrent` goes through them.

Packed, the first numbers of all sequences come first, then the second ones of those that have any, and so on:
`batch_sizes` says how many there are of each. The longest sequence is the first one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, failure
from gradcli.neural.module import apply, apply_as
from gradcli.values.conversions import integer, listed, truth
from gradcli.values.formatting import represent, type_name
from gradcli.values.objects import ClassValue, Instance
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

_PARTS = ("data", "batch_sizes", "sorted_indices", "unsorted_indices")


def _text(runtime: Runtime, span: Span, made: Instance) -> str:
    shown = [f"{name}={represent(runtime, made.attributes[name])}" for name in _PARTS]
    return f"PackedSequence({', '.join(shown)})"


PACKED = ClassValue(
    "PackedSequence",
    (),
    {"__repr__": Builtin("__repr__", _text)},
    "torch.nn.utils.rnn.PackedSequence",
)


def sizes_of(runtime: Runtime, packed: Instance) -> list[int]:
    """How many sequences have each place."""
    sizes: list[int] = runtime.session.numpy(packed.attributes["batch_sizes"]).tolist()
    return sizes


def packed_as(runtime: Runtime, data: Tensor, like: Instance | None = None, **others: Any) -> Instance:
    """A packed sequence of other numbers than `like`, or with these attributes."""
    packed = Instance(PACKED)
    packed.attributes.update(dict.fromkeys(_PARTS), **(like.attributes if like is not None else {}), **others)
    packed.attributes["data"] = data
    return packed


def in_order(runtime: Runtime, packed: Instance, states: Any, name: str) -> Any:
    """States with their batch (dim 1) in another order, where the sequences were sorted."""
    order = packed.attributes[name]
    return states if order is None else apply(runtime, "index_select", states, 1, order)


def _lengths(runtime: Runtime, span: Span, lengths: Any, batch: int) -> list[int]:
    found = [integer(runtime, each, span, "lengths are integers") for each in listed(runtime, lengths, span)]
    if len(found) != batch:
        message = (
            f"Expected `len(lengths)` to be equal to batch_size, but got {len(found)} (batch_size={batch})"
        )
        raise failure("RuntimeError", message, span)
    if min(found, default=1) <= 0:
        message = (
            "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0"
        )
        raise failure("RuntimeError", message, span)
    return found


def _pack(
    runtime: Runtime,
    span: Span,
    input: Any,
    lengths: Any,
    batch_first: Any = False,
    enforce_sorted: Any = True,
) -> Instance:
    session = runtime.session
    if type(input) is not Tensor or len(input.shape) < 2:
        raise GradcliError("bad-argument", "pack_padded_sequence() takes a tensor of sequences", span=span)
    if truth(runtime, batch_first, span):
        input = apply(runtime, "transpose", input, 0, 1)
    counts = _lengths(runtime, span, lengths, input.shape[1])
    others: dict[str, Any] = {}
    if truth(runtime, enforce_sorted, span):
        if counts != sorted(counts, reverse=True):
            message = (
                "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can "
                "pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this "
                "requirement if you do not need ONNX exportability."
            )
            raise failure("RuntimeError", message, span)
    else:
        order = sorted(range(len(counts)), key=lambda at: -counts[at])
        back = np.argsort(np.asarray(order))
        others = {"sorted_indices": session.leaf(np.asarray(order)), "unsorted_indices": session.leaf(back)}
        input = apply(runtime, "index_select", input, 1, others["sorted_indices"])
        counts = [counts[at] for at in order]
    if counts[0] > input.shape[0]:
        message = f"Expected no length beyond {input.shape[0]}, got {counts[0]}"
        raise failure("RuntimeError", message, span)
    sizes = [sum(each > at for each in counts) for at in range(counts[0])]
    rows = [apply(runtime, "narrow", step, 0, 0, size) for step, size in _steps(runtime, input, sizes)]
    others["batch_sizes"] = session.leaf(np.asarray(sizes))
    return packed_as(runtime, apply_as(runtime, "PackPaddedSequenceBackward0", "cat", rows), **others)


def _steps(runtime: Runtime, input: Tensor, sizes: list[int]) -> zip[tuple[Any, int]]:
    return zip(apply(runtime, "unbind", input, 0), sizes, strict=False)


def _unpack(
    runtime: Runtime,
    span: Span,
    sequence: Any,
    batch_first: Any = False,
    padding_value: Any = 0.0,
    total_length: Any = None,
) -> tuple[Any, Any]:
    if type(sequence) is not Instance or sequence.cls is not PACKED:
        message = f"pad_packed_sequence() takes a PackedSequence, not {type_name(sequence)}"
        raise GradcliError("bad-argument", message, span=span)
    sizes = sizes_of(runtime, sequence)
    parts = apply(runtime, "split", sequence.attributes["data"], sizes, 0)
    filled = [
        _padded(runtime, part, (0, sizes[0] - size), padding_value)
        for part, size in zip(parts, sizes, strict=True)
    ]
    if total_length is not None:
        longest = integer(runtime, total_length, span, "total_length is an integer")
        if longest < len(sizes):
            message = (
                "Expected total_length to be at least the length of the longest sequence in input, but got "
                f"total_length={longest} and max sequence length being {len(sizes)}"
            )
            raise failure("ValueError", message, span)
        empty = apply(runtime, "full_like", filled[0], padding_value)
        filled += [empty] * (longest - len(sizes))
    first = truth(runtime, batch_first, span)
    padded = apply(runtime, "stack", filled, 1 if first else 0)
    lengths = np.asarray([sum(size > at for size in sizes) for at in range(sizes[0])])
    back = sequence.attributes["unsorted_indices"]
    if back is not None:
        padded = apply(runtime, "index_select", padded, 0 if first else 1, back)
        lengths = lengths[runtime.session.numpy(back)]
    return padded, runtime.session.leaf(lengths)


def _padded(runtime: Runtime, part: Tensor, ends: tuple[int, int], value: Any) -> Any:
    """A tensor with so many more entries before and behind its first dim."""
    return apply(runtime, "pad", part, [0, 0] * (len(part.shape) - 1) + [*ends], "constant", value)


def filled_up(
    runtime: Runtime,
    span: Span,
    sequences: Any,
    batch_first: Any = False,
    padding_value: Any = 0.0,
    padding_side: Any = "right",
) -> Any:
    """`pad_sequence`."""
    parts = listed(runtime, sequences, span)
    if not all(type(each) is Tensor for each in parts):
        raise GradcliError("bad-argument", "sequences are tensors", span=span)
    if not parts:
        raise GradcliError("bad-argument", "received an empty list of sequences", span=span)
    if not all(each.shape for each in parts):
        raise GradcliError("shape", "a sequence has at least one dim", span=span)
    if padding_side not in ("left", "right"):
        message = f"Expected padding_side to be one of left or right, but got {padding_side}."
        raise GradcliError("bad-argument", message, span=span)
    longest = max(each.shape[0] for each in parts)
    filled = []
    for each in parts:
        missing = longest - each.shape[0]
        ends = (missing, 0) if padding_side == "left" else (0, missing)
        filled.append(_padded(runtime, each, ends, padding_value))
    return apply(runtime, "stack", filled, 0 if truth(runtime, batch_first, span) else 1)


def _pack_sequence(runtime: Runtime, span: Span, sequences: Any, enforce_sorted: Any = True) -> Instance:
    parts = listed(runtime, sequences, span)
    lengths = [each.shape[0] for each in parts if type(each) is Tensor and each.shape]
    return _pack(runtime, span, filled_up(runtime, span, parts), lengths, False, enforce_sorted)


RNN_UTILS: dict[str, Any] = {
    "PackedSequence": PACKED,
    "pad_sequence": Builtin("pad_sequence", filled_up),
    "pack_padded_sequence": Builtin("pack_padded_sequence", _pack),
    "pad_packed_sequence": Builtin("pad_packed_sequence", _unpack),
    "pack_sequence": Builtin("pack_sequence", _pack_sequence),
}
"""`torch.nn.utils.rnn`."""
