"""What makes tensors out of numbers (`tensor`, `param`, `Variable`, `torch.Tensor`), and what compares two.

`namespaces` says where they are reached. Each takes `(runtime, span, …)`.
"""

from __future__ import annotations

import math
from functools import wraps
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.autograd.labels import row
from gradcli.errors import GradcliError
from gradcli.library.tensor_methods import as_strided, cast
from gradcli.limits import MOST_SHOWN
from gradcli.tape.promote import TENSOR_TYPES, broadcast, number_dtype, promote_types, result_type, torch_name
from gradcli.values.conversions import elements, integer, listed, number, plain_data, truth
from gradcli.values.dtypes import dtype_name, numpy_dtype
from gradcli.values.formatting import type_name
from gradcli.values.values import (
    NUMBERS,
    Approx,
    Builtin,
    Device,
    DType,
    Namespace,
    Size,
    TypeFunction,
    unwrapped,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


_MOST_DIGITS = 60
_MOST_PRINTED = 1e9


def _dtype(value: Any, span: Span) -> Any:
    if value is None:
        return None
    name = dtype_name(value)
    if name is None:
        raise GradcliError("bad-argument", f"dtype must be torch.dtype, not {type_name(value)}", span=span)
    return numpy_dtype(name)


def _dtype_of_parts(data: Any) -> Any:
    """The dtype of a list that begins with a tensor or an array, which keeps it; None for plain numbers."""
    first = data
    while isinstance(first, (list, tuple)) and first:
        first = first[0]
    if first is data or type(unwrapped(first)) is not Tensor:
        return None
    pending, found = [data], None
    while pending:
        each = unwrapped(pending.pop())
        if isinstance(each, (list, tuple)):
            pending.extend(each)
        else:
            kind = each.dtype if type(each) is Tensor else number_dtype(each)
            found = kind if found is None else promote_types(found, kind)
    return found


def _tensor(
    runtime: Runtime,
    span: Span,
    data: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: Any = False,
) -> Tensor:
    data = unwrapped(data)
    source = data if type(data) is Tensor else plain_data(runtime, data, span)
    runtime.session.span = span
    wanted = _dtype_of_parts(data) if dtype is None else _dtype(dtype, span)
    return runtime.session.tensor(source, wanted, truth(runtime, requires_grad, span))


def _param(
    runtime: Runtime, span: Span, data: Any, requires_grad: Any = True, *, dtype: Any = None
) -> Tensor:
    return _tensor(runtime, span, data, dtype=dtype, requires_grad=requires_grad)


def _scalar_tensor(runtime: Runtime, span: Span, s: Any, *, dtype: Any = None, **settings: Any) -> Tensor:
    return _tensor(
        runtime,
        span,
        s,
        dtype=DType(runtime.session.default_dtype.name) if dtype is None else dtype,
        **settings,
    )


def as_tensor(runtime: Runtime, span: Span, data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """What is no tensor yet, as one."""
    data = unwrapped(data)
    if type(data) is Tensor:
        return data if dtype is None else cast(runtime, data, dtype_name(dtype) or "float64")
    return _tensor(runtime, span, data, dtype=dtype)


def _variable(
    runtime: Runtime, span: Span, data: Any, requires_grad: Any = False, volatile: Any = False
) -> Tensor:
    if type(data) is not Tensor:
        message = f"Variable data has to be a tensor, but got {type_name(data)}"
        raise GradcliError(
            "bad-argument", message, span=span, hint="Variable(torch.tensor(…), requires_grad=True)"
        )
    alias = runtime.session.detach(data)
    return runtime.session.set_requires_grad(alias, True) if truth(runtime, requires_grad, span) else alias


def _legacy(dtype: str | None) -> Any:
    """`torch.Tensor([...])` and `torch.FloatTensor(2, 3)`: numbers, or a shape to fill with zeros."""

    def run(runtime: Runtime, span: Span, *arguments: Any) -> Tensor:
        session = runtime.session
        arguments = tuple(map(unwrapped, arguments))
        wanted = numpy_dtype(dtype) if dtype else session.default_dtype
        if len(arguments) == 1 and (
            isinstance(arguments[0], (list, tuple)) and type(arguments[0]) is not Size
        ):
            return session.tensor(plain_data(runtime, arguments[0], span), wanted)
        if len(arguments) == 1 and type(arguments[0]) is Tensor:
            return session.tensor(arguments[0], wanted)
        sizes = arguments[0] if len(arguments) == 1 and type(arguments[0]) is Size else arguments
        shape = tuple(integer(runtime, each, span, "a size must be an integer") for each in sizes)
        made: Tensor = session.apply(row("zeros"), (shape or (0,),), {"dtype": wanted})
        return made

    return run


def _detach(runtime: Runtime, span: Span, input: Any) -> Tensor:
    return runtime.session.detach(input) if type(input) is Tensor else _tensor(runtime, span, input)


def _is_tensor(value: Any) -> bool:
    return type(value) is Tensor


def _is_of(dtype: str) -> Callable[[Any], bool]:
    return lambda value: type(value) is Tensor and value.dtype.name == dtype


VARIABLE = TypeFunction("Variable", _variable, _is_tensor)
TENSOR_MAKERS: dict[str, Any] = {
    "detach": Builtin("detach", _detach),
    "tensor": Builtin("tensor", _tensor),
    "param": Builtin("param", _param),
    "as_tensor": Builtin("as_tensor", as_tensor),
    "from_numpy": Builtin("from_numpy", as_tensor),
    "Tensor": TypeFunction("torch.Tensor", _legacy(None), _is_tensor),
    **{
        path.removeprefix("torch."): TypeFunction(path, _legacy(name), _is_of(name))
        for path, name in TENSOR_TYPES.items()
    },
}


def _array(runtime: Runtime, span: Span, data: Any, dtype: Any = None) -> Tensor:
    """`np.array`: NumPy's floats have 64 bits whatever PyTorch's default is."""
    if type(data) is not Tensor and dtype is None and _dtype_of_parts(data) is None:
        made = _tensor(runtime, span, data)
        return cast(runtime, made, "float64") if made.dtype.kind == "f" else made
    return _tensor(runtime, span, data, dtype=dtype)


NUMPY_MAKERS: dict[str, Any] = {"array": Builtin("array", _array), "asarray": Builtin("asarray", _array)}


def _int64(value: float, span: Span) -> int:
    if not -(2.0**63) <= value < 2.0**63:
        raise GradcliError("bad-argument", f"{value} does not fit int64", span=span)
    return int(value)


def numpy_scalar(name: str, dtype: str) -> TypeFunction:
    """`np.float64`: an element type, and a function that makes such a number."""

    def run(runtime: Runtime, span: Span, value: Any = 0) -> Any:
        if type(value) in NUMBERS and dtype in ("float64", "int64"):
            return float(value) if dtype == "float64" else _int64(value, span)
        return _tensor(runtime, span, value, dtype=DType(dtype))

    return TypeFunction(f"numpy.{name}", run, lambda value: False, dtype)


# ---- comparing -----------------------------------------------------------------------------------


def _arrays(runtime: Runtime, left: Any, right: Any, span: Span) -> tuple[Any, Any]:
    session = runtime.session
    pair = []
    for value in (unwrapped(left), unwrapped(right)):
        if type(value) is not Tensor:
            value = session.tensor(plain_data(runtime, value, span))
        pair.append(session.numpy(value))
    return pair[0], pair[1]


def _close(
    runtime: Runtime,
    span: Span,
    input: Any,
    other: Any,
    rtol: Any = 1e-5,
    atol: Any = 1e-8,
    equal_nan: Any = False,
) -> Any:
    """Which elements of two tensors agree, as an array of bools."""
    if runtime.torch and type(input) is type(other) is Tensor and input.dtype != other.dtype:
        message = f"{torch_name(input.dtype)} did not match {torch_name(other.dtype)}"
        raise GradcliError("dtype", message, span=span)
    return _near(runtime, span, input, other, rtol, atol, equal_nan)


def _near(
    runtime: Runtime,
    span: Span,
    a: Any,
    b: Any,
    rtol: Any = 1e-5,
    atol: Any = 1e-8,
    equal_nan: Any = False,
) -> Any:
    """The same of any two dtypes, as NumPy has it."""
    import numpy as np

    left, right = _arrays(runtime, a, b, span)
    relative, absolute = (number(runtime, each, span, "isclose") for each in (rtol, atol))
    broadcast(left.shape, right.shape)
    return np.isclose(left, right, relative, absolute, truth(runtime, equal_nan, span))


def _all(close: Callable[..., Any]) -> Callable[..., bool]:
    """Whether all elements agree, by what tells of each."""

    @wraps(close)
    def run(runtime: Runtime, span: Span, *compared: Any, **settings: Any) -> bool:
        return bool(close(runtime, span, *compared, **settings).all())

    return run


_allclose = _all(_close)


@wraps(_near)
def _each_near(runtime: Runtime, span: Span, *compared: Any, **settings: Any) -> Tensor:
    return runtime.session.leaf(_near(runtime, span, *compared, **settings))


@wraps(_close)
def _isclose(runtime: Runtime, span: Span, *compared: Any, **settings: Any) -> Tensor:
    made = _close(runtime, span, *compared, **settings)
    runtime.session.ask_first((*compared, *settings.values()))  # PyTorch composes it
    return runtime.session.leaf(made)


def _equal(runtime: Runtime, span: Span, input: Any, other: Any) -> bool:
    left, right = _arrays(runtime, input, other, span)
    return bool(left.shape == right.shape and (left == right).all())


def _approx(
    runtime: Runtime, span: Span, value: Any, expected: Any = None, rel: Any = 1e-6, abs: Any = 1e-12
) -> bool | Approx:
    if expected is None:  # as pytest has it: x.grad == approx(8)
        return Approx(value, rel, abs)
    return _allclose(runtime, span, value, expected, rel, abs)


def near(runtime: Runtime, span: Span, value: Any, approx: Approx) -> bool:
    """`value == approx(…)`."""
    return _allclose(runtime, span, value, approx.expected, approx.relative, approx.absolute)


COMPARING = {
    "allclose": Builtin("allclose", _allclose),
    "isclose": Builtin("isclose", _isclose),
    "equal": Builtin("equal", _equal),
}
"""What tensors also have as methods."""
NUMPY_COMPARING = {
    "allclose": Builtin("allclose", _all(_near)),
    "isclose": Builtin("isclose", _each_near),
    "array_equal": COMPARING["equal"],
}
APPROX = Builtin("approx", _approx)

# ---- what is asked of tensors, and settings ------------------------------------------------------


def _size(runtime: Runtime, span: Span, values: Any = ()) -> Size:
    items = listed(runtime, values, span)
    return Size(integer(runtime, each, span, "a size must be an integer") for each in items)


def _device(runtime: Runtime, span: Span, name: Any, index: Any = 0) -> Device:
    if type(name) is str and name.partition(":")[0] == "cpu":
        return Device()
    if type(name) is Device:
        return name
    raise GradcliError("bad-argument", f"there is no device {name!r} here", span=span, hint="write 'cpu'")


def _set_default_dtype(runtime: Runtime, span: Span, dtype: Any) -> None:
    wanted = _dtype(dtype, span)
    if wanted is None or wanted.kind != "f":
        message = "only floating-point types are supported as the default type"
        raise GradcliError("dtype", message, span=span)
    runtime.session.context.default_dtype = wanted


def _get_default_dtype(runtime: Runtime, span: Span) -> DType:
    return DType(runtime.session.default_dtype.name)


_PROFILES = {"default": (4, 1000, 3, 80), "short": (2, 1000, 2, 80), "full": (4, math.inf, 3, 80)}


def _set_printoptions(
    runtime: Runtime,
    span: Span,
    precision: Any = None,
    threshold: Any = None,
    edgeitems: Any = None,
    linewidth: Any = None,
    profile: Any = None,
    sci_mode: Any = None,
) -> None:
    from gradcli.text.tensor_text import PLAIN, Style

    former = runtime.style or PLAIN
    values: tuple[Any, ...] = (former.precision, former.threshold, former.edge_items, former.line_width)
    if profile is not None:
        if type(profile) is not str or profile not in _PROFILES:
            raise GradcliError("bad-argument", "profile must be 'default', 'short' or 'full'", span=span)
        values = _PROFILES[profile]
    given = (precision, threshold, edgeitems, linewidth)
    for each in given:
        if each is not None and (type(each) not in (int, float) or not 0 <= each < _MOST_PRINTED):
            raise GradcliError("bad-argument", "a print option is a number", span=span)
    precision, threshold, edgeitems, linewidth = (
        old if each is None else each for each, old in zip(given, values, strict=True)
    )
    scientific = None if sci_mode is None else truth(runtime, sci_mode, span)
    runtime.style = Style(
        min(int(precision), _MOST_DIGITS),
        min(threshold, MOST_SHOWN),
        int(edgeitems),
        int(linewidth),
        scientific,
    )


def _is_floating_point(runtime: Runtime, span: Span, input: Any) -> bool:
    return as_tensor(runtime, span, input).dtype.kind == "f"


def _promote_types(runtime: Runtime, span: Span, type1: Any, type2: Any) -> DType:
    return DType(promote_types(_needed_dtype(type1, span), _needed_dtype(type2, span)).name)


def _needed_dtype(given: Any, span: Span) -> Any:
    found = _dtype(given, span)
    if found is None:
        raise GradcliError("bad-argument", "expected a dtype, not None", span=span)
    return found


def _can_cast(runtime: Runtime, span: Span, from_: Any, to: Any) -> bool:
    """Whether one dtype may become another unasked: no float a whole number, nothing but a flag a flag."""
    first, second = (str(_needed_dtype(each, span).kind) for each in (from_, to))
    return first == second or second == "f" or (second != "b" and first != "f")


def _result_type(runtime: Runtime, span: Span, tensor1: Any, tensor2: Any) -> DType:
    operands = [
        each.node if type(each) is Tensor else number(runtime, each, span, "result_type")
        for each in (tensor1, tensor2)
    ]
    return DType(result_type(operands).name)


def _numel(runtime: Runtime, span: Span, input: Any) -> int:
    return elements(as_tensor(runtime, span, input))


def _float_info(runtime: Runtime, span: Span, type: Any = None) -> Namespace:
    """`torch.finfo(dtype)`: what the numbers of a floating dtype can be."""
    import numpy as np

    kind = runtime.session.default_dtype if type is None else numpy_dtype(dtype_name(type) or "int64")
    if kind.kind != "f":
        message = (
            "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'"
        )
        raise GradcliError("bad-argument", message, span=span)
    found = np.finfo(kind)
    names = ("bits", "eps", "max", "min", "tiny", "smallest_normal", "resolution")
    numbers = {name: getattr(found, name) for name in names}
    numbers = {name: each.item() if hasattr(each, "item") else each for name, each in numbers.items()}
    return Namespace("torch.finfo", {**numbers, "dtype": kind.name}, functions=False)


def _integer_info(runtime: Runtime, span: Span, type: Any) -> Namespace:
    """`torch.iinfo(dtype)`: what the numbers of a dtype of whole numbers can be."""
    import numpy as np

    kind = numpy_dtype(dtype_name(type) or "int64")
    if kind.kind not in "iu":
        message = "torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'"
        raise GradcliError("bad-argument", message, span=span)
    found = np.iinfo(kind)
    numbers = {"bits": found.bits, "max": int(found.max), "min": int(found.min), "dtype": kind.name}
    return Namespace("torch.iinfo", numbers, functions=False)


def _broadcast_shapes(runtime: Runtime, span: Span, *shapes: Any) -> Size:
    given = [_size(runtime, span, (each,) if type(each) is int else each) for each in shapes]
    return Size(broadcast(*given) if given else ())


def _compile(runtime: Runtime, span: Span, model: Any = None, **_: Any) -> Any:
    """The model, or with settings alone what gives it: programs are planned as they are."""
    return COMPILE if model is None else model


FLOAT_INFO = Builtin("finfo", _float_info)
INTEGER_INFO = Builtin("iinfo", _integer_info)
COMPILE = Builtin("compile", _compile)
ASKED_AND_SET: dict[str, Any] = {
    "Size": TypeFunction("torch.Size", _size, lambda value: type(value) is Size),
    "device": TypeFunction("torch.device", _device, lambda value: type(value) is Device),
    "dtype": TypeFunction("torch.dtype", lambda runtime, span, *_: None, lambda value: type(value) is DType),
    "finfo": FLOAT_INFO,
    "iinfo": INTEGER_INFO,
    "broadcast_shapes": Builtin("broadcast_shapes", _broadcast_shapes),
    "compile": COMPILE,
    "as_strided": Builtin("as_strided", as_strided),
    "set_default_dtype": Builtin("set_default_dtype", _set_default_dtype),
    "get_default_dtype": Builtin("get_default_dtype", _get_default_dtype),
    "set_printoptions": Builtin("set_printoptions", _set_printoptions),
    "set_default_device": Builtin("setting", lambda runtime, span, *_, **__: None),
    "get_default_device": Builtin("get_default_device", lambda runtime, span: Device()),
    "scalar_tensor": Builtin("scalar_tensor", _scalar_tensor),
    "is_tensor": Builtin("is_tensor", lambda runtime, span, obj: _is_tensor(obj)),
    "is_floating_point": Builtin("is_floating_point", _is_floating_point),
    "numel": Builtin("numel", _numel),
    "promote_types": Builtin("promote_types", _promote_types),
    "can_cast": Builtin("can_cast", _can_cast),
    "result_type": Builtin("result_type", _result_type),
}
"""What `torch` has of these."""
