"""What is done at the same time: reading, computing, writing, and the disk."""

import os
import threading
import time

from gradcli.engine import settings
from gradcli.tables import places
from gradcli.tables.ahead import side_by_side


def test_what_is_computed_leaves_threads_that_make_items_their_cores():
    with settings.using(threads=3):
        assert settings.threads() == 3
        found = list(side_by_side(lambda item: (item, settings.threads()), iter([1, 2]), 1))
        assert [item for item, _ in found] == [1, 2]
        assert all(threads == 2 for _, threads in found)
        with settings.beside(), settings.beside(), settings.beside(), settings.beside():
            assert settings.threads() == 1
        assert settings.threads() == 3


def test_a_file_is_stored_while_it_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "WAIT", 0.001)
    stored = threading.Event()
    monkeypatch.setattr(os, "fdatasync", lambda descriptor: stored.set(), raising=False)

    def put(file):
        file.write(b"first")
        file.flush()
        assert stored.wait(10)
        file.write(b", last")

    places.fill(str(tmp_path / "out"), put)
    assert (tmp_path / "out").read_bytes() == b"first, last"
    time.sleep(0.01)
    assert not any(each.name == "gradcli-store" for each in threading.enumerate())


def test_a_disk_that_cannot_store_is_told_of_by_who_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "WAIT", 0.001)

    def refuse(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdatasync", refuse, raising=False)
    places.fill(str(tmp_path / "out"), lambda file: (file.write(b"all"), time.sleep(0.02)))
    assert (tmp_path / "out").read_bytes() == b"all"
