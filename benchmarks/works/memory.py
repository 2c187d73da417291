"""The memory that value and gradient of a large array take at their peak, beside the array and the results.

The figures are MiB of the process: Linux tells what it held at most since it was last asked to forget.
"""

from __future__ import annotations

from functools import partial

from benchmarks.works import Work
from benchmarks.works.arrays import WAVE, contenders, wave, wave_by_hand

SIZE = 10**7
INPUTS = RESULTS = 8 * SIZE
"""Bytes of the array and of the gradient; the value is a number."""
LIMIT = 64.0
MIB = 2**20


def held(what):
    """Bytes that the process holds (`VmRSS`) or held at most (`VmHWM`)."""
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith(what))
    return 1024 * int(line.split()[1])


def array(size):
    """The input."""
    import numpy as np

    return {"x": np.random.default_rng(0).standard_normal(size)}


def peak(name):
    """From what prepares a contender to a function that gives its peak in MiB.

    Only the first call counts, since what a package keeps for the next one is memory too.
    """

    def prepare():
        def build(size):
            return contenders(WAVE, wave, wave_by_hand, partial(array, size))[name]()

        build(1000)()  # the package itself is not what is asked for
        before = held("VmRSS")
        with open("/proc/self/clear_refs", "w") as forget:
            forget.write("5")
        run = build(SIZE)
        result = run()
        figure = (held("VmHWM") - before - INPUTS - RESULTS) / MIB
        del result
        return lambda: figure

    return prepare


def allowed():
    """The limit, as if it were a contender."""
    return lambda: LIMIT


WORKS = [
    Work(
        "peak memory 10^7",
        {
            **{name: peak(name) for name in ("gradcli", "JAX", "PyTorch", "autograd", "NumPy")},
            "limit": allowed,
        },
        {"limit": 1.0},
        unit="MiB",
    )
]
