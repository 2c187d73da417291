"""Threads that wait for work: `share` runs one function on several of them and on the caller's.

NumPy's loops release the lock, so blocks of large arrays really are worked on side by side. Called
by `blocks`; the threads are started when they are first needed and live as long as the process.
"""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING

from gradcli.machine import other_cores, stay_on

if TYPE_CHECKING:
    from collections.abc import Callable

_waiting: SimpleQueue[_Share] = SimpleQueue()
_started = 0
_starting = threading.Lock()


class _Share:
    """One piece of work that several threads do: who is at it, who is done, and what went wrong.

    Nobody waits for a thread that hasn't begun: on busy cores it may be long in coming, and what it would
    have done the caller does. Once that is finished there is no `work` for it.
    """

    __slots__ = ("begun", "done", "elsewhere", "error", "lock", "work")

    def __init__(self, work: Callable[[], None]) -> None:
        # Linux likes to wake a thread on the core of the thread that woke it, and leaves the two there for
        # milliseconds: longer than most work takes.
        self.elsewhere = other_cores()
        self.work: Callable[[], None] | None = work
        self.lock = threading.Lock()
        self.begun = 0
        self.done: SimpleQueue[None] = SimpleQueue()
        self.error: BaseException | None = None

    def begin(self) -> Callable[[], None] | None:
        """The work, for a thread that comes to help."""
        with self.lock:
            self.begun += self.work is not None
            return self.work

    def end(self) -> None:
        """Waits for those who have begun."""
        with self.lock:
            self.work = None  # it holds arrays, and a thread that comes late may be long in coming
        for _ in range(self.begun):
            self.done.get()


def _serve(waiting: SimpleQueue[_Share]) -> None:
    here: frozenset[int] = frozenset()
    while True:
        share = waiting.get()
        work = share.begin()
        if work is None:
            continue
        if share.elsewhere and share.elsewhere != here:
            here = share.elsewhere
            stay_on(here)
        try:
            work()
        except BaseException as error:  # handed to the caller, whatever it is
            share.error = error
        share.done.put(None)
        del work, share  # they hold arrays, and the next may be long in coming


def share(work: Callable[[], None], threads: int) -> None:
    """Runs `work()` in up to `threads` threads at once, the caller's among them, and waits for all.

    `work` takes its pieces from a common counter, so it doesn't matter which thread gets how many.
    The first error of any of them is raised here.
    """
    global _started
    helpers = threads - 1
    if _started < helpers:
        with _starting:
            while _started < helpers:
                try:
                    threading.Thread(target=_serve, args=(_waiting,), daemon=True, name="gradcli").start()
                except RuntimeError:  # the system has no more for us; fewer do the same
                    helpers = _started
                else:
                    _started += 1
    common = _Share(work)
    for _ in range(helpers):
        _waiting.put(common)
    try:
        work()
    finally:
        common.end()
    if common.error is not None:
        raise common.error


def _forget() -> None:
    """After a fork only the forking thread is left: start over."""
    global _waiting, _started, _starting
    _waiting, _started, _starting = SimpleQueue(), 0, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
