"""How large work is done: number of threads, block size, and from where on work counts as large.

Read by the planner; set by benchmarks and by tests. An evaluation may ask for fewer threads (`--threads`), in
its context. Results don't depend on the threads, and on the block size only by rounding.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from gradcli.machine import cores
from gradcli.tape import context
from gradcli.tape.node import LARGE

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 98_304
"""The most elements in a block. The buffers in use stay in the cache, and each NumPy call runs long enough
without the lock that threads seldom wait for each other to hand it over."""

SHARES = 8
"""Work is cut into so many blocks at least, if they hold `SMALL` elements: threads share it."""

SMALL = 32_768
"""Elements in a block that aren't made fewer for the sake of that, nor more to hold whole columns."""


WHOLE_ROWS = 4096
"""A block may be longer than it is asked to be, so that it holds whole rows of up to so many elements."""

STRIP = 64
"""The fewest elements of a contiguous axis that a block takes, where whole columns make it narrow: short rows
that lie apart take longer to read than going through everything once more does."""


class Tuning:
    """What may be chosen.

    Attributes:
        threads: the most threads that work at once.
        block: the most elements worked on at a time.
        large: values of more elements than this are fused and worked on in blocks.
        eager: share also work for which more threads don't pay (tests do).
        chains: run NumPy's loops without the interpreter, where the machine can.
        vectors: run our own for functions that NumPy's and SciPy's take one by one.
    """

    __slots__ = ("block", "chains", "eager", "large", "threads", "vectors")

    def __init__(self) -> None:
        self.threads = cores()
        self.block = BLOCK
        self.large = LARGE
        self.eager = False
        self.chains = True
        self.vectors = True


current = Tuning()

_beside: list[None] = []
"""An item for each thread that is at work on something else; its ends are added and taken off at once."""


@contextmanager
def beside() -> Iterator[None]:
    """In its body a thread of the process has its own work, for which it takes a core."""
    _beside.append(None)
    try:
        yield
    finally:
        _beside.pop()


def block_for(size: int) -> int:
    """How many elements a block may have where there are so many in all: the threads don't matter."""
    return min(current.block, max(size // SHARES, SMALL))


def row_room(beside: int | None) -> int:
    """The most elements of the axes that a block may hold whole.

    Args:
        beside: the length of the last axis, where it isn't one of them.
    """
    room = max(min(current.block, SMALL), WHOLE_ROWS)
    return room if beside is None else room // min(STRIP, beside)


def threads() -> int:
    """The most threads that the evaluation that is running may use at once."""
    asked = context.current().threads
    most = current.threads if asked is None else min(asked, current.threads)
    return most - min(len(_beside), most - 1) if _beside else most


def configure(**given: int | None) -> None:
    """Changes what is given, by the names of `Tuning`; 0 threads means all cores."""
    for name, value in given.items():
        if value is not None:
            setattr(current, name, value)
    current.threads = current.threads or cores()
    current.block = max(current.block, 1)


_largest_small: ContextVar[int | None] = ContextVar("gradcli_largest_small", default=None)


@contextmanager
def large_from(size: int) -> Iterator[None]:
    """In its body arrays of so many elements are planned as large ones are."""
    token = _largest_small.set(size - 1)
    try:
        yield
    finally:
        _largest_small.reset(token)


def largest_small() -> int:
    """Values of more elements are fused and worked on in blocks."""
    asked = _largest_small.get()
    if asked is not None:
        return asked
    return 1 if context.current().even else max(current.large, 1)  # what has no axis has no blocks


@contextmanager
def using(**given: int | None) -> Iterator[None]:
    """Other settings for a while."""
    before = {name: getattr(current, name) for name in Tuning.__slots__}
    configure(**given)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(current, name, value)


def together() -> int:
    """Elements of a product, or of what it reads, from which on it is worked on in blocks: less stays in the
    caches between two calls. And of what each block reads, where that is more than what it computes."""
    return SHARES * min(current.block, SMALL)
