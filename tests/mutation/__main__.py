"""Runs mutants of the rules against the tests that should notice: `python -m tests.mutation`.

    python -m tests.mutation --most 400 --jobs 2

Which mutants are taken follows from `--seed` alone. They run in copies of the files, so that nothing here
changes; what is known of a mutant stands in `--results`, and a run that was interrupted goes on from there.
`equivalent.txt` lists the mutants that cannot be killed, with a word why.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from tests.mutation.forks import TOO_LONG, forked
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.rooms import ROOMS, Room
from tests.mutation.trial import PASSED, ROOT, Copy, Outcome, Warm, outcome, preload

EQUIVALENT = Path(__file__).with_name("equivalent.txt")
Row = dict[str, str]


def chosen(most: int, seed: int, only: str) -> dict[Room, list[Mutant]]:
    """So many mutants, as many of each room, by what they change: a change elsewhere leaves most."""
    taken: dict[Room, list[Mutant]] = {}
    for index, room in enumerate(ROOMS):
        if only not in room.name:
            continue
        order = sorted(
            (each for file in room.files for each in mutants(ROOT, file)),
            key=lambda each: sha256(f"{seed} {each.change}".encode()).digest(),
        )
        taken[room] = order[: most // len(ROOMS) + (index < most % len(ROOMS))]
    return taken


def equivalents() -> set[str]:
    """The mutants that change nothing that could be seen; a comment above each says why."""
    lines = EQUIVALENT.read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def work(room: Room, pending: list[Mutant], results: Path) -> None:
    """Runs mutants of a room one after the other and notes what became of each."""
    copy, left = Copy(), []

    def note(mutant: Mutant, judged: Outcome) -> None:
        with open(results, "a", encoding="utf-8") as file:
            row = {"key": mutant.key, "how": judged.how, "by": judged.by, "seconds": f"{judged.seconds:.1f}"}
            file.write(json.dumps(row) + "\n")

    def serve() -> object:
        def judged(mutant: Mutant, found: Outcome | None) -> None:
            if found is None:
                left.append(mutant.key)
            else:
                note(mutant, found)

        wrong = Warm(copy, pending, judged).serve(room.tests)
        return [wrong, left]

    try:
        answer = forked(serve)
        wrong, anew = answer.said or (answer.ended, [])
        if wrong:
            raise SystemExit(f"{room.name}: without any mutant: {wrong}")
        if anew:
            whole = copy.run(room.tests, compiles=True)
            if outcome(whole).how != PASSED:
                raise SystemExit(f"{room.name}: without any mutant: {outcome(whole)}")
            for mutant in [each for each in pending if each.key in anew]:
                with copy.changed(mutant):
                    tests = room.tests_for(mutant.file)
                    note(mutant, outcome(copy.run(tests, 10 + 3 * whole.seconds)))
    finally:
        copy.close()


def known(results: Path) -> dict[str, Row]:
    """What earlier runs found."""
    if not results.exists():
        return {}
    rows = map(json.loads, results.read_text(encoding="utf-8").splitlines())
    return {row["key"]: row for row in rows}


def report(taken: dict[Room, list[Mutant]], found: dict[str, Row]) -> Iterator[str]:
    """The score of each room, and the mutants that survive."""
    spared = equivalents()
    alive: list[str] = []
    total: Counter[str] = Counter()
    for room, its in taken.items():
        count: Counter[str] = Counter()
        for each in its:
            if each.key in spared:
                count["equivalent"] += 1
            elif each.key in found:
                count[found[each.key]["how"]] += 1
                if found[each.key]["how"] == PASSED:
                    alive.append(f"survives: {each.key} (line {each.line})")
        yield f"{room.name}: {_score(count)}"
        total += count
    yield f"all: {_score(total)}"
    yield from alive


def _score(count: Counter[str]) -> str:
    ran = count.total() - count["equivalent"]
    killed = ran - count[PASSED]
    share = 100 * killed / max(ran, 1)
    return (
        f"{killed} of {ran} killed ({share:.1f} %), {count[TOO_LONG]} of them by the limit"
        f" of time; {count['equivalent']} more are equivalent"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.partition("\n")[0])
    parser.add_argument("--most", type=int, default=400, help="how many mutants (400)")
    parser.add_argument("--jobs", type=int, default=1, help="how many rooms at once (1)")
    parser.add_argument("--seed", type=int, default=0, help="which mutants (0)")
    parser.add_argument("--only", default="", metavar="ROOM", help="mutants of rooms with this in their name")
    parser.add_argument("--again", action="store_true", help="run the survivors once more")
    parser.add_argument("--report", action="store_true", help="run nothing, say what is known")
    parser.add_argument("--results", type=Path, default=ROOT / ".mutation_cache" / "results.jsonl")
    options = parser.parse_args()
    options.results.parent.mkdir(parents=True, exist_ok=True)
    taken = chosen(options.most, options.seed, options.only)
    found, spared = known(options.results), equivalents()
    pending = {
        room: [
            each
            for each in its
            if each.key not in spared
            and (each.key not in found or (options.again and found[each.key]["how"] == PASSED))
        ]
        for room, its in taken.items()
    }
    if not options.report:
        preload()
        rooms = [room for room in taken if pending[room]]
        jobs = [
            os.fork() or _job(rooms[start :: options.jobs], pending, options.results)
            for start in range(options.jobs)
        ]
        for child in jobs:
            os.waitpid(child, 0)
    print("\n".join(report(taken, known(options.results))))


def _job(rooms: list[Room], pending: dict[Room, list[Mutant]], results: Path) -> int:
    """Works on some of the rooms, in a process of its own."""
    status = 1
    try:
        for room in rooms:
            work(room, pending[room], results)
        status = 0
    except SystemExit as error:
        print(error)
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
