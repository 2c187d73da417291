"""Tests in several processes: forks of the one that has collected them, so that everything is loaded once.

    pytest -n 2

Each process takes the tests of its share one after the other and tells of each in one message; one that has
nothing left takes half of what the slowest has before it. Where there are no forks (Windows), or libraries do
not bear them (macOS), there is one process.
"""

from __future__ import annotations

import atexit
import os
import pickle
import sys
import traceback
import warnings
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any

import pytest

FORKS = hasattr(os, "fork") and sys.platform != "darwin"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gradcli")
    group._addoption("-n", dest="processes", type=int, default=0, help="processes that run the tests")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    options = session.config.option
    count = min(options.processes, len(session.items))
    undone = session.testsfailed and not options.continue_on_collection_errors
    if count < 2 or options.collectonly or options.usepdb or undone or not FORKS:
        return None  # as pytest does it
    _Forks(session, count).run()
    return True


class _Shares:
    """Which tests each process has before it, in memory that all of them share."""

    def __init__(self, tests: int, count: int) -> None:
        forks = get_context("fork")
        self.lock = forks.Lock()
        ends = [tests * each // count for each in range(count + 1)]
        self.begin, self.end = (forks.RawArray("q", each) for each in (ends[:-1], ends[1:]))
        self.running = forks.RawArray("q", [-1] * count)

    def taken(self, mine: int) -> Iterator[int]:
        """The tests of a process, which asks for one ahead, as pytest wants to know what comes next."""
        while (test := self._next(mine)) is not None:
            yield test

    def _next(self, mine: int) -> int | None:
        begin, end = self.begin, self.end
        with self.lock:
            if begin[mine] == end[mine]:
                most = max(range(len(begin)), key=lambda each: end[each] - begin[each])
                middle = (begin[most] + end[most]) // 2
                begin[mine], end[mine], end[most] = middle, end[most], middle
            if begin[mine] == end[mine]:
                return None
            begin[mine] += 1
            return begin[mine] - 1

    def put_back(self, mine: int) -> None:
        """What a process has asked for ahead, and will not run."""
        with self.lock:
            if self.begin[mine] - 1 != self.running[mine]:
                self.begin[mine] -= 1

    def clear(self) -> None:
        """Nothing is to be begun any more."""
        with self.lock:
            self.begin[:] = self.end[:]


class _Forks:
    """Runs the tests of a session.

    Attributes:
        told: which tests have been heard of.
        running: by what a process tells, its number and its id.
    """

    def __init__(self, session: pytest.Session, count: int) -> None:
        self.session, self.config, self.hook = session, session.config, session.config.hook
        self.shares = _Shares(len(session.items), count)
        self.told: set[int] = set()
        self.running: dict[Connection, tuple[int, int]] = {}

    def run(self) -> None:
        """Runs them all, and tells of them.

        Raises:
            pytest.Session.Failed, pytest.Session.Interrupted: there were too many failures, or a process
                has ended before its time.
        """
        session = self.session
        for number in range(len(self.shares.running)):
            self._fork(number)
        while self.running:
            for connection in wait([*self.running]):
                assert isinstance(connection, Connection)
                try:
                    message = connection.recv_bytes()
                except EOFError:
                    self._ended(*self.running.pop(connection))
                else:
                    self._tell(*pickle.loads(message))
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        if missing := len(session.items) - len(self.told):
            raise session.Interrupted(f"{missing} tests were not run")

    def _fork(self, number: int) -> None:
        """Begins a process that runs tests."""
        reader, writer = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        with warnings.catch_warnings():
            # Later Pythons warn of other threads: those of memory allocators, which look after themselves.
            warnings.simplefilter("ignore", DeprecationWarning)
            process = os.fork()
        if process:
            os.close(writer)
            self.running[Connection(reader, writable=False)] = (number, process)
            return
        status = 1
        try:
            os.close(reader)
            _Fork(self.session, self.shares, number, Connection(writer, readable=False)).run()
            atexit._run_exitfuncs()
            status = 0
        except Exception:
            self.config.pluginmanager.getplugin("capturemanager").stop_global_capturing()
            traceback.print_exc()
        finally:
            os._exit(status)  # the end of the session is the business of the first process

    def _tell(self, test: int, reports: list[dict[str, Any]]) -> None:
        item = self.session.items[test]
        self.told.add(test)
        self.hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for each in reports:
            report = self.hook.pytest_report_from_serializable(config=self.config, data=each)
            self.hook.pytest_runtest_logreport(report=report)
        self.hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        if self.session.shouldfail or self.session.shouldstop:
            self.shares.clear()

    def _ended(self, number: int, process: int) -> None:
        """A process has no more to tell; if that is the fault of a test, another goes on behind it."""
        _, status = os.waitpid(process, 0)
        test = self.shares.running[number]
        if not status or test < 0 or test in self.told:
            return
        item = self.session.items[test]
        said = f"the process that ran it has ended: {os.waitstatus_to_exitcode(status)}"
        report = pytest.TestReport(item.nodeid, item.location, {}, "failed", said, "call")
        self.shares.put_back(number)
        self._tell(test, [self.hook.pytest_report_to_serializable(config=self.config, report=report)])
        self._fork(number)


class _Fork:
    """One of the processes; it shows nothing by itself."""

    def __init__(self, session: pytest.Session, shares: _Shares, number: int, out: Connection) -> None:
        self.session, self.shares, self.number, self.out = session, shares, number, out
        self.reports: list[dict[str, Any]] = []
        plugins = session.config.pluginmanager
        plugins.unregister(name="terminalreporter")
        capture = plugins.getplugin("capturemanager")
        capture.stop_global_capturing()  # into files that all would share
        capture.start_global_capturing()
        plugins.register(self)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        config = self.session.config
        self.reports.append(config.hook.pytest_report_to_serializable(config=config, report=report))

    def run(self) -> None:
        items, tests = self.session.items, self.shares.taken(self.number)
        test = next(tests, None)
        while test is not None and not (self.session.shouldfail or self.session.shouldstop):
            following = next(tests, None)
            self.shares.running[self.number] = test
            item = items[test]
            item.config.hook.pytest_runtest_protocol(
                item=item, nextitem=None if following is None else items[following]
            )
            self.out.send_bytes(pickle.dumps((test, self.reports)))
            self.reports = []
            test = following
