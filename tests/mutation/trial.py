"""Runs tests against mutants of the files, in a copy of them.

A `Warm` process has collected the tests of a room and knows which of them call which function. For each
mutant it forks, changes the function, and runs the tests that call it, quick ones first. What is done when a
module is loaded has to be loaded anew: `Copy.run` forks before gradcli is there, and runs files of tests.
"""

from __future__ import annotations

import compileall
import contextlib
import cProfile
import os
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from _pytest.main import pytest_runtestloop

from tests.mutation.forks import Answer, forked
from tests.mutation.mutants import Mutant
from tests.mutation.swap import Function, Swap, function_of

ROOT = Path(__file__).resolve().parents[2]
PASSED = "passed"
FAILED = "failed"
Tests = tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """How tests ended: `passed`, `failed` by one of them, or otherwise, after so much CPU time."""

    how: str
    by: str = ""
    seconds: float = 0.0


def outcome(answer: Answer) -> Outcome:
    """What a fork says that ran tests: the first that failed, or nothing."""
    if answer.ended:
        return Outcome(answer.ended, seconds=answer.seconds)
    return Outcome(FAILED if answer.said else PASSED, answer.said, answer.seconds)


class Witness:
    """A plugin that remembers which test failed first."""

    failed = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        self._look(report)

    def pytest_collectreport(self, report: Any) -> None:
        self._look(report)

    def pytest_keyboard_interrupt(self) -> None:
        self.failed = self.failed or "interrupted"  # by the mutant, as no failing test is

    def _look(self, report: Any) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid or "collection"


def preload() -> None:
    """Loads what every fork needs and no mutant changes."""
    import hypothesis  # noqa: F401
    import lark  # noqa: F401
    import mpmath  # noqa: F401
    import numpy as np  # noqa: F401
    import scipy.linalg
    import scipy.special  # noqa: F401


class Copy:
    """A copy of the files that tests need, and the tests run in it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mutation-")) / "copy"
        hidden = shutil.ignore_patterns("__pycache__", ".git", ".*_cache", ".hypothesis")
        shutil.copytree(ROOT, self.folder, ignore=hidden)
        compileall.compile_dir(self.folder / "gradcli", quiet=1)  # for the processes that tests start

    def close(self) -> None:
        """Removes it."""
        shutil.rmtree(self.folder.parent)

    @contextlib.contextmanager
    def changed(self, mutant: Mutant) -> Iterator[None]:
        """With the mutant in it."""
        path = self.folder / mutant.file
        original, stat = path.read_bytes(), path.stat()
        path.write_text(mutant.text, encoding="utf-8")
        # Compiled files go by whole seconds: neither must be taken for the other.
        os.utime(path, (stat.st_atime, stat.st_mtime + 10))
        try:
            yield
        finally:
            path.write_bytes(original)
            os.utime(path, (stat.st_atime, stat.st_mtime))

    def run(self, tests: Tests, seconds: float | None = None, compiles: bool = False) -> Answer:
        """Which of the tests fails first, with all loaded anew; compiled files stay if nothing is changed."""

        def work() -> str:
            sys.dont_write_bytecode = not compiles
            witness = Witness()
            code = self.pytest(tests, witness)
            return witness.failed or ("" if code == 0 else "pytest")

        return forked(work, seconds)

    def pytest(self, tests: Tests, plugin: object) -> int:
        """Runs pytest in the folder, with what Python loads coming from there. For forks."""
        os.chdir(self.folder)
        os.environ["PYTHONPATH"] = str(self.folder)
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"  # a compiled mutant could be taken for the next one
        sys.path[:0] = [str(self.folder), str(self.folder / "tests")]
        for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
            del sys.modules[name]  # these are of the original
        # What is loaded before the fork cannot be rewritten, and need not be.
        ignored = "ignore::pytest.PytestAssertRewriteWarning"
        options = ["-x", "-q", "-n0", "-p", "no:cacheprovider", "-W", ignored]
        return int(
            pytest.main([*options, f"--basetemp={self.folder.parent / 'tmp'}", *tests], plugins=[plugin])
        )


@dataclass(frozen=True)
class Known:
    """What a test does without any mutant: the functions that it calls, and its CPU time."""

    seconds: float
    functions: frozenset[Function]
    elsewhere: bool
    """Whether it starts processes: what these call is not known."""


class Warm:
    """A plugin that runs mutants in place of the tests that pytest has collected.

    Args:
        judged: is told of each mutant what became of it, None where all has to be loaded anew.
    """

    def __init__(
        self, copy: Copy, mutants: list[Mutant], judged: Callable[[Mutant, Outcome | None], None]
    ) -> None:
        self.copy, self.mutants, self.judged = copy, mutants, judged
        self.error = ""
        self._loading = cProfile.Profile(builtins=False)
        self._known: dict[str, Known] = {}
        self._noticed: Counter[str] = Counter()

    def serve(self, tests: Tests) -> str:
        """Collects the tests and runs all mutants; what is wrong without any. For forks."""
        sys.dont_write_bytecode = True
        self._loading.enable()
        self.copy.pytest(tests, self)
        return self.error

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for file in dict.fromkeys([each.file for each in self.mutants]):
            # Else the first test that uses such a file would seem to be the only one that has to do with it.
            import_module(file.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        self._loading.disable()
        loaded = _called(self._loading, self.copy.folder)
        answer = forked(lambda: self._baseline(session))
        if answer.ended or isinstance(answer.said, str):
            self.error = answer.ended or answer.said
            return True
        for name, (seconds, functions, elsewhere) in answer.said.items():
            self._known[name] = Known(seconds, frozenset(map(tuple, functions)), elsewhere)
        for mutant in self.mutants:
            path = self.copy.folder / mutant.file
            swap = Swap(str(path), path.read_text(encoding="utf-8"), mutant.text)
            chosen = self._callers(session.items, swap.changed)
            if not swap.possible or swap.changed & loaded or not chosen:
                self.judged(mutant, None)
                continue
            with self.copy.changed(mutant):
                self.judged(mutant, self._try(session, swap, chosen))
        return True

    def _baseline(self, session: pytest.Session) -> Any:
        """What each test does, or the name of one that fails."""
        found: dict[str, tuple[float, list[Function], bool]] = {}
        for item in session.items:
            begun, children = time.process_time(), _of_children()
            profile = cProfile.Profile(builtins=False)
            profile.enable()
            failed = _failing(session, [item])
            profile.disable()
            if failed:
                return failed
            started = _of_children() - children
            seconds = time.process_time() - begun + started
            found[item.nodeid] = seconds, list(_called(profile, self.copy.folder)), started > 0
        return found

    def _callers(self, items: list[pytest.Item], changed: set[Function]) -> list[pytest.Item]:
        """The tests that call one of them, quick and watchful ones first, and then those that may."""

        def order(item: pytest.Item) -> tuple[bool, float]:
            known = self._known[item.nodeid]
            return not known.functions & changed, known.seconds / (1 + self._noticed[item.nodeid])

        found = [
            each
            for each in items
            if self._known[each.nodeid].functions & changed or self._known[each.nodeid].elsewhere
        ]
        if not any(self._known[each.nodeid].functions & changed for each in found):
            return []
        return sorted(found, key=order)

    def _try(self, session: pytest.Session, swap: Swap, chosen: list[pytest.Item]) -> Outcome | None:
        def work() -> str | None:
            try:
                swap.do()
            except (LookupError, ValueError):
                return None
            return _failing(session, chosen)

        seconds = 10 + 3 * sum(self._known[each.nodeid].seconds for each in chosen)
        answer = forked(work, seconds)
        if answer.said is None and not answer.ended:
            return None
        found = outcome(answer)
        self._noticed[found.by] += 1
        return found


def _failing(session: pytest.Session, items: list[pytest.Item]) -> str:
    """The first of the tests that fails, "" if none does."""
    witness = Witness()
    session.config.pluginmanager.register(witness)
    session.items = items
    with contextlib.suppress(session.Failed, session.Interrupted):
        pytest_runtestloop(session)
    session.config.pluginmanager.unregister(witness)
    return witness.failed


def _called(profile: cProfile.Profile, folder: Path) -> set[Function]:
    """The functions of gradcli that were called."""
    package = f"{folder}/gradcli/"
    codes = [each.code for each in profile.getstats() if not isinstance(each.code, str)]
    return {function_of(code) for code in codes if code.co_filename.startswith(package)}


def _of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
