"""Tables in: which reader a format has, and the formats that are Arrow's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import pyarrow as pa

from gradcli.errors import GradcliError
from gradcli.tables.pieces import PIECE, ROWS, TEXT, Piece, Table, TextLayout, cut, failures

ENDINGS = {
    "csv": "csv",
    "tsv": "tsv",
    "ndjson": "ndjson",
    "jsonl": "ndjson",
    "json": "json",
    "parquet": "parquet",
    "pq": "parquet",
    "arrow": "arrow",
    "feather": "arrow",
    "ipc": "arrow",
    "arrows": "arrows",
}
"""The format for each ending of a file name."""
FORMATS = ("csv", "tsv", "ndjson", "json", "parquet", "arrow", "arrows")
JSON = ("ndjson", "json")
WHOLE = ("parquet", "arrow")
"""The formats that no stream can be read as."""
COMPRESSED = {"gz": "gzip", "zst": "zstd", "bz2": "bz2", "lz4": "lz4"}
"""The compression for each ending that stands behind that of a format."""


def ending_of(path: str) -> str:
    """The ending of a file name that tells its format, without that of a compression; or nothing."""
    name = _file_name(path)
    if compression_of(path):
        name = name.rpartition(".")[0]
    return name.lstrip(".").partition(".")[2].rpartition(".")[2]


def format_of(path: str) -> str | None:
    """The format that a file name tells."""
    return ENDINGS.get(ending_of(path))


def compression_of(path: str) -> str | None:
    """What a file is compressed with, as its name tells and pyarrow calls it."""
    return COMPRESSED.get(_file_name(path).rpartition(".")[2])


def _file_name(path: str) -> str:
    """The last of a path, in small letters; an address may have a question behind it."""
    return (path.partition("?")[0] if "://" in path else path).rpartition("/")[2].lower()


def read_table(
    path: str,
    stream: Callable[[], BinaryIO],
    format: str,
    layout: TextLayout,
    groups: Sequence[int] | None = None,
) -> Table:
    """Opens a table.

    Args:
        path: for messages.
        stream: opens it.
        format: one of `FORMATS`.
        layout: of text.
        groups: of Parquet, the row groups to read; default all.

    Raises:
        GradcliError: `io`, for what cannot be read at all.
    """
    with failures(path):
        if format == "parquet":
            return _parquet(path, stream(), groups)
        if format == "arrow":
            return _arrow(path, stream())
        if format == "arrows":
            return _arrows(path, stream())
        # Arrow's own readers of text are loaded with ours.
        if format in TEXT:
            from gradcli.tables.read_csv import read_csv

            return read_csv(path, stream(), layout, "\t" if format == "tsv" else ",")
        from gradcli.tables.read_json import read_json, read_ndjson

        return (read_json if format == "json" else read_ndjson)(path, stream(), layout)


def _parquet(path: str, stream: BinaryIO, groups: Sequence[int] | None) -> Table:
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(stream, pre_buffer=False)  # it would keep all groups in memory
    known = file.metadata
    nbytes = sum([known.row_group(at).total_byte_size for at in range(known.num_row_groups)])
    rows = max(1, min(ROWS, PIECE * known.num_rows // max(1, nbytes)))
    pieces = _Counted(path, file.iter_batches(rows, row_groups=groups))
    total = sum([known.row_group(at).num_rows for at in groups or range(known.num_row_groups)])
    return Table(path, file.schema_arrow, pieces, lambda: pieces.rows / max(1, total))


def _arrow(path: str, stream: BinaryIO) -> Table:
    file = pa.ipc.open_file(stream)
    count = file.num_record_batches
    return Table(path, file.schema, _Counted(path, (file.get_batch(at) for at in range(count))))


def _arrows(path: str, stream: BinaryIO) -> Table:
    try:
        reader = pa.ipc.open_stream(stream)
    except pa.ArrowInvalid as error:
        if "null or length 0" not in str(error):
            raise
        raise GradcliError("io", f"cannot read {path}: it is empty") from None
    return Table(path, reader.schema, _Counted(path, iter(reader)))


class _Counted:
    """Batches as pieces.

    Attributes:
        rows: how many there were so far.
    """

    def __init__(self, path: str, batches: Iterator[pa.RecordBatch]) -> None:
        self.rows = 0
        self.pieces = self._pieces(path, batches)

    def __iter__(self) -> Iterator[Piece]:
        return self.pieces

    def __next__(self) -> Piece:
        return next(self.pieces)

    def _pieces(self, path: str, batches: Iterator[pa.RecordBatch]) -> Iterator[Piece]:
        while True:
            with failures(path):
                batch = next(batches, None)
            if batch is None:
                return
            first = self.rows + 1
            self.rows += batch.num_rows
            yield from cut(Piece(batch, first, {}), ROWS)
