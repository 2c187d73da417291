"""The JSON object of an evaluation, to the letter."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from gradcli.report.json_text import json_pieces, json_text


def test_a_chain(evaluation: Any) -> None:
    assert json_text(evaluation(), "<arg 1>") == (
        '{"ok": true, "source": "<arg 1>", "roots": ["z"], "values": {"x": 1.0, "y": 2.0, "z": 4.0}, '
        '"grads": {"x": 8.0}, "nodes": {'
        '"x": {"shape": [], "dtype": "float64", "requires_grad": true, "is_leaf": true, "grad_fn": null}, '
        '"y": {"shape": [], "dtype": "float64", "requires_grad": true, "is_leaf": false, '
        '"grad_fn": "MulBackward0"}, '
        '"z": {"shape": [], "dtype": "float64", "requires_grad": true, "is_leaf": false, '
        '"grad_fn": "PowBackward0"}}, "printed": []}\n'
    )


def test_everything(everything: Any) -> None:
    everything.nodes = {}
    assert json_text(everything, "a.grad") == (
        '{"ok": true, "source": "a.grad", "roots": ["z"], "values": {"x": [0.5, 2.0], "n": 3, "z": 4.0}, '
        '"grads": {"x": [1.0, 4.0]}, "orders": {"x": [[1.0, 4.0], [2.0, 2.0], [0.0, 0.0]]}, '
        '"partials": {"x,w": 1.5}, "hessian": {"x": {"x": [[1.0, 0.0], [0.0, 1.0]]}}, '
        '"jacobian": {"z": {"x": [0.5, 2.0]}}, "hvp": {"x": [0.5, 2.0]}, "jvp": {"z": 1.0}, "nodes": {}, '
        '"printed": ["hello, world", "a \\"quote\\""]}\n'
    )


def test_gradients_that_were_not_taken_have_no_key(evaluation: Any) -> None:
    answer = json.loads(json_text(evaluation(grads=None, jacobian={"z": {"x": np.eye(2)}}), "s"))
    assert list(answer) == ["ok", "source", "roots", "values", "jacobian", "nodes", "printed"]


def test_values_of_all_types(evaluation: Any) -> None:
    values = {
        "a": np.array([[1, 2]]),
        "b": np.array([True, False]),
        "c": True,
        "d": np.float32(0.1),
        "e": np.array([0.1, np.nan, np.inf, -np.inf]),
        "f": float("nan"),
        "g": np.zeros((2, 0)),
        "h": 2**62,
    }
    text = json_text(evaluation(values=values), "s")
    assert text[text.index('"values"') : text.index(', "grads"')] == (
        '"values": {"a": [[1, 2]], "b": [true, false], "c": true, "d": 0.1, '
        '"e": [0.1, "NaN", "Infinity", "-Infinity"], "f": "NaN", "g": [[], []], "h": 4611686018427387904}'
    )


def test_bytes_that_are_no_text_still_give_valid_json(evaluation: Any) -> None:
    text = json_text(evaluation(printed=["é\u2028\udc80\x00\n"]), "bad\udcff")
    assert text.isascii()
    assert text.count("\n") == 1
    assert json.loads(text)["printed"] == ["é\u2028\udc80\x00\n"]


@pytest.mark.parametrize("shape", [(300,), (3, 60), (38, 3), (2, 3, 30), (105, 1, 1), (105, 0), (0, 10**9)])
def test_large_arrays_are_written_in_pieces_of_the_same_text(
    evaluation: Any, monkeypatch: pytest.MonkeyPatch, shape: tuple[int, ...]
) -> None:
    monkeypatch.setattr("gradcli.report.json_text.PIECE", 100)
    array = np.arange(np.prod(shape), dtype=float).reshape(shape)
    result = evaluation(values={"x": array, "y": np.array(2.0)}, hessian={"x": {"x": array, "y": array}})
    pieces = list(json_pieces(result, "s"))
    text, numbers = "".join(pieces), array.tolist()
    read = json.loads(text)
    assert read["values"] == {"x": numbers, "y": 2.0}
    assert read["hessian"] == {"x": {"x": numbers, "y": numbers}}
    assert json.dumps(numbers) in text
    assert max(map(len, pieces)) < 1000


def test_a_text_that_looks_like_the_mark_of_an_array_stays(evaluation: Any) -> None:
    result = evaluation(values={"x": np.ones(100_000)}, printed=['"' + "0" * 32 + '0"'])
    assert json.loads(json_text(result, "s"))["printed"] == ['"' + "0" * 32 + '0"']
