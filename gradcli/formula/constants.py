"""Numbers that people know, found again among floats: pi, e, log(2), sqrt(2*pi), and simple multiples."""

from __future__ import annotations

import math
from bisect import bisect_left
from operator import itemgetter

from gradcli.formula.tree import Expr, apply, number, symbol


def _root(tree: Expr) -> Expr:
    return apply("sqrt", tree)


_PI, _E, _TWO, _TEN = symbol("pi"), symbol("e"), number(2), number(10)
CONSTANTS: tuple[tuple[float, list[Expr], list[Expr]], ...] = (
    (math.pi, [_PI], []),
    (math.e, [_E], []),
    (1 / math.e, [], [_E]),
    *[(math.e**-power, [], [apply("pow", _E, number(power))]) for power in (2, 3, 4)],
    (math.log(2), [apply("log", _TWO)], []),
    (math.log(10), [apply("log", _TEN)], []),
    (1 / math.log(2), [], [apply("log", _TWO)]),
    (1 / math.log(10), [], [apply("log", _TEN)]),
    (2 / math.sqrt(math.pi), [_TWO], [_root(_PI)]),
    (1 / math.sqrt(math.pi), [], [_root(_PI)]),
    (math.sqrt(math.pi), [_root(_PI)], []),
    (math.sqrt(2 * math.pi), [_root(apply("mul", _TWO, _PI))], []),
    (math.sqrt(2 / math.pi), [_root(apply("div", _TWO, _PI))], []),
    (1 / math.sqrt(2 * math.pi), [], [_root(apply("mul", _TWO, _PI))]),
    (math.sqrt(2), [_root(_TWO)], []),
    (1 / math.sqrt(2), [], [_root(_TWO)]),
)
"""A number, and the factors above and below the line that it is."""


SIMPLE = sorted(
    [(top, bottom) for top in range(1, 9) for bottom in range(1, 9) if math.gcd(top, bottom) == 1], key=sum
)

MULTIPLES = sorted(
    [
        (known * top / bottom, rank, top, bottom, above, below)
        for rank, (top, bottom, (known, above, below)) in enumerate(
            [(top, bottom, each) for top, bottom in SIMPLE for each in CONSTANTS]
        )
    ],
    key=lambda each: each[:2],
)
"""Every constant times every simple fraction, by its value; of equal ones the simplest is the first."""

CLOSE = 4e-16
"""How far a float may be from what it stands for, over its size."""


def constant(value: float) -> tuple[list[Expr], list[Expr]] | None:
    """A number as a known constant times a fraction, or None."""
    at = bisect_left(MULTIPLES, value * (1 - CLOSE), key=itemgetter(0))
    found = None
    while at < len(MULTIPLES) and MULTIPLES[at][0] <= value * (1 + CLOSE):
        if found is None or MULTIPLES[at][1] < found[1]:
            found = MULTIPLES[at]
        at += 1
    if found is None:
        return None
    _, _, top, bottom, above, below = found
    left = [number(top)] if top != 1 else []
    right = [number(bottom)] if bottom != 1 else []
    return [*left, *above], [*right, *below]


def one_root(factors: list[Expr]) -> list[Expr]:
    """sqrt(2)*sqrt(pi) as sqrt(2*pi), and sqrt(pi)*sqrt(x) as sqrt(pi*x)."""
    if len(factors) < 2:
        return factors
    roots = [each for each in factors if each.op == "sqrt" and not each.shape]
    known = [each for each in roots if _is_known(each.args[0])] if len(roots) > 1 else []
    if not known:
        return factors
    joined = [*known, *[each for each in roots if each not in known][:1]]
    parts = [each.args[0] for each in joined]
    inside = [one for each in parts for one in (each.args if each.op == "mul" else (each,))]
    whole = apply("sqrt", apply("mul", *inside))
    return [each for each in factors if each not in joined] + [whole]


def _is_known(tree: Expr) -> bool:
    """Whether an expression is what known constants are roots of."""
    return tree in (_TWO, _PI) or (tree.op == "mul" and all(_is_known(each) for each in tree.args))


def root_of_double(tree: Expr) -> bool:
    """Whether an expression is sqrt(2*u)."""
    if tree.op != "sqrt":
        return False
    inside = tree.args[0]
    return inside.op == "mul" and len(inside.args) == 2 and inside.args[0] is _TWO
