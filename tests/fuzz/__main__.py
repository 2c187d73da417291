"""`python -m tests.fuzz NAME --number N --seed S`: runs many cases of a generator and reports what fell.

A fault is told once for each place in the source, with the number of its case; `--first K --number 1` runs
that case again.
"""

from __future__ import annotations

import argparse
import sys
import time
from importlib import import_module
from pathlib import Path

GENERATORS = (
    "calls",
    "texts",
    "lines",
    "growth",
    "mutants",
    "files",
    "commands",
    "compiled",
    "signals",
    "differential",
)


def main() -> int:
    """Runs; 1 if anything fell."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("generator", choices=GENERATORS)
    parser.add_argument("--number", "--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--torch", help="a Python with PyTorch, for differential")
    parser.add_argument("--shown", type=int, default=3, help="how many disagreements of a kind are shown")
    grammars = ("rules", "wider", "broad", "further", "denser")
    parser.add_argument("--grammar", default="rules", choices=grammars, help="of the scripts")
    parser.add_argument("--record", action="store_true", help="keep PyTorch's answers for the test")
    options = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).parents[1]))  # as pytest has it
    if options.generator == "differential":
        if options.torch is None:
            parser.error("differential needs --torch PYTHON")
        differential = import_module("fuzz.differential")
        if options.record:
            differential.record(options.torch, options.number)
            return 0
        found: int = differential.run(
            options.torch, options.number, options.seed, options.first, options.shown, options.grammar
        )
        return found
    faults = import_module("fuzz.cases").faults
    make = import_module(f"fuzz.{options.generator}").case
    start = time.monotonic()
    places: dict[str, int] = {}
    for fault in faults(make, options.number, options.seed, options.first):
        places[fault.where] = places.get(fault.where, 0) + 1
        if places[fault.where] == 1:
            print(f"{fault.where}\n    case {fault.number}: {fault.text}", flush=True)
    seconds = time.monotonic() - start
    print(
        f"{options.generator}: {options.number} cases, {sum(places.values())} faults "
        f"at {len(places)} places, {seconds:.0f} s"
    )
    return 1 if places else 0


if __name__ == "__main__":
    sys.exit(main())
