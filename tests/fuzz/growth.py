"""Shapes of text that are measured: the time that each takes grows as its length does.

A shape that is quadratic takes 16 times as long when it is 4 times as large. What takes no time at all is not
measured twice.
"""

from __future__ import annotations

import random
import time
import warnings

from fuzz import texts
from fuzz.cases import Case

SIZE = 10_000
"""How large the shapes of a long run are."""
NOTABLE = 5e-5
"""Seconds for each repetition, beyond which a shape is measured in two sizes."""
MOST = 2.5
"""How much longer than in proportion a text may take that is four times as large."""


def grows_too_fast(shape: tuple[str, int], size: int) -> bool:
    """Whether a shape takes notable time, and more of it the larger it is."""
    small = seconds(texts.text(shape, size))
    if small < size * NOTABLE:
        return False
    return seconds(texts.text(shape, 4 * size)) > 4 * MOST * small


def seconds(program: str) -> float:
    """The processor time that a program takes."""
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        texts.run(program)
    return time.process_time() - start


def case(random: random.Random) -> Case:
    """One shape."""
    shape = random.choice(texts.shapes())

    def run() -> None:
        assert not grows_too_fast(shape, SIZE), "more than linear"

    return Case(f"{texts.pattern(shape)} {SIZE:,} times", run)
