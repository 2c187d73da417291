"""Comma-separated values: a row for each element of each value and derivative.

The command line writes it for `--format csv`; spreadsheets and data frames read it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from gradcli.derivatives.kinds import found
from gradcli.derivatives.sparse import Sparse
from gradcli.report.look import Look
from gradcli.text.numbers import numbers

if TYPE_CHECKING:
    from gradcli.report.result import Result
    from gradcli.text.numbers import Value

HEADER = ("kind", "name", "index", "value")


def head(look: Look) -> str:
    """The header above the rows of all programs."""
    return csv_header(source=True) if look.several else ""


def write(result: Result, look: Look) -> str:
    """The rows as the format `csv` of the command line; of an only program with the header."""
    source = look.source if look.several else None
    return csv_text(result, precision=look.precision, header=not look.several, source=source)


def csv_text(
    result: Result, *, precision: int | None = None, header: bool = True, source: str | None = None
) -> str:
    """The header and all rows, lines ended by a newline.

    `kind` is `printed`, `value`, `grad`, `order1` and on, `partial`, `hessian`, `jacobian`, `hvp` or `jvp`.
    `name` joins the names of a partial, of a Hessian block or of root and leaf of a Jacobian with commas:
    `x,w`. `index` is the element's place, `0;1`, and empty for a number; of what the program printed it is
    the line. `source`, where several programs share a file, is one column more, the first.
    """
    first = () if source is None else (source,)
    rows = _csv((*first, *row) for row in _rows(result, precision))
    return csv_header(source is not None) + rows if header else rows


def csv_header(source: bool) -> str:
    """The names of the columns, with the one that says whose rows they are if there is one."""
    return _csv([("source", *HEADER) if source else HEADER])


def _csv(rows: Iterable[tuple[object, ...]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def _rows(result: Result, precision: int | None) -> Iterator[tuple[object, ...]]:
    yield from (("printed", "", line, text) for line, text in enumerate(result.printed))
    for kind, name, value in _arrays(result):
        if isinstance(value, Sparse):
            values = numbers(value.values, precision)
            for row, column, number in zip(value.rows.tolist(), value.cols.tolist(), values, strict=True):
                yield kind, name, f"{row};{column}", repr(number)
            continue
        array = np.asarray(value)
        flat = numbers(array.ravel(), precision)
        if array.ndim == 0:
            yield kind, name, "", repr(flat[0])
        elif array.ndim == 1:
            yield from ((kind, name, index, repr(number)) for index, number in enumerate(flat))
        elif flat:
            places = map(";".join, product(*[[str(index) for index in range(size)] for size in array.shape]))
            yield from ((kind, name, place, repr(number)) for place, number in zip(places, flat, strict=True))


def _arrays(result: Result) -> Iterator[tuple[str, str, Value | Sparse]]:
    """Kind, name and array of all parts, in the order of the JSON object."""
    for name, value in result.values.items():
        yield "value", name, value
    for name, value in (result.grads or {}).items():
        yield "grad", name, value
    for kind, keys, value in found(result):
        order = "".join([str(key) for key in keys if isinstance(key, int)])
        yield f"{kind.name}{order}", ",".join([key for key in keys if isinstance(key, str)]), value
