"""Comma-separated values: a row for each element of each value and derivative.

The command line writes it for `--format csv`; spreadsheets and data frames read it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np

from gradcli.derivatives.kinds import found
from gradcli.derivatives.sparse import Sparse
from gradcli.report.look import Look
from gradcli.text.numbers import PIECE, numbers

if TYPE_CHECKING:
    from gradcli.report.result import Result
    from gradcli.text.numbers import Value

HEADER = ("kind", "name", "index", "value")


def head(look: Look) -> str:
    """The header above the rows of all programs."""
    return csv_header(source=True) if look.several else ""


def write(result: Result, look: Look) -> Iterator[str]:
    """The rows as the format `csv` of the command line; of an only program with the header."""
    source = look.source if look.several else None
    return csv_pieces(result, precision=look.precision, header=not look.several, source=source)


def csv_pieces(
    result: Result, *, precision: int | None = None, header: bool = True, source: str | None = None
) -> Iterator[str]:
    """The header and all rows, lines ended by a newline, in pieces; everything is computed before the first.

    `kind` is `printed`, `value`, `grad`, `derivative`, `order1` and on, `partial`, `hessian`, `jacobian`,
    `hvp` or `jvp`. `name` joins the names of a partial, of a Hessian block, of root and leaf of a Jacobian or
    of one of several derivatives with commas: `x,w`. `index` is the element's place, `0;1`, and empty for a
    number; of what the program printed it is the line. `source`, where several programs share a file, is one
    column more, the first.
    """
    first = () if source is None else (source,)
    rows = ((*first, *row) for row in _rows(result.printed, list(_arrays(result)), precision))
    return chain((csv_header(source is not None),) if header else (), _csv(rows))


def csv_header(source: bool) -> str:
    """The names of the columns, with the one that says whose rows they are if there is one."""
    return "".join(_csv(iter([("source", *HEADER) if source else HEADER])))


def _csv(rows: Iterator[tuple[object, ...]]) -> Iterator[str]:
    while some := list(islice(rows, PIECE)):
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\n").writerows(some)
        yield stream.getvalue()


def _rows(
    printed: Sequence[str], arrays: list[tuple[str, str, Value | Sparse]], precision: int | None
) -> Iterator[tuple[object, ...]]:
    yield from (("printed", "", line, text) for line, text in enumerate(printed))
    for kind, name, value in arrays:
        for place, number in _elements(value, precision):
            yield kind, name, place, repr(number)


def _elements(value: Value | Sparse, precision: int | None) -> Iterator[tuple[str, object]]:
    """The place of each element and its number, some of them at a time; a text is one element."""
    if isinstance(value, str):
        yield "", value
        return
    array = value.values if isinstance(value, Sparse) else np.asarray(value)
    if not array.ndim:
        yield "", numbers(array, precision)
        return
    for start in range(0, array.size, PIECE):
        some = array.flat[start : start + PIECE]
        if isinstance(value, Sparse):
            places = [each[start : start + PIECE] for each in (value.rows, value.cols)]
        else:
            places = list(np.unravel_index(np.arange(start, start + some.size), array.shape))
        texts = map(";".join, zip(*[map(str, each.tolist()) for each in places], strict=True))
        yield from zip(texts, numbers(some, precision), strict=True)


def _arrays(result: Result) -> Iterator[tuple[str, str, Value | Sparse]]:
    """Kind, name and array of all parts, in the order of the JSON object."""
    for name, value in result.values.items():
        yield "value", name, value
    for name, value in result.grads.items():
        yield "grad", name, value
    for above, row in result.derivatives.items():
        for name, value in row.items():
            yield "derivative", f"{above},{name}", value
    for kind, keys, value in found(result):
        order = "".join([str(key) for key in keys if isinstance(key, int)])
        yield f"{kind.name}{order}", ",".join([key for key in keys if isinstance(key, str)]), value
