"""What the golden tests share: reading recorded answers, making the inputs, and comparing numbers."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from golden.operations import Recipe, dtype_of, shape_of

HERE = Path(__file__).resolve().parent


@cache
def recorded(path: str) -> dict[str, Any]:
    """A recorded file. NaN and Infinity stand in it as Python's json writes them."""
    with open(HERE / path, encoding="utf-8") as file:
        answers: dict[str, Any] = json.load(file)
    return answers


def array(stored: Any, dtype: str | None = None) -> np.ndarray:
    """A stored tensor; an empty one is stored as its shape."""
    if isinstance(stored, dict):
        return np.zeros(stored["shape"], dtype)
    return np.array(stored, dtype)


def input_arrays(case: dict[str, Any], pool: dict[str, Any]) -> dict[str, np.ndarray]:
    """The inputs of a recorded case: recipes are looked up among the recorded numbers."""
    arrays = {}
    for name, recipe in case["inputs"].items():
        dtype = dtype_of(recipe)
        if isinstance(recipe, str):
            arrays[name] = np.array(pool[recipe], dtype).reshape(shape_of(recipe))
        else:
            arrays[name] = np.array(recipe, dtype)
    return arrays


def is_strict(recipes: dict[str, Recipe]) -> bool:
    """Whether an answer near zero must be right relative to its own size."""
    return any(isinstance(recipe, str) and recipe.startswith("tiny") for recipe in recipes.values())


def difference(got: Any, wanted: np.ndarray, *, rtol: float = 1e-8, strict: bool = False) -> str | None:
    """What is wrong with `got`, or None: equal shapes, nan where nan is wanted, numbers to `rtol`."""
    got = np.asarray(got)
    if got.shape != wanted.shape:
        return f"shape {got.shape}, PyTorch has {wanted.shape}"
    finite = np.abs(wanted[np.isfinite(wanted)]).astype(float)
    scale = float(finite.max()) if finite.size else 0.0
    atol = 0.0 if strict else max(scale * rtol * 0.1, 1e-14)
    same = np.isclose(got.astype(float), wanted.astype(float), rtol=rtol, atol=atol, equal_nan=True)
    if same.all():
        return None
    return f"got {got.tolist()}, PyTorch has {wanted.tolist()}"
