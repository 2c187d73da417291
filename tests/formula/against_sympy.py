"""What SymPy gives for the scalar derivatives of the catalogue: its form, how long it is, how long it takes.

    python tests/formula/against_sympy.py          # the totals
    python tests/formula/against_sympy.py --all    # every formula beside ours

SymPy's form is the shorter of `diff` and `simplify(diff)`, and its time is that of both, as it takes both to
know; the time of `diff` alone, which gives longer forms, is told too. Both sides are timed from text to text:
SymPy's `sympify`, `diff`, `simplify` and `str`, and our `diff`, which proves what it prints. What SymPy takes
without reading the text is told as well. Times are of the processor, the best of three.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import sympy
from catalogue import SCALAR_ENTRIES, Entry, symbols

import gradcli

OURS = {
    "abs": sympy.Abs,
    "log2": lambda x: sympy.log(x, 2),
    "log10": lambda x: sympy.log(x, 10),
    "log1p": lambda x: sympy.log(1 + x),
    "expm1": lambda x: sympy.exp(x) - 1,
    "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
    "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    "relu": lambda x: sympy.Max(x, 0),
    "maximum": sympy.Max,
    "hypot": lambda x, y: sympy.sqrt(x**2 + y**2),
    "logaddexp": lambda x, y: sympy.log(sympy.exp(x) + sympy.exp(y)),
    "ndtr": lambda x: (1 + sympy.erf(x / sympy.sqrt(2))) / 2,
    "lgamma": sympy.loggamma,
    "where": lambda c, a, b: sympy.Piecewise((a, c), (b, True)),
    **{
        name: getattr(sympy, name)
        for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh", "atan2", "erf")
    },
}
"""The language's functions in SymPy."""


KNOWN = ("sin", "cos", "tan", "exp", "log", "sqrt", "sinh", "cosh", "tanh", "sign", "pi")
"""What SymPy calls by the same name."""


class Theirs(NamedTuple):
    """Its derivative as text, and the times for it: from text, from what was read, and by `diff` alone."""

    text: str
    both: float
    unread: float
    alone: float


def theirs(entry: Entry) -> Theirs:
    """What SymPy makes of an entry."""
    names = set(re.findall(r"[A-Za-z_]\w*", entry.program))
    local: dict[str, Any] = {name: sympy.Symbol(name, real=True) for name in names}
    local.update({name: function for name, function in OURS.items() if name in names})
    local.update({name: getattr(sympy, name) for name in names if name in KNOWN})
    *statements, last = [each.strip() for each in entry.program.split(";")]
    last = re.sub(r"^\w+ = ", "", last)

    def read() -> Any:
        own = dict(local)
        for statement in statements:
            name, _, value = statement.partition("=")
            own[name.strip()] = sympy.sympify(value, locals=own)
        return sympy.sympify(last, locals=own)

    variable = sympy.Symbol(entry.wrt, real=True)
    plain, alone = _timed(lambda: str(sympy.diff(read(), variable)))
    simple, both = _timed(lambda: str(sympy.simplify(sympy.diff(read(), variable))))
    expression = read()
    _, unread = _timed(lambda: str(sympy.simplify(sympy.diff(expression, variable))))
    return Theirs(min(plain, simple, key=symbols), both, unread, alone)


def ours(entry: Entry) -> tuple[str, float]:
    """Our derivative as text, and the time for it."""
    return _timed(lambda: gradcli.diff(entry.program, entry.wrt, expand=True).text.partition(" = ")[2])


def _timed(work: Callable[[], str]) -> tuple[str, float]:
    best = float("inf")
    for _ in range(3):
        from sympy.core.cache import clear_cache

        clear_cache()  # it remembers results, and what is asked once is not there yet
        start = time.process_time()
        text = work()
        best = min(best, time.process_time() - start)
    return text, best


def main(every: bool) -> int:
    """Compares all of them; 1 if ours are longer in total."""
    lengths, times, ratios, unread = [0, 0], [0.0, 0.0, 0.0], [], []
    for entry in SCALAR_ENTRIES:
        try:
            other = theirs(entry)
        except (TypeError, ValueError, AttributeError, sympy.SympifyError):
            continue  # a name that SymPy has taken
        own, seconds = ours(entry)
        lengths = [lengths[0] + symbols(own), lengths[1] + symbols(other.text)]
        times = [one + two for one, two in zip(times, (seconds, other.both, other.alone), strict=True)]
        ratios.append(other.both / seconds)
        unread.append(other.unread / seconds)
        if every:
            print(f"d/d{entry.wrt} {entry.program}")
            print(f"  ours  {symbols(own):3} symbols {1e3 * seconds:7.1f} ms  {own}")
            print(f"  SymPy {symbols(other.text):3} symbols {1e3 * other.both:7.1f} ms  {other.text}")
    print(f"{len(ratios)} derivatives: ours {lengths[0]} symbols, SymPy {lengths[1]}")
    shown = [f"{1e3 * each:.0f} ms" for each in times]
    print(f"ours {shown[0]}, SymPy {shown[1]} ({shown[2]} without simplify)")
    for what, each in (("SymPy", sorted(ratios)), ("SymPy, its text read before,", sorted(unread))):
        middle, least = each[len(each) // 2], each[0]
        reached = [sum(ratio >= least for ratio in each) for least in (10, 20)]
        print(
            f"{what} takes {middle:.0f} x as long in the median, {least:.1f} x at least; "
            f"{reached[0]} of them 10 x as long or longer, {reached[1]} of them 20 x"
        )
    return int(lengths[0] > lengths[1])


if __name__ == "__main__":
    sys.exit(main("--all" in sys.argv))
