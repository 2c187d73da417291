"""Every formula of the catalogue: ours is no longer than the textbook's, and equal in value."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import numpy as np
from catalogue import CATALOGUE, Entry, symbols

import gradcli
from rows import grouped

SIZES = {"n": 3, "m": 2, "k": 4, "d": 5}


def shapes_for(entry: Entry) -> dict[str, str]:
    """The shapes of the names that an entry reads."""
    names = set(re.findall(r"[A-Za-z_]\w*", entry.program))
    return {name: dims for name, dims in entry.shapes.items() if name in names}


PLACES = [(low, seed) for low in (0.2, 1.2, 2.2) for seed in range(1, 7)]
"""Where values are taken: at the first of these where the derivative has one."""


def values_for(entry: Entry, inputs: Collection[str]) -> tuple[dict[str, Any], np.ndarray]:
    """Values for the inputs, and what the textbook's derivative is for them."""
    for low, seed in PLACES:
        random, high = np.random.default_rng(seed), low + 0.6
        found: dict[str, Any] = {}
        for name in sorted(inputs):
            if name in entry.shapes:
                shape = [SIZES[each] for each in entry.shapes[name].split(",")]
                value = random.uniform(low, high, shape)
                square = len(shape) == 2 and shape[0] == shape[1]
                found[name] = value + 2 * np.eye(shape[0]) if square else value
            else:
                found[name] = float(random.uniform(low, high))
        if entry.shapes:
            found.update({name: size for name, size in SIZES.items() if name not in found})
        right = value_of(f"0.0 + ({entry.textbook})", found)
        if np.isfinite(right).all():
            break
    return found, right


@grouped("entry", [("formulas", f"{entry.program} by {entry.wrt}", (entry,)) for entry in CATALOGUE])
def test_ours_is_the_textbook_s(entry: Entry) -> None:
    derivative = gradcli.diff(entry.program, entry.wrt, shapes_for(entry), expand=True)
    ours = derivative.text.partition(" = ")[2]
    inputs, other = values_for(entry, derivative.formula.inputs)
    one = value_of(f"0.0 + ({ours})", inputs)
    assert np.allclose(one, other, rtol=1e-9, atol=1e-12), (ours, one, other)
    assert (symbols(ours) > symbols(entry.textbook)) == entry.longer, ours


def value_of(text: str, inputs: dict[str, Any]) -> np.ndarray:
    """What an expression is."""
    found = gradcli.evaluate(text, inputs, wrt=[], unused_inputs=True)
    return np.asarray(found.values["result" if "result" in found.values else text])
