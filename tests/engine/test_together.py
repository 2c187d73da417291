"""Products side by side: the same results on any number of threads, and nothing before what it reads."""

from __future__ import annotations

import numpy as np
import pytest

import gradcli
from gradcli.engine import blas, settings, steps, together
from gradcli.engine.numbering import Numbered
from gradcli.engine.plan import plan_of
from gradcli.engine.run import pending
from gradcli.ops.products import matmul_primitive
from gradcli.ops.shapes import swapped
from gradcli.tape import primitives
from gradcli.tape.node import leaf

DRAW = np.random.default_rng(0)


def groups(plan):
    """The slots of each group of products that are computed together."""
    return [[each.slot for each in step.steps] for step in plan.steps if isinstance(step, steps.SharedCalls)]


def chained(threads, wide=90):
    """Products of which some wait for others, and what a plan makes of them."""
    draw = np.random.default_rng(1)
    a, b, c = (leaf(draw.standard_normal(shape)) for shape in ((120, wide), (wide, 110), (110, 100)))
    one = matmul_primitive(a, b)
    two = matmul_primitive(swapped(b, -1, -2), swapped(a, -1, -2))  # reads views alone
    three = matmul_primitive(one, c)
    four = matmul_primitive(swapped(one, -1, -2), one)
    v = leaf(draw.standard_normal((120, 1)))
    thin = matmul_primitive(swapped(one, -1, -2), v)
    wanted = [two, three, four, thin]
    order, _ = pending(wanted)
    numbered = Numbered(order, wanted, large=True)
    plan = plan_of(numbered)
    with settings.using(threads=threads):
        found = dict(zip(plan.outputs, plan.run(numbered.values()), strict=True))
    nodes = {"a": a, "b": b, "c": c, "v": v, "one": one, "two": two, "three": three, "four": four}
    return plan, numbered, [found[numbered.number[each]] for each in wanted], nodes


def test_what_waits_for_nothing_of_each_other_is_computed_together(monkeypatch):
    for bound in ("SHARED", "WOKEN", "PART"):
        monkeypatch.setattr(blas, bound, 200_000)
    plan, numbered, found, nodes = chained(2)
    a, b, c, v = [nodes[name].value for name in "abcv"]
    number = {name: numbered.number[node] for name, node in nodes.items()}
    first, second = groups(plan)
    assert set(first) == {number["one"], number["two"]}
    assert set(second) == {number["three"], number["four"]}  # a vector is multiplied soon enough
    one = a @ b
    expected = [one.T, one @ c, one.T @ one, one.T @ v]
    for each, other in zip(found, expected, strict=True):
        assert np.allclose(each, other, rtol=1e-12, atol=1e-11)
    for each, other in zip(found, chained(1)[2], strict=True):
        assert np.array_equal(each, other)
    assert "side by side:\n    %" in plan.describe()


def test_small_products_are_left_where_they_are():
    (only,) = groups(chained(2, wide=5)[0])
    assert len(only) == 2  # those that don't read what is wide


def test_a_result_is_kept_until_the_last_product_has_read_it(monkeypatch):
    monkeypatch.setattr(together, "ALONE", 0)
    source = """
h = tanh(x @ u)
g = (h @ w).T @ h
loss = sum(g**2) + sum((h @ w)**3)
"""
    given = {"x": DRAW.standard_normal((300, 80)), "u": DRAW.standard_normal((80, 70)) / 9}
    given["w"] = DRAW.standard_normal((70, 60)) / 9
    program = gradcli.compile(source, wrt=["u", "w"])
    found = program(**given)
    for name in ("u", "w"):
        direction = DRAW.standard_normal(given[name].shape)
        step = 1e-6
        ahead, behind = (
            program(**{**given, name: given[name] + sign * step * direction}).values["loss"]
            for sign in (1, -1)
        )
        slope = (ahead - behind) / (2 * step)
        assert np.vdot(found.grads[name], direction) == pytest.approx(slope, rel=1e-6)


def test_a_product_does_not_come_long_before_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(together, "AHEAD", 3)
    x = leaf(DRAW.standard_normal((200, 200)))
    h, wanted = x, []
    for _ in range(6):
        h = matmul_primitive(primitives.scale(h, 0.01), x)
        wanted.append(h)
    late = matmul_primitive(x, swapped(x, -1, -2))
    wanted.append(late)
    order, _ = pending(wanted)
    numbered = Numbered(order, wanted, large=True)
    plan = plan_of(numbered)
    places = {slot: place for place, step in enumerate(plan.steps) for slot in together.writes(step)}
    assert 0 < places[numbered.number[wanted[2]]] < places[numbered.number[late]]
