"""Results have the dtypes and numbers that PyTorch's type promotion gives them; the same rows are refused."""

from __future__ import annotations

import re

import numpy as np

import gradcli
from golden.dtypes import OPERANDS, expressions
from golden.replay import recorded
from rows import by_rows, grouped

INPUTS = {name: np.array(data, dtype) for name, (dtype, data) in OPERANDS.items()}


def read_by(source: str) -> dict[str, np.ndarray]:
    """The operands that a program reads; others could not be set."""
    return {name: operand for name, operand in INPUTS.items() if name in re.findall(r"\w+", source)}


@grouped(
    "operation, default",
    [(each, name, (name, each)) for each in ("float64", "float32") for name in expressions()],
)
def test_promotion(operation: str, default: str) -> None:
    rows = recorded("dtypes.json")[default][operation]
    fine = {expression: answer for expression, answer in rows.items() if answer[0] != "error"}
    source = "\n".join(f"r{i} = {expression}" for i, expression in enumerate(fine))
    evaluation = gradcli.evaluate(source, read_by(source), wrt=[], dtype=default)
    wrong = []
    for i, (expression, (dtype, numbers)) in enumerate(fine.items()):
        if evaluation.nodes[f"r{i}"].dtype != dtype:
            wrong.append(f"{expression}: {evaluation.nodes[f'r{i}'].dtype}, PyTorch has {dtype}")
        rtol = 1e-5 if dtype == "float32" else 1e-6 if "f" in expression else 1e-12
        value = np.asarray(evaluation.values[f"r{i}"], float)
        if not np.allclose(value, np.array(numbers, float), rtol=rtol, atol=1e-12, equal_nan=True):
            wrong.append(f"{expression}: {value.tolist()}, PyTorch has {numbers}")
    assert not wrong, "\n".join(wrong)


def is_refusal(answer: list[str]) -> bool:
    """Whether PyTorch refuses on principle: numbers for tensors are welcome here, so are missing kernels."""
    lenient = ("must be Tensor", "not implemented for")
    return answer[0] == "error" and not any(words in answer[1] for words in lenient)


@by_rows("operation", [(name,) for name in expressions()])
def test_what_pytorch_refuses_is_refused(operation: str) -> None:
    rows = recorded("dtypes.json")["float64"][operation]
    accepted = []
    for expression in [expression for expression, answer in rows.items() if is_refusal(answer)]:
        try:
            gradcli.evaluate(f"r = {expression}", read_by(expression), wrt=[])
        except gradcli.GradcliError:
            continue
        accepted.append(f"{expression}: PyTorch says {rows[expression][1]}")
    assert not accepted, "\n".join(accepted)


def test_recorded_answers_belong_to_the_table() -> None:
    for operations in recorded("dtypes.json").values():
        assert {operation: list(rows) for operation, rows in operations.items()} == expressions()
