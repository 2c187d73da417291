"""Every formula of the catalogue: ours is no longer than the textbook's, and equal in value."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import numpy as np
import pytest
from catalogue import CATALOGUE, Entry

import gradcli

SIZES = {"n": 3, "m": 2, "k": 4, "d": 5}
SYMBOL = re.compile(r"\d+\.?\d*|\w+|\*\*|[<>=]=|\S")


def symbols(text: str) -> int:
    """How many there are to read."""
    return len(SYMBOL.findall(text))


def shapes_for(entry: Entry) -> dict[str, str]:
    """The shapes of the names that an entry reads."""
    names = set(re.findall(r"[A-Za-z_]\w*", entry.program))
    return {name: dims for name, dims in entry.shapes.items() if name in names}


def values_for(entry: Entry, inputs: Collection[str]) -> dict[str, Any]:
    """Values for the inputs, where the function has one."""
    random = np.random.default_rng(1)
    found: dict[str, Any] = {}
    for name in sorted(inputs):
        if name in entry.shapes:
            shape = [SIZES[each] for each in entry.shapes[name].split(",")]
            value = random.uniform(0.2, 0.8, shape)
            found[name] = value + 2 * np.eye(shape[0]) if len(shape) == 2 and shape[0] == shape[1] else value
        else:
            found[name] = float(random.uniform(0.2, 0.8))
    for part, name, inside in (
        ("acosh", "x", 1.5),
        ("log(log", "x", 2.5),
        ("a**2-x", "a", 1.5),
        ("a*x-", "a", 1.5),
    ):
        if part in entry.program.replace(" ", ""):  # elsewhere the function has no value
            found[name] = inside
    return found


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: f"{entry.program} by {entry.wrt}")
def test_ours_is_the_textbook_s(entry: Entry) -> None:
    derivative = gradcli.diff(entry.program, entry.wrt, shapes_for(entry), expand=True)
    ours = derivative.text.partition(" = ")[2]
    inputs = values_for(entry, derivative.formula.inputs)
    if entry.shapes:
        inputs.update({name: float(size) for name, size in SIZES.items() if name not in inputs})

    def value(text: str) -> np.ndarray:
        found = gradcli.evaluate(text, inputs, wrt=[], unused_inputs=True)
        return np.asarray(found.values["result" if "result" in found.values else text])

    one, other = value(f"0.0 + ({ours})"), value(f"0.0 + ({entry.textbook})")
    assert np.allclose(one, other, rtol=1e-9, atol=1e-12), (ours, one, other)
    assert symbols(ours) <= symbols(entry.textbook), ours
