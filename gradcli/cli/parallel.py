"""The same work on many items in several processes, with the results in the order of the items.

The commands use it for `--jobs`. Only a window of items is read ahead, so a stream of any length needs
steady memory.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

CHUNK = 16
"""Items that travel together: less would spend the time on the way."""

_work: Callable[[Any], Any]


Item = TypeVar("Item")
Answer = TypeVar("Answer")


def ordered_map(
    work: Callable[[Item], Answer], items: Iterable[Item], jobs: int, chunk_size: int = CHUNK
) -> Iterator[Answer]:
    """`map(work, items)` in `jobs` processes; `work`, items and answers must be picklable."""
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing import active_children

    pool = ProcessPoolExecutor(jobs, initializer=_start, initargs=(work,))
    pending: deque[Future[list[Answer]]] = deque()
    try:
        stream = iter(items)
        while chunk := list(islice(stream, chunk_size)):
            pending.append(pool.submit(_each, chunk))
            if len(pending) > 2 * jobs:
                yield from pending.popleft().result()
        while pending:
            yield from pending.popleft().result()
    except BaseException:
        for child in active_children():
            child.terminate()
        # To the end: a pool that is still ending when Python does complains on standard error.
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()


def _start(work: Callable[[Any], Any]) -> None:
    global _work
    _work = work
    # Ctrl-C reaches every process of the terminal; the parent alone answers it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _each(chunk: list[Any]) -> list[Any]:
    return [_work(item) for item in chunk]
