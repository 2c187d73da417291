"""`gradcli map`: a table in, values and derivatives for each row out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, BinaryIO

from gradcli.cli.options import Command, Option, UsageError
from gradcli.cli.output import complaint, look
from gradcli.cli.programs import Programs, understood
from gradcli.cli.rows import INPUT, OUTPUT, row, rows
from gradcli.errors import GradcliError, internal_error

if TYPE_CHECKING:
    from gradcli.tables.parts import Part, Work
    from gradcli.tables.stream import Mapped, Tally, Wanted

FORMATS = ("csv", "tsv", "ndjson", "json", "parquet", "arrow", "arrows")


def _run(arguments: dict[str, Any]) -> int:
    operands = arguments["operands"]
    if not operands:
        raise UsageError("no program given: gradcli map PROGRAM [TABLE...]")
    if "-" in operands[1:] and len(operands) > 2:
        raise UsageError("standard input is a table of its own")
    programs = Programs(arguments, operands[:1])
    source = next(iter(programs.sources))
    name, notes = source.name, []
    try:
        if isinstance(source.text, GradcliError):
            raise source.text
        from gradcli.syntax.parser import parse

        try:
            parse(source.text)
        except GradcliError as error:
            error.locate(source.text)
            raise
        programs.options = understood(source, programs.options)
        _need_arrow()
        tally = _Mapping(source.text, programs, arguments).run()
        notes = [*(source.reading.notes if source.reading else ())]
        notes += tally.notes() if tally is not None else []
        status = 3 if tally is not None and tally.rows and not tally.good else 0
    except GradcliError as error:
        if source.reading is not None:
            source.reading.restore(error)
        outcome = complaint(error, look(), name)
        sys.stderr.write(outcome.err)
        return outcome.status
    for note in notes:
        sys.stderr.write(f"note: {note}\n")
    return status


def _need_arrow() -> None:
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise GradcliError("io", "tables need pyarrow", hint="pip install 'gradcli[table]'") from None


class _Mapping:
    """One run of the command."""

    def __init__(self, source: str, programs: Programs, arguments: dict[str, Any]) -> None:
        from gradcli.tables.parts import plain
        from gradcli.tables.reading import Layout
        from gradcli.tables.stream import Wanted, chunk, columns_in

        self.arguments = arguments
        self.paths = [each for each in arguments["operands"][1:] if each != "-"]
        self.out: str | None = arguments.get("out")
        weights = arguments.get("weight")
        options = plain(programs.options)
        by_column = weights is not None and weights.isidentifier() and weights != "ones"
        if weights is not None and not by_column:
            from gradcli.evaluation import bindings

            options = options.replaced(weights=["ones" if weights == "ones" else bindings.read(weights)])
        columns = () if "only" in arguments else _flat(arguments.get("columns"))
        bad = arguments.get("bad", "null")
        self.bad_file = None if bad in ("null", "stop") else bad
        self.wanted: Wanted = Wanted(
            source,
            options,
            columns,
            arguments.get("names", "d{root}/d{wrt}"),
            arguments.get("prefix", ""),
            tuple(arguments.get("rename", ())),
            weights if by_column else None,
            bad if self.bad_file is None else "apart",
        )
        self.layout = Layout(
            "no_header" not in arguments,
            arguments.get("separator", ""),
            arguments.get("decimal", "."),
            columns_in(source, self.wanted),
        )
        self.rows = chunk(options.max_memory, 8)
        self.progress = _Progress()

    def run(self) -> Tally | None:
        """Does it all; None if nothing was computed."""
        from gradcli.tables.parts import found_parts
        from gradcli.tables.stream import Mapped

        into_folder = self.out is not None and (self.out.endswith("/") or os.path.isdir(self.out))
        if not self.paths:
            if into_folder:
                raise UsageError("a folder is written from files, not from standard input")
            return self._stream(self._stdin())
        parts = found_parts(self.paths, self.arguments.get("from"))
        if "dry_run" in self.arguments:
            self._tell(Mapped(self.wanted, self._table(parts)), parts)
            return None
        if into_folder:
            return self._dataset(parts)
        for option in ("workers", "shard", "resume"):
            if option in self.arguments:
                raise UsageError(f"option --{option}: the output is a folder, -o out/")
        return self._stream(parts)

    def _stdin(self) -> list[Part]:
        from gradcli.tables.parts import Part

        format = self.arguments.get("from")
        if format is None:
            raise UsageError("standard input has no ending: --from csv, tsv, ndjson, json, parquet, arrow")
        if sys.stdin is None or sys.stdin.isatty():
            raise UsageError("no table given: name a file, or pipe one in")
        return [Part("<stdin>", "<stdin>", format)]

    def _table(self, parts: Sequence[Part]) -> Any:
        from gradcli.tables.parts import opened
        from gradcli.tables.reading import read_table

        if parts[0].path == "<stdin>":
            return read_table(
                "<stdin>", lambda: _input(parts[0].format), parts[0].format, self.layout, self.rows
            )
        return opened(parts, self.layout, self.rows)

    # ---- one table --------------------------------------------------------------------------

    def _stream(self, parts: Sequence[Part]) -> Tally | None:
        from gradcli.report.whole import fill_whole
        from gradcli.tables.reading import format_of
        from gradcli.tables.stream import Mapped

        format = self.arguments.get("to") or (self.out and format_of(self.out)) or parts[0].format
        mapped = Mapped(self.wanted, self._table(parts))
        if "dry_run" in self.arguments:
            self._tell(mapped, parts)
            return None

        def fill(file: BinaryIO) -> None:
            self._fill(mapped, format, parts[0].format, file)

        try:
            if self.out is None:
                fill(sys.stdout.buffer)
                sys.stdout.buffer.flush()
            else:
                fill_whole(self.out, fill)
        finally:
            self.progress.clear()
        return mapped.tally

    def _fill(self, mapped: Mapped, format: str, given: str, file: BinaryIO) -> None:
        from gradcli.report.whole import fill_whole
        from gradcli.tables.stream import ahead
        from gradcli.tables.writing import sink

        out = sink(format, file, mapped.schema, self.layout.separator)
        apart = []
        for batch, bad in ahead(mapped.results()):
            out.write(batch)
            if self.out is None:
                file.flush()
            if bad is not None:
                apart.append(bad)
            self.progress.show(mapped.tally)
        out.close()
        if self.bad_file is not None:

            def fill(bad_file: BinaryIO) -> None:
                bad_sink = sink(given, bad_file, mapped.bad_schema, self.layout.separator)
                for each in apart:
                    bad_sink.write(each)
                bad_sink.close()

            fill_whole(self.bad_file, fill)

    # ---- a dataset --------------------------------------------------------------------------

    def _dataset(self, parts: Sequence[Part]) -> Tally:
        from gradcli.tables.parts import Manifest, Work, identity, split
        from gradcli.tables.stream import Tally

        assert self.out is not None
        if self.bad_file is not None:
            raise UsageError("option --bad: a dataset has null or stop")
        parts = split(parts)
        shard = self.arguments.get("shard", (1, 1))
        work = Work(
            self.wanted, self.layout, self.rows, self.out, self.arguments.get("to") or parts[0].format
        )
        manifest = Manifest(self.out, identity(work), shard)
        if "resume" in self.arguments:
            manifest.load()
        elif os.path.exists(manifest.path) and "force" not in self.arguments:
            raise GradcliError(
                "io", f"{self.out} is there already", hint="--resume goes on with it, --force starts anew"
            )
        mine = [part for at, part in enumerate(parts) if at % shard[1] == shard[0] - 1]
        left = [
            part for part in mine if part.name not in manifest.done or not os.path.exists(work.target(part))
        ]
        os.makedirs(self.out, exist_ok=True)
        total, errors = Tally(), []
        try:
            for part, found in self._parts(left, work):
                if isinstance(found, GradcliError):
                    errors.append(found)
                    self.progress.clear()
                    sys.stderr.write(complaint(found, look(), part.path).err)
                    continue
                manifest.add(part, work.target(part), found)
                total.merge(found)
                self.progress.show(total)
        finally:
            self.progress.clear()
        if errors:
            raise GradcliError(
                errors[0].code, f"{len(errors)} of {len(left)} parts failed; --resume tries them again"
            )
        return total

    def _parts(self, parts: Sequence[Part], work: Work) -> Iterator[tuple[Part, Tally | GradcliError]]:
        workers = self.arguments.get("workers")
        if workers is not None and parts:
            from gradcli.tables.cluster import run_parts

            yield from run_parts(parts, work, workers)
            return
        for part in parts:
            try:
                yield part, work(part)
            except GradcliError as error:
                yield part, error
            except Exception as error:  # ours, and no reason to let the other parts down
                yield part, internal_error(error)

    # ---- before anything is done ------------------------------------------------------------

    def _tell(self, mapped: Mapped, parts: Sequence[Part]) -> None:
        schema = mapped.table.schema
        used = {column: name for name, column in mapped.rows.used.items()}
        wrt = mapped.rows.options.wrt or ()
        print(f"{len(parts)} table" + ("s" if len(parts) > 1 else "") + f", {parts[0].format}")
        for field in schema:
            name = used.get(field.name)
            said = "passed through" if name is None else "differentiated" if name in wrt else "read"
            if name is not None and name in mapped.rows.replaced:
                said += ", in place of the program's own value"
            if name is not None and name != field.name:
                said += f", as {name}"
            kept = "" if field.name in mapped.kept else ", left out"
            print(f"  {field.name}: {field.type}, {said}{kept}")
        print("new")
        for name, type_ in zip(mapped.rows.names, mapped.rows.types, strict=True):
            print(f"  {name}: {type_}")
        print(f"{self.rows:,} rows at a time")


def _input(format: str) -> BinaryIO:
    """Standard input; formats that are read from their end need all of it."""
    if format in ("parquet", "arrow"):
        from io import BytesIO

        return BytesIO(sys.stdin.buffer.read())
    return sys.stdin.buffer


class _Progress:
    """A line on standard error: on a terminal, and only if results go elsewhere."""

    PERIOD = 0.2

    def __init__(self) -> None:
        self.start = monotonic()
        self.next = self.start + 1.0 if sys.stderr.isatty() and not sys.stdout.isatty() else float("inf")
        self.shown = False

    def show(self, tally: Tally) -> None:
        """Writes how far it is."""
        now = monotonic()
        if now >= self.next:
            self.next, self.shown = now + self.PERIOD, True
            speed = tally.rows / (now - self.start)
            sys.stderr.write(f"\r\x1b[K{tally.rows:,} rows, {speed:,.0f} a second")
            sys.stderr.flush()

    def clear(self) -> None:
        """Takes the line away."""
        if self.shown:
            self.shown = False
            sys.stderr.write("\r\x1b[K")


def _flat(groups: Sequence[Sequence[str]] | None) -> tuple[str, ...] | None:
    return None if groups is None else tuple([name for group in groups for name in group])


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
    summary="A table in, values and derivatives for each row out.",
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
        *rows("set", "wrt", "root"),
        row(
            "weights",
            name="weight",
            help="Gradient weights of a root that is no scalar: a column, a value, or ones.",
            metavar="COLUMN|VALUE",
            repeat=False,
        ),
        *rows("order", "partial", "hessian", "jacobian", "detect-anomaly", "dtype", "seed"),
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
