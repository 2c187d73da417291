"""`python -m benchmarks.instructions`: what a run costs above `import numpy`, in instructions.

A clock tells little of 20 ms on a busy machine; valgrind counts the instructions of a whole process, which
are the same from run to run but for the seed of Python's hashes and BLAS's threads, which spin. So BLAS gets
one, each round has a seed of its own, and the figure is the median of all rounds.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys

RUN = ["-m", "gradcli", "eval", "y=2*x; z=y**2", "--set", "x=1"]
NUMPY = ["-c", "import numpy"]
ROUNDS = 5
MOST = 64
"""In millions."""


def instructions(arguments: list[str], seed: int) -> int:
    """How many instructions a process of Python takes."""
    surroundings = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    surroundings |= {"OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": str(seed)}
    counting = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}"]
    command = [*counting, sys.executable, *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=surroundings)
    (count,) = re.findall(r"Collected : (\d+)", ran.stderr)
    return int(count)


def main() -> int:
    """Counts; the status is 1 when the bar is missed."""
    instructions(RUN, 0)  # the first run writes the byte code
    above = [instructions(RUN, seed) - instructions(NUMPY, seed) for seed in range(1, ROUNDS + 1)]
    middle, least, most = (each / 1e6 for each in (statistics.median(above), min(above), max(above)))
    print(f"instructions above numpy: {middle:.1f} M ({least:.1f} to {most:.1f})")
    return int(middle > MOST)


if __name__ == "__main__":
    sys.exit(main())
