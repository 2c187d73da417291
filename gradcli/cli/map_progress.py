"""How far a run of `gradcli map` is, on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from time import monotonic


class Progress:
    """A line on standard error: on a terminal, and only if results do not stand there.

    Args:
        into_file: whether they go into a file, and not to standard output.
    """

    PERIOD = 0.2
    TICK = 1.0

    def __init__(self, into_file: bool) -> None:
        self.start = monotonic()
        self.seen = sys.stderr.isatty() and (into_file or not sys.stdout.isatty())
        self.next = self.start + 1.0
        self.shown = False
        self.known = (0, 0.0)
        self._writing = Lock()

    def show(self, rows: int, share: float) -> None:
        """Writes how far it is, and how long the rest may take if the share that is done is known (not 0)."""
        self.known = (rows, share)
        now = monotonic()
        if not self.seen or now < self.next:
            return
        with self._writing:
            self.next, self.shown = now + self.PERIOD, True
            passed = now - self.start
            line = f"{rows:,} rows, " + (f"{rows / passed:,.0f} a second" if rows else _duration(passed))
            if share:
                line += f", {_duration(passed * (1 - share) / share)} left"
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Takes the line away."""
        with self._writing:
            if self.shown:
                self.shown = False
                sys.stderr.write("\r\x1b[K")

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Writes it each second during its body, in which much may be done before more of it is known."""
        if not self.seen:
            yield
            return
        ended = Event()

        def tick() -> None:
            while not ended.wait(self.TICK):
                self.show(*self.known)

        thread = Thread(target=tick, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            self.clear()


def _duration(seconds: float) -> str:
    """A time to wait, to the second."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
