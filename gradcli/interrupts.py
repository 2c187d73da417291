"""Ctrl-C for a process that is ours: Python raises an exception wherever it is, and some places lose it.

What is called back while modules load or objects end reports an exception and goes on, and C code that
imports something makes a failure of its own out of one. So it is noted that a Ctrl-C came, and one that was
lost comes again.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as in `typing`, whose import costs more than `gradcli --version` does
if TYPE_CHECKING:
    from signal import SIGINT, signal
    from typing import NoReturn
else:  # without the enumerations of `signal`
    from _signal import SIGINT, signal

_AGAIN = 0.01
"""Seconds until a Ctrl-C comes again: by then the callback that lost it is over."""
_came = False
_main = 0
"""The thread that a Ctrl-C is for."""


def answer() -> None:
    """From now on a Ctrl-C is a KeyboardInterrupt that does not get lost."""
    global _main
    from _thread import get_ident

    _main = get_ident()
    signal(SIGINT, _raise)
    sys.unraisablehook = _unraisable


def came() -> bool:
    """Whether there was one, so that what fails now fails for that reason."""
    return _came


def hold(waits: bool) -> None:
    """Has a Ctrl-C wait, or lets it in, in this thread and in processes that it starts meanwhile.

    Windows has nothing for that.
    """
    import signal

    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK if waits else signal.SIG_UNBLOCK, {SIGINT})


def _raise(*_: object) -> NoReturn:
    global _came
    _came = True
    raise KeyboardInterrupt


def _unraisable(lost: sys.UnraisableHookArgs) -> None:
    if not issubclass(lost.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(lost)
        return
    from _thread import start_new_thread

    start_new_thread(_again, ())


def _again() -> None:
    from time import sleep

    sleep(_AGAIN)
    import signal

    if hasattr(signal, "pthread_kill"):  # which wakes it up as well
        signal.pthread_kill(_main, SIGINT)
    else:
        signal.raise_signal(SIGINT)
