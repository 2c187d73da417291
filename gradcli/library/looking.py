"""What a namespace has under a name, and what is said of a name that it doesn't have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, suggestion
from gradcli.library.absent import refusal
from gradcli.library.in_place_methods import in_place
from gradcli.ops import registry
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.values import Namespace

_UNITS = {
    "torch": ("celu_", "selu_", "threshold_"),
    "functional": ("celu_", "elu_", "selu_", "leaky_relu_", "hardtanh_", "threshold_"),
}
"""The functions that work in place and are no methods."""


def namespace_member(namespace: Namespace, name: str, default: Any) -> Any:
    """What a namespace has under a name, or `default`."""
    if name in namespace.members:
        return namespace.members[name]
    if namespace.functions and name not in namespace.missing:
        short = namespace.path.rpartition(".")[2]
        row = registry.lookup(f"{short}.{name}") if short in ("linalg", "special", "functional") else None
        row = row or registry.lookup(name)
        if row is not None:
            return row
        overwriting = (
            in_place(name, name in _UNITS.get(short, ())) if short in ("torch", "functional") else None
        )
        if overwriting is not None:
            return Builtin(name, overwriting)
    if namespace.late is not None and name not in namespace.missing:
        return namespace.late().get(name, default)
    return default


def unknown_in_namespace(namespace: Namespace, name: str, span: Span, called: bool) -> GradcliError:
    """The error for a name that a namespace doesn't have; for some that says what to write instead."""
    if namespace.absent:
        return refusal(namespace, span)
    known = [*namespace.members, *(registry.names() if namespace.functions else ())]
    known += namespace.late() if namespace.late is not None else ()
    hint = namespace.missing.get(name) or (None if name.startswith("_") else suggestion(name, known))
    return GradcliError(
        "unknown-function" if called or name in namespace.missing else "unknown-name",
        f"module '{namespace.path}' has no attribute '{name}'",
        span=span,
        hint=hint,
    )
