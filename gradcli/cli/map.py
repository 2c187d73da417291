"""`gradcli map`: a table in, values and derivatives for each row out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from gradcli.cli.options import Command, Option, UsageError
from gradcli.cli.output import complaint, look
from gradcli.cli.programs import Programs, understood
from gradcli.cli.rows import INPUT, OUTPUT, row, rows
from gradcli.errors import GradcliError

FORMATS = ("csv", "tsv", "ndjson", "json", "parquet", "arrow", "arrows")


def _run(arguments: dict[str, Any]) -> int:
    operands = arguments["operands"]
    if not operands:
        raise UsageError("no program given: gradcli map PROGRAM [TABLE...]")
    if "-" in operands[1:] and len(operands) > 2:
        raise UsageError("standard input is a table of its own")
    first = str(operands[0])
    if first.rpartition(".")[2] in FORMATS and os.path.isfile(first):
        raise UsageError(
            f"{first} is a table, and the program stands before it: gradcli map 'z = x*y' {first}"
        )
    programs = Programs(arguments, operands[:1])
    source = next(iter(programs.sources))
    notes: list[str] = []
    try:
        if isinstance(source.text, GradcliError):
            raise source.text
        from gradcli.syntax.parser import parse

        text = source.text
        quoted: dict[str, str] = {}
        if "`" in text:
            _need_arrow()
            from gradcli.tables.stream import unquoted

            text, quoted = unquoted(text)
        parse(text)
        programs.options = understood(source, programs.options)
        _need_arrow()
        from gradcli.cli.mapping import Run

        tally = Run(text, quoted, programs, source.name, arguments).run()
        notes = [*(source.reading.notes if source.reading else ())]
        notes += tally.notes() if tally is not None else []
        status = 3 if tally is not None and tally.rows and not tally.good else 0
    except GradcliError as error:
        source.restore(error)
        # What has no place in the program is about a table, a file or an option, which it names.
        outcome = complaint(error, look(), None if error.location is None else source.name)
        sys.stderr.write(outcome.err)
        return outcome.status
    if notes:
        from gradcli.report.diagnostic import visible

        sys.stderr.writelines([f"note: {visible(note)}\n" for note in notes])
    return status


def _need_arrow() -> None:
    try:
        import orjson  # noqa: F401
        import pyarrow  # noqa: F401
    except ImportError:
        raise GradcliError(
            "io", "tables need pyarrow and orjson", hint="pip install 'gradcli[table]'"
        ) from None


def _columns(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _renaming(text: str) -> tuple[str, str]:
    column, equals, name = text.rpartition("=")
    if not equals or not name.strip().isidentifier() or not column.strip():
        raise ValueError(f"{text!r} is not COLUMN=NAME, such as 'unit price=p'")
    return name.strip(), column.strip()


def _shard(text: str) -> tuple[int, int]:
    number, slash, of = text.partition("/")
    if not slash or not number.isdecimal() or not of.isdecimal() or not 1 <= int(number) <= int(of):
        raise ValueError(f"{text!r} is not K/N, such as 1/4")
    return int(number), int(of)


def _workers(text: str) -> str:
    if text.isdecimal() and int(text) > 0:
        return text
    if "://" in text:
        return text
    raise ValueError(f"{text!r} is neither a number of processes nor an address such as tcp://host:8786")


def _character(text: str) -> str:
    found = {"\\t": "\t", "tab": "\t"}.get(text, text)
    if len(found) != 1:
        raise ValueError(f"{text!r} is not one character")
    return found


def _row(name: str, help: str, metavar: str = "", convert: Callable[[str], Any] = str, **more: Any) -> Option:
    """An option that only this command has; its flag is its name."""
    flag = f"--{name.replace('_', '-')}"
    return Option(name, (flag,), help, metavar=metavar, convert=convert, **{"panel": OUTPUT, **more})


COMMAND = Command(
    name="map",
    description=(
        "Evaluates a program for each row of a table: its columns are the inputs, its values and derivatives "
        "new columns. Rows are computed together, grouped by what the program does for them. Reads and "
        "writes CSV, TSV, NDJSON, JSON, Parquet and Arrow, streams, folders and patterns of files."
    ),
    examples=(
        "printf 'x,y\\n1,2\\n3,4\\n' | gradcli map 'z = sin(x)*y' --from csv",
        "printf 'x,y\\n1,2\\n3,4\\n' | gradcli map 'z = x**y' --from csv --to ndjson --wrt x",
    ),
    epilog=(
        "Exit status: 0 fine (rows without a result are told on standard error), 2 wrong usage, 3 the "
        "program or its data is invalid, or no row has a result, 4 an autograd rule was broken, 5 a limit "
        "was reached."
    ),
    operand="PROGRAM [TABLE...]",
    operand_help="The program, then files, patterns, folders or addresses; none: standard input.",
    options=(
        _row("from", "The format of the input (by its ending).", "FORMAT", choices=FORMATS, panel=INPUT),
        _row("no_header", "The first line is a row; columns are c1, c2, …", panel=INPUT),
        _row("separator", "What stands between the fields of a line.", "CHAR", _character, panel=INPUT),
        _row("decimal", "The decimal point of numbers in text.", "CHAR", _character, panel=INPUT),
        _row(
            "rename",
            "A column that has another name in the program. Repeatable.",
            "COLUMN=NAME",
            _renaming,
            repeat=True,
            panel=INPUT,
        ),
        *rows("set"),
        row(
            "wrt",
            help="Differentiate with respect to these names, leaves or not; default: the columns it reads.",
        ),
        *rows("root"),
        row(
            "weights",
            name="weight",
            help="Gradient weights of a root that is no scalar: a column, a value, or ones.",
            metavar="COLUMN|VALUE",
            repeat=False,
        ),
        *rows("order", "partial", "hessian", "jacobian", "detect-anomaly", "dtype", "seed"),
        row("max-seconds", help="Longest time for all rows (no limit)."),
        *rows("max-memory", "max-steps", "threads"),
        Option(
            "out",
            ("-o", "--out"),
            "Write into this file, or as a dataset into this folder.",
            metavar="FILE|FOLDER/",
            panel=OUTPUT,
        ),
        _row("to", "The format of the output (by its ending; that of the input).", "FORMAT", choices=FORMATS),
        _row("columns", "The columns of the input that are kept (all).", "NAME,...", _columns, repeat=True),
        _row("only", "Keep no column of the input."),
        _row("names", "What gradients are called (d{root}/d{wrt}).", "PATTERN"),
        _row("prefix", "What stands before the name of each new column.", "TEXT"),
        _row(
            "bad",
            "Rows without a result: null (empty results, counted), stop (at the first), or a FILE for them.",
            "null|stop|FILE",
        ),
        _row("dry_run", "Tell what would be done; read no more than a sample."),
        _row("resume", "Go on with a folder: parts that are done stay."),
        _row("force", "Begin a folder anew."),
        _row("shard", "Do every N-th part of a dataset, beginning with the K-th.", "K/N", _shard),
        _row("workers", "Do parts in N processes, or on a Dask scheduler's workers.", "N|ADDRESS", _workers),
    ),
    run=_run,
)
