"""The same work on many items in several processes, with the results in the order of the items.

The commands use it for `--jobs`, and for what is limited in time: a process is left with whatever it does.
Only a window of items is read ahead, so a stream of any length needs steady memory, and answers do not wait
for items that are still to come. A process starts when there is an item for it and ends with this one,
however this one ends; one that dies costs the item that it was at work on and no other.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from queue import SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gradcli import interrupts
from gradcli.cli.watchdog import GRACE
from gradcli.errors import GradcliError, internal_error
from gradcli.limits import too_slow
from gradcli.machine import FORKS, MOST_PROCESSES, end_with_parent

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

CHUNK = 16
"""So many items travel together when each takes no time: less would spend the time on the way."""
WINDOW = 4 * CHUNK
"""So many items for each process may be ahead of the one whose answer is awaited."""
SHORT = 0.005
"""Seconds: an item that takes less may travel with others."""
STARTING = 2.0
"""Seconds that a process may take to load what it needs for its first item."""

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def ordered_map(
    work: Callable[[Item], Answer],
    items: Iterable[Item],
    jobs: int,
    failed: Callable[[Item, GradcliError], Answer],
    *,
    seconds: float = 0.0,
    awaited: Callable[[], int | None] = lambda: None,
) -> Iterator[Answer]:
    """`map(work, items)` in at most `jobs` processes; `work`, items and answers must be picklable.

    Args:
        work: what is done to an item.
        items: in their order.
        jobs: the most processes.
        failed: gives the answer for an item on which `work` raised something, its process died, or that
            took too long.
        seconds: a process that is at work on an item for `GRACE` longer than that is ended; 0: no limit.
        awaited: the file that the next item will come from if it isn't there yet, else None.
    """
    team = _Team(work, min(jobs, MOST_PROCESSES), failed, seconds)
    stream = _Stream(items, awaited)
    answers: dict[int, Answer] = {}
    done = handed_out = 0
    try:
        while True:
            while handed_out - done < WINDOW * jobs and (chunk := stream.take(team.room())):
                team.give(chunk)
                handed_out += len(chunk)
            if stream.ended and done == handed_out:
                break
            wanted = handed_out - done < WINDOW * jobs and team.room() > 0
            team.collect(answers, awaited() if wanted else None)
            while done in answers:
                yield answers.pop(done)
                done += 1
    except BaseException:
        team.kill()
        raise
    team.end()


class _Stream(Generic[Item]):
    """Items by their number, as far as they are there."""

    def __init__(self, items: Iterable[Item], awaited: Callable[[], int | None]) -> None:
        self._items = enumerate(items)
        self._awaited = awaited
        self.ended = False

    def take(self, most: int) -> list[tuple[int, Item]]:
        """Up to so many, none of which has to be waited for."""
        taken: list[tuple[int, Item]] = []
        while len(taken) < most and not self.ended and self._awaited() is None:
            try:
                taken.append(next(self._items))
            except StopIteration:
                self.ended = True
        return taken


class _Team(Generic[Item, Answer]):
    """The processes at work, each started when there is something to do for it."""

    def __init__(
        self,
        work: Callable[[Item], Answer],
        most: int,
        failed: Callable[[Item, GradcliError], Answer],
        seconds: float,
    ) -> None:
        self._work = work
        self._most = most
        self._failed = failed
        self._seconds = seconds
        self._workers: list[_Worker[Item, Answer]] = []

    def room(self) -> int:
        """How many items are wanted now."""
        worker = self._least_busy()
        if worker is None:
            return 1
        return worker.size if len(worker.held) < worker.size else 0

    def give(self, chunk: list[tuple[int, Item]]) -> None:
        """Hands items over, to a new process if there is none without work and there may be one more."""
        worker = self._least_busy()
        if worker is None:
            try:
                worker = self._start()
            except OSError:  # the system allows no more
                if not self._workers:
                    raise
                self._most = len(self._workers)
                worker = self._workers[0]
        worker.give(chunk)

    def _least_busy(self) -> _Worker[Item, Answer] | None:
        """The process that is to have the next items; None for a new one."""
        worker = min(self._workers, key=lambda worker: len(worker.held), default=None)
        return None if worker is None or (worker.held and len(self._workers) < self._most) else worker

    def _start(self) -> _Worker[Item, Answer]:
        worker: _Worker[Item, Answer] = _Worker(self._work)
        self._workers.append(worker)
        return worker

    def collect(self, answers: dict[int, Answer], file: int | None = None) -> None:
        """Waits for answers, by the number of their item, or until there is something in a file."""
        from multiprocessing.connection import wait

        busy = {worker.connection: worker for worker in self._workers if worker.held}
        ready = set(wait([*busy, *(() if file is None else (file,))], self._timeout()))
        for connection, worker in busy.items():
            if connection not in ready:
                if self._seconds and worker.deadline(self._seconds) <= monotonic():
                    worker.process.kill()
                    self._bury(worker, answers, too_slow(self._seconds, None))
                continue
            try:
                number, item, answer, error = worker.take()
            except (EOFError, OSError):
                self._bury(worker, answers)
                continue
            answers[number] = answer if error is None else self._failed(item, error)

    def _timeout(self) -> float | None:
        """For how long there is nothing to do unless an answer comes."""
        if not self._seconds:
            return None
        deadlines = [worker.deadline(self._seconds) for worker in self._workers if worker.held]
        return min(max(min(deadlines) - monotonic(), 0.0), threading.TIMEOUT_MAX) if deadlines else None

    def _bury(
        self, worker: _Worker[Item, Answer], answers: dict[int, Answer], why: GradcliError | None = None
    ) -> None:
        """A process has died: the item that it was at work on is lost, what waited behind goes to another."""
        self._workers.remove(worker)
        (number, item), *waiting = worker.held
        death = worker.death()
        answers[number] = self._failed(item, why or death)
        if waiting:
            self._start().give(waiting)

    def end(self) -> None:
        """Ends the processes, which have nothing to do."""
        for worker in self._workers:
            worker.give(None)
        for worker in self._workers:
            worker.process.join()

    def kill(self) -> None:
        """Ends the processes, whatever they do."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()


class _Worker(Generic[Item, Answer]):
    """This side of one process.

    Attributes:
        held: the items that it was given and has not answered, the first of which it is at work on.
        size: how many items it is given at once.
    """

    def __init__(self, work: Callable[[Item], Answer]) -> None:
        from multiprocessing import get_context

        # From 3.14 on, Python by default starts a server that is their parent instead of this process.
        processes: Any = get_context("fork" if FORKS else None)
        self.connection: Connection[Any, Any]
        self.connection, theirs = processes.Pipe()
        self.process = processes.Process(target=_serve, args=(work, theirs), daemon=True)
        interrupts.hold(True)  # the process would complain of one before it can say that it is not meant
        try:
            self.process.start()
        finally:
            interrupts.hold(False)
        theirs.close()
        self.held: deque[tuple[int, Item]] = deque()
        self.size = 1
        self._latest = monotonic()
        self._begun = self._latest + STARTING

    def give(self, chunk: list[tuple[int, Item]] | None) -> None:
        """Hands items over; None for the end of the work."""
        if not self.held:
            self._begun = max(self._begun, monotonic())
        with suppress(OSError):  # it has died, which is seen when its answers are collected
            self.connection.send(None if chunk is None else [item for _, item in chunk])
        self.held.extend(chunk or ())

    def take(self) -> tuple[int, Item, Any, GradcliError | None]:
        """The next answer: the item's number, the item, and its answer or why there is none.

        Raises:
            EOFError: there will be none.
        """
        answer, error = self.connection.recv()
        number, item = self.held.popleft()
        now = monotonic()
        self.size = min(2 * self.size, CHUNK) if now - self._latest < SHORT else 1
        self._latest = self._begun = now
        return number, item, answer, error

    def deadline(self, seconds: float) -> float:
        """When the item that the process is at work on has taken too long."""
        return self._begun + seconds + GRACE

    def death(self) -> GradcliError:
        """How the process ended, which it has."""
        self.process.join()
        code = self.process.exitcode or 0
        how = f"was killed ({signal.Signals(-code).name})" if code < 0 else f"ended with status {code}"
        return GradcliError(
            "internal",
            f"the process that ran this program {how}",
            hint="the system does that to a process that takes too much memory" if code == -9 else None,
        )


# ---- the other side ------------------------------------------------------------------------------


def _serve(work: Callable[[Any], Any], connection: Connection[Any, Any]) -> None:
    """Answers one item after the other until there are no more, or nobody is there to hear it."""
    end_with_parent()
    # Ctrl-C reaches every process of the terminal; the parent alone answers it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    interrupts.hold(False)
    # Whoever reads the parent's output sees its end when the parent ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    items: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_receive, args=(connection, items), daemon=True).start()
    try:
        while True:
            connection.send(_answer(work, items.get()))
    except OSError:
        os._exit(0)


def _receive(connection: Connection[Any, Any], items: SimpleQueue[Any]) -> None:
    """Takes items as they come, so that nobody waits for room on the way, and ends with the parent."""
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    parent = parent_process()
    assert parent is not None
    with suppress(EOFError, OSError):
        while parent.sentinel not in wait([connection, parent.sentinel]):
            chunk = connection.recv()
            if chunk is None:
                break
            for item in chunk:
                items.put(item)
    os._exit(0)


def _answer(work: Callable[[Any], Any], item: Any) -> tuple[Any, GradcliError | None]:
    try:
        return work(item), None
    except Exception as error:
        return None, internal_error(error)
