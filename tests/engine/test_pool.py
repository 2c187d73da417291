"""Threads that share work: all of it is done, also within and beside each other; errors reach the caller."""

from __future__ import annotations

import threading
import time
from itertools import count
from queue import SimpleQueue

import pytest

from gradcli.engine import pool


def shared(pieces, threads=3):
    """Which pieces were done, in how many threads."""
    done, workers, tickets = [], set(), count()

    def work():
        workers.add(threading.get_ident())
        while (number := next(tickets)) < pieces:
            time.sleep(0.001)
            done.append(number)

    pool.share(work, threads)
    return sorted(done), workers


def test_every_piece_is_done_once_by_several_threads():
    found, workers = [], set()
    for _ in range(5):
        done, some = shared(20)
        found.append(done)
        workers |= some
    assert found == [list(range(20))] * 5
    assert len(workers) > 1


def test_shares_within_a_share_and_beside_it():
    results = []

    def inner():
        results.append(shared(5)[0])

    callers = [threading.Thread(target=pool.share, args=(inner, 2)) for _ in range(4)]
    for each in callers:
        each.start()
    for each in callers:
        each.join(60)
    assert not any(each.is_alive() for each in callers)
    assert len(results) >= 4
    assert all(each == list(range(5)) for each in results)


@pytest.mark.parametrize("helper", [False, True])
def test_an_error_of_any_thread_is_the_callers(helper):
    caller = threading.get_ident()
    begun = threading.Event()

    def work():
        if (threading.get_ident() == caller) is not helper:
            begun.set()
            raise ZeroDivisionError
        begun.wait(60)

    with pytest.raises(ZeroDivisionError):
        pool.share(work, 2)
    assert shared(3)[0] == [0, 1, 2]


def test_a_bell_is_heard_until_it_is_quiet():
    bell = pool._Bell()
    assert not bell.listen()
    ring = threading.Timer(0.01, bell.ring)
    ring.start()
    assert any(bell.listen() for _ in range(100_000))
    assert bell.listen()
    bell.quiet()
    assert not bell.listen()
    ring.join()


def test_listening_ends_when_it_rings(monkeypatch):
    monkeypatch.setattr(pool, "LOOKS", 1 << 36)  # half a minute
    bell = pool._Bell()
    ring = threading.Timer(0.01, bell.ring)
    begun = time.monotonic()
    ring.start()
    assert bell.listen()
    assert time.monotonic() - begun < 15
    ring.join()


def test_work_that_comes_while_other_work_is_taken_is_not_missed():
    waiting, more = SimpleQueue(), ["second"]

    class Rung(pool._Bell):
        """A bell that rings again as soon as it is quiet: somebody has more."""

        def quiet(self):
            super().quiet()
            if more and not waiting.empty():
                waiting.put(more.pop())
                self.ring()

        def listen(self):
            raise AssertionError("there is work")

    bell = Rung()
    waiting.put("first")
    bell.ring()
    assert [pool._next(waiting, bell) for _ in range(2)] == ["first", "second"]
    assert not super(Rung, bell).listen()
