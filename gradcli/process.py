"""What is set for the whole process while programs run: the garbage collector, the recursion limit, stacks.

Evaluations may overlap in threads: the first that needs a setting makes it, the last takes it back.
"""

from __future__ import annotations

import gc
import sys
from _thread import allocate_lock  # without what `threading` loads and sets up

TYPE_CHECKING = False  # as in `typing`, which costs more to import than `gradcli --version` takes
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    Result = TypeVar("Result")

_YOUNG = 500_000
"""How many new objects the garbage collector waits for while programs run."""
_OLDER = (50, 100)
"""How many of its looks at young objects, and at those, it waits for until it looks at older ones."""
_OBJECTS_A_CHARACTER = 10
"""More than a program without loops makes for each of its characters, from its tokens to its tape."""
_STACK = 512 << 20
_FRAMES = 1_000_000
_starting = allocate_lock()


class rare_collection:
    """Lets the garbage collector wait while a command or an evaluation runs, the longer the longer its text.

    Trees and tapes are large, live long and hold no cycles, and neither does what a turn of a loop leaves
    behind: to look for some again and again would take a third of the time of a long program. Evaluations may
    overlap in threads; the last one to end puts the collector back.
    """

    __slots__ = ("_young",)

    _lock = allocate_lock()
    _running = 0
    _before = (0, 0, 0)

    def __init__(self, text: str = "") -> None:
        self._young = _YOUNG + _OBJECTS_A_CHARACTER * len(text)

    def __enter__(self) -> None:
        kind = rare_collection
        with kind._lock:
            now = gc.get_threshold()
            if not kind._running:
                kind._before = now
            kind._running += 1
            if 0 < now[0] < self._young:
                gc.set_threshold(self._young, *_OLDER)

    def __exit__(self, *_: object) -> None:
        kind = rare_collection
        with kind._lock:
            kind._running -= 1
            if not kind._running:
                gc.set_threshold(*kind._before)


class room_to_nest:
    """Lets Python's calls nest as deep as programs do, while any evaluation runs.

    The recursion limit is one for all threads, so it is not to move while one of them may be deep: the first
    evaluation raises it and the last one puts it back. How deep a program may nest is counted by the language
    (`MOST_CALLS`, the parser's bound), not left to that limit.
    """

    __slots__ = ()

    _lock = allocate_lock()
    _running = 0
    _before: int | None = None

    def __enter__(self) -> None:
        kind = room_to_nest
        with kind._lock:
            kind._running += 1
            if kind._before is None and sys.getrecursionlimit() < _FRAMES:
                kind._before = sys.getrecursionlimit()
                sys.setrecursionlimit(_FRAMES)

    def __exit__(self, *_: object) -> None:
        kind = room_to_nest
        with kind._lock:
            kind._running -= 1
            if kind._running or kind._before is None:
                return
            try:
                if sys.getrecursionlimit() == _FRAMES:  # else somebody has set another one meanwhile
                    sys.setrecursionlimit(kind._before)
            except RecursionError:  # the caller itself is deeper than that; the next evaluation puts it back
                return
            kind._before = None


def run_deep(work: Callable[[], Result], interrupted: Callable[[], None] = lambda: None) -> Result:
    """Runs `work` on a thread whose stack has room for deep nesting, and gives what it gives.

    `interrupted` is called when the user interrupts meanwhile, to make `work` end soon.

    Raises:
        MemoryError: the system has no such thread, or no memory for its stack.
    """
    import threading
    from contextvars import copy_context

    context = copy_context()
    outcome: list[Any] = []

    def target() -> None:
        try:
            outcome.append((True, context.run(work)))
        except BaseException as error:
            outcome.append((False, error))

    thread = threading.Thread(target=target, name="gradcli-deep", daemon=True)
    with _starting:  # the size is one for all threads that start meanwhile
        former_size = threading.stack_size(_STACK)
        try:
            thread.start()
        except RuntimeError:
            raise MemoryError("there is no thread with a large stack to be had") from None
        finally:
            threading.stack_size(former_size)
    try:
        thread.join()
    except BaseException:
        interrupted()
        raise
    succeeded, result = outcome[0]
    if not succeeded:
        # The traceback would hold the frames, and so the values, of the other thread.
        raise result
    value: Result = result
    return value
