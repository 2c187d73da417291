"""What is said of a name that has no value, when one is read: loaded then."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from gradcli.errors import GradcliError, suggestion
from gradcli.library import namespaces

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

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
    runtime: Runtime, assigned: Collection[str], free: Collection[str], name: str, span: Span
) -> GradcliError:
    """The error for a name that has no value.

    Args:
        assigned: the names that the program assigns.
        free: those that it reads and neither assigns nor knows.
    """
    if name in assigned:
        return GradcliError(
            "unset-input",
            f"{name} is read before it has a value",
            span=span,
            hint=f"assign it first, or set it from outside: --set {name}=…",
        )
    member = re.match(r"\.([^\W\d]\w*)", runtime.text[span[1] :])
    line = None if member is None else namespaces.missing_import(name, member[1])
    if line is not None:
        return GradcliError("unset-input", f"{name} has no value", span=span, hint=line)
    if name in namespaces.REFUSED:
        return GradcliError(
            "unknown-name", f"there is no {name} here", span=span, hint=namespaces.REFUSED[name]
        )
    if name.startswith("__"):
        return GradcliError("unknown-name", f"there is no {name} in this language", span=span)
    if member is not None and name in _ELSEWHERE:
        plain = f"write {member[1]}(…), np.{member[1]}(…) or torch.{member[1]}(…)"
        return GradcliError("unset-input", f"{name} has no value", span=span, hint=plain)
    hint = f"--set {name}=…"
    if name in _MEANT:
        return GradcliError(
            "unset-input", f"{name} has no value", span=span, hint=f"{_MEANT[name]}, or set it with {hint}"
        )
    joined = one_name(runtime, assigned, free, name)
    if joined is not None:
        return GradcliError("unset-input", f"{name} has no value", span=span, hint=joined)
    close = suggestion(name, [*assigned, *runtime.inputs])
    return GradcliError(
        "unset-input",
        f"{name} has no value",
        span=span,
        hint=f"{close[:-1]}, or set it with {hint}?" if close else f"set it from outside: {hint}",
    )


LOGARITHMS = {"ln": "log", "lg": "log10", "ld": "log2"}
"""What people call logarithms, which have other names here."""
_LONGEST_PRODUCT = 12
"""No longer name is tried as a product of others."""
_LONGEST_LINE = 100
"""No longer line is written out in a hint."""


def one_name(runtime: Runtime, assigned: Collection[str], free: Collection[str], name: str) -> str | None:
    """A hint that a name without a meaning may be several, if it may; as for `unset`."""
    known = {*assigned, *runtime.inputs}
    products = {each: apart(each, known - {each}, runtime.torch) for each in {*free, name}}
    product = products[name]
    if product is None:
        return None
    return f"{name} is one name: {written_apart(runtime.text, product, products)}"


def apart(name: str, known: set[str], torch: bool = False) -> str | None:
    """What a name may stand for beside those that are known: `x*y` for `xy`, `x*sin(2*x)` for `xsin2x`."""
    if not known or len(name) > _LONGEST_PRODUCT:
        return None
    product = "*".join(_parts(name, {*known, "e", "pi"}, torch))
    if not known.isdisjoint(re.findall(r"[^\W\d]\w*", product)):
        return product
    if name[:-1] in known and name[-1].isdecimal():
        return f"{name[:-1]}*{name[-1]} or {name[:-1]}**{name[-1]}, or set it with --set {name}=…"
    return None


def written_apart(text: str, apart: str, names: Mapping[str, str | None]) -> str:
    """What to write for a name that stands for `apart`, and how a line is with all such names written so."""
    products = {each: product for each, product in names.items() if product is not None}
    if "\n" in text or len(text) > _LONGEST_LINE or any(" or " in each for each in products.values()):
        return f"write {apart}"
    ways = dict.fromkeys([_written(text.strip(), products, inside) for inside in (True, False)])
    shown = " or ".join(ways)
    return f"write {apart}" + (f", as in {shown}" if shown != apart else "")


def _written(text: str, products: Mapping[str, str], inside: bool) -> str:
    """A line with products in the place of names; `inside` says how `sinx^2` is read: as `sin(x^2)`."""
    for each, product in products.items():
        pattern = rf"(?<![\w.'\"]){each}(?!\w)(\s*(?:\^|\*\*)\s*(?:-?[\w.]+|\([^()]*\)))?"
        for found in reversed([*re.finditer(pattern, text)]):
            power = found[1] or ""
            whole = f"{product[:-1]}{power})" if inside and product[-1] == ")" else product + power
            if "*" in product and re.search(r"(?:[/%^@]|\*\*)\s*$", text[: found.start()]):
                whole = f"({whole})"
            text = text[: found.start()] + whole + text[found.end() :]
    return text


def _parts(name: str, known: set[str], torch: bool) -> list[str]:
    """The known names that `name` is written of, the longest first, and functions before the last of them.

    None where it is not written of such.
    """
    for length in range(len(name), 0, -1):
        if name[:length] in known:
            if length == len(name):
                return [name]
            rest = _parts(name[length:], known, torch)
            if rest:
                return [name[:length], *rest]
    for length in range(len(name) - 1, 1, -1):
        called, given = name[:length], name[length:]
        function = namespaces.bare(called, torch, None)
        if called in LOGARITHMS or (function is not None and not isinstance(function, (int, float))):
            number = "".join(takewhile(str.isdecimal, given))
            rest = _parts(given[len(number) :], known, torch)
            if rest:
                inner = "*".join([*([number] if number else ()), *rest])
                return [f"{LOGARITHMS.get(called, called)}({inner})"]
    return []
