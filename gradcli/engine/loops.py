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
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.tape.recipes import Own

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.tape.recipes import Ufunc

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
_OPERANDS = "488B0E 4C8B07 4C8B4F08 4C8B5710 4C8B5F18"  # rcx = length; r8 to r11 = where each lies
_ONES = {
    "?dd->d": "4885C9 7422 498B02 41803800 490F4501 498903 4C0302 4C034A08 4C035210 4C035A18 48FFC9 EBD9 C3",
    "?ff->f": "4885C9 7422 418B02 41803800 410F4501 418903 4C0302 4C034A08 4C035210 4C035A18 48FFC9 EBD9 C3",
}
"""While one is left: the second side, or the first where the condition holds; then on by all strides."""
_MANY = {
    "?dd->d": (
        "48833A01 0F8586000000 48837A1808 757F"  # where condition and result lie in a row,
        "488B7208 488B7A10 48F7C6F7FFFFFF 756E 48F7C7F7FFFFFF 7565"  # and each side too, or is one number,
        "4885F6 750F C4C27D1909 4C8D4C24D8 C4C17D1109"  # which is laid down as often as is read at once:
        "4885FF 750F C4C27D190A 4C8D5424B0 C4C17D110A"
        "C5E9EFD2 4883E904 7C2C C4C27D3200 C4E27D29C2"  # four at a time; whose conditions are 0
        "C4C17D1009 C4C3754B0A00 C4C17D110B"  # get the second side in place of the first
        "4983C004 4D8D0CB1 4D8D14BA 4983C320 EBCE 4883C104 C5F877"
    ),
    "?ff->f": (  # the same, eight at a time
        "48833A01 0F8585000000 48837A1804 757E"
        "488B7208 488B7A10 48F7C6FBFFFFFF 756D 48F7C7FBFFFFFF 7564"
        "4885F6 750F C4C27D1809 4C8D4C24D8 C4C17D1109"
        "4885FF 750F C4C27D180A 4C8D5424B0 C4C17D110A"
        "C5E9EFD2 4883E908 7C2B C4C27D3100 C5FD76C2"
        "C4C17D1009 C4C3754A0A00 C4C17D110B"
        "4983C008 4D8D0CF1 4D8D14FA 4983C320 EBCF 4883C108 C5F877"
    ),
}
"""As many as the processor can at once, in 32 bytes of AVX2; `_ONES` does what is left."""


def own_loops(wide: bool) -> dict[str, bytes]:
    """The loops that no ufunc has, called as NumPy's are: conversions, and choices by a condition.

    Args:
        wide: whether the processor has AVX2.
    """
    choices = {
        types: bytes.fromhex(_OPERANDS + (_MANY[types] if wide else "") + each)
        for types, each in _ONES.items()
    }
    return {
        "f->d": bytes.fromhex(_BEGIN + "F30F1006 0F5AC0 F20F1107" + _END),
        "d->f": bytes.fromhex(_BEGIN + "F20F1006 660F5AC0 F30F1107" + _END.replace("75EA", "75E9")),
        **choices,
    }


ROW = 5
"""Numbers in a row of the table."""


def executable(code: bytes) -> Any:
    """Instructions where they can be run, and not written: never both at the same time."""
    import mmap

    file = os.memfd_create("gradcli")
    try:
        os.write(file, code)
        memory = mmap.mmap(file, len(code), mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC)
    finally:
        os.close(file)
    return np.frombuffer(memory, np.uint8)


@cache
def runner() -> Callable[[int, int, int], None] | None:
    """What walks through a table of loops; None where the processor or the system is another, or refuses."""
    if platform.machine() not in ("x86_64", "AMD64") or not sys.platform.startswith("linux"):
        return None
    try:
        features: Any = import_module("numpy._core._multiarray_umath").__cpu_features__
        own = own_loops(bool(features.get("AVX2")))
        held = executable(INSTRUCTIONS + b"".join(own.values()))
        prototype = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t)
        found: Any = prototype(held.ctypes.data)
        found.memory = held
        at = held.ctypes.data + len(INSTRUCTIONS)
        found.own = {}
        for types, instructions in own.items():
            found.own[types] = at
            at += len(instructions)
        return found  # type: ignore[no-any-return]
    except (OSError, ImportError, AttributeError, ValueError):
        return None


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


@cache
def loop(ufunc: Ufunc, types: str) -> tuple[int, int] | None:
    """The loop of a ufunc for operands of some dtypes, and what it is passed as its last argument.

    NumPy itself runs all loops but those for objects while others have the interpreter.

    Args:
        ufunc: which one.
        types: as `ufunc.types` has them, "dd->d" say.
    """
    if isinstance(ufunc, Own):
        found: Any = runner()
        return None if found is None else (found.own[types], 0)
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
