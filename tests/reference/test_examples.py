"""What is known of each function: its example runs, and its derivative as it is shown is the slope."""

from __future__ import annotations

import math

import pytest

import gradcli
from gradcli.reference.catalogue import entries, example, find, is_primitive, steps
from rows import grouped

ENTRIES = entries()


@grouped("name", [(each.family, each.name, (each.name,)) for each in ENTRIES])
def test_every_function_has_an_example_that_runs(name: str) -> None:
    shown = example(find(name))
    assert shown is not None
    call, values = shown
    assert name.rpartition(".")[2] in call
    gradcli.evaluate(call if values else f"print({call})", values)


SMOOTH = [
    each.name
    for each in ENTRIES
    if is_primitive(each) and each.family in ("unary", "special") and each.signature == f"{each.name}(input)"
]


@pytest.mark.parametrize("name", [name for name in SMOOTH if name not in ("floor", "ceil", "trunc", "sign")])
def test_the_derivative_that_is_found_is_the_slope(name: str) -> None:
    call, values = example(find(name)) or ("", {})
    ((variable, at),) = values.items()
    (found,) = gradcli.evaluate(call, values).grads.values()

    def f(x: float) -> float:
        result = gradcli.evaluate(call, {variable: x})
        return float(result.values["result"])

    step = 1e-3
    slope = (8 * (f(at + step) - f(at - step)) - (f(at + 2 * step) - f(at - 2 * step))) / (12 * step)
    assert float(found) == pytest.approx(slope, rel=1e-7, abs=1e-9)
    assert steps(find(name))


def test_an_alias_is_found_under_its_function() -> None:
    assert find("arcsin").name == "asin"
    assert math.isclose(gradcli.evaluate("arcsin(x)", {"x": 0.5}).values["result"], math.asin(0.5))
