"""What an evaluation brings from outside: default dtype, random numbers, memory limit.

One object for each evaluation, found through a context variable so that evaluations in several
threads don't meet. Read only where it matters (creation, promotion, large arrays), never for each node.
"""

from __future__ import annotations

import weakref
from contextlib import contextmanager
from contextvars import ContextVar
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.limits import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradcli.tape.generator import Generator

GIB = 1 << 30
HELD_FROM = 1 << 20
"""Smaller arrays are not counted one by one while they live."""
PIECE = 1_000
"""About the bytes of a recorded piece of a tensor, beside its elements."""
_MOST_COUNTED = 1 << 60
MOST_DIMS = 48
"""NumPy's arrays have up to 64; indexing needs one for each of them, einsum a letter."""
ROW = 100
"""About the bytes of a row without elements as it is written."""


class Context:
    """The surroundings of one evaluation.

    Attributes:
        default_dtype: of Python floats and of integers in floating-point functions.
        generator: the source of the random functions.
        max_memory: the most bytes of arrays, or None for no limit.
        on_time: raises `limit` once the time is over; None without a time limit. The engine asks it
            between two operations.
        threads: the most that large work may take; None for all.
        ledger: what counts the memory in use.
        large: whether a large array was recorded.
        even: small arrays are worked on as large ones are, so that no element's value depends on how many
            there are beside it.
        constants: the nodes of numbers that operators have met so far, where equal ones share a node: for
            long programs that run once; else None.
        draws: how often the generator was asked for.
    """

    __slots__ = (
        "_generator",
        "constants",
        "default_dtype",
        "draws",
        "even",
        "large",
        "ledger",
        "max_memory",
        "on_time",
        "seed",
        "threads",
    )

    def __init__(
        self,
        seed: int = 0,
        max_memory: int | None = 4 * GIB,
        on_time: Callable[[], None] | None = None,
        threads: int | None = None,
    ) -> None:
        self.default_dtype: np.dtype[Any] = np.dtype(np.float64)
        self.seed = seed
        self.max_memory = max_memory
        self.on_time = on_time
        self.threads = threads
        self.ledger = Ledger(max_memory or 0)
        self.large = self.even = False
        self.draws = 0
        self.constants: dict[float, Any] | None = None
        self._generator: Generator | None = None

    def release(self, nbytes: int) -> None:
        """Takes back what `hold` counted."""
        self.ledger.held -= nbytes

    @property
    def generator(self) -> Generator:
        """The random generator, made when it is first asked for."""
        self.draws += 1
        if self._generator is None:
            from gradcli.tape.generator import Generator

            self._generator = Generator(self.seed, self.on_time)
        return self._generator

    @generator.setter
    def generator(self, generator: Generator) -> None:
        self._generator = generator

    def reseed(self, seed: int) -> Generator:
        """Starts the random numbers again from `seed`; gives what they are drawn from, which stays."""
        self.seed = seed
        generator = self.generator
        generator.manual_seed(seed)
        return generator


_current: ContextVar[Context] = ContextVar("gradcli_context", default=Context())  # noqa: B039


def current() -> Context:
    """The context of the evaluation that is running."""
    return _current.get()


def enter(context: Context) -> Any:
    """Makes `context` the current one; the token goes to `leave`."""
    return _current.set(context)


def leave(token: Any) -> None:
    """Ends what `enter` began."""
    _current.reset(token)


@contextmanager
def equal_constants_shared() -> Iterator[None]:
    """In its body equal numbers that operators meet are one node, which is never worth it in a loop."""
    surroundings = _current.get()
    former, surroundings.constants = surroundings.constants, {}
    try:
        yield
    finally:
        surroundings.constants = former


def admit(nbytes: int, shape: tuple[int, ...] = ()) -> None:
    """Asks for the memory of an array; raises `limit` if the evaluation may not use so much more."""
    _current.get().ledger.ask(nbytes, shape)


def each_of(count: int) -> Iterator[int]:
    """The numbers of so many pieces of a tensor: asks for room for all before the first, and looks at the
    clock now and then."""
    context = _current.get()
    context.ledger.ask(count * PIECE, f"{count:,} pieces of a tensor")
    on_time = context.on_time
    for index in range(count):
        if on_time is not None and not index & 0xFF:
            on_time()
        yield index


def hold(array: np.ndarray[Any, Any]) -> None:
    """Counts a large array that the program made as in use for as long as it lives."""
    if array.nbytes >= HELD_FROM:
        context = _current.get()
        context.ledger.held += array.nbytes
        weakref.finalize(array, context.release, array.nbytes).atexit = False


def admit_dims(shape: tuple[int, ...]) -> None:
    """Raises `limit` for a shape of more dims than an array can have."""
    if len(shape) > MOST_DIMS:
        raise GradcliError("limit", f"a tensor of {len(shape)} dims is more than the limit of {MOST_DIMS}")


def admit_empty(shape: tuple[int, ...]) -> None:
    """Raises `limit` for a shape without elements that NumPy cannot count along the other dimensions, or
    whose rows, each of them a list where it is written, are too many."""
    if 0 in shape:
        rows = prod(shape[: shape.index(0)])
        _current.get().ledger.ask(rows * ROW, f"the {rows:,} rows of a tensor of shape {list(shape)}")
    if prod([length for length in shape if length]) >= _MOST_COUNTED:
        raise GradcliError("limit", f"a tensor of shape {list(shape)} is more than can be counted")
