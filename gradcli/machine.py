"""What differs from one operating system to another, each fact in one place with what to do elsewhere.

`gradcli.cli.parallel` asks here how its processes end with their parent and how many there can be, the engine
which cores there are, and the ledger how much memory is in use.
"""

from __future__ import annotations

import os
import sys
from _thread import allocate_lock

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
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""glibc: `M_TRIM_THRESHOLD` and `M_MMAP_THRESHOLD`."""
_MOST_MMAP_THRESHOLD = 32 << 20
_core: Callable[[], int] | None = None


def memory_in_use() -> int | None:
    """The bytes of memory that this process has in use; None where the system doesn't say (Linux does)."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return None


def keep_freed(nbytes: int) -> None:
    """Has the C library keep up to so many bytes that were freed, where it can be told (glibc)."""
    try:
        import ctypes

        told = ctypes.CDLL(None).mallopt
        told(_MMAP_THRESHOLD, min(nbytes, _MOST_MMAP_THRESHOLD))
        told(_TRIM_THRESHOLD, nbytes)
    except (ImportError, OSError, AttributeError, TypeError):
        pass


def return_freed() -> None:
    """Hands what was freed and kept to the system."""
    try:
        import ctypes

        ctypes.CDLL(None).malloc_trim(0)
    except (ImportError, OSError, AttributeError, TypeError):
        pass


def holds_descriptors(folder: str) -> bool:
    """Whether the names in a folder are the numbers of the files that this process has open."""
    return os.path.realpath(folder) in (f"/proc/{os.getpid()}/fd", "/dev/fd")


def shell_in_use(names: tuple[str, ...]) -> str:
    """Which of some shells this process was started from; the user's own where the system doesn't say."""
    process = os.getppid()
    try:
        while process > 1:
            with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
                before, _, after = file.read().rpartition(")")
            name = before.partition("(")[2]
            if name in names:
                return name
            process = int(after.split()[1])
    except (OSError, ValueError, IndexError):
        pass
    return os.path.basename(os.environ.get("SHELL", ""))


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


def stay_on(some: frozenset[int], thread: int) -> None:
    """Keeps a thread of this process, by its number, on some cores, of those that `other_cores` told."""
    from contextlib import suppress

    with suppress(OSError):  # it has ended, or the system lets nobody choose
        os.sched_setaffinity(thread, some)


_BLAS_USERS = ("numpy._core._multiarray_umath", "scipy.linalg._fblas")
"""Modules that are linked with a BLAS, each perhaps with its own."""
_blas: dict[str, tuple[Callable[[], int], Callable[[int], object]] | None] = {}
_blas_core: str | None = None
_alone_depth = 0
_alone_lock = allocate_lock()
_alone_before: list[tuple[Callable[[int], object], int]] = []


def _blas_threads(module: str) -> tuple[Callable[[], int], Callable[[int], object]] | None:
    """How to read and to set how many threads OpenBLAS takes, for a module that is loaded."""
    try:
        import ctypes

        library = ctypes.CDLL(sys.modules[module].__file__)  # finds what the module is linked with, too
    except (ImportError, OSError, TypeError):
        return None
    for prefix in ("scipy_openblas_", "openblas_"):
        for suffix in ("64_", ""):
            try:
                reads = library[f"{prefix}get_num_threads{suffix}"]
                sets = library[f"{prefix}set_num_threads{suffix}"]
            except AttributeError:
                continue
            sets.restype = None
            return reads, sets
    return None


def blas_core() -> str:
    """For which kind of core OpenBLAS has chosen its kernels, as it names it; "" for another BLAS."""
    global _blas_core
    if _blas_core is None:
        _blas_core = _told_core()
    return _blas_core


def _told_core() -> str:
    try:
        import ctypes

        library = ctypes.CDLL(sys.modules[_BLAS_USERS[0]].__file__)
    except (ImportError, OSError, TypeError, KeyError):
        return ""
    for name in ("scipy_openblas_get_corename64_", "openblas_get_corename64_", "openblas_get_corename"):
        try:
            tells = library[name]
        except AttributeError:
            continue
        tells.restype = ctypes.c_char_p
        return bytes(tells() or b"").decode()
    return ""


class _Alone:
    """While any thread is in it, BLAS takes no threads of its own; what was set before comes back."""

    __slots__ = ()

    def __enter__(self) -> None:
        global _alone_depth
        with _alone_lock:
            _alone_depth += 1
            if _alone_depth > 1:
                return
            for module in _BLAS_USERS:
                if module not in _blas and module in sys.modules:
                    _blas[module] = _blas_threads(module)
                known = _blas.get(module)
                if known is not None:
                    before = known[0]()
                    if before > 1:
                        known[1](1)
                        _alone_before.append((known[1], before))

    def __exit__(self, *error: object) -> None:
        global _alone_depth
        with _alone_lock:
            _alone_depth -= 1
            if not _alone_depth:
                while _alone_before:
                    sets, before = _alone_before.pop()
                    sets(before)


_ALONE = _Alone()


def _forget_blas() -> None:
    """After a fork nobody is in it."""
    global _alone_depth, _alone_lock
    _alone_depth, _alone_lock = 0, allocate_lock()
    _alone_before.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_blas)


def blas_alone() -> _Alone:
    """A context in which BLAS works on the calling thread; where nobody can tell it, it does as it likes."""
    return _ALONE


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
