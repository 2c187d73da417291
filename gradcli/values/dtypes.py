"""Element types: what names one in the language, and NumPy's object for it."""

from __future__ import annotations

from typing import Any

from gradcli.values.values import DType, TypeFunction


def dtype_name(value: Any) -> str | None:
    """The element type that a value names: a dtype, or `float`, `int`, `bool`."""
    if type(value) is DType:
        return value.name
    if type(value) is TypeFunction:
        return value.dtype
    return None


def numpy_dtype(name: str) -> Any:
    """NumPy's object for a dtype."""
    import numpy as np

    return np.dtype(name)
