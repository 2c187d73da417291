"""Claims as people write them: `dz/dx = 8*x`, `d2z/dxdw = …`, `x.grad = …`.

`parse_claim` splits one into what is differentiated by what, and the formula. Names are split against the
program's own: `d2zx/dxdy` has one reading if the program has `zx`, `x` and `y`; two readings are an error.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from gradcli.errors import GradcliError, suggestion
from gradcli.syntax.names import normal_name

HINT = "write it as in 'dz/dx = 8*x', 'd2z/dx2 = 8', 'd2z/dxdw = 1' or 'x.grad = 8*x'"
MOST_READINGS = 1000


@dataclass(frozen=True, slots=True)
class Claim:
    """A derivative and what it is claimed to be.

    Attributes:
        text: as it was written.
        root: what is differentiated; None for the `.grad` of a leaf.
        wrt: by what, in order.
        formula: an expression of the language over the program's names.
    """

    text: str
    root: str | None
    wrt: tuple[str, ...]
    formula: str

    @property
    def label(self) -> str:
        """The claim in one line."""
        return " ".join(self.text.split())


def parse_claim(text: str, names: Collection[str]) -> Claim:
    """Reads a claim about a program that has these names.

    Raises:
        GradcliError: `syntax` for what is no claim, `unknown-name`, `bad-argument` for two readings.
    """
    split = re.search(r"(?<![=<>!])=(?!=)", text)
    if split is None:
        raise GradcliError("syntax", f"the claim {text!r} has no =", hint=HINT)
    left, formula = text[: split.start()], text[split.end() :]
    if not formula.strip():
        raise GradcliError("syntax", f"the claim {text!r} says nothing behind its =", hint=HINT)
    formula = formula.strip()
    compact = normal_name(re.sub(r"[\s^(){}]", "", left).replace("∂", "d").replace("**", ""))
    if compact.endswith(".grad"):
        name = compact.removesuffix(".grad")
        if name not in names:
            raise _unknown(name, names, text)
        return Claim(text, None, (name,), formula)
    above, slash, below = compact.partition("/")
    if not slash or not above.startswith("d") or not below.startswith("d"):
        raise GradcliError("syntax", f"{left.strip()!r} is no derivative", hint=HINT)
    root, order = _numerator(above, names, text)
    readings = sorted({tuple(each) for each in _denominators(below, names, order)})
    if not readings:
        raise _no_reading(below, names, order, text)
    distinct = {tuple(sorted(each)) for each in readings}
    if len(distinct) > 1:
        told = " or ".join("by " + " and ".join(each) for each in sorted(distinct)[:3])
        raise GradcliError(
            "bad-argument",
            f"{left.strip()!r} has {'two' if len(distinct) == 2 else len(distinct)} readings: {told}",
            hint="rename a variable of the program so that only one reading is left",
        )
    return Claim(text, root, readings[0], formula)


_PRIMED = re.compile(r"([^\W\d]\w*)\s*(['’′]+)\s*(?:\(\s*([^\W\d]\w*)\s*\))?")
_ABOVE = re.compile(r"([d∂][²³\d^]*\s*)([^\W\d]\w*)(?=\s*/)")
_GIVEN = re.compile(
    r"(?P<left>.*?\S)\s+at\s+(?P<name>\w+)\s*=\s*(?P<value>[-+.\w]+)\s*(?P<right>(?:=.*)?)"
    r"|(?P<above>[d∂]\w+/[d∂](?P<by>\w+))\s*\(\s*(?P<point>[-+.\w]+)\s*\)\s*(?P<rest>=.*)"
)


def meant(text: str, names: Sequence[str], free: Sequence[str], functions: Collection[str]) -> str | None:
    """The hint with the claim that was meant by one that is none, where there is one that reads.

    Args:
        names: those of the program.
        free: its inputs.
        functions: its functions, whose value has no name but `result`.
    """
    from gradcli.ops.index import listed
    from gradcli.syntax.notation.mended import formula_meant

    given = _GIVEN.fullmatch(text)
    if given is not None:  # dy/dx = 6 at x=3, dy/dx(3) = 6
        left, name, value, right, above, by, point, rest = given.groups()
        return (
            f"write {above or left} {(rest or right).strip()}".rstrip()
            + f", with -s {name or by}={value or point}"
        )
    several = re.sub(r",\s*(?=[d∂]\w+/[d∂]\w+\s*=)", "; ", text)
    if several != text:
        return f"write {several}"
    left, equals, formula = text.partition("=" if "=" in text else ":")
    left, formula = (left.strip(), formula.lstrip("=").strip()) if equals else ("", text.strip())
    primed = _PRIMED.fullmatch(left)
    if primed is not None or not left:
        root, marks, by = primed.groups() if primed else ("result", "'", None)
        by = by or ("x" if "x" in free else "".join(free[:1]))
        order = len(marks) if len(marks) > 1 else ""
        left = f"d{order}{root}/d{by}{order}"
    left = re.sub(r"^([d∂])(?=/)", r"\1result", left)
    left = _ABOVE.sub(lambda found: found[1] + ("result" if found[2] in functions else found[2]), left)
    formula = formula_meant(formula, names, listed()) or ""
    told = f"{left} = {formula}"
    try:
        parse_claim(told, names)
    except GradcliError:
        return None
    return None if "".join(told.split()) == "".join(text.split()) else f"write {told}"


def _numerator(above: str, names: Collection[str], text: str) -> tuple[str, int]:
    """The root and the order of `d2z`."""
    match = re.fullmatch(r"d(\d*)(.+)", above)
    if match is None:
        raise GradcliError("syntax", f"{above!r} is not the top of a derivative", hint=HINT)
    digits, name = match.groups()
    if name not in names:
        raise _unknown(name, names, text)
    order = int(digits or 1)
    if order < 1:
        raise GradcliError("bad-argument", "the order of a derivative is at least 1", hint=HINT)
    return name, order


def _denominators(below: str, names: Collection[str], order: int) -> Iterator[list[str]]:
    """Every way to read `dx2dw` as so many names of the program."""
    pending: list[tuple[int, list[str]]] = [(0, [])]
    found = 0
    while pending and found < MOST_READINGS:
        at, taken = pending.pop()
        if at == len(below):
            if len(taken) == order:
                found += 1
                yield taken
            continue
        if below[at] != "d" or len(taken) >= order:
            continue
        for name in names:
            if not below.startswith(name, at + 1):
                continue
            end = at + 1 + len(name)
            power = re.compile(r"\d*").match(below, end)
            assert power is not None
            times = int(power.group() or 1)
            if 1 <= times <= order - len(taken):
                pending.append((power.end(), taken + [name] * times))


def _no_reading(below: str, names: Collection[str], order: int, text: str) -> GradcliError:
    for other in range(1, 10):
        if any(True for _ in _denominators(below, names, other)):
            return GradcliError(
                "bad-argument",
                f"the claim {text!r} has order {order} above and {other} below the line",
                hint=HINT,
            )
    match = re.match(r"d([^\W\d]\w*?)(?=d[^\W\d]|\d*$)", below)
    return _unknown(match.group(1) if match else below[1:], names, text)


def _unknown(name: str, names: Collection[str], text: str) -> GradcliError:
    return GradcliError(
        "unknown-name",
        f"the program has no name {name}, of which the claim {text!r} speaks",
        hint=suggestion(name, names) or (f"it has {', '.join(list(names)[:8])}" if names else None),
    )
