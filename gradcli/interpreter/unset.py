"""What is said of a name that has no value, when one is read: loaded then."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradcli.errors import GradcliError, suggestion
from gradcli.library import namespaces

if TYPE_CHECKING:
    from collections.abc import Collection

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

_ELSEWHERE = frozenset(
    ("tf", "tensorflow", "jnp", "jax", "cp", "cupy", "mx", "autograd_np", "anp", "sp", "Math")
)
"""Names of libraries that there are no programs for here, but whose functions are called alike."""

_MEANT = {
    **dict.fromkeys(("infinity", "Infinity", "INF", "oo"), "infinity is written inf"),
    **dict.fromkeys(("i", "j"), "there are no complex numbers"),
    "Pi": "it is written pi",
    "PI": "it is written pi",
    "E": "it is written e",
}
"""What is asked of names that have no value and are known from elsewhere."""


def unset(
    runtime: Runtime, assigned: Collection[str], name: str, span: Span, written: str | None
) -> GradcliError:
    """The error for a name that has no value.

    Args:
        assigned: the names that the program assigns.
        written: what to write for the product that the name may stand for, if it may.
    """
    if name in assigned:
        return GradcliError(
            "unset-input",
            f"{name} is read before it has a value",
            span=span,
            hint=f"assign it first, or set it from outside: --set {name}=…",
        )
    if name in namespaces.REFUSED:
        return GradcliError(
            "unknown-name", f"there is no {name} here", span=span, hint=namespaces.REFUSED[name]
        )
    if name.startswith("__"):
        return GradcliError("unknown-name", f"there is no {name} in this language", span=span)
    member = re.match(r"\.([^\W\d]\w*)", runtime.text[span[1] :])
    if member is not None:
        torch = namespaces.missing_import(name, member[1])
        if torch is not None:
            return GradcliError("unset-input", f"{name} has no value", span=span, hint=torch)
        if name in _ELSEWHERE:
            plain = f"write {member[1]}(…), np.{member[1]}(…) or torch.{member[1]}(…)"
            return GradcliError("unset-input", f"{name} has no value", span=span, hint=plain)
    hint = f"--set {name}=…"
    if name in _MEANT:
        return GradcliError(
            "unset-input", f"{name} has no value", span=span, hint=f"{_MEANT[name]}, or set it with {hint}"
        )
    if written is not None:
        hint = f"{name} is one name: {written}"
        return GradcliError("unset-input", f"{name} has no value", span=span, hint=hint)
    close = suggestion(name, [*assigned, *runtime.inputs])
    return GradcliError(
        "unset-input",
        f"{name} has no value",
        span=span,
        hint=f"{close[:-1]}, or set it with {hint}?" if close else f"set it from outside: {hint}",
    )
