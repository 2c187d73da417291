"""CSV and TSV as pieces of rows.

Arrow reads a block at once. What it cannot read is read again line by line, as text, and then value by value,
so that what is wrong costs its row and no other.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from gradcli.record import Record
from gradcli.tables.pieces import (
    Block,
    Table,
    TextLayout,
    begun,
    beyond_integers,
    blocks,
    check_names,
    refuse_integer,
    text_table,
)
from gradcli.tables.read_json import widened

MISSING = ["", "NA", "N/A", "n/a", "#N/A", "NULL", "null", "nan", "NaN", "NAN"]
"""What stands for a number that is missing."""

SAMPLE = 1000
"""Values that tell what a column is when one of them cannot be read."""

csv.field_size_limit(1 << 30)


def read_csv(path: str, stream: BinaryIO, layout: TextLayout, separator: str) -> Table:
    """A table from lines of fields, with what stands between them unless the layout says so."""
    separator = layout.separator or separator
    cut = blocks(stream, separator)
    first = begun(path, cut).lstrip(b"\r\n")
    names, first = _header(first, layout, separator)
    check_names(path, names)

    def rest() -> Iterator[bytes]:
        if first.strip():
            yield first
        yield from cut

    reader = _CsvReader(path, names, layout, separator)
    empty = pa.schema([(name, pa.float64() if name in layout.numbers else pa.null()) for name in names])
    return text_table(path, rest(), reader, empty)


def _header(block: bytes, layout: TextLayout, separator: str) -> tuple[list[str], bytes]:
    end = block.find(b"\n") + 1 or len(block)
    while block.count(b'"', 0, end) % 2 and end < len(block):
        end = block.find(b"\n", end) + 1 or len(block)
    line = block[:end].decode("utf-8", "replace").rstrip("\r\n")
    fields = next(csv.reader([line], delimiter=separator), [])
    if not layout.header:
        return [f"c{number}" for number in range(1, len(fields) + 1)], block
    return [field.strip() for field in fields], block[end:]


class _CsvReader(Record):
    """Reads blocks of lines with these columns."""

    path: str
    names: list[str]
    layout: TextLayout
    separator: str

    def __call__(self, block: bytes, schema: pa.Schema | None) -> Block:
        """A block, with the types of the first one if it isn't the first."""
        types = {} if schema is None else dict(zip(schema.names, schema.types, strict=True))
        bad: dict[int, str] = {}
        numbers, verbatim = self.layout.numbers, self.layout.verbatim
        try:
            found = self._at_once(block, types)
            fine = verbatim or schema is not None or not self._is_doubtful(found.schema)
        except pa.ArrowInvalid:
            fine = False
        written: dict[str, pa.Array] = {}
        unreadable: dict[str, pa.Array] = {}
        if verbatim or not fine:
            texts = (found if fine else self._by_line(block, bad)).combine_chunks()
            columns = []
            for name, column in zip(self.names, texts.columns, strict=True):
                whole = column.combine_chunks()
                if verbatim and name in numbers:
                    written[name] = whole
                if not verbatim or name in numbers:
                    given = whole
                    whole = self._typed(whole, name, types.get(name), bad)
                    if not verbatim and whole.null_count > given.null_count and bad:
                        unreadable[name] = given
                columns.append(whole)
            found = pa.table(columns, names=self.names)
        for name in beyond_integers(found, numbers) if fine and not verbatim else ():
            exact = self._at_once(block, {name: pa.string()})[name].combine_chunks()
            long = exact.filter(pc.match_substring_regex(exact, r"^\s*[+-]?\d{19,}\s*$"))
            if len(long):
                refuse_integer(self.path, name, long[0].as_py(), "--to csv keeps it as it is written")
        if schema is None:
            found = found.cast(self._widened(found.schema))
        return Block(found, bad, written, unreadable=unreadable)

    def _widened(self, schema: pa.Schema) -> pa.Schema:
        return widened(schema, self.layout.numbers)

    def _is_doubtful(self, schema: pa.Schema) -> bool:
        """Whether a value that is no number, or no text at all, decided about the type of a column."""
        return any(
            pa.types.is_binary(field.type)
            or (field.name in self.layout.numbers and pa.types.is_string(field.type))
            for field in schema
        )

    def _at_once(self, block: bytes, types: Mapping[str, pa.DataType]) -> pa.Table:
        if self.layout.verbatim:
            convert = pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(self.names, pa.string()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                null_values=[""],
            )
        else:
            convert = pyarrow.csv.ConvertOptions(
                column_types=types, decimal_point=self.layout.decimal, null_values=MISSING
            )
        quoted = b'"' in block
        return pyarrow.csv.read_csv(
            pa.BufferReader(block),
            read_options=pyarrow.csv.ReadOptions(
                column_names=self.names, block_size=max(len(block), 1 << 20), use_threads=False
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=self.separator, quote_char='"' if quoted else False, newlines_in_values=quoted
            ),
            convert_options=convert,
        )

    def _by_line(self, block: bytes, bad: dict[int, str]) -> pa.Table:
        """All fields as text, and the lines that have too few or too many of them."""
        lines: list[list[str | None]] = []
        text = io.StringIO(block.decode("utf-8", "surrogateescape"), newline="")
        count = len(self.names)
        for line in csv.reader(text, delimiter=self.separator):
            if not line:
                continue
            if any(map(_WRONG.search, line)):
                bad.setdefault(len(lines), "it is not UTF-8 text")
                line = [_WRONG.sub(_escaped, field) for field in line]
            if len(line) != count:
                fields, known = number(len(line), "field"), number(count, "column")
                more = f"; {self.separator.join(line[count:])!r} is left over" if len(line) > count else ""
                are = "is" if count == 1 else "are"
                bad.setdefault(len(lines), f"it has {fields}, and there {are} {known}{more}")
            lines.append([*[field or None for field in line], *[None] * (count - len(line))][:count])
        columns = [pa.array(list(values), pa.string()) for values in zip(*lines, strict=True)]
        return pa.table(columns or [pa.array([], pa.string())] * count, names=self.names)

    def _typed(self, texts: pa.Array, name: str, type_: pa.DataType | None, bad: dict[int, str]) -> pa.Array:
        """A column of text as what it is; what is no such value makes its row bad."""
        if name in self.layout.numbers and self.layout.decimal == "." and type_ in (None, pa.float64()):
            with suppress(pa.ArrowInvalid):
                found = pc.cast(texts, pa.float64())
                if not pc.any(pc.is_nan(found)).as_py():  # else a word for what is missing was read
                    return found
        plain = self._plain(texts)
        if type_ is None:
            type_ = self._type_of(plain, name, bad)
        if pa.types.is_string(type_):
            return texts
        for each in (plain, pc.utf8_trim_whitespace(plain)):
            with suppress(pa.ArrowInvalid):
                return pc.cast(each, type_)
        values = []
        for row, (text, written) in enumerate(zip(plain.to_pylist(), texts.to_pylist(), strict=True)):
            value = None if text is None else _value(text, type_)
            if text is not None and value is None:
                bad.setdefault(row, f"{name}: {written!r} is no {type_}")
            values.append(value)
        return pa.array(values, type_)

    def _plain(self, texts: pa.Array) -> pa.Array:
        """What numbers are read from: a decimal point, and nothing for what is missing."""
        missing = pc.is_in(texts, pa.array(MISSING))
        if pc.any(missing).as_py():
            texts = pc.if_else(missing, pa.scalar(None, pa.string()), texts)
        return texts if self.layout.decimal == "." else pc.replace_substring(texts, self.layout.decimal, ".")

    def _type_of(self, texts: pa.Array, name: str, bad: Mapping[int, str]) -> pa.DataType:
        """What most of the first values are."""
        sample = texts.slice(0, SAMPLE).to_pylist()
        known = [text for row, text in enumerate(sample) if text and row not in bad]
        for type_ in (pa.float64(), pa.bool_()):
            good = [text for text in known if _value(text, type_) is not None]
            if good and 2 * len(good) >= len(known):
                whole = pa.types.is_floating(type_) and name not in self.layout.numbers
                return (
                    pa.int64()
                    if whole and all(_value(text, pa.int64()) is not None for text in good)
                    else type_
                )
        return pa.string() if known else pa.null()


_WRONG = re.compile("[\udc80-\udcff]")
"""A byte that is no part of a text in UTF-8, as Python reads it."""


def _escaped(byte: re.Match[str]) -> str:
    """Such a byte as people write it: what it was is not lost."""
    return f"\\x{ord(byte[0]) - 0xDC00:02x}"


def number(count: int, what: str) -> str:
    """So many of something."""
    return f"{count} {what}" + ("" if count == 1 else "s")


def _value(text: str, type_: pa.DataType) -> Any:
    with suppress(ValueError, pa.ArrowException, OverflowError):
        return pa.scalar(text.strip()).cast(type_).as_py()
    return None
