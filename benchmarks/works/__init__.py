"""What is measured: one file for each family of works, each with a list `WORKS`.

A new family is a new file here and its name in `FAMILIES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module

FAMILIES = ("starting", "programs", "arrays", "memory", "higher", "growth", "tables", "models")
"""The files of this folder that hold works."""
MEANS = {"models": {"PyTorch": 0.7, "JAX": 1.0}}
"""For each group and peer the most that the geometric mean of the ratios may be."""


@dataclass(frozen=True)
class Work:
    """One thing to do, and how each contender does it.

    Attributes:
        name: unique; `--only` matches its beginning.
        contenders: for "gradcli" and each peer, a function without arguments that prepares the work and
            returns a function that does it once. It imports what it needs itself, since a peer may
            live in another interpreter, and its result must not be lazy.
        bars: for each peer the most that gradcli's time may be as a multiple of the peer's.
        ours: contenders that run under gradcli's own interpreter although they aren't gradcli.
        curve, size: the growth curve that it is a point of, and where on it.
        unit: of what is compared: seconds are measured, any other figure is what the function returns.
        group: whose geometric mean it counts for.
        compared: whether the function returns arrays that have to be gradcli's.
    """

    name: str
    contenders: dict[str, Callable[[], Callable[[], object]]]
    bars: dict[str, float] = field(default_factory=dict)
    ours: frozenset[str] = frozenset()
    curve: str = ""
    size: int = 0
    unit: str = "s"
    group: str = ""
    compared: bool = False


def all_works() -> list[Work]:
    """Every work, in the order of the table."""
    return [work for family in FAMILIES for work in import_module(f"benchmarks.works.{family}").WORKS]


def find(name: str) -> Work:
    """The work of that name."""
    return next(work for work in all_works() if work.name == name)
