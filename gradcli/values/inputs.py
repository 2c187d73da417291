"""Values from outside on their way into a program: what a free name gets, and what replaces a default.

`gradcli.evaluate` makes a `Given` of each. Numbers and lists become floats, since somebody at a prompt means
2.0; typed arrays keep their dtype, and an int that replaces an int stays one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.values.conversions import plain_data
from gradcli.values.values import NUMBERS, Size

if TYPE_CHECKING:
    from gradcli.tape.node import Node
    from gradcli.values.runtime import Runtime


class Given:
    """One value from outside: a number, a text, a nested list of numbers, or (typed) an array or tensor.

    Attributes:
        value: as the caller gave it.
        typed: whether it has a dtype of its own.
        varies: whether it is one of many, as in a column of a table: it is a tensor then, also in place of a
            number.
        leaves: the nodes that it became in the program, at most two, for whoever has other values for it.
    """

    __slots__ = ("leaves", "typed", "value", "varies")

    def __init__(self, value: Any, typed: bool, varies: bool = False) -> None:
        self.value = value
        self.typed = typed
        self.varies = varies
        self.leaves: list[Node] = []

    def free(self, runtime: Runtime, name: str) -> Any:
        """The value of a name that the program leaves free: a leaf, requiring grad if it is a float."""
        value = self.value
        if type(value) is bool or isinstance(value, str) or value is None:
            return value
        session = runtime.session
        grad = name not in runtime.frozen
        if self.typed:
            array = self._array(runtime)
            tensor = session.leaf(array, grad and array.dtype.kind == "f")
        elif type(value) in NUMBERS:
            tensor = session.tensor(float(value), requires_grad=grad)
        else:
            data = plain_data(runtime, value, None)
            bools = _all(bool, data)
            tensor = session.tensor(data, None if bools else session.default_dtype, grad and not bools)
        if tensor.requires_grad:
            runtime.register(name, tensor)
        self.became(tensor)
        return tensor

    def became(self, value: Any) -> None:
        """Notes the tensor that the program has of it; a second one says as much as a thousand."""
        if type(value) is Tensor:
            self.leaves = [*self.leaves[:1], value.node]

    def instead_of(self, runtime: Runtime, replaced: Any, name: str) -> Any:
        """The value in place of a default of the program, whose `requires_grad` it keeps."""
        value = self.value
        if type(replaced) is Tensor:
            return self._instead_of_tensor(runtime, replaced, name)
        if self.typed:
            array = self._array(runtime)
            if not array.shape and type(replaced) in NUMBERS and not self.varies:
                number = array.item()
                return float(number) if type(replaced) is float and type(number) is int else number
            return runtime.session.leaf(array)
        if type(value) in NUMBERS and type(value) is not bool:
            return value if type(replaced) is int and type(value) is int else float(value)
        if isinstance(value, list) and type(replaced) in NUMBERS:
            data = plain_data(runtime, value, None)
            return runtime.session.tensor(data, None if _all(bool, data) else runtime.session.default_dtype)
        if isinstance(value, list) and isinstance(replaced, list) and _all(float, replaced):
            return _floats(value)
        return value

    def _instead_of_tensor(self, runtime: Runtime, replaced: Tensor, name: str) -> Tensor:
        session = runtime.session
        if self.typed:
            array = self._array(runtime)
        elif isinstance(self.value, str) or self.value is None:
            raise GradcliError(
                "bad-argument", f"{name} is a tensor in the program, and cannot be set to a text"
            )
        else:
            data = plain_data(runtime, self.value, None)
            dtype = replaced.dtype
            if dtype.kind != "f" and not _all(int if dtype.kind in "iu" else bool, data):
                dtype = session.default_dtype
            array = session.array(data, dtype)
        return session.tensor(array, None, replaced.requires_grad)

    def _array(self, runtime: Runtime) -> Any:
        value = self.value
        return runtime.session.numpy(value) if type(value) is Tensor else value


def given(value: Any, name: str) -> Given:
    """A value from outside, checked.

    Raises:
        GradcliError: `bad-argument` for what is no value of the language, `dtype` for other arrays.
    """
    kind = type(value)
    if kind is Given:
        return value  # type: ignore[no-any-return]
    if kind in NUMBERS or kind is str or value is None:
        return Given(value, False)
    if kind is Tensor:
        return Given(value, True)
    if isinstance(value, (list, tuple)):
        return Given(_nested(value, name), False)
    if hasattr(value, "__array__") and hasattr(value, "dtype"):
        import numpy as np

        array = np.asarray(value)
        if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
            raise GradcliError(
                "dtype",
                f"the array for {name} holds {array.dtype}, not real numbers of at most 64 bits",
                hint="give an array of floats, ints or bools",
            )
        return Given(array, True)
    raise GradcliError(
        "bad-argument",
        f"{name} cannot be set to a {kind.__name__}",
        hint="give numbers in a list, or arange(5.0)" if kind is range else None,
    )


def _nested(value: Any, name: str) -> Any:
    if isinstance(value, (list, tuple)) and type(value) is not Size:
        return [_nested(each, name) for each in value]
    if type(value) in NUMBERS or type(value) is Tensor:
        return value
    if hasattr(value, "tolist"):
        return value.tolist()
    raise GradcliError(
        "bad-argument", f"{name} is a list with a {type(value).__name__} in it, not of numbers"
    )


def _floats(data: Any) -> Any:
    """Nested lists with floats in place of ints, as in the default that they replace."""
    if isinstance(data, list):
        return [_floats(each) for each in data]
    return float(data) if type(data) is int else data


def _all(kind: type, data: Any) -> bool:
    """Whether all numbers in nested lists are of a type, and there is one."""
    pending, found = [data], False
    while pending:
        each = pending.pop()
        if isinstance(each, list):
            pending.extend(each)
        elif type(each) is kind:
            found = True
        else:
            return False
    return found
