"""The parameters of a row: what each takes, read off its annotation, and the check that an argument is that.

`registry` makes them when a row is added and asks them when it is called, so that no body of a row has to
look at what it was given: what gets there is of the kind that its signature says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError
from gradcli.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    Dims = int | Sequence[int] | None
    Dtype = np.dtype[Any] | None

REQUIRED: Any = object()
"""The default of a parameter that has none."""

_TENSOR_KINDS = {
    "Operand": "tensor",
    "Node": "tensor",
    "Operand | None": "optional tensor",
    "Node | None": "optional tensor",
    "Operands": "tensors",
    "Sequence[Operand]": "tensors",
}

_MOST = 2**63


def _whole(value: Any) -> Any:
    """An integer, or a whole float as from outside; None for anything else."""
    if type(value) in (int, bool):
        return value
    return int(value) if type(value) is float and value.is_integer() and abs(value) < _MOST else None


def _wholes(value: Any) -> Any:
    """Integers in a sequence of any depth of one."""
    if not isinstance(value, (list, tuple)):
        return None
    found = [_whole(each) for each in value]
    return None if None in found else tuple(found)


def _number(value: Any) -> Any:
    return value if type(value) in (float, int, bool) else None


def _flag(value: Any) -> Any:
    """True or False, or a whole number that means one."""
    return value if type(value) is bool else _whole(value)


def _several(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) else None


def _text(value: Any) -> Any:
    return value if type(value) is str else None


def _dtype(value: Any) -> Any:
    return value if hasattr(value, "newbyteorder") else None  # NumPy's, which isn't loaded for this


_TAKES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "int": ("int", _whole),
    "float": ("Number", _number),
    "bool": ("bool", _flag),
    "str": ("str", _text),
    "Sequence[int]": ("sequence of ints", _wholes),
    "Dtype": ("dtype", _dtype),
    "tensors": ("tuple of Tensors", _several),
}
"""For a word of an annotation: what messages call it, and what makes an argument fit it (None if it doesn't).

A number serves as a flag, as its truth."""

_SYNONYMS = {"Dims": "int | Sequence[int] | None", "Dtype": "Dtype | None"}


def _name(value: Any) -> str:
    """What a message calls the type of an argument."""
    if _dtype(value) is not None:
        return "dtype"
    return "Tensor" if hasattr(value, "requires_grad") else type(value).__name__


class Parameter(Record):
    """One parameter of a function.

    Attributes:
        kind: "tensor" (numbers and lists are lifted), "optional tensor", "tensors" (a sequence of them)
            or "plain".
        variadic: `*name`, which also takes one sequence.
        words: what a plain argument may be, by the words of the annotation; empty where the body looks.
    """

    name: str
    kind: str
    default: Any = REQUIRED
    keyword_only: bool = False
    variadic: bool = False
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, annotation: Any, default: Any = REQUIRED, **how: bool) -> Parameter:
        """The parameter of a function that is annotated so."""
        text = annotation if isinstance(annotation, str) else "Any"
        kind = _TENSOR_KINDS.get(text, "plain")
        words = ("tensors",) if kind == "tensors" else tuple(_SYNONYMS.get(text, text).split(" | "))
        known = kind in ("plain", "tensors") and all(each in _TAKES or each == "None" for each in words)
        return cls(name, kind, default, words=words if known else (), **how)

    @property
    def each(self) -> str:
        """The kind of one of the arguments of `*name`."""
        return "plain" if self.kind == "plain" else "tensor"

    def fitting(self, function: Any, value: Any, given: Any, position: int | None = None) -> Any:
        """An argument of a row as it is wanted; `position` counts from 1, for one without a name.

        `given` is what the program gives, of which `value` has the numbers.

        Raises:
            GradcliError: `bad-argument` when it is something else.
        """
        words = self.words
        if value is self.default or not words:
            return value
        if value is None and "None" in words:
            return value
        for word in words:
            if word != "None":
                found = _TAKES[word][1](value)
                if found is not None:
                    return found
        raise self.refusal(function, given, position)

    def refusal(self, function: Any, given: Any, position: int | None = None) -> GradcliError:
        """PyTorch's error for an argument that is something else."""
        place = f" (position {position})" if position else ""
        wanted = " or ".join(_TAKES[each][0] if each != "None" else each for each in self.words) or "Tensor"
        message = f"{function.name}(): argument '{self.name}'{place} must be {wanted}, not {_name(given)}"
        return GradcliError("bad-argument", message, hint=f"it takes {function.signature}")
