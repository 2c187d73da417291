"""Where claims are tried: a domain for each input, and seeded random points of both signs and many sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

ROUND = (1.0, 2.0, -1.0, 0.0, 0.5, 3.0, -2.0, -0.5)
"""Numbers at which formulas have their special cases."""


@dataclass(frozen=True, slots=True)
class Domain:
    """Where an input may lie, both ends included."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


DEFAULT = Domain(-3.0, 3.0)


def random_points(domains: Mapping[str, Domain], count: int, seed: int) -> Iterator[dict[str, float]]:
    """Points of the domains: first round numbers, then numbers all over it, then many sizes."""
    random = np.random.default_rng(seed)
    columns = {name: _column(domain, count, random) for name, domain in domains.items()}
    for number in range(count):
        yield {name: column[number] for name, column in columns.items()}


def _column(domain: Domain, count: int, random: np.random.Generator) -> list[float]:
    low, high = domain.low, domain.high
    special = [each for each in (*ROUND, low, high) if each in domain]
    random.shuffle(special)
    special = special[: max(1, count // 6)]
    sized: list[float] = []
    largest = max(abs(low), abs(high))
    for _ in range(count // 4):
        size = largest * 10.0 ** float(random.uniform(-6, 0))
        for value in (size, -size) if random.random() < 0.5 else (-size, size):
            if value in domain:
                sized.append(value)
                break
    even = count - len(special) - len(sized)
    spread = low + (high - low) * (random.permutation(even) + random.random(even)) / max(even, 1)
    if len(special) + len(sized) > count:
        sized = sized[: max(0, count - len(special))]
    return [*special, *[float(each) for each in spread], *sized][:count]
