"""Reverse mode from tape to tape: closed forms, and that it is the transpose of forward mode."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gradcli.engine.run import value
from gradcli.ops import elementwise as e
from gradcli.ops.products import matmul_primitive
from gradcli.tape import primitives
from gradcli.tape.forward import forward
from gradcli.tape.node import Node, leaf
from gradcli.tape.primitives import expand_to, reduce_sum
from gradcli.tape.reverse import leading_to, ones_like, reverse


def gradients(root: Node, wrt: list[Node], **options: Any) -> list[Any]:
    found = reverse([root], [ones_like(root)], wrt, **options)
    return [None if each is None else value(each) for each in found]


def test_a_node_that_is_read_twice_adds_up() -> None:
    x = leaf(0.5, requires_grad=True)
    y = e.sin(x)
    root = primitives.mul(y, primitives.add(y, x))  # sin(x)**2 + x*sin(x)
    (found,) = gradients(root, [x])
    wanted = 2 * math.sin(0.5) * math.cos(0.5) + math.sin(0.5) + 0.5 * math.cos(0.5)
    assert found == pytest.approx(wanted, rel=1e-14)


def test_a_gradient_of_what_lies_between_is_of_that_alone() -> None:
    x = leaf(2.0, requires_grad=True)
    y = primitives.mul(x, x)
    root = primitives.mul(y, primitives.mul(y, x))
    assert gradients(root, [y, x]) == [2 * 4 * 2, 5 * 2**4]


def test_several_roots_add_up_with_their_seeds() -> None:
    x = leaf(3.0, requires_grad=True)
    one, two = primitives.mul(x, x), e.exp(x)
    seeds = [leaf(2.0), leaf(-1.0)]
    (found,) = reverse([one, two], seeds, [x])
    assert value(found) == pytest.approx(2 * 6 - math.exp(3), rel=1e-14)


def test_what_no_root_depends_on_has_none() -> None:
    x, other = leaf(1.0, requires_grad=True), leaf(1.0, requires_grad=True)
    assert gradients(e.exp(x), [other, x]) == [None, math.e]


def test_each_node_is_visited_once_behind_all_that_read_it() -> None:
    x = leaf(0.3, requires_grad=True)
    y = e.sin(x)
    one, two = e.exp(y), e.cos(y)
    root = primitives.add(one, two)
    seen: list[Node] = []

    def visit(node: Node, cotangent: Any) -> Any:
        seen.append(node)
        return primitives.mul(cotangent, 10.0) if node is y else cotangent

    (found,) = gradients(root, [x], visit=visit)
    assert sorted(map(id, seen)) == sorted(map(id, (root, one, two, y, x)))
    assert [seen.index(y) > seen.index(each) for each in (root, one, two)] == [True] * 3
    # What comes back from a visit takes the place of the cotangent.
    sine = math.sin(0.3)
    assert found == pytest.approx(10 * (math.exp(sine) - math.sin(sine)) * math.cos(0.3), rel=1e-13)


def test_a_gradient_is_tape_again() -> None:
    x = leaf(0.7, requires_grad=True)
    node: Node | None = primitives.mul(e.sin(x), e.exp(x))
    for power in range(1, 5):
        assert node is not None
        (node,) = reverse([node], [ones_like(node)], [x])
        assert node is not None
        # Each derivative of exp(x)*sin(x) turns it by an eighth and stretches it by the root of two.
        wanted = math.sqrt(2) ** power * math.exp(0.7) * math.sin(0.7 + power * math.pi / 4)
        assert value(node) == pytest.approx(wanted, rel=1e-12)


def test_it_is_the_transpose_of_forward_mode() -> None:
    draw = np.random.default_rng(3)
    x, w = (leaf(draw.normal(size=shape), requires_grad=True) for shape in ((4, 3), (3, 5)))
    hidden = e.tanh(matmul_primitive(x, w))
    mean = expand_to(reduce_sum(hidden, attrs=((-2,),)), (4, 5))
    root = primitives.div(primitives.mul(hidden, mean), primitives.add(e.exp(hidden), 1.0))
    seed = leaf(draw.normal(size=root.shape))
    ways = {each: leaf(draw.normal(size=each.shape)) for each in (x, w)}
    (moved,) = forward([root], ways)
    pulled = reverse([root], [seed], [x, w])
    left = float(np.vdot(value(seed), value(moved)))
    right = sum(float(np.vdot(value(ways[each]), value(g))) for each, g in zip((x, w), pulled, strict=True))
    assert left == pytest.approx(right, rel=1e-12)


def test_only_what_leads_to_a_leaf_is_walked() -> None:
    x, other = leaf(1.0, requires_grad=True), leaf(1.0, requires_grad=True)
    y, z = e.exp(x), e.exp(other)
    root = primitives.add(y, z)
    assert leading_to([y, z, root], [x]) == {x, y, root}
