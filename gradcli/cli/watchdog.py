"""What ends a single run that its time limit cannot reach.

The evaluation looks at the clock between operations. One call into a library (the singular values of a
large matrix), parsing and writing are not left so soon; a watchdog waits a second longer than the limit, says
so and ends the process. `gradcli eval` and `gradcli check` use it for one program; several are not ended for
the sake of one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from gradcli.cli.output import Outcome
from gradcli.errors import GradcliError
from gradcli.limits import too_slow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from threading import Event

GRACE = 1.0
"""Seconds beyond the limit until the process is ended."""
_PATIENCE = 0.5
"""Seconds that writing what the program has printed may take."""


class Watchdog:
    """While it is entered the process ends `GRACE` after `seconds`, with what `failed` makes of the error.

    Without a limit of seconds it does nothing.
    """

    def __init__(self, seconds: float, failed: Callable[[GradcliError], Outcome]) -> None:
        self._seconds = seconds
        self._failed = failed
        self._over: Event | None = None

    def __enter__(self) -> Watchdog:
        if self._seconds:
            import threading

            self._over = threading.Event()
            threading.Thread(target=self._wait, name="gradcli-watchdog", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._over is not None:
            self._over.set()

    def _wait(self) -> None:
        import threading

        assert self._over is not None
        if self._over.wait(min(self._seconds + GRACE, threading.TIMEOUT_MAX)):
            return
        outcome = self._failed(too_slow(self._seconds, None))
        # Somebody may be in the middle of writing, to a pipe that nobody reads: then there is no waiting.
        flushing = threading.Thread(target=sys.stdout.flush, daemon=True)
        flushing.start()
        flushing.join(_PATIENCE)
        if not flushing.is_alive():
            _write(1, outcome.out)
        _write(2, outcome.err)
        os._exit(outcome.status)


def _write(descriptor: int, text: str) -> None:
    data = text.encode(errors="backslashreplace")
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except OSError:  # nobody reads it
        pass
