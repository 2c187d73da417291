"""`python -m benchmarks`: every work, ours and the peers' times in the same run, and whether the bars hold.

python -m benchmarks                                   everything that is installed here
python -m benchmarks --only transcendental             the works whose names begin so
python -m benchmarks --peers-python PATH --json FILE   peers from another interpreter; keep the figures
python -m benchmarks --markdown FILE                   and the table as docs/performance.md has it
python -m benchmarks --one-core                        CPU time on one core, where the clock tells nothing
python -m benchmarks --busy 2                          beside so many processes that never rest
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks.contest import busy, contest, pythons
from benchmarks.table import curves, lines, machine, markdown, means
from benchmarks.works import all_works


def main() -> int:
    """Runs what is asked for; the status is 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="NAME", help="the works whose names begin so")
    parser.add_argument("--rounds", type=int, default=7, help="samples of each contender (7)")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="keep the table")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures")
    parser.add_argument("--peers-python", metavar="PATH", help="an interpreter in which peers are installed")
    parser.add_argument(
        "--one-core", action="store_true", help="CPU time of one thread each: for a machine that is busy"
    )
    parser.add_argument(
        "--busy", type=int, default=0, metavar="N", help="keep N other processes busy meanwhile"
    )
    given = parser.parse_args()
    works = [work for work in all_works() if work.name.startswith(given.only)]
    if not works:
        names = ", ".join(work.name for work in all_works())
        print(f"no work begins with {given.only!r}; there are: {names}", file=sys.stderr)
        return 2
    print(f"{'work':<38} {'who':<12} {'median':>10} {'ours/it':>8} {'bar':>8}")
    rows = []
    with busy(given.busy):
        for work in works:
            row = contest(work, given.rounds, given.peers_python, given.one_core)
            rows.append(row)
            print("\n".join(lines(row)), flush=True)
    found = curves(works, rows)
    for curve in found:
        print(f"growth with {curve.name}: exponent {curve.exponent:.2f}, bar {curve.bar:.2f}", flush=True)
    averages = means(works, rows)
    for mean in averages:
        print(f"{mean.name}: geometric mean {mean.ratio:.2f} × {mean.peer}, bar {mean.bar:.2f}", flush=True)
    about = machine(pythons(given.peers_python))
    if given.one_core:
        about = {**about, "measured": "CPU time of one thread"}
    if given.busy:
        about = {**about, "beside": f"{given.busy} busy processes"}
    if given.markdown:
        given.markdown.write_text(markdown(about, rows, found, averages))
    if given.json:
        works_data = [
            {
                "name": row.name,
                "unit": row.unit,
                "figures": row.seconds,
                "missing": row.missing,
                "bars": row.bars,
                "holds": row.holds(),
            }
            for row in rows
        ]
        given.json.write_text(json.dumps({"machine": about, "works": works_data}, indent=1) + "\n")
    missed = any(row.holds() is False for row in rows)
    missed = missed or not all(each.holds() for each in (*found, *averages))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
