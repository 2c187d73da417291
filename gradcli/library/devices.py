"""What scripts say to `torch.cuda`, `torch.backends` and `torch.amp`: there is one device, and one precision.

Settings are read over. A `GradScaler` scales nothing, as one of PyTorch's without CUDA.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError
from gradcli.library.recording import NULL_CONTEXT
from gradcli.values.conversions import truth
from gradcli.values.objects import ClassValue, Instance
from gradcli.values.values import Builtin, Namespace, NullContext

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

_NOTHING = Builtin("setting", lambda runtime, span, *_, **__: None)
_ABSENT = Builtin("is_available", lambda *_, **__: False)


def _settings(name: str) -> Instance:
    """A module whose attributes programs set: they change nothing here."""
    usual = {"enabled": True, "benchmark": False, "deterministic": False, "allow_tf32": False}
    unchanged = {"__setattr__": Builtin("__setattr__", lambda *_: None)}
    return Instance(
        ClassValue(name, (), {**usual, **unchanged, "is_available": _ABSENT}, f"torch.backends.{name}")
    )


def _autocast(
    runtime: Runtime, span: Span, device_type: Any = "cuda", dtype: Any = None, enabled: Any = True, **_: Any
) -> NullContext:
    if device_type == "cpu" and truth(runtime, enabled, span):
        hint = "leave it out, or write enabled=False"
        raise GradcliError(
            "bad-argument", "there is no mixed precision on the CPU here", span=span, hint=hint
        )
    return NullContext()


def _step(runtime: Runtime, span: Span, scaler: Instance, optimizer: Any, *given: Any) -> Any:
    return runtime.special(optimizer, "step", span, *given)


_SCALER = ClassValue(
    "GradScaler",
    (),
    {
        "__init__": Builtin("GradScaler", lambda *_, **__: None),
        "scale": Builtin("scale", lambda runtime, span, scaler, outputs: outputs),
        "step": Builtin("step", _step),
        "get_scale": Builtin("get_scale", lambda runtime, span, scaler: 1.0),
        "is_enabled": Builtin("is_enabled", lambda runtime, span, scaler: False),
        "state_dict": Builtin("state_dict", lambda runtime, span, scaler: {}),
        **dict.fromkeys(("unscale_", "update", "load_state_dict"), _NOTHING),
    },
    "torch.amp.grad_scaler.GradScaler",
)
AUTOCAST = Builtin("autocast", _autocast)
_AMP = {"autocast": AUTOCAST, "GradScaler": _SCALER}
AMP = Namespace("torch.amp", _AMP, functions=False)
CUDA = Namespace(
    "torch.cuda",
    {
        "is_available": _ABSENT,
        "device_count": Builtin("device_count", lambda runtime, span: 0),
        "amp": Namespace("torch.cuda.amp", {**_AMP, "autocast": NULL_CONTEXT}, functions=False),
        **dict.fromkeys(("manual_seed", "manual_seed_all", "empty_cache", "synchronize"), _NOTHING),
    },
    functions=False,
)
BACKENDS = Namespace(
    "torch.backends",
    {"mps": _settings("mps"), "cudnn": _settings("cudnn"), "cuda": _settings("cuda")},
    functions=False,
)
SETTINGS = dict.fromkeys(
    ("set_num_threads", "use_deterministic_algorithms", "set_float32_matmul_precision"), _NOTHING
)
"""What says how to compute, and changes no result here."""
