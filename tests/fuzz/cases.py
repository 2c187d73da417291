"""One case of a generator, how it is run, and what counts as a fault: any exception but a GradcliError."""

from __future__ import annotations

import random
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from gradcli.errors import GradcliError

PATIENCE = 20
"""Seconds after which a case counts as hanging."""


class Case(NamedTuple):
    """`run()` does it; `text` is what to look at (and to try by hand) when it falls."""

    text: str
    run: Callable[[], Any]


class Fault(NamedTuple):
    """An exception that is no GradcliError: where it came from, and the case that raised it."""

    number: int
    where: str
    text: str


class Hanging(BaseException):
    """A case took longer than `PATIENCE`."""


def cases(make: Callable[[random.Random], Case], number: int, seed: int, first: int = 0) -> Iterator[Case]:
    """`number` cases; each has randomness of its own, so that any can be made again by its number."""
    for each in range(first, first + number):
        yield make(random.Random(f"{seed}:{each}"))


def attempt(case: Case, number: int = 0) -> Fault | None:
    """Runs a case: None if it ends as it may."""
    former = signal.signal(signal.SIGALRM, _hanging)
    signal.alarm(PATIENCE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            case.run()
    except GradcliError:
        return None
    except (Exception, Hanging) as error:
        return Fault(number, _where(error), case.text)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, former)
    return None


def faults(make: Callable[[random.Random], Case], number: int, seed: int, first: int = 0) -> Iterator[Fault]:
    """Those of `cases` that fall."""
    for at, case in enumerate(cases(make, number, seed, first), start=first):
        fault = attempt(case, at)
        if fault is not None:
            yield fault


def _hanging(signum: int, frame: Any) -> None:
    raise Hanging


def _where(error: BaseException) -> str:
    """The exception and the innermost line of gradcli that it came through."""
    frames = [each for each in traceback.extract_tb(error.__traceback__) if "gradcli" in each.filename]
    inner = [each for each in frames if "/tests/" not in each.filename]
    place = f"{inner[-1].filename.rpartition('gradcli/')[2]}:{inner[-1].lineno}" if inner else "?"
    return f"{place} {type(error).__name__}: {str(error)[:100]}"
