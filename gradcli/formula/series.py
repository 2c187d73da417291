"""`--taylor`: the Taylor polynomial of a scalar program in one of its inputs, and its remainder's order."""

from __future__ import annotations

from fractions import Fraction
from math import factorial

import numpy as np

from gradcli.errors import GradcliError
from gradcli.evaluation.api import evaluate
from gradcli.formula.asked import Asked
from gradcli.formula.domain import CancelledDomains
from gradcli.formula.naming import replaced
from gradcli.formula.normal import Sum, collected, of_tree, product, scaled
from gradcli.formula.points import values
from gradcli.formula.printers.gradcli import expression
from gradcli.formula.printers.infix import PRECEDENCE
from gradcli.formula.printers.signature import CONSTANTS
from gradcli.formula.stage import Shapes, staged
from gradcli.formula.tree import Expr, Formula, Label, Line, apply, number, symbol, walk

STEP = 0.25
"""How far from the point the polynomial is compared with the one of `eval`'s derivatives."""

NEAR, JUMP = 1e-9, 1e-4
"""So close to the point, on both sides of it, derivatives are equal but for this much of them."""

MOST_EXACT = 2**53
"""Whole floats below it are exact."""

EXACT = 1e-15
"""How far sin(pi) and cos(pi/2) are from 0 as floats."""

NOT_FINITE = "a derivative is not finite there"

KNOWN = frozenset((*PRECEDENCE, "number", "symbol"))
"""What a function of numbers may be of."""


def taylor(asked: Asked, name: str, at: str, order: int) -> list[Line]:
    """The polynomial of that degree in `name` around `at`, an expression.

    Raises:
        GradcliError: `bad-argument`, where the program is no scalar of a scalar, or has no finite derivatives
            there.
    """
    target = asked.run.by(name)
    if target.shape or any(root.shape for root in asked.run.program.values()) or len(asked.run.program) != 1:
        raise GradcliError("bad-argument", "a Taylor polynomial is one of a scalar in a scalar")
    point = _normal(at, CancelledDomains())[1]
    variable, run = symbol(name), asked.run
    (root,) = run.program.values()
    shift = variable
    if point.attrs != (0,):
        shift = run.recording.read(run.recording.minus(of_tree(variable), of_tree(point)))
    trees: list[Expr] = []
    domain = _domain_at(run.recording.reader.domain, variable, point)
    for k in range(order + 1):
        derivative = (
            run.recording.read(run.recording.of(root.node)) if k == 0 else asked.partial([name] * k).value
        )
        try:
            coefficient, tree = _normal(expression(replaced(derivative, {variable: point})), domain)
        except GradcliError:  # plain numbers divide as in Python
            raise _no_series(name, at, NOT_FINITE) from None
        _finite(tree, name, at)
        if coefficient.terms:
            one = scaled(coefficient, Fraction(1, factorial(k)))
            power = collected([(1, [(shift, (), k)] if k else [])], ())
            trees.append(run.recording.reader.plain(product(run.recording.reader.single(one), power)))
    value = apply("add", *trees) if len(trees) > 1 else trees[0] if trees else number(0)
    remainder = apply("pow", shift, number(order + 1))
    line = Line(Label(asked.name, (name,), "taylor"), value, remainder)
    _compared(asked, line, name, at, point, order)
    return [line]


def _domain_at(domain: CancelledDomains, variable: Expr, point: Expr) -> CancelledDomains:
    """What is nowhere 0 at a point: what the program divides by there, and the factors of that."""
    found = CancelledDomains()
    found.add(domain.trees, {})
    for tree in domain.trees:
        if (moved := replaced(tree, {variable: point})) is not tree:
            try:
                value, one = _normal(expression(moved), found)
            except GradcliError:  # it has no value there, and neither has the program
                continue
            factors = value.single[1] if value.single else ()
            found.add({one, *[each for each, _, _ in factors]}, {})
    return found


def _normal(text: str, domain: CancelledDomains) -> tuple[Sum, Expr]:
    """An expression as it is written shortest, and as a sum, where what is in a domain is not 0."""
    inner = staged(text, inputs={}, shapes=Shapes({}), options={"wrt": None, "unused_inputs": True})
    (root,) = inner.program.values()
    inner.recording.reader.domain = domain
    found = inner.recording.of(root.node)
    tree = inner.recording.read(found)
    exact = {each: whole for each in walk([tree]) if (whole := _whole(each)) is not None}
    if exact:
        return _normal(expression(replaced(tree, exact)), domain)
    if len(found.terms) > 1 or tree.op == "number":
        found = of_tree(tree)
    return found, tree


def _whole(tree: Expr) -> Expr | None:
    """The whole number that a function of numbers is: relu(0), sign(1), sin(pi); None if it is none."""
    inside = {each.op for each in walk(tree.args)}
    angle = tree.op in ("sin", "cos", "tan") and any(each.attrs == ("pi",) for each in walk(tree.args))
    if not tree.args or tree.op in PRECEDENCE or tree.shape or not inside <= KNOWN or _others(tree):
        return None
    value = _value_or_nan(tree)
    near = round(value) if abs(value) < MOST_EXACT else None  # neither for one that is no number
    rounding = EXACT if angle else 0
    return number(near) if near is not None and abs(value - near) <= rounding else None


def _others(tree: Expr) -> dict[str, float]:
    names = {str(each.attrs[0]) for each in walk([tree]) if each.op == "symbol"}
    random = np.random.default_rng(0)
    return {each: float(random.uniform(0.2, 0.9)) for each in sorted(names.difference(CONSTANTS))}


def _value(tree: Expr, inputs: dict[str, float]) -> float:
    formula = Formula((Line(Label("value"), tree),), {}, {})
    return float(values(formula, inputs)["value"])


def _finite(tree: Expr, name: str, at: str) -> None:
    if not np.isfinite(_value_or_nan(tree)):
        raise _no_series(name, at, NOT_FINITE)


def _value_or_nan(tree: Expr) -> float:
    try:
        return _value(tree, _others(tree))
    except GradcliError:  # a plain number over 0
        return float("nan")


def _no_series(name: str, at: str, why: str) -> GradcliError:
    return GradcliError(
        "bad-argument",
        f"there is no Taylor series in {name} at {at}: {why}",
        hint="expand around another point",
    )


def _compared(asked: Asked, line: Line, name: str, at: str, point: Expr, order: int) -> None:
    """Raises where the polynomial differs from that of the derivatives that `eval` computes, or they jump."""
    random = np.random.default_rng(1)
    inputs = {each: float(random.uniform(0.2, 0.9)) for each in asked.run.free}
    start = _value(point, {**_others(point), **inputs})

    def at_point(value: float) -> list[float]:
        given = {**asked.inputs, **inputs, name: value}
        found = evaluate(
            asked.source, given, wrt=[name], order=order, unused_inputs=True, write=lambda text: None
        )
        return [float(found.values[asked.name]), *[float(each) for each in found.orders[name]]]

    derivatives = at_point(start)
    before, after = [at_point(start + step * max(1.0, abs(start))) for step in (-NEAR, NEAR)]
    if not np.allclose(before, after, rtol=JUMP, atol=JUMP * max(1.0, *map(abs, derivatives))):
        raise _no_series(name, at, "a derivative jumps there")
    expected = sum(each * STEP**k / factorial(k) for k, each in enumerate(derivatives))
    ours = _value(line.value, {**_others(point), **inputs, name: start + STEP})
    if not np.isclose(ours, expected, rtol=1e-8, atol=1e-10):
        raise GradcliError(
            "bad-argument", f"no polynomial was found that agrees with the derivatives of {asked.name}"
        )
