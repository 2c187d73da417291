"""NDJSON and JSON arrays as pieces of rows.

Arrow reads a block at once. What it cannot read is read again line by line, so that one bad value costs its
row and no other.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.json

from gradcli.errors import GradcliError
from gradcli.tables.as_text import json_texts
from gradcli.tables.pieces import (
    ROWS,
    Block,
    Piece,
    Table,
    TextLayout,
    begun,
    beyond_integers,
    blocks,
    cut,
    refuse_integer,
    text_table,
)

SPECIAL = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": -float("inf")}
"""The texts that stand for what JSON has no number for."""


def read_ndjson(path: str, stream: BinaryIO, layout: TextLayout) -> Table:
    """A table from an object on each line."""

    def read(block: bytes, schema: pa.Schema | None) -> Block:
        if not block.endswith(b"\n"):
            block += b"\n"
        try:
            found = pyarrow.json.read_json(
                pa.BufferReader(block),
                read_options=pyarrow.json.ReadOptions(
                    block_size=max(len(block) + 1, 1 << 20), use_threads=False
                ),
                parse_options=pyarrow.json.ParseOptions(
                    explicit_schema=schema, unexpected_field_behavior="infer"
                ),
            )
        except pa.ArrowInvalid:
            return _by_line(block, schema, layout)
        if schema is None:
            if _is_doubtful(found.schema, layout.numbers):
                return _by_line(block, schema, layout)
            found = found.cast(widened(found.schema, layout.numbers))
            schema = found.schema
        left = tuple([name for name in found.schema.names if name not in schema.names])
        found = found.select(schema.names)
        if found.schema.types != schema.types:  # objects have fields that those of the first rows had not
            return _by_line(block, schema, layout)
        for name in beyond_integers(found, layout.numbers):
            for line in filter(bytes.strip, block.split(b"\n")):
                value = json.loads(line).get(name)
                if isinstance(value, int) and not -(2**63) <= value < 2**63:
                    refuse_integer(path, name, str(value), "write it as text, in quotes")
        return Block(found, left=left)

    following = blocks(stream)
    first = begun(path, following)

    def all_blocks() -> Iterator[bytes]:
        yield first
        yield from following

    return text_table(path, all_blocks(), read, pa.schema([]))


def read_json(path: str, stream: BinaryIO, layout: TextLayout) -> Table:
    """A table from an array of objects."""
    try:
        objects = json.loads(stream.read())
    except (ValueError, RecursionError) as error:
        raise GradcliError("io", f"cannot read {path}: {error}") from None
    if not isinstance(objects, list) or not all(isinstance(each, dict) for each in objects):
        raise GradcliError("io", f"cannot read {path}: it is no array of objects")
    if not objects:
        raise GradcliError("io", f"cannot read {path}: it is empty")
    found = _of_objects(objects, {}, None, layout)
    (batch,) = found.table.combine_chunks().to_batches()
    piece = Piece(batch, 1, found.bad, mixed=found.mixed, lost=found.lost)
    return Table(path, found.table.schema, cut(piece, ROWS))


def widened(schema: pa.Schema, numbers: frozenset[str]) -> pa.Schema:
    """The types that columns of text have: what the program reads may have a fraction in a later row."""
    return pa.schema(
        [field.with_type(_wide(field.type)) if field.name in numbers else field for field in schema]
    )


def _wide(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_list(type_):
        return pa.list_(_wide(type_.value_type))
    return pa.float64() if pa.types.is_integer(type_) or pa.types.is_null(type_) else type_


def _is_doubtful(schema: pa.Schema, numbers: frozenset[str]) -> bool:
    """Whether a value that is no number decided about the type of a column that must be numbers."""
    return any(field.name in numbers and pa.types.is_string(field.type) for field in schema)


def _by_line(block: bytes, schema: pa.Schema | None, layout: TextLayout) -> Block:
    bad: dict[int, str] = {}
    objects: list[dict[str, Any]] = []
    for line in block.split(b"\n"):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            problem = "" if isinstance(value, dict) else "it is no object of JSON"
        except UnicodeDecodeError:
            problem = "it is not UTF-8 text"
        except json.JSONDecodeError as error:
            problem = f"it is no JSON: {error.msg[0].lower()}{error.msg[1:]}, character {error.colno}"
        except (ValueError, RecursionError) as error:
            problem = f"it is no JSON: {error}"
        if problem:  # with all of it: there are no columns for it to stand in
            bad[len(objects)] = f"{problem}: {line.strip().decode(errors='backslashreplace')}"
            value = {}
        objects.append(value)
    return _of_objects(objects, bad, schema, layout)


def _of_objects(
    objects: Sequence[Mapping[str, Any]],
    bad: dict[int, str],
    schema: pa.Schema | None,
    layout: TextLayout,
) -> Block:
    if schema is None:
        schema = widened(_schema_of(objects, layout.numbers), layout.numbers)
    columns = []
    mixed: dict[str, pa.Array] = {}
    lost: dict[str, int] = {}
    for field in schema:
        is_read = field.name in layout.numbers
        others: dict[int, str] = {}
        special = SPECIAL if pa.types.is_floating(field.type) else {}
        values = []
        for row, each in enumerate(objects):
            value = each.get(field.name)
            if isinstance(value, str):
                value = special.get(value, value)
            try:
                if _loses(value, field.type):
                    raise ValueError
                pa.scalar(value, field.type)
            except (pa.ArrowException, TypeError, ValueError, OverflowError):
                others[row] = json.dumps(value)
                if is_read:
                    bad.setdefault(row, f"{field.name}: {others[row][:40]} is no {field.type}")
                value = others[row] if pa.types.is_string(field.type) and not is_read else None
            values.append(value)
        columns.append(pa.array(values, field.type))
        if others and layout.verbatim:
            texts = json_texts(columns[-1]).to_pylist()
            for row, text in others.items():
                texts[row] = text
            mixed[field.name] = pa.array(texts, pa.string())
        elif others and not is_read and not pa.types.is_string(field.type):
            lost[field.name] = len(others)
    left = tuple(dict.fromkeys(name for each in objects for name in each if name not in schema.names))
    return Block(pa.table(columns, schema=schema), bad, left=left, mixed=mixed, lost=lost)


def _schema_of(objects: Sequence[Mapping[str, Any]], numbers: frozenset[str]) -> pa.Schema:
    """For each field the type that most of its values have; text if the program may do without one."""
    names = dict.fromkeys(name for each in objects for name in each)
    fields = []
    for name in names:
        values = [each[name] for each in objects if each.get(name) is not None]
        kinds = [type(value) for value in values]
        usual = _usual(kinds)
        if usual is int and (
            float in kinds or not all(-(2**63) <= each < 2**63 for each in values if type(each) is int)
        ):
            fields.append((name, pa.float64()))
            continue
        chosen = [
            value for value in values if type(value) is usual or (usual is float and type(value) is int)
        ]
        try:
            type_ = pa.array(values if name not in numbers else chosen).type
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            type_ = pa.string() if name not in numbers else pa.array(_alike(chosen)).type
        fields.append((name, type_))
    return pa.schema(fields)


def _usual(kinds: Sequence[type]) -> type:
    """What most values are; all numbers count as one kind, which is taken before others of as many."""
    counts = Counter([float if each is int else each for each in kinds])
    found = max(counts, key=lambda kind: (counts[kind], kind is float), default=type(None))
    return int if found is float and float not in kinds else found


def _loses(value: Any, type_: pa.DataType) -> bool:
    """Whether a value would lose a fraction or a field in a type, of which Arrow says nothing."""
    if isinstance(value, list) and pa.types.is_list(type_):
        return any(_loses(each, type_.value_type) for each in value)
    if isinstance(value, dict) and pa.types.is_struct(type_):
        known = {field.name: field.type for field in type_}
        return any(name not in known or _loses(each, known[name]) for name, each in value.items())
    return type(value) is float and pa.types.is_integer(type_)


def _alike(values: Sequence[Any]) -> list[Any]:
    """Those of some lists that are of the kind that most of them are; empty ones are of any."""
    kinds = [_kind(value) for value in values]
    known = [kind for kind in kinds if kind not in ("", "list of ")]
    usual = max(known, key=known.count) if known else ""
    return [value for value, kind in zip(values, kinds, strict=True) if kind in (usual, "list of ")]


def _kind(value: Any) -> str:
    """Whether a value is a list of lists, of numbers or of something else; nothing for a mixed one."""
    if not isinstance(value, list):
        return "number" if isinstance(value, (int, float)) else type(value).__name__
    kinds = {_kind(each) for each in value if each is not None}
    if len(kinds) > 1:
        return ""
    return f"list of {next(iter(kinds), '')}"
