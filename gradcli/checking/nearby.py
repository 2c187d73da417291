"""Points near a given one: where gradients are looked at that may be right at one point only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from gradcli.checking.comparing import steps_for

Array = np.ndarray[Any, np.dtype[Any]]

NEIGHBOURS = 3
"""How many there are."""


def neighbours(leaves: Mapping[str, Any], seed: int, count: int = NEIGHBOURS) -> Iterator[dict[str, Array]]:
    """Points near the given one, every element moved by its own amount."""
    random = np.random.default_rng(seed + 1)
    for number in range(count):
        far = (0.3, 0.1, 0.01)[number % 3]
        found = {}
        for name, value in leaves.items():
            array = np.asarray(value, np.float64)
            sizes = steps_for(array.reshape(-1)).reshape(array.shape)
            sizes = np.where(array == 0, sizes, np.abs(array))
            shift = far * random.uniform(0.3, 1.0, array.shape) * random.choice([-1.0, 1.0], array.shape)
            moved = array + sizes * shift
            if array.size <= 64:  # short numbers are easier to look at
                moved = np.array([float(f"{each:.2g}") for each in moved.reshape(-1)]).reshape(array.shape)
                moved = np.where(moved == array, array + sizes * shift, moved)
            found[name] = moved
        yield found
