"""`no_grad()`, `enable_grad()` and their like, as contexts of `with` and as decorators; `detect_anomaly()`.

`statements` enters and leaves them; whether operations are recorded is the session's `recording`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.recorder import AnomalyMode
from gradcli.values.conversions import truth
from gradcli.values.values import Builtin, NullContext

if TYPE_CHECKING:
    from gradcli.autograd.recorder import RecordingMode
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def _no_grad(runtime: Runtime, span: Span) -> RecordingMode:
    return runtime.session.recorded(False)


def _inference_mode(runtime: Runtime, span: Span, mode: Any = True) -> RecordingMode:
    # Without inference operations are recorded as before, and they are in a `no_grad()` around it, too.
    return runtime.session.recorded(not truth(runtime, mode, span))


def _enable_grad(runtime: Runtime, span: Span) -> RecordingMode:
    return runtime.session.recorded(True)


def _set_grad_enabled(runtime: Runtime, span: Span, mode: Any) -> RecordingMode:
    return runtime.session.recorded(truth(runtime, mode, span), at_once=True)


def _is_grad_enabled(runtime: Runtime, span: Span) -> bool:
    return runtime.session.recording


def _set_detect_anomaly(runtime: Runtime, span: Span, mode: Any, check_nan: Any = True) -> AnomalyMode:
    flag = truth(runtime, mode, span) and truth(runtime, check_nan, span)
    return AnomalyMode(runtime.session, flag, at_once=True)


def _detect_anomaly(runtime: Runtime, span: Span, check_nan: Any = True) -> AnomalyMode:
    return AnomalyMode(runtime.session, truth(runtime, check_nan, span))


ONCE_DIFFERENTIABLE = Builtin("once_differentiable", lambda runtime, span, backward: backward)
"""Above a `backward` that is not differentiated: it runs without recording."""
RECORDING: dict[str, Any] = {
    "no_grad": Builtin("no_grad", _no_grad),
    "enable_grad": Builtin("enable_grad", _enable_grad),
    "set_grad_enabled": Builtin("set_grad_enabled", _set_grad_enabled),
    "is_grad_enabled": Builtin("is_grad_enabled", _is_grad_enabled),
    "inference_mode": Builtin("inference_mode", _inference_mode),
}
MODES = {
    RECORDING["enable_grad"]: True,
    **dict.fromkeys((RECORDING["no_grad"], RECORDING["inference_mode"], ONCE_DIFFERENTIABLE), False),
}
"""What says, where it stands above a function and is not called, whether that is recorded."""
NULL_CONTEXT = Builtin("nullcontext", lambda runtime, span, *_, **__: NullContext())
ANOMALIES: dict[str, Any] = {
    "set_detect_anomaly": Builtin("set_detect_anomaly", _set_detect_anomaly),
    "detect_anomaly": Builtin("detect_anomaly", _detect_anomaly),
}
