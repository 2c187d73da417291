"""Derivatives beyond the gradient, against PyTorch's recorded answers, against each other and themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli
from golden.higher import FUNCTIONAL, PROGRAMS, A, Program
from golden.replay import difference, recorded
from rows import grouped

ANSWERS = list(zip(PROGRAMS, recorded("higher.json")["programs"], strict=True))
NAMED = [("programs", row[0].text, row) for row in ANSWERS]


def _evaluated(program: Program, **options: Any) -> gradcli.Evaluation:
    inputs = {"A": A, **program.inputs} if "A" in program.text else program.inputs
    return gradcli.evaluate(f"result = {program.text}", inputs, wrt=list(program.inputs), **options)


def _same(got: Any, wanted: Any, rtol: float = 1e-9) -> None:
    wanted = np.array(wanted, "float64")
    if np.abs(wanted).max(initial=0) < 1e-12:  # zero, but for the rounding of what cancels
        assert np.shape(got) == wanted.shape
        assert np.abs(got).max(initial=0) < 1e-12
        return
    fault = difference(got, wanted, rtol=rtol)
    assert fault is None, fault


@grouped("program, answer", NAMED)
def test_pure_and_second_derivatives_are_pytorch_s(program: Program, answer: dict[str, Any]) -> None:
    result = _evaluated(
        program, order=program.orders or None, hessian=program.hessian, jacobian=program.jacobian
    )
    _same(result.values["result"], answer["value"])
    for name, series in answer.get("orders", {}).items():
        for got, wanted in zip(result.orders[name], series, strict=True):
            _same(got, wanted)
    for down, name in enumerate(program.inputs):
        if program.jacobian:
            _same(result.jacobian["result"][name], answer["jacobian"][down])
        for across, other in enumerate(program.inputs):
            if program.hessian:
                _same(result.hessian[name][other], answer["hessian"][down][across])


@grouped("program", [(group, name, (program,)) for group, name, (program, _) in NAMED])
def test_forward_and_reverse_agree_and_hessians_are_symmetric(program: Program) -> None:
    forward, reverse = (
        _evaluated(program, jacobian=True, mode=mode).jacobian for mode in ("forward", "reverse")
    )
    assert forward is not None
    assert reverse is not None
    for name in program.inputs:
        _same(forward["result"][name], reverse["result"][name], 1e-12)
    if program.hessian:
        blocks = _evaluated(program, hessian=True).hessian
        assert blocks is not None
        for name, other in ((a, b) for a in blocks for b in blocks):
            one, two = blocks[name][other], blocks[other][name]
            rank = np.ndim(program.inputs[name])
            _same(one, np.moveaxis(two, range(-rank, 0), range(rank)) if rank else two, 1e-12)


@grouped("program", [("programs", each.text, (each,)) for each in PROGRAMS if each.hessian])
def test_a_sparse_hessian_is_the_dense_one(program: Program) -> None:
    dense = _evaluated(program, hessian=True).hessian
    sparse = _evaluated(program, hessian=True, sparse=True).hessian
    assert dense is not None
    assert sparse is not None
    for name, row in dense.items():
        for other, block in row.items():
            _same(sparse[name][other].dense(), block.reshape(sparse[name][other].shape), 1e-12)


@pytest.mark.parametrize("name", FUNCTIONAL)
def test_functions_that_differentiate_functions_give_what_pytorch_s_give(name: str) -> None:
    lines = gradcli.evaluate(f"import torch\n{FUNCTIONAL[name]}\n{_FLATTEN}", dtype="float64").printed
    wanted = _leaves(recorded("higher.json")["functional"][name])
    assert len(lines) == len(wanted)
    for line, each in zip(lines, wanted, strict=True):
        _same(_number(line), each, 1e-12)


_FLATTEN = """
def show(part):
    if isinstance(part, (list, tuple)):
        for each in part:
            show(each)
    elif isinstance(part, torch.Tensor):
        for each in part.detach().reshape(-1).tolist():
            print(each)
    else:
        print(part)
show(result)
"""


def _leaves(stored: Any) -> list[Any]:
    return [leaf for each in stored for leaf in _leaves(each)] if isinstance(stored, list) else [stored]


def _number(line: str) -> float:
    return float(line == "True") if line in ("True", "False") else float(line)
