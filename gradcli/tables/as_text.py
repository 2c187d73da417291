"""Rows as text: all values of a column become text at once, and rows are joined from the columns' texts.

Numbers are written by orjson, each as the shortest text that is read back as the same number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from gradcli.record import Record
from gradcli.tables.arrays import arrow, flat, is_list
from gradcli.tables.pieces import JSON_TEXT

TEXT = pa.string()


class CellStyle(Record):
    """How values are written.

    Attributes:
        missing, nan, infinity: what stands for those.
        quoted: from texts to what stands for them.
        decimal: the point of numbers.
    """

    missing: str
    nan: str
    infinity: tuple[str, str]
    quoted: Callable[[pa.Array], pa.Array]
    decimal: str = "."


def json_lines(batch: pa.RecordBatch, after: str) -> memoryview:
    """Each row as a JSON object, with a text after it."""
    parts: list[Any] = ["{"]
    last = batch.num_columns - 1
    for at, (field, column) in enumerate(zip(batch.schema, batch.columns, strict=True)):
        end = "}" if at == last else ","
        is_json = field.metadata == JSON_TEXT
        ended = pc.binary_join_element_wise(column, end, "") if is_json else _ended(column, end, JSON)
        parts += [f"{compact(field.name)}:", ended]
    return _whole(pc.binary_join_element_wise(*parts, after, ""))


def csv_lines(batch: pa.RecordBatch, style: CellStyle, separator: str) -> memoryview:
    """Each row as a line of CSV; lists stand in it as JSON."""
    last = batch.num_columns - 1
    parts = [
        _ended(column, "\n" if at == last else separator, style) for at, column in enumerate(batch.columns)
    ]
    return _whole(pc.binary_join_element_wise(*parts, ""))


def csv_style(separator: str, decimal: str = ".") -> CellStyle:
    """How CSV is written with a character between the fields: quotes stand where they are needed."""
    special = f'["\r\n{"" if separator.isalnum() else chr(92)}{separator}]|^$'
    marks = [mark.encode() for mark in ('"', "\r", "\n", separator)]

    def quoted(texts: pa.Array) -> pa.Array:
        if not len(texts):
            return texts
        together = bytes(_whole(texts))
        if not any(mark in together for mark in marks) and pc.min(pc.binary_length(texts)).as_py() != 0:
            return texts
        wanting = pc.match_substring_regex(texts, special)
        doubled = pc.replace_substring(texts, '"', '""')
        return pc.if_else(wanting, pc.binary_join_element_wise('"', doubled, '"', ""), texts)

    return CellStyle("", "nan", ("inf", "-inf"), quoted, decimal)


def compact(value: Any) -> str:
    """A value as JSON without blanks; what JSON has no number for is a string."""
    return orjson.dumps(_plain(value)).decode()


def json_texts(column: pa.Array) -> pa.Array:
    """Each value as JSON."""
    return pc.ascii_rtrim(_ended(column, ",", JSON), ",")  # no value ends with one


def _whole(texts: pa.Array) -> memoryview:
    """All texts one after the other: they stand so in memory."""
    _, offsets, data = texts.buffers()
    ends = memoryview(offsets).cast("i")
    return memoryview(data)[ends[texts.offset] : ends[texts.offset + len(texts)]]


def _ended(column: pa.Array, end: str, style: CellStyle) -> pa.Array:
    """Each value as text with a character after it."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if len(column) and _is_number(column.type) and style.decimal == ".":
        return _ended_numbers(column, end, style)
    return pc.binary_join_element_wise(pc.fill_null(_texts(column, style), style.missing), end, "")


def _is_number(type_: pa.DataType) -> bool:
    return bool(pa.types.is_floating(type_) or pa.types.is_integer(type_))


def _ended_numbers(column: pa.Array, end: str, style: CellStyle) -> pa.Array:
    """Numbers as one JSON array, whose text is cut after each comma, which is then the end."""
    numbers = flat(column)
    text = np.frombuffer(orjson.dumps(numbers, option=orjson.OPT_SERIALIZE_NUMPY), np.uint8).copy()
    offsets = np.empty(len(numbers) + 1, np.int32)
    offsets[0] = 1
    offsets[1:-1] = np.flatnonzero(text == ord(",")) + 1
    offsets[-1] = len(text)
    text[offsets[1:] - 1] = ord(end)
    texts = pa.StringArray.from_buffers(len(numbers), pa.py_buffer(offsets), pa.py_buffer(text))
    if numbers.dtype.kind == "f" and not np.isfinite(numbers).all():
        above, below = style.infinity
        special = pc.if_else(
            pc.is_nan(column),
            style.nan + end,
            pc.if_else(pc.greater(column, 0), above + end, below + end),
        )
        texts = pc.if_else(pc.is_finite(column), texts, special)
    return pc.if_else(column.is_valid(), texts, style.missing + end) if column.null_count else texts


def _texts(column: pa.Array, style: CellStyle) -> pa.Array:
    """Each value as text; a missing one may stay missing."""
    type_ = column.type
    if _is_number(type_) and len(column):
        texts = pc.ascii_rtrim(_ended_numbers(column, "\n", style), "\n")
        texts = style.quoted(pc.replace_substring(texts, ".", style.decimal))
        return pc.if_else(column.is_valid(), texts, pa.scalar(None, TEXT))
    if pa.types.is_boolean(type_):
        return pc.cast(column, TEXT)
    if is_list(type_):
        texts = _list_texts(column)
        return texts if style is JSON else style.quoted(texts)
    if pa.types.is_nested(type_):
        values = column.to_pylist()
        if pa.types.is_map(type_):
            values = [None if each is None else {str(key): value for key, value in each} for each in values]
        texts = pa.array([None if each is None else compact(each) for each in values], TEXT)
        return texts if style is JSON else style.quoted(texts)
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or pa.types.is_fixed_size_binary(type_):
        found = [
            None if each is None else each.decode(errors="backslashreplace") for each in column.to_pylist()
        ]
        return style.quoted(pa.array(found, TEXT))
    return style.quoted(pc.cast(column, TEXT))


def _list_texts(column: pa.Array) -> pa.Array:
    """Lists as JSON: the texts of all elements, joined."""
    offsets = np.zeros(len(column) + 1, np.int32)
    np.cumsum(flat(pc.list_value_length(column)), out=offsets[1:])
    elements = pa.ListArray.from_arrays(arrow(offsets, pa.int32()), _ended(column.flatten(), ",", JSON))
    joined = pc.ascii_rtrim(pc.binary_join(elements, ""), ",")
    texts = pc.binary_join_element_wise("[", joined, "]", "")
    return pc.if_else(column.is_valid(), texts, pa.scalar(None, TEXT)) if column.null_count else texts


def _json_quoted(texts: pa.Array) -> pa.Array:
    escaped = pc.replace_substring(pc.replace_substring(texts, "\\", "\\\\"), '"', '\\"')
    control = pc.match_substring_regex(texts, r"[\x00-\x1f]")
    if pc.any(control).as_py():
        return pa.array([None if each is None else compact(each) for each in texts.to_pylist()], TEXT)
    return pc.binary_join_element_wise('"', escaped, '"', "")


JSON = CellStyle("null", '"NaN"', ('"Infinity"', '"-Infinity"'), _json_quoted)


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, float) and value != value:
        return "NaN"
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
