"""One run of `gradcli map`: what is read, what is written, and how far it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from functools import partial
from time import monotonic
from typing import Any, BinaryIO

from gradcli.cli.options import UsageError
from gradcli.cli.output import complaint, look
from gradcli.cli.programs import Programs
from gradcli.errors import GradcliError, internal_error
from gradcli.evaluation import bindings
from gradcli.report.whole import cleared_by_signals
from gradcli.tables import places
from gradcli.tables.ahead import Clock, ahead, within
from gradcli.tables.finding import Part, found_parts, refuse_own_input, split
from gradcli.tables.parts import Manifest, PartWork, identity, opened, plain
from gradcli.tables.pieces import TextLayout
from gradcli.tables.reading import JSON, WHOLE, ending_of, format_of, read_table
from gradcli.tables.rejected import FOLDER, Rejected, together
from gradcli.tables.stream import Mapped, Tally, Wanted, columns_in
from gradcli.tables.writing import into, rehearse

TEXT = ("csv", "tsv")
BINARY = ("parquet", "arrow", "arrows")


class Run:
    """One run of the command.

    Args:
        source: the program.
        quoted: the columns that stood in backticks in it, by their names now.
        programs: its options.
        arguments: what `scan` returned.
    """

    def __init__(
        self, source: str, quoted: dict[str, str], programs: Programs, arguments: dict[str, Any]
    ) -> None:

        self.arguments = arguments
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
        self.progress = Progress()

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
        parts = self._found() if self.paths else self._stdin()
        format = self._format(parts, into_folder)
        self.layout.verbatim = any(format in alike and parts[0].format in alike for alike in (TEXT, JSON))
        if "dry_run" in self.arguments:
            self._tell(Mapped(self.wanted, self._table(parts)), parts)
            return None
        if into_folder:
            return self._dataset(parts, format)
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
                refuse_own_input(path, parts)
        if self.out is not None and self.bad_file is not None and _same(self.out, self.bad_file):
            raise UsageError("option --bad: the results are written there")
        mapped = within(self.clock, lambda: Mapped(self.wanted, self._table(parts)))

        separator = self.layout.separator
        rejected = Rejected(mapped.bad_schema)

        def fill(file: BinaryIO) -> None:
            with into(file, self.out, format, mapped.schema, separator) as out:
                for batch, bad in ahead(mapped.results(), self.clock):
                    out.write(batch)
                    if self.out is None:
                        file.flush()
                    if bad is not None:
                        rejected.add(bad)
                    self.progress.show(mapped.tally, mapped.table.share())

        try:
            if self.out is None:
                fill(sys.stdout.buffer)
                sys.stdout.buffer.flush()
            else:
                places.fill(self.out, fill)
        finally:
            self.progress.clear()
        path, given = self.bad_file, parts[0].format
        if path is not None:
            places.fill(path, lambda file: rejected.fill(file, path, given, separator))
        return mapped.tally

    # ---- a dataset --------------------------------------------------------------------------

    def _dataset(self, parts: Sequence[Part], format: str) -> Tally:

        assert self.out is not None
        parts = within(self.clock, lambda: split(parts))
        shard = self.arguments.get("shard", (1, 1))
        work = PartWork(self.wanted, self.layout, self.out, self.arguments.get("to") or parts[0].format)
        one_bad_file = self.bad_file is not None and not places.is_folder(self.bad_file)
        if one_bad_file:
            work.bad_out, work.bad_format = places.joined(self.out, FOLDER), "arrows"
        elif self.bad_file is not None:
            work.bad_out = self.bad_file
        manifest = Manifest(self.out, identity(work), shard)
        if "resume" in self.arguments:
            manifest.load()
        elif places.exists(manifest.path) and "force" not in self.arguments:
            raise GradcliError(
                "io",
                f"{places.shown(self.out)} is there already",
                hint="--resume goes on with it, --force starts anew",
            )
        mine = [part for at, part in enumerate(parts) if at % shard[1] == shard[0] - 1]
        left = [
            part for part in mine if part.name not in manifest.done or not places.exists(work.target(part))
        ]
        for part in mine:
            refuse_own_input(work.target(part), parts)
        if not places.is_address(self.out):
            try:
                os.makedirs(self.out, exist_ok=True)
            except OSError as error:
                raise GradcliError("io", f"cannot write {self.out}: {error.strerror or error}") from None
        if one_bad_file:
            assert self.bad_file is not None
            places.check_writable(self.bad_file)
            refuse_own_input(self.bad_file, parts)
        total, errors = Tally(), []
        sizes = {part.name: max(1, part.size) for part in left}
        done = 0
        ended = set()
        try:
            with closing(self._parts(left, work)) as results:
                for part, found in results:
                    ended.add(part.name)
                    if isinstance(found, GradcliError):
                        errors.append(found)
                        self.progress.clear()
                        sys.stderr.write(complaint(found, look(), part.said).err)
                        continue
                    manifest.add(part, work.target(part), found)
                    total.merge(found)
                    done += sizes[part.name]
                    self.progress.show(total, done / sum(sizes.values()))
        except KeyboardInterrupt:
            self.progress.clear()
            count = sum(part.name in manifest.done for part in mine)
            sys.stderr.write(
                f"note: {count} of {len(mine)} parts are done; --resume goes on with the others\n"
            )
            raise
        finally:
            self.progress.clear()
            # The workers of others finish what they are at.
            going_on = "://" in self.arguments.get("workers", "")
            work.sweep([part for part in left if part.name in ended or not going_on], manifest.path)
        if one_bad_file:
            self._gather([part for part in mine if part.name in manifest.done], work, manifest)
        if errors:
            raise GradcliError(
                errors[0].code, f"{len(errors)} of {len(left)} parts failed; --resume tries them again"
            )
        return total

    def _gather(self, parts: Sequence[Part], work: PartWork, manifest: Manifest) -> None:
        """Makes one file of the rows without a result of all parts that are done."""
        assert self.bad_file is not None
        path = self.bad_file
        some = [part for part in parts if manifest.done[part.name]["good"] < manifest.done[part.name]["rows"]]

        def read(part: Part) -> BinaryIO:
            return places.opened(work.bad(part))

        places.fill(path, lambda file: together(some, read, file, path, self.layout.separator))

    def _parts(
        self, parts: Sequence[Part], work: PartWork
    ) -> Generator[tuple[Part, Tally | GradcliError], None, None]:
        workers = self.arguments.get("workers")
        if workers is not None and parts:
            from gradcli.tables.cluster import connected, run_parts

            with connected(workers) as client:
                yield from run_parts(parts, work, client, self.clock)
            return
        for part in parts:
            try:
                yield part, work(part, self.clock)
            except GradcliError as error:
                self.clock.left()
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
        print(f"{mapped.at_once:,} rows at a time")


def _input(format: str) -> BinaryIO:
    """Standard input; formats that are read from their end need all of it."""
    if format in WHOLE:
        from io import BytesIO

        return BytesIO(sys.stdin.buffer.read())
    # A thread that waits in a buffered stream when the time is over would keep Python from ending.
    return sys.stdin.buffer if format == "arrows" else getattr(sys.stdin.buffer, "raw", sys.stdin.buffer)


def _same(path: str, other: str) -> bool:
    return os.path.realpath(path) == os.path.realpath(other)


class Progress:
    """A line on standard error: on a terminal, and only if results go elsewhere."""

    PERIOD = 0.2

    def __init__(self) -> None:
        self.start = monotonic()
        self.next = self.start + 1.0 if sys.stderr.isatty() and not sys.stdout.isatty() else float("inf")
        self.shown = False

    def show(self, tally: Tally, share: float) -> None:
        """Writes how far it is, and how long the rest may take if the share that is done is known (not 0)."""
        now = monotonic()
        if now >= self.next:
            self.next, self.shown = now + self.PERIOD, True
            passed = now - self.start
            line = f"{tally.rows:,} rows, {tally.rows / passed:,.0f} a second"
            if share:
                line += f", {_duration(passed * (1 - share) / share)} left"
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Takes the line away."""
        if self.shown:
            self.shown = False
            sys.stderr.write("\r\x1b[K")


def _duration(seconds: float) -> str:
    """A time to wait, to the second."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _flat(groups: Sequence[Sequence[str]] | None) -> tuple[str, ...] | None:
    return None if groups is None else tuple([name for group in groups for name in group])
