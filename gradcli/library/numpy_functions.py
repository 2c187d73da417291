"""NumPy's functions where they mean something else than PyTorch's of that name, and NumPy in PyTorch scripts.

`np.std` divides by the number of elements, `np.max` along an axis is no pair, `np.split` counts parts. In a
program of NumPy alone these give tensors, which are differentiated. In one that imports torch it is another
world, as there: its functions give `Array`s, which count in float64 and are written as NumPy writes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor, labels
from gradcli.errors import GradcliError, failure
from gradcli.library import makers
from gradcli.library.arguments import for_table, keywords_for_table
from gradcli.library.tensor_methods import cast
from gradcli.ops.rows import Function
from gradcli.values import arrays
from gradcli.values.arrays import wrapped
from gradcli.values.conversions import integer, number, truth
from gradcli.values.dtypes import numpy_dtype
from gradcli.values.objects import ClassValue, Instance
from gradcli.values.values import Array, Builtin, DType, Namespace, TypeFunction, unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def _op(runtime: Runtime, name: str, *arguments: Any, **named: Any) -> Any:
    span = runtime.session.span or (0, 0)
    given = tuple([for_table(runtime, each, span) for each in arguments])
    return runtime.session.apply(labels.row(name), given, keywords_for_table(runtime, named, span))


def _float(runtime: Runtime, span: Span, a: Any) -> Tensor:
    """What is averaged: whole numbers become floats."""
    tensor = makers.as_tensor(runtime, span, a)
    return tensor if tensor.dtype.kind == "f" else cast(runtime, tensor, "float64")


def _mean(
    runtime: Runtime, span: Span, a: Any, axis: Any = None, dtype: Any = None, *, keepdims: Any = False
) -> Any:
    tensor = _float(runtime, span, a) if dtype is None else _astype(runtime, span, a, dtype)
    return _op(runtime, "mean", tensor, axis, keepdims)


def _spread(name: str) -> Builtin:
    def run(
        runtime: Runtime, span: Span, a: Any, axis: Any = None, *, ddof: Any = 0, keepdims: Any = False
    ) -> Any:
        tensor = _float(runtime, span, a)
        return _op(runtime, name, tensor, dim=axis, correction=ddof, keepdim=keepdims)

    return Builtin(name, run)


def _extreme(name: str, row: str) -> Builtin:
    def run(runtime: Runtime, span: Span, a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
        tensor = makers.as_tensor(runtime, span, a)
        return _op(runtime, row, tensor, () if axis is None else axis, keepdims)

    return Builtin(name, run)


def _sort(runtime: Runtime, span: Span, a: Any, axis: Any = -1) -> Any:
    return _op(runtime, "sort", makers.as_tensor(runtime, span, a), axis)[0]


def _quantile(name: str, part: float) -> Builtin:
    def run(runtime: Runtime, span: Span, a: Any, q: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
        at = _op(runtime, "mul", _float(runtime, span, q), part)
        return _op(runtime, "quantile", _float(runtime, span, a), at, axis, keepdims)

    return Builtin(name, run)


def _median(runtime: Runtime, span: Span, a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return _op(runtime, "quantile", _float(runtime, span, a), 0.5, axis, keepdims)


def _round(runtime: Runtime, span: Span, a: Any, decimals: Any = 0) -> Any:
    tensor = makers.as_tensor(runtime, span, a)
    if tensor.dtype.kind != "f" and type(decimals) is int:  # a whole number has no decimals to round
        return runtime.session.leaf(np.round(runtime.session.numpy(tensor), decimals))
    return _op(runtime, "round", tensor, decimals=decimals)


def _repeat(runtime: Runtime, span: Span, a: Any, repeats: Any, axis: Any = None) -> Any:
    return _op(runtime, "repeat_interleave", makers.as_tensor(runtime, span, a), repeats, axis)


def _parts(name: str) -> Builtin:
    def run(runtime: Runtime, span: Span, ary: Any, indices_or_sections: Any, axis: Any = 0) -> list[Any]:
        tensor = makers.as_tensor(runtime, span, ary)
        if name == "split" and type(indices_or_sections) is int and tensor.shape:
            length = tensor.shape[integer(runtime, axis, span, "an axis is an integer")]
            if indices_or_sections < 1 or length % indices_or_sections:
                raise failure("ValueError", "array split does not result in an equal division", span)
        return list(_op(runtime, "tensor_split", tensor, indices_or_sections, axis))

    return Builtin(name, run)


def _meshgrid(runtime: Runtime, span: Span, *xi: Any, indexing: Any = "xy") -> Any:
    return _op(
        runtime, "meshgrid", *[makers.as_tensor(runtime, span, each) for each in xi], indexing=indexing
    )


def _scan(name: str) -> Builtin:
    def run(runtime: Runtime, span: Span, a: Any, axis: Any = None) -> Any:
        tensor = makers.as_tensor(runtime, span, a)
        if axis is None:
            return _op(runtime, name, _op(runtime, "flatten", tensor), 0)
        return _op(runtime, name, tensor, axis)

    return Builtin(name, run)


def _transpose(runtime: Runtime, span: Span, a: Any, *axes: Any) -> Any:
    tensor = makers.as_tensor(runtime, span, a)
    given: Any = axes[0] if len(axes) == 1 and isinstance(axes[0], (list, tuple)) else axes
    if not axes or given is None or given == (None,):
        given = range(len(tensor.shape))[::-1]
    return _op(runtime, "permute", tensor, tuple(given))


def _nonzero(runtime: Runtime, span: Span, a: Any) -> Any:
    return _op(runtime, "nonzero", makers.as_tensor(runtime, span, a), as_tuple=True)


def _dot(runtime: Runtime, span: Span, a: Any, b: Any) -> Any:
    left, right = makers.as_tensor(runtime, span, a), makers.as_tensor(runtime, span, b)
    if left.dtype != right.dtype:
        kind = np.promote_types(left.dtype, right.dtype).name
        left, right = cast(runtime, left, kind), cast(runtime, right, kind)
    return _op(runtime, "matmul" if left.shape and right.shape else "mul", left, right)


def _expand_dims(runtime: Runtime, span: Span, a: Any, axis: Any) -> Any:
    return _op(runtime, "unsqueeze", makers.as_tensor(runtime, span, a), axis)


def _astype(runtime: Runtime, span: Span, a: Any, dtype: Any, *, copy: Any = True) -> Any:
    name = str(dtype if type(dtype) is str else getattr(dtype, "dtype", None) or getattr(dtype, "name", ""))
    if name in ("int", "float"):
        name += "64"
    try:
        numpy_dtype(name)
    except (KeyError, TypeError, GradcliError):
        raise failure("TypeError", f"data type {name!r} not understood", span) from None
    return cast(runtime, makers.as_tensor(runtime, span, a), name)


def _fill(runtime: Runtime, span: Span, a: Any, value: Any) -> None:
    tensor = makers.as_tensor(runtime, span, a)
    full = runtime.session.apply(labels.row("full_like"), (tensor, unwrapped(value)), {})
    runtime.session.assign_in_place(tensor, full, "fill_")


def _linspace(
    runtime: Runtime,
    span: Span,
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: Any = True,
    *,
    dtype: Any = None,
) -> Any:
    ends = [number(runtime, each, span, "linspace") for each in (start, stop)]
    count = integer(runtime, num, span, "num must be an integer")
    if count < 0:
        raise failure("ValueError", f"Number of samples, {count}, must be non-negative.", span)
    runtime.limits.room(count, span)
    made = runtime.session.leaf(np.linspace(ends[0], ends[1], count, truth(runtime, endpoint, span)))
    return made if dtype is None else _astype(runtime, span, made, dtype)


def _flip(runtime: Runtime, span: Span, m: Any, axis: Any = None) -> Any:
    tensor = makers.as_tensor(runtime, span, m)
    return _op(runtime, "flip", tensor, range(len(tensor.shape)) if axis is None else axis)


FUNCTIONS: dict[str, Builtin] = {
    "flip": Builtin("flip", _flip),
    "linspace": Builtin("linspace", _linspace),
    "mean": Builtin("mean", _mean),
    "std": _spread("std"),
    "var": _spread("var"),
    **{name: _extreme(name, row) for row in ("amax", "amin") for name in (row, row[1:])},
    "sort": Builtin("sort", _sort),
    "percentile": _quantile("percentile", 0.01),
    "quantile": _quantile("quantile", 1.0),
    "median": Builtin("median", _median),
    "round": Builtin("round", _round),
    "around": Builtin("around", _round),
    "repeat": Builtin("repeat", _repeat),
    "split": _parts("split"),
    "array_split": _parts("array_split"),
    "meshgrid": Builtin("meshgrid", _meshgrid),
    "cumsum": _scan("cumsum"),
    "cumprod": _scan("cumprod"),
    "transpose": Builtin("transpose", _transpose),
    "nonzero": Builtin("nonzero", _nonzero),
    "dot": Builtin("dot", _dot),
    "matmul": Builtin("matmul", _dot),
    "expand_dims": Builtin("expand_dims", _expand_dims),
    "finfo": makers.FLOAT_INFO,
    "iinfo": makers.INTEGER_INFO,
}
"""What `np.` has that isn't PyTorch's function of that name."""

# ---- NumPy's world in a PyTorch script -----------------------------------------------------------


def _opened(value: Any) -> Any:
    if isinstance(value, (list, tuple)) and any(isinstance(each, (Array, list, tuple)) for each in value):
        return [_opened(each) for each in value]
    return unwrapped(value)


def _closed(runtime: Runtime, value: Any) -> Any:
    if type(value) is Namespace:  # what `finfo` knows of a dtype
        kind = np.dtype(value.members["dtype"])
        numbers = {name: each for name, each in value.members.items() if type(each) is float}
        told = {name: Array(runtime.session.tensor(each, kind), True) for name, each in numbers.items()}
        return Namespace(value.path, {**value.members, **told}, functions=False)
    if isinstance(value, (list, tuple)) and any(type(each) is Tensor for each in value):
        parts = map(wrapped, value)
        return list(parts) if isinstance(value, list) else tuple(parts)
    return wrapped(value)


_REFUSING = (TypeError, ValueError, IndexError)


def _by_numpy(name: str, function: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """A function computed by NumPy itself: of sums all digits are shown."""
    function = function or getattr(np, name)

    def run(runtime: Runtime, span: Span, a: Any, *arguments: Any, **keywords: Any) -> Any:
        if type(a) is Tensor and name in _ADDING:
            of_tensors = of_arrays(FUNCTIONS.get(name) or labels.row(name))
            return of_tensors(runtime, span, a, *arguments, **keywords)

        def plain(value: Any) -> Any:
            if type(value) in (Array, Tensor):
                array = value if type(value) is Array else arrays.numpy(runtime, span, value)
                return runtime.session.numpy(array.tensor)
            if isinstance(value, (list, tuple)):
                return type(value)([plain(each) for each in value])
            return for_table(runtime, value, span)

        given = [plain(each) for each in (a, *arguments)]
        try:
            found = function(*given, **{key: plain(each) for key, each in keywords.items()})
        except _REFUSING as error:
            kind = next(each.__name__ for each in _REFUSING if isinstance(error, each))
            raise failure(kind, str(error), span) from None
        return _as_arrays(runtime, found)

    return run


def _as_arrays(runtime: Runtime, found: Any) -> Any:
    if type(found) is str:
        return found
    if isinstance(found, (list, tuple)):
        parts = [_as_arrays(runtime, each) for each in found]
        return parts if isinstance(found, list) else tuple(parts)
    return Array(runtime.session.leaf(np.asarray(found)), not np.ndim(found))


_TOGETHER = frozenset(
    (
        *("add", "subtract", "multiply", "divide", "true_divide", "floor_divide", "maximum", "minimum"),
        *("where", "concatenate", "stack", "vstack", "hstack", "column_stack", "outer", "hypot", "arctan2"),
    )
)
"""The functions whose result has a dtype in which all that they are given fits."""


def of_arrays(
    function: Any, floats: bool = False, closes: bool = False, together: bool = False
) -> Callable[..., Any]:
    """A function as NumPy has it: of arrays, whose numbers have 64 bits unless they say otherwise.

    With `floats` it takes whole numbers as floats, with `together` all in one dtype; what it gives is an
    array, with `closes` of tensors too.
    """

    def run(runtime: Runtime, span: Span, *arguments: Any, **keywords: Any) -> Any:
        grown = next((each for each in arguments if type(each) is Tensor and each.requires_grad), None)
        if grown is not None:
            arrays.numpy(runtime, span, grown)  # which says that it is to be detached
        context = runtime.session.context
        former, context.default_dtype = context.default_dtype, np.dtype(np.float64)
        try:
            given = tuple(map(_opened, arguments))
            if floats:
                given = tuple(
                    [_float(runtime, span, each) if type(each) in (Tensor, list) else each for each in given]
                )
            if together and not any(type(each) is Tensor for each in arguments):
                given = tuple(arrays.of_one_dtype(list(given)))
                given = tuple([arrays.of_one_dtype(x) if isinstance(x, list) else x for x in given])
            named = {name: _opened(value) for name, value in keywords.items()}
            result = runtime.call(function, given, named, span)
        finally:
            context.default_dtype = former
        of_tensors = not closes and any(type(each) is Tensor for each in arguments)
        return result if of_tensors else _closed(runtime, result)

    return run


_ADDING = ("mean", "std", "var", "median", "sum", "prod", "cumsum", "cumprod")
_BY_NUMPY = (
    *("corrcoef", "cov", "polyfit", "polyval", "roots", "histogram", "interp", "gradient", "convolve"),
    *("average", "ptp", "digitize", "unravel_index", "tensordot", "pad", "flip", "nanstd", "nanvar"),
    *("nanmax", "nanmin", "trapezoid", "correlate", "argwhere", "union1d", "intersect1d", "mod"),
    *("array2string", "dstack", "fliplr", "flipud", "setdiff1d"),
)
"""What has no gradient in a PyTorch script, where arrays are NumPy's."""


def _number_type(kind: TypeFunction) -> TypeFunction:
    """`np.float64`: a number, or an array of such numbers, which keeps its dtype."""
    dtype = kind.dtype

    def run(runtime: Runtime, span: Span, value: Any = 0) -> Any:
        given = float(value) if type(value) is str else value
        return wrapped(makers.as_tensor(runtime, span, given, DType(str(dtype))))

    def matches(value: Any) -> bool:
        return type(value) is Array and value.scalar and value.tensor.dtype == dtype

    return TypeFunction(kind.name, run, matches, dtype)


class _Members(dict[str, Any]):
    """The names of a module of NumPy's, as they are in a PyTorch script."""

    def __init__(self, module: Namespace) -> None:
        super().__init__()
        self.module = module

    def get(self, name: str, default: Any = None) -> Any:
        from gradcli.library.looking import namespace_member

        if name not in self:
            found = namespace_member(self.module, name, default)
            if found is default:
                return default
            if type(found) is Namespace:
                found = arrays_of(found)
            elif type(found) is TypeFunction:
                found = _number_type(found)
            elif isinstance(found, (Builtin, Function)):
                made = name in ("array", "asarray")
                floats, together = self.module.path == "torch.linalg", name in _TOGETHER
                found = Builtin(name, of_arrays(found, floats, made, together))
            self[name] = found
        return self[name]


_WORLD: dict[str, Namespace] = {}


def arrays_of(module: Namespace) -> Namespace:
    """A module of NumPy's whose functions give arrays."""
    if module.path not in _WORLD:
        members = _ARRAYS if module.path == "numpy" else {}
        known = _Members(module)
        _WORLD[module.path] = Namespace(
            module.path, members, functions=False, missing=module.missing, late=lambda: known
        )
    return _WORLD[module.path]


def _set_printoptions(
    runtime: Runtime,
    span: Span,
    precision: Any = None,
    threshold: Any = None,
    edgeitems: Any = None,
    linewidth: Any = None,
    suppress: Any = None,
) -> None:
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    options = {name: each for name, each in given.items() if type(each) is int}
    if suppress is not None:
        options["suppress"] = truth(runtime, suppress, span)
    runtime.kept[arrays.PRINTING] = runtime.kept.get(arrays.PRINTING, {}) | options


def _joiner(name: str) -> Instance:
    """`np.c_[a, b]` and its like."""
    join = _by_numpy(name, getattr(np, name).__getitem__)
    made = ClassValue(
        name, (), {"__getitem__": Builtin(name, lambda runtime, span, _, key: join(runtime, span, key))}
    )
    return Instance(made)


def _ndarray(runtime: Runtime, span: Span, shape: Any) -> Any:
    return wrapped(_op(runtime, "zeros", shape))


NDARRAY = TypeFunction("numpy.ndarray", _ndarray, lambda value: type(value) is Array)
_ARRAYS: dict[str, Any] = {
    "newaxis": None,
    "ndarray": NDARRAY,
    "set_printoptions": Builtin("set_printoptions", _set_printoptions),
    **{name: Builtin(name, _by_numpy(name)) for name in (*_ADDING, *_BY_NUMPY)},
    **{name: _joiner(name) for name in ("c_", "r_", "mgrid")},
}
"""What NumPy's world has of its own."""

_METHODS = {
    **{name: FUNCTIONS[name] for name in ("max", "min", "round", "repeat", "transpose")},
    **{name: FUNCTIONS[name] for name in ("nonzero", "dot")},
    **{
        name: labels.row(name)
        for name in (
            *("all", "any", "argmax", "argmin", "argsort", "squeeze", "ravel", "trace"),
            *("diagonal", "swapaxes"),
        )
    },
    "clip": labels.row("clamp"),
    "astype": Builtin("astype", _astype),
    "fill": Builtin("fill", _fill),
}
ARRAY_METHODS: dict[str, Callable[..., Any]] = {
    **{name: of_arrays(function) for name, function in _METHODS.items()},
    **{name: _by_numpy(name) for name in _ADDING if name != "median"},
}
"""The methods of arrays that are NumPy's functions of them."""

__all__ = ["ARRAY_METHODS", "FUNCTIONS", "arrays_of", "of_arrays"]
