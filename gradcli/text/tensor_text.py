"""A tensor's text, as PyTorch's `print` writes it: alignment, line breaks, summaries and suffixes.

The interpreter's `print`, `str` and f-strings call it; the cases in `tests/text/tensor_text.json`, recorded
from PyTorch, are its specification.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.text.layout import Writer, columns, edges
from gradcli.text.python_text import dtype_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

PREFIX = "tensor("


@dataclass(frozen=True, slots=True)
class Style:
    """What `torch.set_printoptions` decides.

    Attributes:
        precision: digits behind the point.
        threshold: tensors with more elements than this show only their edges.
        edge_items: how many items a summary shows at either end of an axis.
        line_width: where lines break.
        scientific: whether numbers are written with an exponent; None lets the numbers decide.
    """

    precision: int = 4
    threshold: float = 1000
    edge_items: int = 3
    line_width: int = 80
    scientific: bool | None = None


PLAIN = Style()


def tensor_text(
    array: NDArray[Any],
    *,
    default_dtype: np.dtype[Any],
    requires_grad: bool = False,
    grad_fn: str | None = None,
    style: Style = PLAIN,
) -> str:
    """What PyTorch prints for a tensor with the elements of `array` (bool, int or float, any shape).

    `default_dtype` is the default float precision: its name is left out of the text. `grad_fn` is the
    bare name (`"MulBackward0"`) and wins over `requires_grad`, which is what a leaf shows.
    """
    suffixes = []
    if array.size == 0 and array.ndim != 1:
        suffixes.append(f"size={array.shape}")
    if not _implied(array, default_dtype):
        suffixes.append(f"dtype={dtype_text(array.dtype)}")
    if grad_fn is not None:
        suffixes.append(f"grad_fn=<{grad_fn.rpartition('::')[2]}>")
    elif requires_grad:
        suffixes.append("requires_grad=True")
    return _with_suffixes(PREFIX + _elements_text(array, style), suffixes, style.line_width)


def _implied(array: NDArray[Any], default_dtype: np.dtype[Any]) -> bool:
    """Whether the elements alone tell the dtype; with none to see, only the default precision goes unsaid."""
    if array.dtype == default_dtype:
        return True
    return array.size > 0 and array.dtype in (np.dtype(np.int64), np.dtype(np.bool_))


def _with_suffixes(text: str, suffixes: list[str], line_width: int) -> str:
    """Append `suffixes`, each on a line of its own where it would overrun the line width."""
    # PyTorch counts two characters more than the last line has, so lines break a little early.
    used = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if used + len(suffix) + 2 > line_width:
            text += ",\n" + " " * len(PREFIX) + suffix
            used = len(PREFIX) + len(suffix)
        else:
            text += ", " + suffix
            used += len(suffix) + 2
    return text + ")"


def _elements_text(array: NDArray[Any], style: Style) -> str:
    if array.size == 0:
        return "[]"
    dots = [0] * array.ndim
    if array.size > style.threshold:
        # The elements that aren't shown have no say in the alignment either.
        array, dots = edges(array, style.edge_items)
    width, write = _writer(array, style)
    if array.ndim == 0:
        return write(array.item())
    return columns(array.tolist(), dots, write, width=width, indent=len(PREFIX), line_width=style.line_width)


def _writer(array: NDArray[Any], style: Style) -> tuple[int, Writer]:
    """The common width of the elements and how to write one, chosen for all of `array` together."""
    if array.dtype.kind != "f":
        return max(len(str(item)) for item in array.ravel().tolist()), str
    # Zeros, nans and infinities neither choose the notation nor widen the columns.
    telling = [item for item in array.ravel().tolist() if item and isfinite(item)]
    if not telling:
        return 1, _whole
    low, high = min(map(abs, telling)), max(map(abs, telling))
    whole = all(map(float.is_integer, telling))
    scientific = style.scientific
    if scientific is None:
        scientific = high / low > 1e3 or high > 1e8 or low < 1e-4
    write: Writer
    if scientific:
        write = _decimal(f".{style.precision}e")
    else:
        write = _whole if whole else _decimal(f".{style.precision}f")
    return max(len(write(item)) for item in telling), write


def _decimal(spec: str) -> Writer:
    return lambda value: format(value, spec)


def _whole(value: float) -> str:
    text = f"{value:.0f}"
    return text if text.lstrip("-") in ("nan", "inf") else text + "."
