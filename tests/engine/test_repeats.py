"""Things are made for what has come often enough, and what was unused for longest is let go."""

from __future__ import annotations

import threading

from gradcli.engine.repeats import Repeats


def test_something_is_made_once_after_so_many_times_in_vain():
    made = []
    repeats = Repeats(patience=2, most=4)
    found = [repeats.find("key", lambda: made.append(1) or "thing") for _ in range(5)]
    assert found == [None, None, "thing", "thing", "thing"]
    assert len(made) == 1


def test_without_patience_it_is_made_at_once():
    assert Repeats(patience=0, most=4).find("key", lambda: "thing") == "thing"


def test_the_one_unused_for_longest_goes_first():
    repeats = Repeats(patience=0, most=2)
    for key in ("a", "b", "a", "c"):
        repeats.find(key, lambda key=key: key)
    assert list(repeats.made) == ["a", "c"]


def test_what_is_met_once_each_does_not_pile_up():
    repeats = Repeats(patience=1, most=3)
    for key in range(100):
        assert repeats.find(key, lambda: "never") is None
    assert not repeats.made
    assert len(repeats._met) <= 3


def test_threads_may_use_one_at_a_time_when_others_let_go_of_its_things():
    repeats = Repeats(patience=0, most=1)
    wrong = []

    def work(name):
        for number in range(2000):
            key = number % 3
            if repeats.find(key, lambda key=key: f"thing {key}") != f"thing {key}":
                wrong.append((name, key))

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert wrong == []
    assert len(repeats.made) == 1
