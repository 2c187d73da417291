"""What is done ahead by other threads, in order, while what came before is worked on; and in time."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from gradcli.engine.settings import beside
from gradcli.limits import too_slow
from gradcli.record import Record

Item = TypeVar("Item")
Made = TypeVar("Made")

AHEAD = 2
"""Items that wait between two threads."""


class Clock:
    """The time that a whole run may take.

    Args:
        seconds: 0 for no limit.
    """

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.end = time.monotonic() + seconds if seconds else None

    def left(self) -> float | None:
        """Seconds that are left, None without a limit.

        Raises:
            GradcliError: `limit`: there are none.
        """
        if self.end is None:
            return None
        left = self.end - time.monotonic()
        if left <= 0:
            raise too_slow(self.seconds, None)
        return min(left, threading.TIMEOUT_MAX)


def within(clock: Clock, make: Callable[[], Item]) -> Item:
    """What a function gives, if it does so in time.

    Raises:
        GradcliError: `limit`.
    """

    def once() -> Iterator[Item]:
        yield make()

    return next(ahead(once(), clock))


class _Failure(Record):
    error: BaseException


def ahead(items: Iterator[Item], clock: Clock | None = None) -> Iterator[Item]:
    """The same items, made by another thread while those before them are worked on.

    Raises:
        GradcliError: `limit`: the next one is not there in time, whatever that thread is at.
    """
    waiting: queue.Queue[Any] = queue.Queue(AHEAD)
    over = threading.Event()
    end = object()

    def put(item: Any) -> bool:
        while not over.is_set():
            try:
                waiting.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def make() -> None:
        try:
            for item in items:
                if not put(item):
                    return
            put(end)
        except BaseException as error:
            put(_Failure(error))

    thread = threading.Thread(target=make, name="gradcli-ahead", daemon=True)
    thread.start()
    try:
        while True:
            left = None if clock is None else clock.left()
            try:
                item = waiting.get(timeout=left)
            except queue.Empty:
                continue
            if item is end:
                return
            if isinstance(item, _Failure):
                raise item.error
            yield item
    finally:
        over.set()


def side_by_side(make: Callable[[Item], Made], items: Iterator[Item], threads: int) -> Iterator[Made]:
    """What is made of each item, in order; so many threads make several at a time.

    What is computed meanwhile leaves them their cores: it would wait for who has none.
    """

    def made(item: Item) -> Made:
        with beside():
            return make(item)

    with ThreadPoolExecutor(threads, "gradcli-side") as pool:
        for future in ahead(pool.submit(made, item) for item in items):
            yield future.result()
