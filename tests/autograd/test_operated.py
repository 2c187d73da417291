"""Operators outside recording, which are made as before: they give what they give while nothing is known."""

from __future__ import annotations

import pytest

import gradcli
from gradcli.autograd.operated import Operated

TURNS = """
x = torch.tensor([1., -2., 3.], requires_grad=True)
m = torch.tensor([[2., 0.5, 1.], [1., 1., 1.]])
n = torch.tensor([3, 2, 1])
d = torch.tensor([1.5, 2.5, -3.5], dtype=torch.float64)
s = torch.tensor(2.5, dtype=torch.float64)
for i in range(3):
    with torch.no_grad():
        found = [x*0.5, 0.5*x, x/2, 2/x, x - 1, 1 - x, x**2, x**3, 2**d, m@x, m*x, n*2, n/2, n*0.5, n - n]
        found += [x > 0, s*2 + s, d*x, x*1 - x*True, n//2, x//0.4 + d % 2, x @ x, m.T @ (x[:2, None]*0.5)]
        print([(each.tolist(), each.dtype) for each in found])
        x -= 0.25*x; m *= 1.5; n += 1; d -= s; s *= 1.25
"""


@pytest.mark.parametrize("text", [f"import torch{TURNS}", TURNS.replace("torch.", "")], ids=["torch", "own"])
def test_they_give_the_same_again(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = gradcli.evaluate(text).printed
    monkeypatch.setattr(
        Operated, "node", lambda self, symbol, implementation, first, second: implementation(first, second)
    )
    asked = gradcli.evaluate(text).printed
    assert len(known) == 3
    assert known == asked


def test_what_looks_at_values_looks_again() -> None:
    turn = "with no_grad():\n        q = n // d\n        d -= 1"
    with pytest.raises(gradcli.GradcliError, match="ZeroDivisionError"):
        gradcli.evaluate(f"n = tensor([4, 6])\nd = tensor([2, 2])\nfor i in range(3):\n    {turn}")


def test_numbers_that_are_equal_are_not_the_same() -> None:
    results = "[x*0.0, x*-0.0, n*1, n*1.0, n*True]"
    text = (
        f"x = tensor([1., -1.])\nn = tensor([1, 2])\nwith no_grad(): print([y.tolist() for y in {results}])"
    )
    assert gradcli.evaluate(text).printed == ["[[0.0, -0.0], [-0.0, 0.0], [1, 2], [1.0, 2.0], [1, 2]]"]
