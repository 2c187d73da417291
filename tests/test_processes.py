"""Several processes run every test once, and tell what happened in each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from commands import ROOT
from processes import FORKS

TESTS = """
import os
import pytest

@pytest.mark.parametrize("number", range(40))
def test_number(number):
    with open("ran", "a") as file:
        file.write(f"{number}\\n")
    print("said by", number)
    assert number != 7

def test_that_kills():
    os.kill(os.getpid(), 9)

@pytest.fixture
def broken():
    yield
    raise ValueError("torn down")

def test_what_comes_after(broken):
    pass

def test_skipped():
    pytest.skip("today")
"""


@pytest.mark.skipif(not FORKS, reason="no forks here")
def test_every_test_is_run_once_and_told(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]")
    options = ["-n3", "-p", "processes", "-p", "no:cacheprovider", "--disable-plugin-autoload", "-rs"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = ran.stdout.splitlines()
    assert ran.returncode == 1
    assert "2 failed, 40 passed, 1 skipped, 1 error" in lines[-1]
    assert sorted(map(int, (tmp_path / "ran").read_text().split())) == [*range(40)]
    assert [line for line in lines if line.startswith("said by")] == ["said by 7"]
    assert "the process that ran it has ended: -9" in lines
    assert "E       ValueError: torn down" in lines
    assert [line for line in lines if line.startswith("SKIPPED [1] test_some.py:")]
