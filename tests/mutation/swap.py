"""Puts a mutant in place of what is loaded: the code of the functions that it changes, and of no others.

Most mutants are inside a function. Then tests that are collected already run with the mutant as soon as the
function has other code, which takes no time. What is done when a module is loaded cannot be changed so.
"""

from __future__ import annotations

import gc
import inspect
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType

Function = tuple[str, int, str]
"""A file, a line, a name: where a function begins."""


def function_of(code: CodeType) -> Function:
    """Which function it is the code of."""
    return code.co_filename, code.co_firstlineno, code.co_name


class Swap:
    """The functions of a file that another text of it would change.

    Attributes:
        changed: the innermost ones, where the change is.
        possible: whether the change is inside of functions.
    """

    def __init__(self, path: str, before: str, after: str) -> None:
        self._path = path
        self.changed: set[Function] = set()
        self.possible = True
        self._codes: dict[CodeType, CodeType] = {}
        self._compare(compile(before, path, "exec"), compile(after, path, "exec"))
        self.possible = self.possible and bool(self.changed)

    def _compare(self, old: CodeType, new: CodeType) -> bool:
        """Notes what differs; whether anything in that code does."""
        inner = list(zip(_inner(old), _inner(new), strict=False))
        mine = _own(old) != _own(new)
        below = [self._compare(*pair) for pair in inner]
        differs = mine or any(below)
        is_function = bool(old.co_flags & inspect.CO_OPTIMIZED)
        if mine:
            self.possible = self.possible and is_function
            self.changed.add(function_of(old))
        if differs and is_function:
            self._codes[old] = new
        return differs

    def do(self) -> None:
        """Changes the functions that are loaded; what is not loaded yet will be read from the changed file.

        Raises:
            LookupError: the file is loaded, and has none of them.
        """
        found = False
        gc.unfreeze()  # what is frozen is not told of
        for each in gc.get_objects():
            if type(each) is FunctionType and each.__code__ in self._codes:
                each.__code__ = self._codes[each.__code__]
                found = True
        if not found and any(
            getattr(each, "__file__", "") == self._path for each in tuple(sys.modules.values())
        ):
            raise LookupError(self.changed)


def _inner(code: CodeType) -> Iterator[CodeType]:
    return (each for each in code.co_consts if isinstance(each, CodeType))


def _own(code: CodeType) -> tuple[object, ...]:
    """What a code object does, but for what is inside of functions in it and for its lines."""
    constants = [(type(each), repr(each)) for each in code.co_consts if not isinstance(each, CodeType)]
    inner = [each.co_name for each in _inner(code)]
    return code.co_code, constants, inner, code.co_names, code.co_varnames, code.co_freevars
