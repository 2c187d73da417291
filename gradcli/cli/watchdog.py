"""What ends a single run that its time limit cannot reach.

The evaluation looks at the clock between operations. One call into a library (the singular values of a
large matrix), parsing and writing are not left so soon; a watchdog waits a second longer than the limit, says
so and ends the process. A library that keeps the interpreter to itself meanwhile (SciPy's matrix exponential)
lets no thread say anything: where processes fork, the run goes on in a child, and its parent ends it.
Programs use it that are alone; several run in the processes of `gradcli.cli.parallel`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress

from gradcli.cli import streams
from gradcli.cli.output import Outcome
from gradcli.errors import GradcliError
from gradcli.limits import too_slow
from gradcli.machine import end_with_parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from threading import Event
    from types import FrameType
    from typing import NoReturn

GRACE = 1.0
"""Seconds beyond the limit until the process is ended."""
_WRITING = 0.5
"""Seconds that writing what the program has printed may take."""
_DEAF = 0.5
"""Seconds after which the parent knows that the child's own watchdog cannot speak."""


class Watchdog:
    """While it is entered the process ends `GRACE` after `seconds`, with what `failed` makes of the error.

    Without a limit of seconds it does nothing.
    """

    def __init__(self, seconds: float, failed: Callable[[GradcliError], Outcome]) -> None:
        self._seconds = seconds
        self._failed = failed
        self._over: Event | None = None
        self._parent = -1

    def __enter__(self) -> Watchdog:
        if self._seconds:
            import threading

            if streams.are_ours() and hasattr(os, "fork"):
                self._go_on_in_a_child()
            self._over = threading.Event()
            with suppress(
                RuntimeError
            ):  # the system has no thread for us: the evaluation still looks at the clock
                threading.Thread(target=self._wait, name="gradcli-watchdog", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._over is not None:
            self._over.set()
        if self._parent >= 0:
            os.close(self._parent)
            self._parent = -1

    def _go_on_in_a_child(self) -> None:
        """Returns in a child; this process ends as that one does, or ends it when it is deaf."""
        watched, self._parent = os.pipe()
        child = os.fork()
        if not child:
            os.close(watched)
            end_with_parent()
            return
        os.close(self._parent)
        _pass_on_signals(child)
        if not _closes(watched, self._seconds + GRACE + _WRITING + _DEAF):
            os.kill(child, 9)
            os.waitpid(child, 0)
            self._tell()
        _end_as(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

    def _wait(self) -> None:
        import threading

        assert self._over is not None
        if self._over.wait(min(self._seconds + GRACE, threading.TIMEOUT_MAX)):
            return
        self._tell()

    def _tell(self) -> NoReturn:
        """Ends the process, with what has to be said."""
        import threading

        outcome = self._failed(too_slow(self._seconds, None))
        # Somebody may be in the middle of writing, to a pipe that nobody reads: then there is no waiting.
        flushing = threading.Thread(target=sys.stdout.flush, daemon=True)
        flushing.start()
        flushing.join(_WRITING)
        if not flushing.is_alive():
            _write(1, "".join(outcome.out))
        _write(2, outcome.err)
        os._exit(outcome.status)


def _pass_on_signals(child: int) -> None:
    """What would end this process is for the child to answer; a Ctrl-C reaches both by itself."""
    import signal

    def pass_on(number: int, _: FrameType | None) -> None:
        os.kill(child, number)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, pass_on)


def _closes(pipe: int, seconds: float) -> bool:
    """Waits until the other end of a pipe is closed."""
    import select
    import threading

    return bool(select.select([pipe], [], [], min(seconds, threading.TIMEOUT_MAX))[0])


def _end_as(status: int) -> NoReturn:
    """Ends with an exit status, or by a signal if it is negative."""
    if status < 0:
        import signal

        if -status not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


def _write(descriptor: int, text: str) -> None:
    data = text.encode(errors="backslashreplace")
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except OSError:  # nobody reads it
        pass
