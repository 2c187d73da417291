"""What differs from one operating system to another, each fact in one place with what to do elsewhere.

`gradcli.cli.parallel` asks here how its processes end with their parent and how many there can be.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False

MOST_PROCESSES = 60 if sys.platform == "win32" else 10_000
"""Windows waits for no more than 63 things at once."""

_SET_DEATH_SIGNAL = 1
"""Linux: `PR_SET_PDEATHSIG`."""
_KILL = 9


def end_with_parent() -> None:
    """Has the system end this process when its parent ends, where the system can do that.

    A process that is told by nobody has to find out from a pipe that closes, which it does as soon as it
    comes to look; this ends it in the middle of a long call as well.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    try:
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, _KILL)
    except (OSError, AttributeError):  # a C library without it, or one that cannot be loaded
        return


def load_numpy() -> None:
    """Loads NumPy, which takes a Ctrl-C meanwhile for a failure of its own; here it counts afterwards."""
    if TYPE_CHECKING:
        from signal import SIGINT, default_int_handler, getsignal, signal
    else:  # without the enumerations of `signal`
        from _signal import SIGINT, default_int_handler, getsignal, signal

    came = False

    def keep(*_: object) -> None:
        nonlocal came
        came = True

    if getsignal(SIGINT) is not default_int_handler:
        return  # somebody else answers, or nobody
    try:
        signal(SIGINT, keep)
    except ValueError:  # only the main thread answers
        return
    try:
        import numpy  # noqa: F401
    finally:
        signal(SIGINT, default_int_handler)
    if came:
        raise KeyboardInterrupt
