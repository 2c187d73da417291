"""`python -m benchmarks`: every work, ours and the peers' times in the same run, and whether the bars hold.

python -m benchmarks                                   everything that is installed here
python -m benchmarks --only transcendental             the works whose names begin so
python -m benchmarks --peers-python PATH --json FILE   peers from another interpreter; keep the figures
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.contest import Row, contest
from benchmarks.works import all_works


def duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def lines(row: Row) -> Iterable[str]:
    """A work as lines of the table: ours first, then each peer with its ratio and its bar."""
    ours = row.seconds.get("gradcli")
    verdict = {True: "holds", False: "MISSED", None: ""}[row.holds()]
    time = duration(ours) if ours else "failed"
    yield f"{row.name:<24} {'gradcli':<10} {time:>10} {'':>8} {'':>8}  {verdict}"
    for peer, seconds in row.seconds.items():
        if peer == "gradcli":
            continue
        ratio, bar = row.ratio(peer), row.bars.get(peer)
        against = f"{ratio:.2f} ×" if ratio is not None else ""
        allowed = f"{bar:.2f} ×" if bar is not None else ""
        mark = "" if ratio is None or bar is None else "ok" if ratio <= bar else "MISSED"
        yield f"{'':<24} {peer:<10} {duration(seconds):>10} {against:>8} {allowed:>8}  {mark}"
    for name, reason in row.missing.items():
        yield f"{'':<24} {name:<10} {reason}"


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    return {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}


def main() -> int:
    """Runs what is asked for; the status is 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="NAME", help="the works whose names begin so")
    parser.add_argument("--rounds", type=int, default=7, help="samples of each contender (7)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures")
    parser.add_argument("--peers-python", metavar="PATH", help="an interpreter in which peers are installed")
    given = parser.parse_args()
    works = [work for work in all_works() if work.name.startswith(given.only)]
    if not works:
        names = ", ".join(work.name for work in all_works())
        print(f"no work begins with {given.only!r}; there are: {names}", file=sys.stderr)
        return 2
    print(f"{'work':<24} {'who':<10} {'median':>10} {'ours/it':>8} {'bar':>8}")
    rows = []
    for work in works:
        row = contest(work, given.rounds, given.peers_python)
        rows.append(row)
        print("\n".join(lines(row)), flush=True)
    if given.json:
        works_data = [
            {
                "name": row.name,
                "seconds": row.seconds,
                "missing": row.missing,
                "bars": row.bars,
                "holds": row.holds(),
            }
            for row in rows
        ]
        given.json.write_text(json.dumps({"machine": machine(), "works": works_data}, indent=1) + "\n")
    return int(any(row.holds() is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
