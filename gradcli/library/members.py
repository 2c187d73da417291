"""The attributes and methods of every value, as explicit tables: no Python object is ever asked for a name.

The compiled attributes and calls ask here. A tensor's methods are those of `tensor_methods`, and the
functions of the function table that PyTorch has as methods.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.autograd.labels import row
from gradcli.autograd.without_nan import operands_of
from gradcli.errors import GradcliError, failure, suggestion
from gradcli.library import drawing, objects
from gradcli.library.arguments import apply_row
from gradcli.library.in_place_methods import in_place
from gradcli.library.looking import namespace_member, unknown_in_namespace
from gradcli.library.makers import COMPARING
from gradcli.library.python_methods import PYTHON_METHODS, STATICS
from gradcli.library.tensor_methods import METHODS
from gradcli.ops import registry
from gradcli.ops.rows import Function
from gradcli.tape.node import FLOATS, LEAF, Node
from gradcli.values.arrays import wrapped
from gradcli.values.conversions import elements, integer
from gradcli.values.dtypes import numpy_dtype
from gradcli.values.formatting import name_of_type, type_name
from gradcli.values.objects import ABSENT, ClassValue, Instance, Super
from gradcli.values.values import (
    Array,
    BoundMethod,
    Builtin,
    Device,
    DType,
    GradientClass,
    GradientContext,
    GradientFunction,
    HookHandle,
    Namespace,
    Size,
    TypeFunction,
    UserFunction,
    is_generator,
    unwrapped,
)

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

# ---- tensors -------------------------------------------------------------------------------------


def _gradient_function(runtime: Runtime, tensor: Tensor) -> GradientFunction | None:
    name = tensor.asked().grad_fn
    return None if name is None else GradientFunction(name, tensor.node)


def _gradient(runtime: Runtime, tensor: Tensor) -> Tensor | None:
    found = runtime.session.read_gradient(tensor)
    if found is None and not tensor.is_leaf and not tensor.retains_grad:
        runtime.warn(NOT_A_LEAF)
    return found


NOT_A_LEAF = (
    "UserWarning: The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad "
    "attribute won't be populated during autograd.backward(). If you indeed want the .grad field to be "
    "populated for a non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf "
    "Tensor by mistake, make sure you access the leaf Tensor instead."
)


def _next_functions(node: Node, name: str) -> tuple[Any, ...]:
    """What a gradient goes on to from an operation: pairs of a `grad_fn` and 0, None where it ends."""
    handed = _handed(node)
    before = None if node.call is None else _BEFORE.get(node.call.function.name)
    if before is not None and len(handed) == 1 and name != before:
        ends = [(None, 0)] if name == "MulBackward0" else []
        return ((GradientFunction(before, node), 0), *ends)
    found: list[Any] = []
    for each in handed:
        if each is None or not each.requires_grad:
            found.append((None, 0))
        elif each.call is not None and each.call is node.call:  # the weight of `linear`, turned
            found.append((GradientFunction("TBackward0", each), 0))
        elif Tensor(each).is_leaf:
            found.append((GradientFunction("AccumulateGrad", each), 0))
        else:
            found.append((GradientFunction(str(Tensor(each).grad_fn), each), 0))
    return tuple(found)


def _handed(node: Node) -> list[Node | None]:
    """The operands of an operation that it has places for: tensors that could have a gradient.

    What several steps compose here is one in PyTorch: it has each tensor of its call once. A number that
    stands before a tensor comes after it, as PyTorch turns them, or has no place where it is no tensor there.
    """
    operands: list[Node | None] = list(operands_of(node))
    call, name = node.call, node.call.function.name if node.call is not None else ""
    if call is None or name in ("linear", "addmm", "grad"):
        return operands
    if any(each.call is call for each in node.inputs):
        if call.saved is not None and call.saved[1]:
            _, parameters, bound, keywords = call.saved
            given = dict(zip([each.name for each in parameters], bound, strict=False)) | keywords
            held = [given.get(each.name) for each in parameters if each.kind.endswith("tensor")]
            operands = [each for each in held if type(each) is Node]
            if name.startswith("conv") or name.endswith("_norm"):  # weight and bias, if there were any
                operands += [None] * (3 - len(operands))
        else:
            operands = list({each: None for each in operands if each is not None and each.requires_grad})
    if name in _ARITHMETIC and operands:
        first = operands[0]
        if first is not None and first.op is LEAF and type(first.value) is not np.ndarray:
            operands = [*operands[1:], *operands[:1]] if name in _TURNED else operands[1:]
        return operands
    return [each for each in operands if each is None or (each.dtype in FLOATS and each.call is not call)]


_BEFORE = {"cross_entropy": "LogSoftmaxBackward0", "div": "ReciprocalBackward0"}
"""What PyTorch does of a call before the step that its result is of; of a division of a number."""
_TURNED = ("mul", "add")
_ARITHMETIC = (*_TURNED, "sub", "rsub", "div", "pow")
"""What indices and flags are operands of as others, and numbers may stand before tensors."""


_OPERANDS = {"self": 0, "other": 1, "exponent": 1, "mat2": 1}


def _held(runtime: Runtime, node: Node) -> Tensor:
    """The tensor of a node: of a leaf the one that the program has."""
    return next((each for each in runtime.leaves.values() if each.node is node), None) or Tensor(node)


def _saved(runtime: Runtime, node: Node, name: str) -> Any:
    """What an operation of one step keeps for backward: an operand, a number or its result; or None."""
    if node.call is None or any(each.call is node.call for each in node.inputs):
        return None
    if name == "result":
        return Tensor(node)
    place = _OPERANDS.get(name, len(node.inputs))
    if place < len(node.inputs):
        return _held(runtime, node.inputs[place])
    return node.attrs[0] if name == "exponent" and node.attrs else None


def _turned(name: str) -> Callable[[Runtime, Tensor], Any]:
    """`x.mT`, `x.mH` and `x.H`: the transpose of a matrix, of each where there may be several."""

    def run(runtime: Runtime, tensor: Tensor) -> Any:
        rank = len(tensor.shape)
        if not rank:
            return tensor
        if rank == 1 or (rank > 2 and name == "H"):
            matrices = "matrices (2-D tensors)" if name == "H" else "matrices or batches of matrices"
            more = " For batches of matrices, consider using tensor.mH" if rank > 2 else ""
            message = f"tensor.{name} is only supported on {matrices}. Got {rank}-D tensor.{more}"
            raise GradcliError("shape", message)
        return runtime.session.apply(row("mT"), (tensor,), {})

    return run


TENSOR_ATTRIBUTES: dict[str, Callable[[Runtime, Tensor], Any]] = {
    "requires_grad": lambda runtime, tensor: tensor.requires_grad,
    "is_leaf": lambda runtime, tensor: tensor.asked().is_leaf,
    "grad": _gradient,
    "grad_fn": _gradient_function,
    "retains_grad": lambda runtime, tensor: tensor.retains_grad,
    "data": lambda runtime, tensor: runtime.session.detach(tensor, silent=True),
    "shape": lambda runtime, tensor: Size(tensor.shape),
    "dtype": lambda runtime, tensor: DType(tensor.dtype.name),
    "ndim": lambda runtime, tensor: len(tensor.shape),
    "T": lambda runtime, tensor: runtime.session.apply(row("T"), (tensor,), {}),
    "real": lambda runtime, tensor: tensor,
    "mT": _turned("mT"),
    "mH": _turned("mH"),
    "H": _turned("H"),
    "device": lambda runtime, tensor: Device(),
    "_version": lambda runtime, tensor: tensor.version,
    **dict.fromkeys(("is_cuda", "is_sparse", "is_quantized"), lambda runtime, tensor: False),
    "nbytes": lambda runtime, tensor: tensor.node.size * tensor.dtype.itemsize,
    "itemsize": lambda runtime, tensor: tensor.dtype.itemsize,
}
"""What a tensor says of itself without being called."""

_OF_DTYPES: dict[str, Callable[[np.dtype[Any]], Any]] = {
    "is_floating_point": lambda dtype: dtype.kind == "f",
    "is_complex": lambda dtype: False,
    "is_signed": lambda dtype: dtype.kind in "if",
    "itemsize": lambda dtype: dtype.itemsize,
}
"""What a dtype says of itself."""

Method = Callable[..., Any]


def own_method(name: str) -> Method | None:
    """The method of tensors of that name that is ours, and more than a row of the table."""
    if name in COMPARING:
        return COMPARING[name].run
    return METHODS.get(name) or in_place(name)


def tensor_method(name: str) -> Method | None:
    """The method of tensors of that name: `method(runtime, span, tensor, *arguments, **keywords)`."""
    own = own_method(name)
    if own is not None:
        return own
    row = registry.method(name)
    if row is None:
        return None

    def call(runtime: Runtime, span: Span, tensor: Tensor, *arguments: Any, **keywords: Any) -> Any:
        return apply_row(runtime, row, (tensor, *arguments), keywords, span, first=0)

    return call


def _tensor_names() -> list[str]:
    rows = [name for name, row in registry.table().items() if row.method]
    overwriting = [f"{name}_" for name in rows if registry.in_place(f"{name}_") is not None]
    return [*TENSOR_ATTRIBUTES, *METHODS, *overwriting, *rows]


# ---- anything ------------------------------------------------------------------------------------


def attribute(runtime: Runtime, value: Any, name: str, span: Span, *, called: bool = False) -> Any:
    """`value.name`, of any value. `called` says that it is about to be called, for the error."""
    if type(value) is Tensor:
        read = TENSOR_ATTRIBUTES.get(name)
        if read is not None:
            return read(runtime, value)
        method = tensor_method(name)
        if method is not None:
            return BoundMethod(value, name, method)
        raise unknown_member(name, _tensor_names(), "'Tensor' object has no attribute", span, called)
    if type(value) is Namespace:
        member = namespace_member(value, name, None)
        if member is None and name not in value.members:
            raise unknown_in_namespace(value, name, span, called)
        return member
    return _other_attribute(runtime, value, name, span, called)


def _other_attribute(runtime: Runtime, value: Any, name: str, span: Span, called: bool) -> Any:
    if type(value) is GradientFunction:
        if name == "next_functions":
            return () if value.name == "AccumulateGrad" else _next_functions(value.node, value.name)
        if name == "variable" and value.name == "AccumulateGrad":
            return _held(runtime, value.node)
        if name.startswith("_saved_"):
            found = _saved(runtime, value.node, name.removeprefix("_saved_"))
            if found is not None:
                return found
    if type(value) is DType and name in _OF_DTYPES:
        return _OF_DTYPES[name](numpy_dtype(value.name))
    if type(value) is Device and name in ("type", "index"):
        return "cpu" if name == "type" else None
    if type(value) is Array:
        return _array_attribute(runtime, value, name, span, called)
    if type(value) is GradientContext:
        return _context_attribute(runtime, value, name, span)
    if type(value) is GradientClass:
        if name == "apply":
            return BoundMethod(value, name, _apply_class)
        if name in value.methods:
            return value.methods[name]
        if name == "__name__":
            return value.name
        raise unknown_member(
            name, ["apply", *value.methods], f"type object '{value.name}' has no attribute", span, called
        )
    if type(value) in (Instance, ClassValue, Super):
        found = objects.attribute(runtime, value, name, span)
        if found is ABSENT:
            raise objects.unknown(value, name, span, called)
        return found
    if type(value) is UserFunction and name in value.attributes:
        return value.attributes[name]
    if name == "__class__" and type(value) in (GradientFunction, HookHandle):
        return objects.of_a_kind(value)
    if name == "__name__" and type(value) in (Builtin, Function, TypeFunction, UserFunction):
        short: str = value.name.rpartition(".")[2]
        return short
    if type(value) is TypeFunction and (value.name, name) in STATICS:
        return BoundMethod(value, name, STATICS[value.name, name])
    if type(value) is TypeFunction and _has_method(value, name):
        return _of_type(value, name)
    if isinstance(value, tuple) and name in getattr(value, "_fields", ()):
        return value[value._fields.index(name)]  # type: ignore[attr-defined]
    methods = _methods_of(value)
    if name in methods:
        return BoundMethod(value, name, methods[name])
    whose = (
        f"type object '{value.name.rpartition('.')[2]}'"
        if type(value) is TypeFunction
        else f"'{type_name(value)}' object"
    )
    error = unknown_member(name, methods, f"{whose} has no attribute", span, called)
    if type(value) in (int, float) and (name in TENSOR_ATTRIBUTES or tensor_method(name) is not None):
        error.hint = (
            "it was computed from plain numbers, which have no gradients: make a leaf of one, x = param(1.0)"
        )
    if isinstance(value, (Builtin, Function)) and type(value) is not TypeFunction:
        error.hint = (
            f"{value.name} is a function; for the module write import torch as {value.name} before it"
        )
    raise error


def _has_method(kind: TypeFunction, name: str) -> bool:
    """Whether values of a type have a method."""
    if kind.name == "torch.Tensor":
        return tensor_method(name) is not None
    known = [methods for each, methods in PYTHON_METHODS.items() if name_of_type(each) == kind.name]
    return any(name in each for each in known)


def _of_type(kind: TypeFunction, name: str) -> Builtin:
    """A method that takes its owner first: `map(str.strip, lines)`."""

    def call(runtime: Runtime, span: Span, *arguments: Any, **keywords: Any) -> Any:
        if not arguments:
            raise failure("TypeError", f"unbound method {kind.name}.{name}() needs an argument", span)
        owner, *rest = arguments
        if not kind.matches(owner):
            other = f"doesn't apply to a '{type_name(owner)}' object"
            raise failure("TypeError", f"descriptor '{name}' for '{kind.name}' objects {other}", span)
        return runtime.call(attribute(runtime, owner, name, span, called=True), tuple(rest), keywords, span)

    return Builtin(name, call)


def _apply_class(runtime: Runtime, span: Span, cls: GradientClass, *arguments: Any, **keywords: Any) -> Any:
    from gradcli.library.functions import apply_class

    return apply_class(runtime, cls, arguments, keywords, span)


def unknown_member(name: str, known: Any, sentence: str, span: Span, called: bool) -> GradcliError:
    """The error for an attribute that doesn't exist."""
    hint = None if name.startswith("_") else suggestion(name, known)
    if name.startswith("grad") and "grad" in known and not name.startswith("grad_"):
        hint = "did you mean grad?"
    return GradcliError(
        "unknown-function" if called else "unknown-name", f"{sentence} '{name}'", span=span, hint=hint
    )


# ---- NumPy's arrays ------------------------------------------------------------------------------

_SAME = frozenset(("reshape", "flatten", "tolist", "item", "view"))
"""The methods of NumPy's arrays that take what the tensors' take; the others are NumPy's functions."""


def _array_attribute(runtime: Runtime, array: Array, name: str, span: Span, called: bool) -> Any:
    """`array.name`, of what `tensor.numpy()` gave."""
    tensor = array.tensor
    plain = {
        "shape": tuple(tensor.shape),
        "ndim": len(tensor.shape),
        "dtype": tensor.dtype.name,
        "size": tensor.node.size,
        "itemsize": tensor.dtype.itemsize,
        "nbytes": tensor.node.size * tensor.dtype.itemsize,
    }
    if name in plain:
        return plain[name]
    if name == "copy":
        return BoundMethod(array, name, _copy_of_array)
    if name == "T":
        return wrapped(attribute(runtime, tensor, name, span))
    if name in _SAME:
        method = tensor_method(name)
        assert method is not None, name
        return BoundMethod(array, name, _of_array(method))
    from gradcli.library.numpy_functions import ARRAY_METHODS

    if name in ARRAY_METHODS:
        return BoundMethod(array, name, ARRAY_METHODS[name])
    known = [*plain, *_SAME, *ARRAY_METHODS, "copy", "T"]
    raise unknown_member(name, known, "'numpy.ndarray' object has no attribute", span, called)


def _copy_of_array(runtime: Runtime, span: Span, array: Array) -> Array:
    return Array(runtime.session.tensor(array.tensor), array.scalar)


def _of_array(method: Method) -> Method:
    """A method of tensors as one of NumPy's arrays."""

    @wraps(method)
    def run(runtime: Runtime, span: Span, array: Array, *arguments: Any, **keywords: Any) -> Any:
        return wrapped(method(runtime, span, array.tensor, *map(unwrapped, arguments), **keywords))

    return run


# ---- the context of own gradients ----------------------------------------------------------------


def _context_attribute(runtime: Runtime, context: GradientContext, name: str, span: Span) -> Any:
    if name in context.attributes:
        return context.attributes[name]
    if name == "saved_tensors":
        return context.restore(context.saved)
    if name == "needs_input_grad":
        return context.needs_input_grad
    method = _CONTEXT_METHODS.get(name)
    if method is not None:
        return BoundMethod(context, name, method)
    known = [*context.attributes, *_CONTEXT_METHODS, "saved_tensors", "needs_input_grad"]
    raise unknown_member(name, known, "the context has no attribute", span, False)


def _save_for_backward(runtime: Runtime, span: Span, context: GradientContext, *tensors: Any) -> None:
    for each in tensors:
        if each is not None and type(each) is not Tensor:
            raise GradcliError(
                "bad-argument",
                f"save_for_backward can only save variables, but argument is of type {type_name(each)}",
                span=span,
                hint="keep anything else as an attribute: ctx.name = value",
            )
    context.saved = tensors


def _mark_non_differentiable(runtime: Runtime, span: Span, context: GradientContext, *tensors: Any) -> None:
    context.non_differentiable = tensors


def _mark_dirty(runtime: Runtime, span: Span, context: GradientContext, *tensors: Any) -> None:
    context.dirty = tensors


def _materialize(runtime: Runtime, span: Span, context: GradientContext, value: Any) -> None:
    context.materialize = bool(value)


_CONTEXT_METHODS: dict[str, Method] = {
    "save_for_backward": _save_for_backward,
    "mark_dirty": _mark_dirty,
    "mark_non_differentiable": _mark_non_differentiable,
    "set_materialize_grads": _materialize,
}

# ---- what else has methods ------------------------------------------------------------------------


def _product(runtime: Runtime, span: Span, size: Size) -> int:
    count = 1
    for length in size:
        count *= length
    return count


OF_THE_ENGINE = frozenset(("AccumulateGrad", "CopyBackwards", "CopySlices", "NotImplemented"))
"""The steps that belong to no function, of which PyTorch tells the namespace."""


def _function_name(runtime: Runtime, span: Span, function: GradientFunction) -> str:
    return f"torch::autograd::{function.name}" if function.name in OF_THE_ENGINE else function.name


def _methods_of(value: Any) -> Mapping[str, Method]:
    kind = type(value)
    if kind in PYTHON_METHODS:
        return PYTHON_METHODS[kind]
    if kind is Size:
        return {"numel": _product}
    if kind is GradientFunction:
        return {"name": _function_name}
    if kind is HookHandle:
        return {"remove": lambda runtime, span, handle: handle.remove()}
    if kind is float:
        return {"is_integer": lambda runtime, span, number: number.is_integer()}
    return drawing.GENERATOR_METHODS if is_generator(value) else {}


# ---- indices -------------------------------------------------------------------------------------


def index_key(runtime: Runtime, key: Any, span: Span) -> Any:
    """What stands in a tensor's brackets, with whole floats from outside as integers."""
    kind = type(key)
    if kind is int or kind is slice:
        return key
    if kind is tuple:
        return tuple([index_key(runtime, each, span) for each in key])
    if kind is Tensor and key.dtype.kind == "f":
        message = "tensors used as indices must be long, int, byte or bool tensors"
        if elements(key) != 1:
            raise GradcliError("bad-argument", message, span=span)
        return integer(runtime, key, span, message)
    if key is None or key is Ellipsis or kind in (Tensor, bool, list):
        return key
    if kind is Array:
        return index_key(runtime, key.tensor, span)
    if kind is range:
        return list(key)
    if kind is str:
        raise failure("TypeError", "new(): invalid data type 'str'", span, hint="an index is a number")
    message = (
        "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
        f"(got {type_name(key)})"
    )
    if kind is Instance:
        return integer(runtime, key, span, message)
    raise GradcliError("bad-argument", message, span=span)


__all__ = ["TENSOR_ATTRIBUTES", "attribute", "index_key", "tensor_method"]
