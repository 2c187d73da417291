"""Threads that wait for work: `share` runs one function on several of them and on the caller's.

NumPy's loops release the lock, so blocks of large arrays really are worked on side by side. Called
by `worker` and `blas`; the threads are started when they are first needed and live as long as the process.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import numpy as np

from gradcli.machine import other_cores, stay_on

if TYPE_CHECKING:
    from collections.abc import Callable

LOOKS = 500_000
"""How often a bell is looked at before who listens sleeps. That takes 0.2 ms; to be woken by the system costs
the two threads half of that together, and most steps of a plan follow each other sooner."""
PAUSE = 256 if np.lib.NumpyVersion(np.__version__) >= "2.3.0" else 4
"""Rows of a bell that are passed once it rings, in 7 µs: until then who rang has let go of the interpreter,
for which a thread can only wait asleep. Before 2.3 NumPy leaves a row by parts, which takes longer."""

_waiting: SimpleQueue[_Share] = SimpleQueue()
_bells: list[_Bell] = []  # one for each thread that was started
_starting = threading.Lock()
_own = threading.local()


class _Bell:
    """What a thread listens to for a while that waits for another, before it sleeps.

    Listening is one call of NumPy, which leaves the interpreter to others: whether any element of a row is
    true, where the first row is one element again and again, and the others are true at once.

    Attributes:
        listening: whether its owner does.
        thread: its owner, once that has begun, and the cores that it was told to stay on.
    """

    __slots__ = ("_cells", "_heard", "_rows", "cores", "listening", "thread")

    def __init__(self) -> None:
        self._cells = np.ones(PAUSE, np.bool_)
        self._rows = np.lib.stride_tricks.as_strided(self._cells, (PAUSE, LOOKS), (1, 0))
        self._heard = np.empty(PAUSE, np.bool_)
        self.listening = False
        self.thread = 0
        self.cores: frozenset[int] = frozenset()
        self.quiet()

    def ring(self) -> None:
        self._cells[0] = True

    def quiet(self) -> None:
        self._cells[0] = False

    def listen(self) -> bool:
        """Whether it rings, as soon as it does, or after a while."""
        self.listening = True
        np.logical_or.reduce(self._rows, axis=1, out=self._heard)
        self.listening = False
        return bool(self._heard[0])


class _Share:
    """One piece of work that several threads do: who is at it, who is done, and what went wrong.

    Nobody waits for a thread that hasn't begun: on busy cores it may be long in coming, and what it would
    have done the caller does. Once that is finished there is no `work` for it.
    """

    __slots__ = ("bell", "busy", "done", "error", "lock", "work")

    def __init__(self, work: Callable[[], None]) -> None:
        self.work: Callable[[], None] | None = work
        self.lock = threading.Lock()
        self.busy = 0
        self.bell = _own_bell()
        self.done: SimpleQueue[None] = SimpleQueue()
        self.error: BaseException | None = None

    def begin(self) -> Callable[[], None] | None:
        """The work, for a thread that comes to help."""
        with self.lock:
            self.busy += self.work is not None
            return self.work

    def leave(self) -> None:
        """A helper has no more to do; the last one tells the caller, who waits for it."""
        with self.lock:
            self.busy -= 1
            if self.busy or self.work is not None:
                return
        self.bell.ring()
        self.done.put(None)

    def end(self) -> None:
        """Waits for those who have begun."""
        with self.lock:
            self.work = None  # it holds arrays, and a thread that comes late may be long in coming
            if not self.busy:
                return
        self.bell.listen()
        self.done.get()
        self.bell.quiet()


def _own_bell() -> _Bell:
    """The bell of the thread that asks."""
    bell: _Bell | None = getattr(_own, "bell", None)
    if bell is None:
        bell = _own.bell = _Bell()
    return bell


def _serve(waiting: SimpleQueue[_Share], bell: _Bell) -> None:
    bell.thread = threading.get_native_id()
    while True:
        share = _next(waiting, bell)
        work = share.begin()
        if work is None:
            continue
        try:
            work()
        except BaseException as error:  # handed to the caller, whatever it is
            share.error = error
        share.leave()
        del work, share  # they hold arrays, and the next may be long in coming


def _next(waiting: SimpleQueue[_Share], bell: _Bell) -> _Share:
    """What is to be done next: work that waits, or comes while the bell is listened to, or ends a sleep."""
    bell.quiet()  # before it is looked: who has more from now on rings once more
    with suppress(Empty):
        return waiting.get_nowait()
    bell.listen()
    return waiting.get()


def awake() -> bool:
    """Whether a thread listens for work at this moment, so that little of it can be shared."""
    return any(each.listening for each in _bells)


def share(work: Callable[[], None], threads: int) -> None:
    """Runs `work()` in up to `threads` threads at once, the caller's among them, and waits for all.

    `work` takes its pieces from a common counter, so it doesn't matter which thread gets how many.
    The first error of any of them is raised here.
    """
    helpers = threads - 1
    if len(_bells) < helpers:
        _start(helpers)
    common = _Share(work)
    # Linux likes to wake a thread on the core of the thread that woke it, and leaves the two there for
    # milliseconds: longer than most work takes.
    elsewhere = other_cores()
    for bell in _bells[:helpers]:
        if elsewhere and bell.thread and elsewhere != bell.cores:
            bell.cores = elsewhere
            stay_on(elsewhere, bell.thread)
        _waiting.put(common)  # before it rings: who hears that finds it
        bell.ring()
    try:
        work()
    finally:
        common.end()
    if common.error is not None:
        raise common.error


def _start(threads: int) -> None:
    """Starts threads until there are so many, or as many as the system has for us: fewer do the same."""
    with _starting:
        while len(_bells) < threads:
            bell = _Bell()
            try:
                threading.Thread(target=_serve, args=(_waiting, bell), daemon=True, name="gradcli").start()
            except RuntimeError:
                return
            _bells.append(bell)


def _forget() -> None:
    """After a fork only the forking thread is left: start over."""
    global _waiting, _bells, _starting
    _waiting, _bells, _starting = SimpleQueue(), [], threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
