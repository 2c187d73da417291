"""The methods of tensors that are no mere functions: backward, leaves and flags, conversions, in-place work.

Each takes `(runtime, span, tensor, …)`. `members` finds them; what they decide is `autograd.Session`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.autograd.labels import row
from gradcli.autograd.recorder import shared
from gradcli.errors import GradcliError, failure
from gradcli.library import drawing, in_place_methods
from gradcli.library.calling import call_value
from gradcli.limits import NUMBER
from gradcli.ops.layout import is_contiguous, strides
from gradcli.ops.rows import CallName
from gradcli.tape.node import FLOATS
from gradcli.tape.promote import TENSOR_TYPES, tensor_type, torch_name
from gradcli.values.conversions import elements, integer, truth
from gradcli.values.dtypes import dtype_name, numpy_dtype
from gradcli.values.formatting import item, type_name
from gradcli.values.objects import DictView
from gradcli.values.values import Device, HookHandle, Size

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

# ---- backward ------------------------------------------------------------------------------------


def backward(
    runtime: Runtime,
    span: Span,
    tensor: Tensor,
    gradient: Any = None,
    retain_graph: Any = None,
    create_graph: Any = False,
    inputs: Any = None,
) -> None:
    """`tensor.backward(…)`."""
    run_backward(runtime, span, [tensor], [gradient], retain_graph, create_graph, inputs)


def run_backward(
    runtime: Runtime,
    span: Span,
    roots: list[Tensor],
    weights: list[Any],
    retain_graph: Any,
    create_graph: Any,
    inputs: Any,
) -> None:
    """A backward that the program asks for, from one or several roots."""
    runtime.own_backward = True
    session = runtime.session
    targets = None if inputs is None else tensors_of(inputs, "inputs", span)
    if targets is not None and not targets:
        raise GradcliError("bad-argument", "`inputs` argument to `backward()` cannot be empty.", span=span)
    given = weights
    if weights != [None]:  # as mostly
        given = [weight_of(runtime, weight, root, span) for root, weight in zip(roots, weights, strict=True)]
    session.span = span
    if runtime.before_backward is not None:
        runtime.before_backward(roots, given)
    session.backward(
        roots,
        given,
        retain_graph=None if retain_graph is None else truth(runtime, retain_graph, span),
        create_graph=truth(runtime, create_graph, span),
        inputs=targets,
    )


def weight_of(runtime: Runtime, weight: Any, root: Tensor, span: Span) -> Tensor | None:
    """A gradient weight as a tensor; numbers and lists take the dtype of their root."""
    if weight is None or type(weight) is Tensor:
        return weight
    if isinstance(weight, (int, float, list, tuple)):
        dtype = root.dtype if root.dtype.kind == "f" else None
        return runtime.session.tensor(list(weight) if isinstance(weight, tuple) else weight, dtype)
    raise GradcliError(
        "bad-argument", f"gradients can be either Tensors or None, but got {type_name(weight)}", span=span
    )


def tensors_of(value: Any, what: str, span: Span) -> list[Tensor]:
    """One tensor, or what a loop would go through, as a list."""
    if type(value) is DictView:
        value = value.items()
    found = list(value) if isinstance(value, (list, tuple, Iterator)) else [value]
    for each in found:
        if type(each) is not Tensor:
            raise GradcliError(
                "bad-argument", f"{what}: expected tensors, but got {type_name(each)}", span=span
            )
    return found


# ---- leaves and flags ----------------------------------------------------------------------------


def _requires_grad_(runtime: Runtime, span: Span, tensor: Tensor, requires_grad: Any = True) -> Tensor:
    flag = truth(runtime, requires_grad, span)
    if flag and tensor.dtype not in FLOATS:
        message = "only Tensors of floating point dtype can require gradients"
        hint = "make it floating first, with .float() or by writing its numbers with a point"
        raise GradcliError("int-requires-grad", message, span=span, hint=hint)
    set_requires_grad(runtime, tensor, flag)
    return tensor


def set_requires_grad(runtime: Runtime, tensor: Tensor, flag: bool) -> None:
    """`tensor.requires_grad = flag`; a leaf that has a name already is then known by it."""
    if flag and runtime.frozen and any(runtime.names.get(name) is tensor for name in runtime.frozen):
        return
    runtime.session.set_requires_grad(tensor, flag)
    if flag:
        runtime.register_late(tensor)


def _retain_grad(runtime: Runtime, span: Span, tensor: Tensor) -> None:
    if not tensor.is_leaf or not tensor.requires_grad:
        runtime.session.retain_grad(tensor)


def _set_(runtime: Runtime, span: Span, tensor: Tensor, source: Any) -> Tensor:
    session = runtime.session
    if type(source) is not Tensor:
        raise GradcliError("bad-argument", f"set_() takes a tensor, not {type_name(source)}", span=span)
    session.refuse(tensor, (source,), reads=False, once=False)
    if session.recording and (tensor.requires_grad or source.requires_grad):
        message = "the derivative for 'set_' is not implemented"
        raise GradcliError("no-grad", message, span=span, hint="with torch.no_grad(): x.set_(y)")
    if source.dtype != tensor.dtype:
        names = (torch_name(each.dtype).lower() for each in (source, tensor))
        message = "Could not set tensor of type {} to a tensor of type {}".format(*names)
        raise GradcliError("dtype", message, span=span)
    session.set_data(tensor, source)
    return tensor


def _detach_(runtime: Runtime, span: Span, tensor: Tensor) -> Tensor:
    if tensor.viewed is not None:
        raise GradcliError(
            "in-place",
            "Can't detach views in-place. Use detach() instead.",
            span=span,
            hint="write x = x.detach()",
        )
    runtime.session.detach_in_place(tensor)
    return tensor


def _clone(runtime: Runtime, span: Span, tensor: Tensor, **_: Any) -> Any:
    return runtime.session.apply(row("clone"), (tensor,), {})


# ---- numbers, shapes, dtypes ---------------------------------------------------------------------


def _tolist(runtime: Runtime, span: Span, tensor: Tensor) -> Any:
    if tensor.shape:
        runtime.limits.room(elements(tensor), span, size=NUMBER)
    return runtime.session.numpy(tensor).tolist()


def _item(runtime: Runtime, span: Span, tensor: Tensor) -> Any:
    return item(runtime, tensor)


def _size(runtime: Runtime, span: Span, tensor: Tensor, dim: Any = None) -> Any:
    if dim is None:
        return Size(tensor.shape)
    at = integer(runtime, dim, span, "size(): argument 'dim' must be int")
    rank = len(tensor.shape)
    if not -rank <= at < rank:
        raise GradcliError(
            "bad-argument",
            f"Dimension out of range (expected to be in range of [{-max(rank, 1)}, {max(rank, 1) - 1}], "
            f"but got {at})",
            span=span,
        )
    return tensor.shape[at]


def cast(runtime: Runtime, tensor: Tensor, name: str) -> Tensor:
    """The tensor in another dtype, recorded where it changes."""
    if tensor.dtype.name == name:
        return tensor
    from gradcli.tape.primitives import cast as cast_node

    converted: Tensor = runtime.session.wrap(cast_node(tensor.node, numpy_dtype(name)), _CONVERSION)
    return converted


_CONVERSION = CallName("to", "ToCopyBackward0")


def _to(
    runtime: Runtime, span: Span, tensor: Tensor, *targets: Any, copy: Any = False, **keywords: Any
) -> Tensor:
    flags = [each for each in targets if type(each) is bool]  # non_blocking, copy
    targets = tuple([each for each in targets if type(each) is not bool])
    found = tensor
    for target in (
        *targets,
        *(value for key, value in keywords.items() if key in ("dtype", "device", "other")),
    ):
        if type(target) is Device or target is None or (type(target) is str and target == "cpu"):
            continue
        name = target.dtype.name if type(target) is Tensor else dtype_name(target)
        if name is None:
            raise GradcliError(
                "bad-argument", f"to() takes a dtype or a device, not {type_name(target)}", span=span
            )
        found = cast(runtime, found, name)
    if found is tensor and (flags[1:] == [True] or truth(runtime, copy, span)):
        clone = row("clone").implementation(tensor.node)
        found = runtime.session.wrap(clone, _CONVERSION)
    return found


def _type(runtime: Runtime, span: Span, tensor: Tensor, dtype: Any = None, **_: Any) -> Any:
    if dtype is None:
        return tensor_type(tensor.dtype)
    name = dtype_name(dtype) or TENSOR_TYPES.get(dtype if type(dtype) is str else getattr(dtype, "name", ""))
    if name is None and type(dtype) is str:
        raise failure("ValueError", f"invalid type: '{dtype}'", span)
    if name is None:
        raise GradcliError("bad-argument", f"type() takes a dtype, not {type_name(dtype)}", span=span)
    return cast(runtime, tensor, name)


def _casting(name: str) -> Callable[..., Any]:
    return lambda runtime, span, tensor, **_: cast(runtime, tensor, name)


def _stride(runtime: Runtime, span: Span, tensor: Tensor, dim: Any = None) -> Any:
    found = strides(tensor.node)
    if dim is None:
        return found
    at = integer(runtime, dim, span, "stride(): argument 'dim' must be int")
    if not -len(found) <= at < len(found):
        raise GradcliError("bad-argument", f"Dimension out of range ({at})", span=span)
    return found[at]


def _data_ptr(runtime: Runtime, span: Span, tensor: Tensor) -> int:
    """A number that stands for an address: that of another tensor only where both lie in one memory."""
    view = tensor.view or shared(tensor)
    return (id(view.base.storage) << 8) + tensor.offset * tensor.dtype.itemsize


def as_strided(
    runtime: Runtime, span: Span, input: Any, size: Any, stride: Any, storage_offset: Any = None
) -> Tensor:
    """`tensor.as_strided(…)`."""
    from gradcli.library.strided import as_strided

    if not isinstance(input, Tensor):
        message = f"as_strided(): argument 'input' (position 1) must be Tensor, not {type_name(input)}"
        raise GradcliError("bad-argument", message, span=span)
    return as_strided(runtime, span, input, size, stride, storage_offset)


def _contiguous(runtime: Runtime, span: Span, tensor: Tensor, **_: Any) -> Any:
    return runtime.session.row_by_row(tensor)


def _same(runtime: Runtime, span: Span, tensor: Tensor, **_: Any) -> Tensor:
    return tensor


def _register_hook(runtime: Runtime, span: Span, tensor: Tensor, hook: Any) -> HookHandle:
    def run(gradient: Tensor | None) -> Tensor | None:
        changed = call_value(runtime, hook, (gradient,), {}, span)
        if changed is None:
            return None
        if gradient is None:
            message = "can't replace a None gradient with a non-None value"
            raise GradcliError("bad-argument", message, span=span)
        if type(changed) is not Tensor:
            message = f"expected Variable, but hook returned '{type_name(changed)}'"
            raise failure("TypeError", message, span, hint="a hook gives a tensor, or None")
        if changed.shape != gradient.shape:
            message = f"hook '{getattr(hook, 'name', '')}' has changed the size of value"
            hint = f"{list(gradient.shape)} became {list(changed.shape)}"
            raise GradcliError("shape", message, span=span, hint=hint)
        return changed

    return HookHandle(runtime.session.register_hook(tensor, run))


def _register_added_hook(runtime: Runtime, span: Span, tensor: Tensor, hook: Any) -> HookHandle:
    def run() -> None:
        made = call_value(runtime, hook, (tensor,), {}, span)
        if made is not None:
            raise GradcliError(
                "bad-argument", f"expected Variable, but hook returned '{type_name(made)}'", span=span
            )

    return HookHandle(runtime.session.register_added_hook(tensor, run))


def _numpy(runtime: Runtime, span: Span, tensor: Tensor, *, force: Any = False) -> Any:
    from gradcli.values.arrays import numpy

    return numpy(runtime, span, tensor, force=force)


def _is_same_size(span: Span, tensor: Tensor, other: Any) -> bool:
    if not isinstance(other, Tensor):
        message = f"is_same_size(): argument 'other' must be Tensor, not {type_name(other)}"
        raise GradcliError("bad-argument", message, span=span)
    return tensor.shape == other.shape


METHODS: dict[str, Callable[..., Any]] = {
    "backward": backward,
    "requires_grad_": _requires_grad_,
    "retain_grad": _retain_grad,
    "detach": lambda runtime, span, tensor: runtime.session.detach(tensor),
    "detach_": _detach_,
    "set_": _set_,
    "clone": _clone,
    "is_contiguous": lambda runtime, span, tensor: is_contiguous(tensor.node),
    "stride": _stride,
    "storage_offset": lambda runtime, span, tensor: tensor.offset,
    "data_ptr": _data_ptr,
    "as_strided": as_strided,
    "_is_view": lambda runtime, span, tensor: tensor.viewed is not None,
    "contiguous": _contiguous,
    "cpu": _same,
    "conj": _same,
    "resolve_conj": _same,
    "item": _item,
    "tolist": _tolist,
    "size": _size,
    "dim": lambda runtime, span, tensor: len(tensor.shape),
    "ndimension": lambda runtime, span, tensor: len(tensor.shape),
    "numel": lambda runtime, span, tensor: elements(tensor),
    "nelement": lambda runtime, span, tensor: elements(tensor),
    "element_size": lambda runtime, span, tensor: tensor.dtype.itemsize,
    "is_same_size": lambda runtime, span, tensor, other: _is_same_size(span, tensor, other),
    "is_floating_point": lambda runtime, span, tensor: tensor.dtype.kind == "f",
    "to": _to,
    "type": _type,
    "type_as": lambda runtime, span, tensor, other: _to(runtime, span, tensor, other),
    "double": _casting("float64"),
    "float": _casting("float32"),
    "half": _casting("float16"),
    "long": _casting("int64"),
    "int": _casting("int32"),
    "short": _casting("int16"),
    "char": _casting("int8"),
    "byte": _casting("uint8"),
    "bool": _casting("bool"),
    "numpy": _numpy,
    "register_hook": _register_hook,
    "register_post_accumulate_grad_hook": _register_added_hook,
    **in_place_methods.METHODS,
    **drawing.METHODS,
}
"""Each method: `(runtime, span, tensor, …)`."""
