"""Backward passes of a loop are replayed from what was compiled, and say what those say that are walked."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.engine import replay
from gradcli.tape import node

TURNS = {
    "an updated leaf": """
    loss = ((x - 0.5)**2).sum()
    loss.backward()
    with no_grad():
        x -= 0.1 * x.grad
""",
    "two values of one leaf": """
    loss = (x * 3).sum()
    with no_grad():
        x *= 1.5
    (loss + (x**2).sum()).backward()
""",
    "the former value met after the update": """
    former = (x * 2).sum()
    with no_grad():
        x += 1
    ((x * x).sum() * former).backward()
""",
    "the leaf is the update alone": """
    with no_grad():
        s *= 0.5
    s.backward()
""",
    "two leaves, one written through a view": """
    ((x * w).sum() + s).backward()
    with no_grad():
        x[0] += 0.25 * w.grad[0]
        w.mul_(0.9)
""",
    "another structure now and then": """
    ((x * w if i % 3 else x * x) ** 2).sum().backward()
""",
    "what was two operands is one": """
    a = x.detach()
    b = a if i % 3 == 2 else w.detach()
    (a * b * x).sum().backward()
""",
    "a result that is there already, and one that isn't": """
    y = x * 2
    if i % 3 == 2: print(y)
    (y * w).sum().backward()
""",
    "a result that keeps its gradient now and then": """
    y = x * 2
    if i % 3 == 2: y.retain_grad()
    (y * w).sum().backward()
    x.grad += 0 if y.grad is None else y.grad
""",
    "what waits is recorded now and then": """
    y = x * 2
    with set_grad_enabled(i % 3 < 2): z = y * w
    (z * x).sum().backward()
""",
    "a leaf that requires grad now and then": """
    w = w.detach().requires_grad_(i % 3 < 2)
    (x * w).sum().backward()
""",
    "other shapes": """
    (x[:1 + (i > 6)] * w[:1 + (i > 6)]).sum().backward()
""",
    "a view that sees the update": """
    v = x[1:]
    with no_grad():
        x += 0.5
    (v * v).sum().backward()
""",
}


@pytest.mark.parametrize("turn", TURNS.values(), ids=TURNS)
def test_a_replayed_loop_is_the_walked_one(turn: str, monkeypatch: Any) -> None:
    program = (
        "x = tensor([1., 2., 3.], requires_grad=True)\n"
        "w = tensor([.5, -1., 2.], requires_grad=True)\n"
        "s = tensor(1.5, requires_grad=True)\n"
        "for i in range(9):" + turn + "a, b, c = x.grad, w.grad, s.grad\n"
        "a = x if a is None else a\nb = w if b is None else b\nc = s if c is None else c\n"
    )
    replayed = gradcli.evaluate(program).values
    monkeypatch.setattr(replay, "structure", lambda root: None)
    walked = gradcli.evaluate(program).values
    for name in "xwsabc":
        assert np.array_equal(replayed[name], walked[name]), name


def test_an_updated_leaf_is_the_leaf_again(monkeypatch: Any) -> None:
    """However often it was updated, the structure behind a loss is that of the first turn."""
    keys = []
    structure = replay.structure

    def noted(root: Any) -> Any:
        found = structure(root)
        keys.append(found.key)
        return found

    monkeypatch.setattr(replay, "structure", noted)
    gradcli.evaluate(
        f"x = tensor([1., 2.], requires_grad=True)\nfor i in range(9):{TURNS['an updated leaf']}"
    )
    assert len(keys) == 3, "and later turns are recognized by what was made for it"
    assert len(set(keys)) == 1


@pytest.mark.skipif(not node.LARGE, reason="what is large is planned, by modules that are loaded when used")
def test_turns_import_nothing(monkeypatch: Any) -> None:
    """An import statement takes as long as four calls of NumPy, also of what was loaded long ago."""
    met = []
    imported = builtins.__import__

    def noted(name: str, *rest: Any) -> Any:
        met.append(name)
        return imported(name, *rest)

    def imports(turns: int) -> int:
        met.clear()
        gradcli.evaluate(
            "import torch\nx = torch.tensor([1., 2., 3.], requires_grad=True)\n"
            f"for i in range({turns}):\n    loss = ((x - 0.5)**2).mean()\n    loss.backward()\n"
            "    with torch.no_grad():\n        x -= 0.1 * x.grad\n        x.grad.zero_()\n"
        )
        return len(met)

    imports(20)
    monkeypatch.setattr(builtins, "__import__", noted)
    assert imports(100) < 100
