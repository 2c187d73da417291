"""A tensor's text is PyTorch's, byte for byte, in every case that `record_tensor_text.py` recorded."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from record_tensor_text import RECORDED, array_of

from gradcli.text.tensor_text import tensor_text
from rows import grouped

CASES = json.loads(RECORDED.read_text(encoding="utf-8"))


@grouped("case", [(case["dtype"], f"{case['shape']} {case['ending']}", (case,)) for case in CASES])
def test_text_is_pytorch_s(case: dict[str, Any]) -> None:
    ending = case["ending"]
    text = tensor_text(
        array_of(case),
        default_dtype=np.dtype(case["default"]),
        requires_grad=bool(ending),
        grad_fn=ending if ending.endswith("0") else None,
    )
    assert text == case["text"]


def test_the_cases_cover_every_rank_notation_and_ending() -> None:
    texts = [case["text"] for case in CASES]
    assert {len(case["shape"]) for case in CASES} == {0, 1, 2, 3, 4}
    for mark in (
        "e+",
        "...",
        "nan",
        "-inf",
        "size=",
        "dtype=",
        "requires_grad=",
        "grad_fn=<",
        ",\n       grad_fn",
    ):
        assert any(mark in text for text in texts), mark


def test_layout_of_memory_does_not_matter() -> None:
    matrix = np.arange(6.0).reshape(2, 3)
    assert tensor_text(matrix.T, default_dtype=np.dtype("float64")) == (
        "tensor([[0., 3.],\n        [1., 4.],\n        [2., 5.]])"
    )


def test_a_signalling_nan_is_a_nan_without_a_warning() -> None:
    signalling = np.array([0x7F800001], dtype=np.uint32).view(np.float32)
    assert tensor_text(signalling, default_dtype=np.dtype("float32")) == "tensor([nan])"
