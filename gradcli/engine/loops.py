"""NumPy's inner loops, run one after the other without the interpreter.

A ufunc's call takes half a microsecond before its loop begins and after it ends, with the interpreter held:
two threads that make such calls on what fits in a cache wait for each other most of the time, and to be woken
takes longer than the calls. Here a table says which loop is to run on which memory, and a few instructions of
the processor walk through it, again and again: on so few elements at a time that what is computed of them
stays in the first cache. Called by `chains` and `tables`.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.lines import WORD, address
from gradcli.engine.settings import current
from gradcli.tape.recipes import Conversion

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.tape.recipes import Ufunc

    Strides = tuple[int, ...]
    Axes = frozenset[int]

INSTRUCTIONS = bytes.fromhex(
    "53 55 4154 4155 4156"  # push rbx, rbp, r12, r13, r14
    "4989FC 4989F5 4989D6"  # r12, r13, r14 = table, length, times
    "4C89E3 4C89ED"  # each time: rbx, rbp = r12, r13
    "488B7B08 488B7310 488B5318 488B4B20"  # each row: rdi, rsi, rdx, rcx = its second to fifth number
    "FF13"  # call the first
    "4883C328 48FFCD 75E5"  # the next row, while there is one
    "49FFCE 75DA"  # the next time, while there is one
    "415E 415D 415C 5D 5B C3"  # pop them, return
)
"""For x86-64, called as `f(table, length, times)` in the way of Linux. A row of the table is a function and
its four arguments."""

_BEGIN = "488B0E 4C8B4208 488B12 488B37 488B7F08"  # rcx = length; r8, rdx = strides; rsi, rdi = where
_END = "4801D6 4C01C7 48FFC9 75EA C3"  # the next element, while there is one; return
CONVERSIONS = {
    "f->d": bytes.fromhex(_BEGIN + "F30F1006 0F5AC0 F20F1107" + _END),
    "d->f": bytes.fromhex(_BEGIN + "F20F1006 660F5AC0 F30F1107" + _END.replace("75EA", "75E9")),
}
"""The loops that no ufunc has, called as NumPy's are: each element is loaded, converted and stored."""

ROW = 5
"""Numbers in a row of the table."""


@cache
def runner() -> Callable[[int, int, int], None] | None:
    """What walks through a table of loops; None where the processor or the system is another, or refuses."""
    if platform.machine() not in ("x86_64", "AMD64") or not sys.platform.startswith("linux"):
        return None
    try:
        prototype = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t)
        return prototype(runnable(INSTRUCTIONS))
    except (OSError, ImportError, AttributeError, ValueError):
        return None


def runnable(code: bytes) -> int:
    """Where instructions stand that can be run, for good."""
    import mmap

    file = os.memfd_create("gradcli")
    try:
        os.write(file, code)
        # Never to be written and run at the same time.
        memory = mmap.mmap(file, len(code), mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC)
    finally:
        os.close(file)
    _held.append(np.frombuffer(memory, np.uint8))
    return address(_held[-1])


_held: list[Any] = []
"""The memory of instructions."""


@cache
def _conversion(types: str) -> int:
    """The loop that gives elements in another dtype."""
    return runnable(CONVERSIONS[types])


def vector(ufunc: Ufunc, types: str) -> tuple[int, int] | None:
    """Our loop of a function that NumPy or SciPy take of one number after the other here, or None."""
    function = vector_function(ufunc, types)
    return None if function is None else _vector(ufunc, function)


def vector_function(ufunc: Ufunc, types: str) -> Callable[..., int] | None:
    """What writes the instructions of such a function, or None."""
    ours = types == "d->d" and ufunc.nin == 1 and vectors()
    return _functions().get(ufunc.__name__) if ours else None


@cache
def _functions() -> dict[str, Callable[..., int]]:
    from gradcli.engine.vectors import ALWAYS, FUNCTIONS

    # With wider registers NumPy computes many logarithms at a time itself.
    return ALWAYS if wider() else FUNCTIONS


@cache
def wider() -> bool:
    """Whether registers hold eight numbers."""
    return any(_processor().get(each) for each in ("AVX512_SKX", "X86_V4"))


def _processor() -> dict[str, bool]:
    """What the processor can do."""
    return np._core._multiarray_umath.__cpu_features__  # type: ignore[attr-defined,no-any-return]


def vectors() -> bool:
    """Whether there are loops of our own here."""
    return current.vectors and _able()


@cache
def _able() -> bool:
    return runner() is not None and all(_processor().get(each) for each in ("AVX2", "FMA3"))


@cache
def _vector(ufunc: Ufunc, function: Callable[..., int]) -> tuple[int, int]:
    from gradcli.engine.assembler import Instructions, assembled
    from gradcli.engine.vectors import NEAREST

    do = Instructions()
    most = NEAREST.get(function.__name__)
    result = function(do, do.read(0))
    place = runnable(assembled(do.all, [result], (True, True), most, wider()))
    if most is None:
        return place, 0
    other = np.array(_loop(ufunc, "d->d"), np.int64)
    _held.append(other)
    return place, address(other)


class _Ufunc(ctypes.Structure):
    """How a ufunc begins in memory, after what all objects begin with: NumPy's C interface says so."""

    _fields_ = (
        ("inputs", ctypes.c_int),
        ("outputs", ctypes.c_int),
        ("operands", ctypes.c_int),
        ("identity", ctypes.c_int),
        ("functions", ctypes.POINTER(ctypes.c_void_p)),
        ("data", ctypes.POINTER(ctypes.c_void_p)),
        ("count", ctypes.c_int),
    )


def loop(ufunc: Ufunc, types: str) -> tuple[int, int] | None:
    """The loop of a ufunc for operands of some dtypes, and what it is passed as its last argument.

    Args:
        ufunc: which one.
        types: as `ufunc.types` has them, "dd->d" say.
    """
    return vector(ufunc, types) or _loop(ufunc, types)


@cache
def _loop(ufunc: Ufunc, types: str) -> tuple[int, int] | None:
    """NumPy itself runs all loops but those for objects while others have the interpreter."""
    if isinstance(ufunc, Conversion):
        return None if runner() is None else (_conversion(types), 0)
    if types not in ufunc.types or "O" in types or ufunc.signature is not None:
        return None
    known = _Ufunc.from_address(id(ufunc) + object.__basicsize__)
    if (known.inputs, known.outputs, known.operands, known.count) != (
        ufunc.nin,
        ufunc.nout,
        ufunc.nargs,
        ufunc.ntypes,
    ):
        return None
    place = ufunc.types.index(types)
    function = known.functions[place]
    return (function, (known.data[place] if known.data else None) or 0) if function else None


def movers(heads: Any, begin: int, rows: int, current: int, counts: int, every: int, step: int) -> list[Any]:
    """The two calls that a table begins with, which put the operands where they lie this time.

    The first adds a row of distances to where they lay first, the second goes on to the next row. All but
    `heads` are addresses.

    Args:
        heads: six integers that the calls work with, to be kept as long as the table is.
        begin, rows, current: of where the operands lie first, of the distances, and of where they lie.
        counts: of how many operands there are, and of a 1 behind it.
        every: of the strides of three vectors of integers.
        step: of how long a row of distances is in bytes.
    """
    add = loop(np.add, "ll->l")
    assert add is not None
    first = address(heads)
    heads[:] = begin, rows, current, first + WORD, step, first + WORD
    return [(add[0], first + WORD * 3 * at, counts + WORD * at, every, add[1]) for at in (0, 1)]


class Loop:
    """One loop of a chain over the elements of a box, or a reduction of some of its axes.

    Attributes:
        ufunc, types: which loop.
        operands: what it reads and, as the last, what it writes: positions of the group, pairs for what only
            the chain knows, numbers.
        has: the axes of the result.
        gone: the axes that it reduces.
        leaves: of which reduction of the group it leaves a part, or None.
    """

    __slots__ = ("gone", "has", "leaves", "operands", "types", "ufunc")

    def __init__(
        self,
        ufunc: Ufunc,
        types: str,
        operands: Sequence[Any],
        has: Axes,
        gone: Strides = (),
        leaves: int | None = None,
    ) -> None:
        self.ufunc = ufunc
        self.types = types
        self.operands = tuple(operands)
        self.has = has
        self.gone = gone
        self.leaves = leaves
