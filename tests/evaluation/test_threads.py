"""Evaluations in several threads at once: deep ones beside shallow ones, and what they leave behind; and how
many threads one evaluation takes.

The former in a process of its own, since what that is about would end the process.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

import gradcli
from gradcli.engine import pool, settings

_SCRIPT = """
import sys, threading
import gradcli

sys.setrecursionlimit(900)
deep = '''
def f(n, x):
    if n == 0:
        return x
    return f(n - 1, x)*1.001
y = f(DEPTH, x)
'''
nested = 'y = ' + '('*400 + 'x' + '+1)'*400
endless = deep.replace('n == 0', 'False').replace('DEPTH', '1')
answers = []

def work(number):
    for turn in range(TURNS):
        depth = 100 + 97*((number + turn) % 8)
        kind = (number + turn) % 3
        if kind == 0:
            result = gradcli.evaluate(deep.replace('DEPTH', str(depth)), {'x': 1.0})
            answers.append(abs(float(result.grads['x']) - 1.001**depth) < 1e-9)
        elif kind == 1:
            answers.append(float(gradcli.evaluate(nested, {'x': 1.0}).values['y']) == 401.0)
        else:
            answers.append(float(gradcli.evaluate('y = x*x', {'x': 3.0}).grads['x']) == 6.0)
        if number == 0:
            try:
                gradcli.evaluate(endless, {'x': 1.0})
            except gradcli.GradcliError as error:
                answers.append(error.code == 'limit')

threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(answers), all(answers), sys.getrecursionlimit(), threading.stack_size())
"""


def _run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout


def test_deep_and_shallow_programs_side_by_side() -> None:
    assert _run(_SCRIPT.replace("TURNS", "9")) == "63 True 900 0\n"


def test_a_caller_that_is_deep_itself() -> None:
    script = """
import sys
import gradcli
def down(n):
    return gradcli.evaluate('y = x*x', {'x': 3.0}).grads['x'] if n == 0 else down(n - 1)
sys.setrecursionlimit(600)
print(float(down(300)), sys.getrecursionlimit())
try:
    gradcli.evaluate('y = sin(', {'x': 1.0})
except gradcli.GradcliError as error:
    print(error.code, sys.getrecursionlimit())
"""
    assert _run(script) == "6.0 600\nsyntax 600\n"


@pytest.mark.parametrize(("asked", "taken"), [(None, {4}), (1, set()), (3, {3}), (9, {4})])
def test_large_work_takes_as_many_threads_as_were_asked_for(
    asked: int | None, taken: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: set[int] = set()
    share = pool.share

    def watched(work: Callable[[], None], threads: int) -> None:
        seen.add(threads)
        share(work, threads)

    monkeypatch.setattr(pool, "share", watched)
    x = np.linspace(0.0, 1.0, 200_000)
    with settings.using(threads=4, block=10_000, eager=True):
        result = gradcli.evaluate("y = sum(sin(x)*x)", {"x": x}, threads=asked)
    assert seen == taken
    np.testing.assert_allclose(result.grads["x"], np.sin(x) + x * np.cos(x), rtol=1e-14)
