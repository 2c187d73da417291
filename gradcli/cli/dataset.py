"""A run of `gradcli map` into a folder: part by part, here or by workers; those that are done are noted."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Any, BinaryIO, Protocol

from gradcli.cli.map_progress import Progress
from gradcli.cli.output import complaint, look
from gradcli.errors import GradcliError, internal_error
from gradcli.tables import places
from gradcli.tables.ahead import Clock
from gradcli.tables.finding import Part, refuse_own_input
from gradcli.tables.parts import Manifest, PartWork, identity
from gradcli.tables.pieces import TextLayout
from gradcli.tables.rejected import FOLDER, together
from gradcli.tables.stream import Tally, Wanted


class MapRun(Protocol):
    """What is known of a run of the command.

    Attributes:
        arguments: what `scan` returned.
        program: what the program is called in messages.
        wanted, layout: what is computed, and how text is laid out.
        out, bad_file: what is written.
        clock: the time that all of it may take.
        progress: where it is told how far it is.
    """

    arguments: dict[str, Any]
    program: str
    wanted: Wanted
    layout: TextLayout
    out: str | None
    bad_file: str | None
    clock: Clock
    progress: Progress


class Dataset:
    """Parts that become files of a folder.

    Args:
        run: the run of the command, whose output is a folder.
        parts: what is read, in order.
    """

    def __init__(self, run: MapRun, parts: Sequence[Part]) -> None:
        assert run.out is not None
        self.run_, self.parts, self.out = run, parts, run.out
        number, of = self.shard = run.arguments.get("shard", (1, 1))
        self.mine = [part for at, part in enumerate(parts) if at % of == number - 1]
        self.work = work = PartWork(
            run.wanted, run.layout, self.out, run.arguments.get("to") or parts[0].format
        )
        self.bad_file = None if run.bad_file is None or places.is_folder(run.bad_file) else run.bad_file
        if self.bad_file is not None:
            work.bad_out, work.bad_format = places.joined(self.out, FOLDER), "arrows"
        elif run.bad_file is not None:
            work.bad_out = run.bad_file
        self.manifest = Manifest(self.out, identity(work), self.shard)

    def run(self) -> Tally:
        """Does what is left to do.

        Raises:
            GradcliError: nothing was begun, or some parts failed, which were told.
        """
        self._look()
        manifest, work = self.manifest, self.work
        noted = [work.target(part) for part in self.mine if part.name in manifest.done]
        done = set(places.existing(self.out, noted))
        left = [part for part in self.mine if work.target(part) not in done]
        found = self._done(left)
        if self.bad_file is not None:
            self._gather(self.bad_file)
        total = Tally()
        for part in left:
            if isinstance(tally := found[part.name], Tally):
                total.merge(tally)
        errors = [each for part in left if isinstance(each := found[part.name], GradcliError)]
        if errors:
            raise GradcliError(
                errors[0].code, f"{len(errors)} of {len(left)} parts failed; --resume tries them again"
            )
        return total

    def _look(self) -> None:
        """Refuses what would destroy something, and makes the folder."""
        arguments, manifest = self.run_.arguments, self.manifest
        targets = [self.work.target(part) for part in self.mine]
        refuse_own_input(targets, self.parts)
        if "resume" in arguments:
            manifest.load()
        elif "force" in arguments:
            manifest.forget()
        else:
            there = next(places.existing(self.out, [manifest.path, *targets]), None)
            if there == manifest.path:
                raise GradcliError(
                    "io",
                    f"{places.shown(self.out)} is there already",
                    hint="--resume goes on with it, --force starts anew",
                )
            if there is not None:
                raise GradcliError(
                    "io",
                    f"{places.shown(there)} is there already",
                    hint="--force writes another one in its place",
                )
        if not places.is_address(self.out):
            try:
                os.makedirs(self.out, exist_ok=True)
            except OSError as error:
                raise GradcliError("io", f"cannot write {self.out}: {error.strerror or error}") from None
        if self.bad_file is not None:
            places.check_writable(self.bad_file)
            refuse_own_input([self.bad_file], self.parts)

    def _done(self, left: Sequence[Part]) -> dict[str, Tally | GradcliError]:
        """What came of each part."""
        progress, manifest, work = self.run_.progress, self.manifest, self.work
        found: dict[str, Tally | GradcliError] = {}
        said = _Failures()
        sizes = {part.name: max(1, part.size) for part in left}
        rows, size, all_sizes = 0, 0, sum(sizes.values())
        try:
            with progress.waiting(), closing(self._results(left)) as results:
                for part, result in results:
                    found[part.name] = result
                    if isinstance(result, GradcliError):
                        progress.clear()
                        said.tell(part, result, self.run_.program)
                        continue
                    manifest.add(part, work.format, result)
                    rows += result.rows
                    size += sizes[part.name]
                    progress.show(rows, size / all_sizes)
        except KeyboardInterrupt:
            count = sum(part.name in manifest.done for part in self.mine)
            sys.stderr.write(
                f"note: {count} of {len(self.mine)} parts are done; --resume goes on with the others\n"
            )
            raise
        finally:
            said.end()
            # The workers of others finish what they are at.
            going_on = "://" in self.run_.arguments.get("workers", "")
            work.sweep([part for part in left if part.name in found or not going_on], manifest.path)
        return found

    def _results(self, parts: Sequence[Part]) -> Generator[tuple[Part, Tally | GradcliError], None, None]:
        workers, clock = self.run_.arguments.get("workers"), self.run_.clock
        if workers is not None and parts:
            from gradcli.tables.cluster import connected, run_parts

            with connected(workers) as client:
                yield from run_parts(parts, self.work, client, clock)
            return
        for part in parts:
            try:
                yield part, self.work(part, clock)
            except GradcliError as error:
                clock.left()
                yield part, error
            except Exception as error:  # ours, and no reason to let the other parts down
                yield part, internal_error(error)

    def _gather(self, path: str) -> None:
        """Makes one file of the rows without a result of all parts that are done."""
        done = self.manifest.done
        parts = [part for part in self.mine if part.name in done]
        some = [part for part in parts if done[part.name]["good"] < done[part.name]["rows"]]

        def read(part: Part) -> BinaryIO:
            return places.opened(self.work.bad(part))

        places.fill(path, lambda file: together(some, read, file, path, self.work.layout))


class _Failures:
    """Tells why parts failed, each reason once: a program that is wrong fails in all of them."""

    def __init__(self) -> None:
        self.parts: dict[tuple[str, str], list[str]] = {}

    def tell(self, part: Part, error: GradcliError, program: str) -> None:
        """Tells one failure."""
        parts = self.parts.setdefault((error.code, error.message), [])
        parts.append(part.said)
        if len(parts) > 1:
            return
        if part.said not in error.message:
            error.message = f"{part.said}: {error.message}"
        # What has no place in the program is about a table.
        sys.stderr.write(complaint(error, look(), None if error.location is None else program).err)

    def end(self) -> None:
        """Names those that failed as others did."""
        for (code, _), (first, *others) in self.parts.items():
            if others:
                more = f" and {len(others) - SHOWN:,} more" if len(others) > SHOWN else ""
                sys.stderr.write(f"note: {code} as in {first}: {', '.join(others[:SHOWN])}{more}\n")


SHOWN = 5
"""So many parts are named."""
