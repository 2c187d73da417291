"""Every formula of the catalogue: ours is no longer than the textbook's, and equal in value."""

from __future__ import annotations

import re

import numpy as np
import pytest
from catalogue import CATALOGUE, Entry

import gradcli

SIZES = {"n": 3, "m": 2, "k": 4, "d": 5}
SYMBOL = re.compile(r"\d+\.?\d*|\w+|\*\*|[<>=]=|\S")


def symbols(text: str) -> int:
    """How many there are to read."""
    return len(SYMBOL.findall(text))


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: f"{entry.program} by {entry.wrt}")
def test_ours_is_the_textbook_s(entry: Entry) -> None:
    names = set(re.findall(r"[A-Za-z_]\w*", entry.program))
    shapes = {name: dims for name, dims in entry.shapes.items() if name in names}
    derivative = gradcli.diff(entry.program, entry.wrt, shapes, expand=True)
    ours = derivative.text.partition(" = ")[2]
    random = np.random.default_rng(1)
    inputs: dict[str, object] = {}
    for name in sorted(names | set(re.findall(r"[A-Za-z_]\w*", entry.textbook))):
        if name in shapes:
            shape = [SIZES[each] for each in shapes[name].split(",")]
            value = random.uniform(0.2, 0.8, shape)
            inputs[name] = value + 2 * np.eye(shape[0]) if len(shape) == 2 and shape[0] == shape[1] else value
        elif name in derivative.formula.inputs:
            inputs[name] = float(random.uniform(0.2, 0.8))
    if entry.shapes:
        inputs.update({name: float(size) for name, size in SIZES.items() if name not in inputs})
    for part, name, inside in (("acosh", "x", 1.5), ("log(log", "x", 2.5), ("a**2 - x", "a", 1.5)):
        if part in entry.program:  # elsewhere the function has no value
            inputs[name] = inside

    def value(text: str) -> np.ndarray:
        found = gradcli.evaluate(text, inputs, wrt=[], unused_inputs=True)
        return np.asarray(found.values["result" if "result" in found.values else text])

    one, other = value(f"0.0 + ({ours})"), value(f"0.0 + ({entry.textbook})")
    assert np.allclose(one, other, rtol=1e-9, atol=1e-12), (ours, one, other)
    assert symbols(ours) <= symbols(entry.textbook), ours
