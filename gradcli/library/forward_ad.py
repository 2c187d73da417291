"""`torch.autograd.forward_ad`: dual tensors, whose tangents are found when they are asked for.

A dual tensor is one of its own on the tape. Its tangent goes along what was computed of it only where
`unpack_dual` asks, by the forward mode that all Jacobian-vector products have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.derivatives import functional
from gradcli.errors import failure
from gradcli.library.differentiated import Level
from gradcli.ops.results import named_results
from gradcli.tape.node import topological
from gradcli.values.formatting import type_name
from gradcli.values.objects import ClassValue, Instance
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

_DUALS = "torch.autograd.forward_ad"
"""Under which name a run keeps its dual tensors and their tangents, while there is a level for them."""
_Unpacked = named_results("UnpackedDualTensor", "primal", "tangent")


def enter_dual_level(runtime: Runtime, span: Span) -> int:
    if _DUALS in runtime.kept:
        message = "Nested forward mode AD is not supported at the moment"
        raise failure("RuntimeError", message, span)
    runtime.kept[_DUALS] = []
    return 0


def exit_dual_level(runtime: Runtime, span: Span, *, level: Any = None) -> None:
    runtime.kept.pop(_DUALS, None)


def make_dual(runtime: Runtime, span: Span, tensor: Any, tangent: Any, *, level: Any = None) -> Tensor:
    if _DUALS not in runtime.kept:
        message = (
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to "
            "enter_dual_level() first."
        )
        raise failure("RuntimeError", message, span)
    for each in (tensor, tangent):
        if type(each) is not Tensor:
            message = f"'{type_name(each)}' object has no attribute 'is_floating_point'"
            raise failure("AttributeError", message, span)
    if tensor.shape != tangent.shape:
        message = "Expected input and tangent to have the same shape"  # the rest names a macro of PyTorch's
        raise failure("RuntimeError", message, span)
    dual: Tensor = Level(runtime, span).enter(tensor)
    runtime.kept[_DUALS].append((dual, tangent))
    return dual


def unpack_dual(runtime: Runtime, span: Span, tensor: Any, *, level: Any = None) -> Any:
    if _DUALS not in runtime.kept:
        return _Unpacked(tensor, None)
    if type(tensor) is not Tensor:
        message = f"_unpack_dual(): argument 'dual' (position 1) must be Tensor, not {type_name(tensor)}"
        raise failure("TypeError", message, span)
    duals = runtime.kept[_DUALS]
    for dual, tangent in duals:
        if tensor.node is dual.node:
            return _Unpacked(Tensor(tensor.node), tangent)
    reached = set(topological([tensor.node])) if tensor.requires_grad and duals else ()
    duals = [(dual, tangent) for dual, tangent in duals if dual.node in reached]
    if not duals:
        return _Unpacked(tensor, None)
    way = Level(runtime, span)
    way.hidden = {dual.node for dual, _ in duals}
    found = way.derive(functional.jvp, [tensor], *zip(*duals, strict=True))
    return _Unpacked(way.leave(tensor), way.leave(found[0]))


_LEVEL = ClassValue(
    "dual_level",
    (),
    {
        "__enter__": Builtin("__enter__", lambda runtime, span, _: enter_dual_level(runtime, span)),
        "__exit__": Builtin("__exit__", lambda runtime, span, *_: exit_dual_level(runtime, span)),
    },
    "torch.autograd.forward_ad.dual_level",
)


def dual_level(runtime: Runtime, span: Span) -> Instance:
    return Instance(_LEVEL)
