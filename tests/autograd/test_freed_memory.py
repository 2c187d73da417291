"""Freed values are really freed: they leave memory, though the root of their graph is still held."""

from __future__ import annotations

import contextlib
import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.engine import memory
from gradcli.evaluation.options import Options
from gradcli.evaluation.run import at_work, begun, run
from gradcli.syntax.parser import parse

SIZE = 200_000
LOSS = """
a = x.sin(); b = a.exp(); c = b.tanh()
print(a[0], b[0], c[0])
{name} = (c*x).sum()
a = b = c = 0
"""
DESCENT = "w = zeros(3, requires_grad=True)\nfor i in range(9):\n    (w - x).square().sum().backward()\n"


def _peak(backward: str) -> float:
    """The most arrays that were in memory at once, while two losses were computed one after the other."""
    first, second = (LOSS.format(name=name) for name in "yz")
    text = f"x = randn({SIZE}, requires_grad=True)\n{first}\n{backward}\n{second}\nprint(y, z)"
    gradcli.evaluate(text)  # what is imported and remembered on the way does not count
    memory.forget()
    tracemalloc.start()
    try:
        gradcli.evaluate(text)
        return tracemalloc.get_traced_memory()[1] / (8 * SIZE)
    finally:
        tracemalloc.stop()
        memory.forget()


@pytest.mark.parametrize("frees", ["y.backward()", "y.backward(retain_graph=False)", "autograd.grad(y, x)"])
@pytest.mark.parametrize("keeps", ["y.backward(retain_graph=True)", "autograd.grad(y, x, retain_graph=True)"])
def test_a_walk_that_frees_leaves_room_for_the_next_graph(
    frees: str, keeps: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "LINE", 16)  # how many tries a fresh array takes is up to where memory lies
    assert _peak(frees) < _peak(keeps) - 1.5


def test_what_a_name_still_holds_is_not_dropped() -> None:
    found = gradcli.evaluate(
        f"x = randn({SIZE}, requires_grad=True); a = x.exp(); (a*a).sum().backward()\n"
        "print((a - x.exp()).abs().max().item())"
    )
    assert found.printed == ["0.0"]


def test_what_a_loop_walks_with_forgets_where_it_came_from() -> None:
    text = (
        "x = param(1.5)\nm = tensor(0.5)\nfor i in range(300):\n    m = m*0.9 + 0.1\n    (x*x*m).backward()"
    )
    runtime = begun(text, Options())
    with at_work(runtime):
        mean = run(parse(text), Options(), runtime).named["m"]
    pending = [mean.node]
    seen = set(pending)
    while pending:
        for each in pending.pop().inputs:
            if each not in seen:
                seen.add(each)
                pending.append(each)
    assert len(seen) < 50, "of 300 turns"


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("y = 2*x; z = sum(y**2)", {}),
        ("y = x\nfor i in range(3): y = y*x\nsum(y)", {"wrt": ["x"], "retain_grad": ["y"]}),
        ("sum(x*x)", {"order": 2}),
        ("x*x", {"jacobian": True}),
        ("def f(a): return a*a\nsum(f(x))", {}),
        ("try:\n    y = x + nothing\nexcept NameError: y = x\nsum(y)", {}),
        ("sum(x*x)", {"passes": 2}),  # the graph is freed
        ("x + 'a'", {}),
        ("def f(a): return a + 'a'\nf(x)", {}),
        ("sqrt(x - 5)", {"detect_anomaly": True}),
        ("x*x", {}),  # no scalar
        ("y = x\nwhile True: y = y + x", {"max_steps": 50}),
        # What is written to knows its former versions, which nobody holds any more.
        ("y = x*1\nfor i in range(9):\n    y.mul_(2); y += x; y[0] = 3; y[1:].sin_()\nsum(y)", {}),
        ("for i in range(9):\n    y = x*1; v = y[1:]; v.mul_(2); d = y.detach(); d += 1\nsum(y)", {}),
        (f"{DESCENT}    with no_grad(): w -= 0.1*w.grad; w.grad.zero_()\nw", {}),
        (f"{DESCENT}    w.data.sub_(0.1*w.grad); w.grad = None\nw", {}),
    ],
)
def test_an_evaluation_leaves_nothing_for_the_collector(text: str, options: dict[str, Any]) -> None:
    def evaluate() -> None:
        with contextlib.suppress(gradcli.GradcliError):
            gradcli.evaluate(text, {"x": np.ones(3)}, **options)

    assert _left(evaluate) == 0


@pytest.mark.parametrize(
    "ask",
    [
        lambda: gradcli.check("y = sum(x*x)", {"x": np.ones(3)}),
        lambda: gradcli.diff("sum(sin(x)*x)", "x"),
        lambda: gradcli.compile("y = sum(x*x)")(x=np.ones(3)),
    ],
    ids=["check", "diff", "compile"],
)
def test_what_else_is_asked_of_a_program_leaves_nothing_either(ask: Callable[[], object]) -> None:
    assert _left(ask) == 0


def _left(work: Callable[[], object]) -> int:
    """How many objects are there that nobody holds but each other."""
    work()  # what is remembered on the way does not count
    gc.disable()
    try:
        gc.collect(0)
        work()
        return gc.collect(0)
    finally:
        gc.enable()
