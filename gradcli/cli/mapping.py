"""One run of `gradcli map`: what is read, what is written, and how far it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any, BinaryIO

from gradcli.cli.dataset import Dataset
from gradcli.cli.map_progress import Progress
from gradcli.cli.options import UsageError
from gradcli.cli.programs import Programs
from gradcli.errors import GradcliError
from gradcli.evaluation import bindings
from gradcli.report.whole import cleared_by_signals
from gradcli.tables import places
from gradcli.tables.ahead import Clock, ahead, within
from gradcli.tables.finding import Part, found_parts, refuse_own_input, split
from gradcli.tables.parts import opened, plain
from gradcli.tables.pieces import TEXT, TextLayout
from gradcli.tables.reading import JSON, WHOLE, ending_of, format_of, read_table
from gradcli.tables.rejected import Rejected
from gradcli.tables.stream import Mapped, Tally, Wanted, columns_in
from gradcli.tables.writing import into, rehearse

BINARY = ("parquet", "arrow", "arrows")


class Run:
    """One run of the command.

    Args:
        source: the program.
        quoted: the columns that stood in backticks in it, by their names now.
        programs: its options.
        program: what it is called in messages.
        arguments: what `scan` returned.
    """

    def __init__(
        self,
        source: str,
        quoted: dict[str, str],
        programs: Programs,
        program: str,
        arguments: dict[str, Any],
    ) -> None:

        self.arguments, self.program = arguments, program
        self.paths = [each for each in arguments["operands"][1:] if each != "-"]
        out = arguments.get("out")
        self.out: str | None = None if out is None else places.local(out)
        weights = arguments.get("weight")
        options = plain(programs.options)
        self.clock = Clock(options.max_seconds)
        # It is the time of all rows together, and not of each.
        options = options.replaced(max_seconds=0.0)
        by_column = weights is not None and weights.isidentifier() and weights != "ones"
        if weights is not None and not by_column:
            options = options.replaced(weights=["ones" if weights == "ones" else bindings.read(weights)])
        columns = () if "only" in arguments else _flat(arguments.get("columns"))
        bad = arguments.get("bad", "null")
        self.bad_file: str | None = None if bad in ("null", "stop") else places.local(bad)
        self.wanted: Wanted = Wanted(
            source,
            options,
            columns,
            arguments.get("names", "d{root}/d{wrt}"),
            arguments.get("prefix", ""),
            (*quoted.items(), *arguments.get("rename", ())),
            weights if by_column else None,
            bad if self.bad_file is None else "apart",
        )
        self.layout = TextLayout(
            "no_header" not in arguments,
            arguments.get("separator", ""),
            arguments.get("decimal", "."),
            columns_in(source, self.wanted),
        )
        self.progress = Progress(self.out is not None)

    def run(self) -> Tally | None:
        """Does it all; None if nothing was computed."""

        with cleared_by_signals():
            return self._run()

    def _run(self) -> Tally | None:
        for path in (self.out, self.bad_file):
            if path is not None and places.is_address(path):
                within(self.clock, partial(places.check_writable, path))
        into_folder = self.out is not None and places.is_folder(self.out)
        if not self.paths and into_folder:
            raise UsageError("a folder is written from files, not from standard input")
        if "resume" in self.arguments and "force" in self.arguments:
            raise UsageError("option --force: --resume keeps what is there")
        parts = self._found() if self.paths else self._stdin()
        format = self._format(parts, into_folder)
        self.layout.verbatim = any(format in alike and parts[0].format in alike for alike in (TEXT, JSON))
        if "dry_run" in self.arguments:
            self._tell(Mapped(self.wanted, self._table(parts)), parts)
            return None
        if into_folder:
            return Dataset(self, within(self.clock, lambda: split(parts))).run()
        for option in ("workers", "shard", "resume"):
            if option in self.arguments:
                raise UsageError(f"option --{option}: the output is a folder, -o out/")
        return self._stream(parts, format)

    def _format(self, parts: Sequence[Part], into_folder: bool) -> str:
        """What is written: what is asked for, what the ending says, or what is read."""

        format: str | None = self.arguments.get("to")
        if self.out is None and (format or parts[0].format) in BINARY and sys.stdout.isatty():
            raise UsageError("a terminal shows text: -o FILE, or --to csv")
        if format is None and self.out is not None and not into_folder:
            format = format_of(self.out)
            if format is None and ending_of(self.out):
                known = "--to csv, tsv, ndjson, json, parquet, arrow, arrows"
                raise GradcliError("io", f"cannot tell the format of {places.shown(self.out)}", hint=known)
        return format or parts[0].format

    def _found(self) -> list[Part]:

        return within(self.clock, lambda: found_parts(self.paths, self.arguments.get("from")))

    def _stdin(self) -> list[Part]:

        format = self.arguments.get("from")
        if format is None:
            raise UsageError("standard input has no ending: --from csv, tsv, ndjson, json, parquet, arrow")
        if sys.stdin is None or sys.stdin.isatty():
            raise UsageError("no table given: name a file, or pipe one in")
        if self.layout.numbers:
            rehearse(self.wanted, self.layout.numbers, format, self.arguments.get("to") or format)
        return [Part("<stdin>", "<stdin>", format)]

    def _table(self, parts: Sequence[Part]) -> Any:

        if parts[0].path == "<stdin>":
            return read_table("<stdin>", lambda: _input(parts[0].format), parts[0].format, self.layout)
        return opened(parts, self.layout)

    # ---- one table --------------------------------------------------------------------------

    def _stream(self, parts: Sequence[Part], format: str) -> Tally:

        for path in (self.out, self.bad_file):
            if path is not None:
                places.check_writable(path)
                refuse_own_input([path], parts)
        if self.out is not None and self.bad_file is not None and _same(self.out, self.bad_file):
            raise UsageError("option --bad: the results are written there")
        mapped = within(self.clock, lambda: Mapped(self.wanted, self._table(parts)))

        layout, given = self.layout, parts[0].format
        rejected = Rejected(mapped.bad_schema)

        def fill(file: BinaryIO) -> None:
            with into(file, self.out, format, mapped.schema, layout.written(given, format)) as out:
                for batch, bad in ahead(mapped.results(), self.clock):
                    out.write(batch)
                    if self.out is None:
                        file.flush()
                    if bad is not None:
                        rejected.add(bad)
                    self.progress.show(mapped.tally.rows, mapped.table.share())

        try:
            if self.out is None:
                fill(sys.stdout.buffer)
                sys.stdout.buffer.flush()
            else:
                places.fill(self.out, fill)
        finally:
            self.progress.clear()
        path = self.bad_file
        if path is not None:
            places.fill(path, lambda file: rejected.fill(file, path, given, layout))
        return mapped.tally

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
            if field.name not in mapped.kept:
                said = "left out" if name is None else f"{said}; left out of what is written"
            print(f"  {field.name}: {field.type}, {said}")
        print("new")
        for name, type_ in zip(mapped.rows.names, mapped.rows.types, strict=True):
            print(f"  {name}: {type_}")
        print(f"{mapped.at_once:,} rows at a time")
        if mapped.rows.path is not None:
            print(mapped.rows.path.plan(mapped.at_once, mapped.rows.names))


def _input(format: str) -> BinaryIO:
    """Standard input; formats that are read from their end need all of it."""
    if format in WHOLE:
        from io import BytesIO

        return BytesIO(sys.stdin.buffer.read())
    # A thread that waits in a buffered stream when the time is over would keep Python from ending.
    return sys.stdin.buffer if format == "arrows" else getattr(sys.stdin.buffer, "raw", sys.stdin.buffer)


def _same(path: str, other: str) -> bool:
    return os.path.realpath(path) == os.path.realpath(other)


def _flat(groups: Sequence[Sequence[str]] | None) -> tuple[str, ...] | None:
    return None if groups is None else tuple([name for group in groups for name in group])
