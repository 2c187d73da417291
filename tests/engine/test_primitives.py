"""The engine knows no operation by name: what it plans by stands in the primitive's own row."""

from __future__ import annotations

import ast
import gc
import importlib
import itertools
import math
import pkgutil
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import gradcli.engine
import gradcli.ops
from gradcli.engine import settings
from gradcli.engine.numbering import Numbered
from gradcli.engine.plan import plan_of
from gradcli.engine.run import pending
from gradcli.ops import elementwise as e
from gradcli.tape import primitives
from gradcli.tape.node import Primitive, leaf
from gradcli.tape.partials import Cost
from gradcli.tape.primitives import Elementwise

KINDS = {"leaf", "literal", "part"}
"""What a node can be besides the result of an operation."""
CLASSES = {value for name, value in vars(Cost).items() if name.isupper()}


@cache
def every_primitive():
    """All primitives of the house, whichever table they stand in."""
    for each in pkgutil.iter_modules(gradcli.ops.__path__):
        importlib.import_module(f"gradcli.ops.{each.name}")
    gc.unfreeze()  # what is frozen is not told of
    found = [each for each in gc.get_objects() if isinstance(each, Primitive) and hasattr(each, "name")]
    gc.freeze()
    return found


def sources():
    return sorted(Path(*gradcli.engine.__path__).rglob("*.py"))


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.stem)
def test_no_module_of_the_engine_imports_or_spells_an_operation(path):
    names = {each.name for each in every_primitive()} - KINDS
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith("gradcli.ops"), f"{path.name}:{node.lineno}"
            if node.module == "gradcli.tape.primitives":
                found = {each.name: getattr(primitives, each.name) for each in node.names}
                operations = [
                    name
                    for name, each in found.items()
                    if isinstance(each, Primitive) and each.name not in KINDS
                ]
                assert not operations, f"{path.name}:{node.lineno}"
        if isinstance(node, ast.Import):
            assert not any(each.name.startswith("gradcli.ops") for each in node.names)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert node.value not in names, f"{path.name}:{node.lineno} {node.value!r}"


def test_every_elementwise_primitive_states_a_class_of_cost():
    rows = [each for each in every_primitive() if isinstance(each, Elementwise)]
    assert len(rows) > 90
    assert [each.name for each in rows if each.cost not in CLASSES] == []


def test_operations_that_commute_do_so_to_the_last_bit():
    draw = np.random.default_rng(0)
    a, b = draw.normal(size=(2, 1000))
    for op in every_primitive():
        if op.commutative:
            x, y = (a > 0, b > 0) if op.name.startswith("bitwise") else (a, b)
            np.testing.assert_array_equal(op.compute(x, y), op.compute(y, x), err_msg=op.name)


def test_a_reduction_gives_what_its_ufunc_reduces_to():
    x = np.random.default_rng(0).normal(size=(3, 4, 5))
    rows = {each.name: each for each in every_primitive() if each.reduces is not None}
    assert set(rows) == {"sum", "prod", "amax", "amin"}
    for op in rows.values():
        expected = op.reduces.reduce(x, axis=(-3, -1))
        np.testing.assert_allclose(op.compute(x, (-3, -1)), expected, rtol=1e-14)


def test_a_pair_computes_what_its_two_operations_do():
    x = np.linspace(-3, 3, 101)
    pairs = {}
    for op in every_primitive():
        if op.pair is not None:
            pairs.setdefault(op.pair[0], {})[op.pair[1]] = op
    assert pairs
    for kernel, members in pairs.items():
        first, second = np.empty_like(x), np.empty_like(x)
        kernel(x, first, second)
        np.testing.assert_allclose(first, members[0].compute(x), rtol=1e-14, atol=1e-16)
        np.testing.assert_allclose(second, members[1].compute(x), rtol=1e-14, atol=1e-16)


def test_what_is_written_out_computes_what_is_called():
    """Generated code has the text of an operation in it where there is one, and calls nothing."""
    rows = [each for each in every_primitive() if isinstance(each, Elementwise) and each.written]
    assert {each.name for each in rows} >= {"where", "guarded_mul"}
    for op in rows:
        for values in itertools.product((0.0, -1.5, 2.0, math.inf), repeat=len(op.partials)):
            text = op.written.format(*(f"v[{index}]" for index in range(len(values))))
            found = eval(text, {"v": values, "finite": math.isfinite})
            np.testing.assert_equal(found, op.scalar(*values), err_msg=f"{op.name}{values}")


def test_a_new_function_is_planned_by_its_row():
    """A dear operation is stored and not computed again, a cheap one the other way round."""
    for cost, kept in ((Cost.ARITHMETIC, False), (Cost.SPECIAL, True)):
        own = Elementwise("own", np.cbrt, 1.0, cost=cost)
        x = leaf(np.linspace(0.0, 1.0, 1000))
        root = own(x)
        total = primitives.reduce_sum(root, attrs=((-1,),))
        wanted = [primitives.mul(root, primitives.expand_to(total, (1000,)))]
        order, _ = pending(wanted)
        with settings.using(large=0):
            numbered = Numbered(order, wanted, large=True)
            plan = plan_of(numbered)
        assert (numbered.number[root] in plan.steps[0].stored) is kept


@pytest.mark.parametrize("base", [True, False])
@pytest.mark.parametrize("exponent", [True, False])
def test_powers_of_bools_are_bools_in_a_plan_too(base, exponent):
    wanted = [e.power(leaf(np.array([base])), leaf(np.array([exponent])))]
    order, _ = pending(wanted)
    with settings.using(large=0):
        numbered = Numbered(order, wanted, large=True)
        plan = plan_of(numbered)
        (result,) = plan.run(numbered.values())
    assert result.dtype == np.bool_
    assert bool(result[0]) is bool(base**exponent)
