"""What keeps a program from running away: steps, seconds, memory, sizes, depth.

The loops and calls of the interpreter count steps here, and whatever makes a list or a text asks for room.
"""

from __future__ import annotations

import gc
import time
from _thread import allocate_lock  # without what `threading` loads and sets up
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from gradcli.errors import Span

MOST_STEPS = 10_000_000
"""Loop turns and calls, unless the caller says otherwise."""
MOST_ENDLESS_TURNS = 100_000
"""Turns of a `while True` that nothing leaves, unless the caller sets a limit of steps."""
MOST_MEMORY = 4 << 30
"""Bytes of arrays and lists, unless the caller says otherwise."""
MOST_ITEMS = 10_000_000
"""No list, tuple or text of a program is longer."""
MOST_CALLS = 1_000
"""How deep the calls of a program's functions nest."""
DEEP_CALLS = 60
"""From how many nested calls on a thread with a larger stack takes over."""
DEEP_TREE = 150
"""From which nesting of the text on a program is compiled and run on such a thread."""

MOST_NESTED = 1_000
"""How deep lists and tuples nest that a program builds one around the other."""
MOST_SHOWN = 1_000_000
"""No list with more items is written as text."""
DEEPEST = 64
"""How deep the lists nest that a tensor can be made of: NumPy's bound on dimensions."""

_INTERVAL = 1 << 16
_LEAST_INTERVAL = 1 << 8
_ALLOCATION_INTERVAL = 64 << 20
_BYTES_A_STEP = 4096
BYTES_A_CHARACTER = 430
"""At most, of the tokens and the tree of a program."""
NUMBER = 40
"""Bytes of a number that a list is made with, and of its place there."""
_TUPLE = 64
"""Bytes of a tuple beside its items."""
GROWN = 1 << 12
"""So many items at a time are asked for where nobody knows how many there will be."""
WORD = 58
"""Bytes of a short text in a list."""
_LOOKED_AT = 16
_starting = allocate_lock()


What = str | tuple[int, ...]


_watched: set[Limits] = set()


def _collecting(phase: str, _: dict[str, int]) -> None:
    """Called when so many objects were made that the collector looks at them: time to look at the memory."""
    for each in tuple(_watched):
        each.alarm = -1


class Ledger:
    """The memory that one evaluation uses, whatever takes it: arrays, tapes, lists, texts.

    Whoever is about to take a notable amount asks first. What was asked for adds up until it is worth looking
    at the size of the process, which tells what of it is still there, and what nobody asked for. Where the
    system doesn't tell that size (Linux does), large arrays that a program makes count for as long as they
    live, and the rest only at the moment it is asked for.

    Attributes:
        limit: the most bytes; 0 lifts it.
        held: how many bytes the large arrays take that were loaded for the program, or that it has made and
            still refers to.
    """

    __slots__ = ("_asked", "_baseline", "_interval", "_seen", "held", "limit")

    releases: ClassVar[list[Callable[[], None]]] = []
    """What gives back memory that is only kept at hand."""
    loaded: ClassVar[int] = 0
    """Bytes of the arrays that options named and that are still there: each evaluation begins with them."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = self.loaded
        self._asked = 0
        self._interval = min(_ALLOCATION_INTERVAL, limit // 16)
        self._baseline: int | None = None
        self._seen = 0

    def ask(self, nbytes: int, what: What = (), span: Span | None = None) -> None:
        """Asks for memory that is about to be taken, by a tensor of a shape or by what a text says.

        Raises:
            GradcliError: `limit` if there is less left.
        """
        limit = self.limit
        if not limit:
            return
        if nbytes + self.held > limit:
            raise self._refused(what, nbytes, self.held, span)
        self._asked += nbytes
        if self._asked > self._interval:
            self.look(nbytes, what, span)

    def took(self, nbytes: int) -> None:
        """Notes memory that is taken already, so that it is worth looking sooner.

        Raises:
            GradcliError: `limit` if the process has grown beyond it.
        """
        self._asked += nbytes
        if self.limit and self._asked > self._interval:
            self.look()

    def look(self, nbytes: int = 0, what: What = "", span: Span | None = None) -> int:
        """Compares the growth of the process with the limit; how much it grew since the last look.

        Raises:
            GradcliError: `limit`, as `ask`.
        """
        from gradcli.machine import memory_in_use  # what is small is over before anybody looks

        used = memory_in_use() if self.limit else None
        self._asked = 0
        if used is None:
            return 0
        if self._baseline is None:
            self._baseline, self._seen = used - self.held, used
        if used - self._baseline + nbytes > self.limit:
            gc.collect()
            for release in self.releases:
                release()
            used = memory_in_use() or used
            if used - self._baseline + nbytes > self.limit:
                raise self._refused(what, nbytes, used - self._baseline, span)
        grown, self._seen = used - self._seen, used
        return grown

    def _refused(self, what: What, nbytes: int, used: int, span: Span | None) -> GradcliError:
        if not isinstance(what, str):
            what = f"a tensor of shape {list(what)}" if what else "this value"
        most = f"more than the limit of {_size(self.limit)}"
        beside = f" beside {_size(used)} in use" if used > 0 else ""
        return GradcliError(
            "limit",
            f"{what} would take {_size(nbytes)}{beside}, {most}"
            if what
            else f"the program holds {_size(used)}, {most}",
            span=span,
            hint="raise it with --max-memory, or lift it with --max-memory 0",
        )


def _size(nbytes: float) -> str:
    if nbytes >= 1 << 80:  # a shape may be asked for whose size is no float
        return f"more than 2**{int(nbytes).bit_length() - 31} GiB"
    return f"{nbytes / (1 << 30):.1f} GiB" if nbytes >= 1 << 29 else f"{nbytes / (1 << 20):.1f} MiB"


class Limits:
    """The counters of one run; 0 lifts a limit. As a context manager: while the program runs."""

    __slots__ = (
        "_deadline",
        "_interrupted",
        "_interval",
        "_ledger",
        "_max_seconds",
        "_max_steps",
        "alarm",
        "steps",
    )

    def __init__(
        self, max_steps: int = MOST_STEPS, max_seconds: float = 0.0, ledger: Ledger | None = None
    ) -> None:
        self.steps = 0
        """Loop turns and calls so far. Loops count here themselves: `check` is for when `alarm` is passed."""
        self._max_steps = max_steps
        self._max_seconds = max_seconds
        self._ledger = ledger or Ledger(MOST_MEMORY)
        self._deadline = time.monotonic() + max_seconds if max_seconds else None
        self._interrupted = False
        self._interval = _LEAST_INTERVAL
        # A turn may take long, so with a deadline each one looks at the clock.
        self.alarm = 0 if self._deadline else min(max_steps or _LEAST_INTERVAL, _LEAST_INTERVAL)

    def __enter__(self) -> None:
        with _starting:
            if not _watched:
                gc.callbacks.append(_collecting)
            _watched.add(self)

    def __exit__(self, *_: object) -> None:
        with _starting:
            _watched.discard(self)
            if not _watched:
                gc.callbacks.remove(_collecting)

    def step(self, span: Span) -> None:
        """Counts one step."""
        self.steps += 1
        if self.steps > self.alarm:
            self.check(span)

    def many_steps(self, count: int, span: Span) -> None:
        """Counts as many steps as something of known length will take."""
        self.steps += count
        if self.steps > self.alarm:
            self.check(span)

    def check(self, span: Span | None) -> None:
        """Looks whether a limit is reached, and sets the next alarm.

        Raises:
            GradcliError: `limit`.
        """
        if self._interrupted:
            raise GradcliError("limit", "interrupted", span=span)
        most = self._max_steps
        if most and self.steps > most:
            raise GradcliError(
                "limit",
                f"the program took more than {most:,} steps (loop turns and calls)",
                span=span,
                hint="does the loop end? Raise the limit with --max-steps, or lift it with --max-steps 0",
            )
        self.on_time(span)
        self._look(span)
        self.alarm = self.steps if self._deadline else self.steps + self._interval
        if most and self.alarm > most:
            self.alarm = most

    def endless(self) -> int | None:
        """After how many turns a loop is stopped that has no way out; None where `max_steps` decides."""
        return MOST_ENDLESS_TURNS if self._max_steps == MOST_STEPS else None

    def on_time(self, span: Span | None = None) -> None:
        """Looks at the clock.

        Raises:
            GradcliError: `limit` when the time is over.
        """
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise too_slow(self._max_seconds, span)

    def interrupt(self) -> None:
        """Makes the next step the last one."""
        self._interrupted = True
        self.alarm = -1

    def room(self, items: int, span: Span | None, what: str = "list", size: int = 8) -> None:
        """Asks for room for a new list or text of that many items.

        Raises:
            GradcliError: `limit` when it is too long, or memory is short.
        """
        if items > MOST_ITEMS and self._ledger.limit:
            raise GradcliError(
                "limit",
                f"a {what} of {items:,} items is more than the limit of {MOST_ITEMS:,}",
                span=span,
                hint="use a tensor for many numbers",
            )
        # Making it takes time as well: a text that grows by copies in a loop must not take minutes.
        self.steps += items * size // _BYTES_A_STEP
        self._ledger.ask(items * size, f"a {what} of {items:,} items", span)

    def grown(self, items: list[Any], span: Span | None) -> None:
        """Asks for what a list took that grew by `GROWN` items like its last one.

        Raises:
            GradcliError: `limit`, as `room`.
        """
        last = items[-1]
        each = NUMBER + (_TUPLE + NUMBER * len(last) if type(last) is tuple else 0)
        self.room(len(items), span, size=0)
        self._ledger.ask(GROWN * each, f"a list of {len(items):,} items", span)

    def text(self, length: int, span: Span | None) -> None:
        """Refuses a text that is growing beyond what a text may be, before it is put together."""
        if length > MOST_ITEMS:
            self.room(length, span, "text", 1)

    def _look(self, span: Span | None) -> None:
        """Looks at the memory, which turns of a loop fill without asking, and says when to look again.

        What a turn records costs nothing to count: turns that fill little are looked at seldom.
        """
        if self._deadline and self.alarm >= 0 and self.steps & 0xFF:
            return  # each turn comes here with a deadline
        grown = self._ledger.look(span=span)
        if grown > self._ledger.limit >> 5:
            self._interval = max(self._interval >> 2, 1)
        elif self._interval < _INTERVAL:
            self._interval <<= 1


def too_slow(seconds: float, span: Span | None) -> GradcliError:
    """The time is over."""
    return GradcliError(
        "limit",
        f"the program took longer than {seconds:g} seconds",
        span=span,
        hint="raise the limit with --max-seconds",
    )


def check_nesting(items: list[Any] | tuple[Any, ...], span: Span) -> None:
    """Refuses a list around a list around a list … that a loop builds without end.

    Raises:
        GradcliError: `limit`.
    """
    depth = 1
    inner: Any = items
    while inner and isinstance(inner, (list, tuple)):
        depth += 1
        if depth > MOST_NESTED:
            raise GradcliError(
                "limit",
                f"lists nest deeper than {MOST_NESTED:,} here",
                span=span,
                hint="to make a list longer, append to it: l.append(x), or l = l + [x]",
            )
        inner = next((each for each in inner[:_LOOKED_AT] if isinstance(each, (list, tuple))), inner[-1])


def check_size(value: Any, most: int, span: Span | None, deepest: int = DEEPEST) -> None:
    """Refuses nested lists that hold more than `most` items or nest deeper than `deepest`.

    A short program can nest lists so that they hold more items than there are atoms, by sharing, or one
    that contains itself. Each list is looked at once.

    Raises:
        GradcliError: `limit`.
    """
    if not isinstance(value, (list, tuple)):
        return
    sizes: dict[int, tuple[int, int]] = {}
    stack: list[tuple[Any, bool]] = [(value, False)]
    open_lists: set[int] = set()
    while stack:
        items, done = stack.pop()
        key = id(items)
        if done:
            open_lists.discard(key)
            inner = [sizes[id(each)] for each in items if isinstance(each, (list, tuple))]
            size = len(items) + sum([each[0] for each in inner])
            depth = 1 + max([each[1] for each in inner], default=0)
            if size > most or depth > deepest:
                raise GradcliError("limit", "this list is too large, or nests too deep", span=span)
            sizes[key] = (size, depth)
        elif key in open_lists:
            raise GradcliError("limit", "this list contains itself", span=span)
        elif key not in sizes:
            open_lists.add(key)
            stack.append((items, True))
            stack.extend([(each, False) for each in items if isinstance(each, (list, tuple))])
