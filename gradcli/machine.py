"""What differs from one operating system to another, each fact in one place with what to do elsewhere.

`gradcli.cli.parallel` asks here how its processes end with their parent and how many there can be, the engine
which cores there are, and the ledger how much memory is in use.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MOST_PROCESSES = 60 if sys.platform == "win32" else 10_000
"""Windows waits for no more than 63 things at once."""
FORKS = sys.platform.startswith("linux")
"""A process may be copied to work beside its original; macOS's own libraries do not bear that."""

_SET_DEATH_SIGNAL = 1
"""Linux: `PR_SET_PDEATHSIG`."""
_KILL = 9
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_core: Callable[[], int] | None = None


def memory_in_use() -> int | None:
    """The bytes of memory that this process has in use; None where the system doesn't say (Linux does)."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return None


def holds_descriptors(folder: str) -> bool:
    """Whether the names in a folder are the numbers of the files that this process has open."""
    return os.path.realpath(folder) in (f"/proc/{os.getpid()}/fd", "/dev/fd")


def cores() -> int:
    """How many cores this process may use; where the system doesn't say, how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def other_cores() -> frozenset[int]:
    """Those that this process may use but the one that this thread runs on; none where nobody can tell."""
    global _core
    if _core is None:
        try:
            import ctypes

            _core = ctypes.CDLL(None).sched_getcpu
        except (ImportError, OSError, AttributeError, TypeError):
            _core = int
    if _core is int:
        return frozenset()
    return frozenset(os.sched_getaffinity(0)) - {_core()}


def stay_on(some: frozenset[int]) -> None:
    """Keeps this thread on some cores, of those that `other_cores` told."""
    os.sched_setaffinity(0, some)


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
