"""Values as text: what `print`, `str` and f-strings show.

The shapes of the texts are `gradcli.report`'s; here stands which text a value gets, and what a
tensor needs to be computed for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.limits import MOST_SHOWN, check_size
from gradcli.ops.rows import Function
from gradcli.values.objects import (
    ABSENT,
    EXCEPTIONS,
    PARAMETERS,
    ClassValue,
    Counted,
    Defaults,
    DictView,
    Distinct,
    Instance,
    Method,
    Ordered,
    Super,
)
from gradcli.values.values import (
    Approx,
    Array,
    BoundMethod,
    Builtin,
    Device,
    DType,
    FunctionBase,
    GradientClass,
    GradientContext,
    GradientFunction,
    HookHandle,
    Namespace,
    Size,
    TypeFunction,
    UserFunction,
)

if TYPE_CHECKING:
    from gradcli.values.runtime import Runtime

_TYPE_NAMES: dict[type, str] = {
    Tensor: "Tensor",
    Array: "numpy.ndarray",
    Size: "torch.Size",
    type(None): "NoneType",
    DType: "torch.dtype",
    Device: "torch.device",
    UserFunction: "function",
    Namespace: "module",
    HookHandle: "RemovableHandle",
    GradientClass: "type",
    FunctionBase: "type",
    TypeFunction: "type",
    type(Ellipsis): "ellipsis",
    ClassValue: "type",
    Ordered: "collections.OrderedDict",
    Defaults: "collections.defaultdict",
    Counted: "Counter",
    Super: "super",
    Method: "method",
    DictView: "dict_items",
    Distinct: "set",
    Builtin: "builtin_function_or_method",
    BoundMethod: "builtin_function_or_method",
    Function: "builtin_function_or_method",
}


_LIST_ITERATOR: type = type(iter([]))


def type_name(value: Any) -> str:
    """What Python and PyTorch call the type of a value."""
    kind = type(value)
    if kind is Instance:
        name: str = value.cls.name
        return name
    if kind is GradientFunction:
        return str(value.name)
    if kind is Array and value.scalar:
        return f"numpy.{value.tensor.dtype.name}"
    if kind is _LIST_ITERATOR:
        return "generator"  # what it is in Python, where items are made one by one
    return name_of_type(kind)


def name_of_type(kind: type) -> str:
    """What Python and PyTorch call a type of ours."""
    return _TYPE_NAMES.get(kind) or kind.__name__


def show(runtime: Runtime, value: Any) -> str:
    """`str(value)`."""
    if type(value) is str:
        return value
    if type(value) is Array:
        return _array_text(runtime, value, False)
    if type(value) is Instance:
        return _object_text(runtime, value, ("__str__", "__repr__"))
    if type(value) is Device:
        return "cpu"
    check_size(value, MOST_SHOWN, None, MOST_SHOWN)
    from gradcli.text.python_text import str_text

    return str_text(value, lambda each: _render(runtime, each))


def _array_text(runtime: Runtime, array: Array, quoted: bool) -> str:
    from gradcli.values.arrays import text

    return text(runtime, array, quoted)


def _object_text(runtime: Runtime, value: Instance, names: tuple[str, ...]) -> str:
    """What an object's own methods make of it; of an exception its message."""
    for name in names:
        text = runtime.special(value, name, None)
        if text is not ABSENT:
            if type(text) is not str:
                message = f"{name} returned non-string (type {type_name(text)})"
                raise GradcliError("bad-argument", message)
            return text
    arguments = value.attributes.get("args")
    if value.cls.inherits(EXCEPTIONS["BaseException"]) and type(arguments) is tuple:
        if names[0] == "__repr__":
            shown = ", ".join([represent(runtime, each) for each in arguments])
            return f"{value.cls.name}({shown})"
        if not arguments:
            return ""
        if value.cls.inherits(EXCEPTIONS["KeyError"]) and len(arguments) == 1:
            return represent(runtime, arguments[0])
        return show(runtime, arguments[0] if len(arguments) == 1 else arguments)
    return f"<{value.cls.path} object>"


def represent(runtime: Runtime, value: Any) -> str:
    """`repr(value)`."""
    check_size(value, MOST_SHOWN, None, MOST_SHOWN)
    from gradcli.text.python_text import repr_text

    return repr_text(value, lambda each: _render(runtime, each))


def formatted(runtime: Runtime, value: Any, spec: str, conversion: str | None = None) -> str:
    """`format(value, spec)`, or of `str(value)` (`s`) or `repr(value)` (`r`)."""
    if conversion is not None:
        value = represent(runtime, value) if conversion in ("r", "a") else show(runtime, value)
    if type(value) is Array:
        if value.scalar or not value.tensor.shape:  # NumPy makes one number Python's, with all its digits
            value = item(runtime, value.tensor)
        elif not spec:
            value = show(runtime, value)
    if type(value) is Instance and value.cls.find("__format__") is not None:
        return str(runtime.special(value, "__format__", None, spec))
    if type(value) in (Instance, Device):
        value = show(runtime, value)
    if type(value) is Tensor:
        if not value.shape:
            value = item(runtime, value)
        elif spec:
            raise GradcliError(
                "bad-argument",
                "unsupported format string passed to Tensor.__format__",
                hint="format one number: .item(), or .tolist()[i]",
            )
    from gradcli.text.python_text import format_text

    return format_text(value, spec, lambda each: _render(runtime, each))


def item(runtime: Runtime, tensor: Tensor) -> Any:
    """The one element of a tensor as a Python number."""
    size = 1
    for length in tensor.shape:
        size *= length
    if size != 1:
        raise GradcliError(
            "bad-argument",
            f"a Tensor with {size} elements cannot be converted to Scalar",
            hint="reduce it first (.sum(), .mean()), or use .tolist()",
        )
    number = runtime.session.value(tensor)
    return number.item() if hasattr(number, "item") else number


_NAMED = {
    DType: "torch.{0.name}",
    Device: "device(type='cpu')",
    GradientFunction: "<{0.name}>",
    ClassValue: "<class '{0.path}'>",
    Method: "<bound method {0.function.name}>",
    UserFunction: "<function {0.name}>",
    GradientClass: "<class '__main__.{0.name}'>",
    TypeFunction: "<class '{0.name}'>",
    Namespace: "<module '{0.path}'>",
    GradientContext: "<context>",
}
"""The text of what is shown by its name."""


def _render(runtime: Runtime, value: Any) -> str:
    kind = type(value)
    if kind is Tensor:
        from gradcli.text.tensor_text import PLAIN, tensor_text

        session = runtime.session
        prefix = "Parameter containing:\n" if value in PARAMETERS else ""
        return prefix + tensor_text(
            session.numpy(value),
            default_dtype=session.default_dtype,
            requires_grad=value.requires_grad,
            grad_fn=value.grad_fn,
            style=runtime.style or PLAIN,
        )
    if kind is Array:
        return _array_text(runtime, value, True)
    if kind is Size:
        from gradcli.text.python_text import size_text

        return size_text(value)
    if kind is Approx:
        return f"approx({represent(runtime, value.expected)})"
    if kind is range:
        step = f", {value.step}" if value.step != 1 else ""
        return f"range({value.start}, {value.stop}{step})"
    if kind is Instance:
        return _object_text(runtime, value, ("__repr__",))
    if kind is ClassValue and (text := runtime.special(value, "__repr__", None)) is not ABSENT:
        return str(text)
    if kind is DictView:
        ordered = "o" if type(value.entries) is Ordered else ""
        return f"{ordered}dict_{value.kind}({represent(runtime, value.items())})"
    if kind in _NAMED:
        return _NAMED[kind].format(value)
    if isinstance(value, Iterator):
        return f"<{type_name(value)} object>"
    return f"<built-in function {getattr(value, 'name', type_name(value))}>"
