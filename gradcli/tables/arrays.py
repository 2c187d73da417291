"""Arrow's columns as NumPy's arrays and back, without a copy where none is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Array = np.ndarray[Any, np.dtype[Any]]

FLOAT32 = pa.float32()
FLOAT64 = pa.float64()


def depth(type_: pa.DataType) -> tuple[int, pa.DataType]:
    """How many lists are in each other, and the type of what is in them."""
    levels = 0
    while is_list(type_):
        levels += 1
        type_ = type_.value_type
    return levels, type_.value_type if pa.types.is_dictionary(type_) else type_


def is_list(type_: pa.DataType) -> bool:
    """Whether values are lists, of one length or of several."""
    types = pa.types
    return bool(types.is_list(type_) or types.is_large_list(type_) or types.is_fixed_size_list(type_))


def numbers(array: pa.Array, dtype: np.dtype[Any]) -> tuple[Any, Array]:
    """A column as numbers, and which rows are missing.

    Returns:
        An array of shape (N, *shape), or a list of N arrays where their shapes differ.
    """
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    levels, _ = depth(array.type)
    missing = flat(array.is_null()).astype(bool) if array.null_count else np.zeros(len(array), bool)
    if not levels:
        return flat(array).astype(dtype, copy=False), missing
    regular = _regular(array, dtype)
    if regular is not None:
        return regular, missing
    found_list = []
    for row, value in enumerate(array.to_pylist()):
        try:
            found_list.append(np.asarray(value, dtype) if not has_gap(value) else np.zeros(0, dtype))
        except (ValueError, TypeError):
            found_list.append(np.zeros(0, dtype))
            missing[row] = True
        if has_gap(value):
            missing[row] = True
    return found_list, missing


def _regular(array: pa.Array, dtype: np.dtype[Any]) -> Array | None:
    """Lists of one length without gaps, as an array without a copy of each."""
    shape = [len(array)]
    while depth(array.type)[0]:
        if array.null_count:
            return None
        if pa.types.is_fixed_size_list(array.type):
            shape.append(array.type.list_size)
            array = array.flatten()
            continue
        lengths = np.unique(np.asarray(pc.list_value_length(array)))
        if len(lengths) != 1:
            return None
        shape.append(int(lengths[0]))
        array = array.flatten()
    if array.null_count:
        return None
    return flat(array).astype(dtype, copy=False).reshape(shape)


def flat(array: pa.Array) -> Array:
    """Numbers as they lie in memory, 0 where one is missing; not to be written into."""
    if pa.types.is_boolean(array.type) or pa.types.is_null(array.type):
        array = pc.cast(array, pa.uint8())
    if array.null_count:
        array = pc.fill_null(array, 0)
    # np.asarray would load pandas, as pa.array does.
    type_ = array.type
    kind = "f" if pa.types.is_floating(type_) else "u" if pa.types.is_unsigned_integer(type_) else "i"
    found = np.frombuffer(array.buffers()[1], f"{kind}{type_.bit_width // 8}")
    return found[array.offset : array.offset + len(array)]


def has_gap(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(has_gap, value))
    return value is None


def arrow(values: Array, type_: pa.DataType) -> pa.Array:
    """An array of shape (N, *shape) as a column of N numbers, lists or lists of lists.

    Arrow refers to the array's memory: who writes into it afterwards changes the column.
    """
    if values.ndim > 1:
        size, length = values.shape[:2]
        inner = arrow(values.reshape(size * length, *values.shape[2:]), type_.value_type)
        offsets = np.arange(size + 1, dtype=np.int32) * length
        return pa.Array.from_buffers(type_, size, [None, pa.py_buffer(offsets)], children=[inner])
    # pa.array would load pandas, to know whether this is a series.
    boolean = values.dtype.kind == "b"
    content = np.packbits(values, bitorder="little") if boolean else np.ascontiguousarray(values)
    return pa.Array.from_buffers(type_, len(values), [None, pa.py_buffer(content)])


def joined(parts: Sequence[tuple[Array, Array]], size: int, type_: pa.DataType) -> pa.Array:
    """A column of `size` rows from the values of some rows each, by their places; the others are missing."""
    if len(parts) == 1 and len(parts[0][0]) == size:
        return arrow(parts[0][1], type_)
    places = np.concatenate([np.empty(0, np.int64), *[each for each, _ in parts]])
    if not is_list(type_):
        if not parts:
            return pa.nulls(size, type_)
        known = np.zeros(size, bool)
        known[places] = True
        whole = np.zeros(size, parts[0][1].dtype)
        for rows, values in parts:
            whole[rows] = values
        _, content = arrow(whole, type_).buffers()
        valid = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
        return pa.Array.from_buffers(type_, size, [valid, content])
    order = np.full(size, len(places), np.int64)
    order[places] = np.arange(len(places))
    columns = [arrow(values, type_) for _, values in parts]
    return pa.concat_arrays([*columns, pa.nulls(1, type_)]).take(arrow(order, pa.int64()))
