"""What is saved must not be overwritten before backward, and anything else may be: exactly as in PyTorch."""

from __future__ import annotations

from golden.operations import Case
from golden.saved import rows, saved_here
from rows import by_rows

OTHERWISE = frozenset(("std_mean", "cov", "matmul", "tensordot", "linalg.slogdet", "poisson_nll_loss"))
"""Functions of which PyTorch saves less, or more, in some of their forms."""
BY_FUNCTION: dict[str, list[tuple[Case, str, list[str]]]] = {}
for _, case, alone, saved in rows():
    BY_FUNCTION.setdefault(case.name, []).append((case, alone, saved))


@by_rows("name", [(name,) for name in BY_FUNCTION if name not in OTHERWISE])
def test_saves_what_pytorch_saves(name: str) -> None:
    for case, alone, saved in BY_FUNCTION[name]:
        assert saved_here(case, alone) == saved, f"{case.expression} where {alone} requires grad"
