"""A Ctrl-C that Python reports and forgets comes again, and what it made fail is not taken for a fault."""

from __future__ import annotations

import subprocess
import sys

_LOST = """
import time, weakref
from _thread import interrupt_main
from gradcli import interrupts
from gradcli.errors import GradcliError, internal_error, was_interrupted

class Thing:
    pass

def gone(_):
    interrupt_main()
    for _ in range(1000):
        pass

interrupts.answer()
assert not was_interrupted(ImportError("a module"))
thing = Thing()
watcher = weakref.ref(thing, gone)
try:
    del thing
    print("lost")
    time.sleep(10)
except KeyboardInterrupt:
    print("came again")
assert was_interrupted(ImportError("a module"))
try:
    internal_error(ImportError("a module"))
except KeyboardInterrupt:
    print("no fault")

class Failing:
    def __del__(self):
        raise ValueError("told as ever")

Failing()
"""


def test_a_ctrl_c_in_a_callback_comes_again() -> None:
    ran = subprocess.run([sys.executable, "-c", _LOST], capture_output=True, text=True, timeout=60)
    assert ran.stdout.split("\n") == ["lost", "came again", "no fault", ""], ran.stderr
    assert "KeyboardInterrupt" not in ran.stderr
    assert "ValueError: told as ever" in ran.stderr
    assert ran.returncode == 0
