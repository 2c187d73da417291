"""What SymPy gives for the scalar derivatives of the catalogue: its form, how long it is, how long it takes.

    python tests/formula/against_sympy.py          # the totals
    python tests/formula/against_sympy.py --all    # every formula beside ours

SymPy's form is the shorter of `diff` and `simplify(diff)`, and its time is that of both, as it takes both to
know; the time of `diff` alone, which gives longer forms, is told too. Times are of the processor, the best of
three, and ours have the proof in them.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from typing import Any

import sympy
from catalogue import SCALAR_ENTRIES, Entry
from test_catalogue import symbols

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


def theirs(entry: Entry) -> tuple[str, float, float]:
    """SymPy's derivative as text, the time for it, and the time of `diff` alone."""
    names = set(re.findall(r"[A-Za-z_]\w*", entry.program))
    local: dict[str, Any] = {name: sympy.Symbol(name, real=True) for name in names}
    local.update({name: function for name, function in OURS.items() if name in names})
    local.update({name: getattr(sympy, name) for name in names if name in KNOWN})
    *statements, last = [each.strip() for each in entry.program.split(";")]
    for statement in statements:
        name, _, value = statement.partition("=")
        local[name.strip()] = sympy.sympify(value, locals=local)
    expression = sympy.sympify(re.sub(r"^\w+ = ", "", last), locals=local)
    variable = sympy.Symbol(entry.wrt, real=True)
    plain, alone = _timed(lambda: str(sympy.diff(expression, variable)))
    simple, both = _timed(lambda: str(sympy.simplify(sympy.diff(expression, variable))))
    return min(plain, simple, key=symbols), both, alone


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
    lengths, times, ratios, compared = [0, 0], [0.0, 0.0, 0.0], [], 0
    for entry in SCALAR_ENTRIES:
        try:
            text, both, alone = theirs(entry)
        except (TypeError, ValueError, AttributeError, sympy.SympifyError):
            continue  # a name that SymPy has taken
        own, seconds = ours(entry)
        compared += 1
        lengths = [lengths[0] + symbols(own), lengths[1] + symbols(text)]
        times = [one + other for one, other in zip(times, (seconds, both, alone), strict=True)]
        ratios.append(both / seconds)
        if every:
            print(f"d/d{entry.wrt} {entry.program}")
            print(f"  ours  {symbols(own):3} symbols {1e3 * seconds:7.1f} ms  {own}")
            print(f"  SymPy {symbols(text):3} symbols {1e3 * both:7.1f} ms  {text}")
    ratios.sort()
    middle, least = ratios[len(ratios) // 2], ratios[0]
    print(f"{compared} derivatives: ours {lengths[0]} symbols, SymPy {lengths[1]}")
    shown = [f"{1e3 * each:.0f} ms" for each in times]
    print(f"ours {shown[0]}, SymPy {shown[1]} ({shown[2]} without simplify)")
    print(f"SymPy takes {middle:.0f} x as long in the median, {least:.1f} x at least")
    for times_as_long in (10, 20):
        reached = sum(each >= times_as_long for each in ratios)
        print(f"{times_as_long} x as long or longer: {reached} of {compared}")
    return int(lengths[0] > lengths[1])


if __name__ == "__main__":
    sys.exit(main("--all" in sys.argv))
