"""Every operation gives PyTorch's values, gradients, second gradients, `grad_fn` names and freed graphs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli
from golden.operations import PROMISED, ROUGH, cases, families
from golden.replay import array, difference, input_arrays, is_strict, recorded
from rows import grouped

Case = dict[str, Any]
Row = tuple[str, str, tuple[Case, dict[str, Any]]]


def _recorded_cases() -> list[Row]:
    """Every recorded case with its numbers, named by its expression, in groups of one family each."""
    return [
        (
            family,
            case["expression"],
            (case, recorded(f"operations/{family}.json")["inputs"]),
        )
        for family in PROMISED
        for case in recorded(f"operations/{family}.json")["cases"]
    ]


def _is_rough(case: Case) -> bool:
    """Whether PyTorch's gradient is inexact here."""
    first = str(next(iter(case["inputs"].values()), ""))
    full = case["name"] != "poisson_nll_loss" or "full=True" in case["expression"]
    return full and ((case["name"], first) in ROUGH or (case["name"], "") in ROUGH)


ALL = _recorded_cases()
DIFFERENTIABLE = [row for row in ALL if "grads" in row[2][0]]
TWICE = [row for row in DIFFERENTIABLE if "second" in row[2][0] and not _is_rough(row[2][0])]


def _says(case: Case, what: str, problem: str | None) -> None:
    assert problem is None, f"{what} of {case['expression']} on {case['inputs']}: {problem}"


@grouped("case, pool", ALL)
def test_value_gradient_and_grad_fn(case: Case, pool: dict[str, Any]) -> None:
    leaves = list(case.get("grads", ()))
    evaluation = gradcli.evaluate(
        f"out = {case['expression']}",
        input_arrays(case, pool),
        wrt=leaves,
        roots=["out"],
        weights=[array(case["weights"], "float64")] if leaves else None,
    )
    strict = is_strict(case["inputs"])
    value = evaluation.values["out"]
    _says(case, "value", difference(value, array(case["value"], case["dtype"]), strict=strict))
    assert evaluation.nodes["out"].dtype == case["dtype"], case["expression"]
    assert not leaves or evaluation.nodes["out"].grad_fn == case["grad_fn"], case["expression"]
    for name in leaves:
        if _is_rough(case):
            continue
        problem = difference(evaluation.grads[name], array(case["grads"][name], "float64"), strict=strict)
        if problem and "recorded_grads" in case:  # PyTorch has two answers here
            wanted = array(case["recorded_grads"][name], "float64")
            problem = difference(evaluation.grads[name], wanted, strict=strict)
        _says(case, f"gradient by {name}", problem)


@grouped("case, pool", TWICE)
def test_second_gradient(case: Case, pool: dict[str, Any]) -> None:
    leaves = list(case["second"])
    names = ", ".join(f"g_{name}" for name in leaves)
    total = " + ".join(f"sum(g_{name} * v_{name})" for name in leaves)
    source = (
        f"out = {case['expression']}\n"
        f"{names}{',' if len(leaves) == 1 else ''} = autograd.grad([out], [{', '.join(leaves)}],"
        " grad_outputs=[seed], create_graph=True, allow_unused=True, materialize_grads=True)\n"
        f"total = {total}"
    )
    inputs = input_arrays(case, pool) | {"seed": array(case["weights"], "float64")}
    inputs |= {f"v_{name}": array(case["directions"][name], "float64") for name in leaves}
    evaluation = gradcli.evaluate(source, inputs, wrt=leaves, roots=["total"])
    for name in leaves:
        wanted = array(case["second"][name], "float64")
        _says(case, f"second gradient by {name}", difference(evaluation.grads[name], wanted, rtol=1e-7))


@grouped("case, pool", DIFFERENTIABLE)
def test_what_is_freed(case: Case, pool: dict[str, Any]) -> None:
    code = None
    try:
        gradcli.evaluate(
            f"out = {case['expression']}",
            input_arrays(case, pool),
            wrt=list(case["grads"]),
            roots=["out"],
            weights="ones",
            passes=2,
        )
    except gradcli.GradcliError as error:
        code = error.code
    assert code == ("graph-freed" if case["freed"] else None), f"{case['expression']}, walked twice"


@pytest.mark.parametrize("family", PROMISED)
def test_every_promised_function_has_cases(family: str) -> None:
    covered = {name for rows in families().values() for name, _, _ in rows}
    assert not set(PROMISED[family].split()) - covered


@pytest.mark.parametrize("family", PROMISED)
def test_recorded_answers_belong_to_the_table(family: str) -> None:
    """A changed table needs a new recording."""
    asked = [(case.name, case.expression, dict(case.inputs)) for case in cases(family)]
    answered = [
        (c["name"], c["expression"], c["inputs"]) for c in recorded(f"operations/{family}.json")["cases"]
    ]
    np.testing.assert_equal(answered, asked)
