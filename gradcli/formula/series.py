"""`--taylor`: the Taylor polynomial of a scalar program in one of its inputs, and its remainder's order."""

from __future__ import annotations

from fractions import Fraction
from math import factorial

import numpy as np

from gradcli.errors import GradcliError
from gradcli.evaluation.api import evaluate
from gradcli.formula.asked import Asked
from gradcli.formula.naming import replaced
from gradcli.formula.normal import Sum, collected, of_tree, product, scaled
from gradcli.formula.points import values
from gradcli.formula.printers.gradcli import expression
from gradcli.formula.printers.signature import CONSTANTS
from gradcli.formula.stage import Shapes, staged
from gradcli.formula.tree import Expr, Formula, Label, Line, apply, number, symbol, walk

STEP = 0.25
"""How far from the point the polynomial is compared with the one of `eval`'s derivatives."""


def taylor(asked: Asked, name: str, at: str, order: int) -> list[Line]:
    """The polynomial of that degree in `name` around `at`, an expression.

    Raises:
        GradcliError: `bad-argument`, where the program is no scalar of a scalar, or has no finite derivatives
            there.
    """
    target = asked.run.by(name)
    if target.shape or any(root.shape for root in asked.run.program.values()) or len(asked.run.program) != 1:
        raise GradcliError("bad-argument", "a Taylor polynomial is one of a scalar in a scalar")
    point = _normal(at)[1]
    variable, run = symbol(name), asked.run
    (root,) = run.program.values()
    shift = variable
    if point.attrs != (0,):
        shift = run.recording.read(run.recording.minus(of_tree(variable), of_tree(point)))
    trees: list[Expr] = []
    for k in range(order + 1):
        derivative = (
            run.recording.read(run.recording.of(root.node)) if k == 0 else asked.partial([name] * k).value
        )
        coefficient, tree = _normal(expression(replaced(derivative, {variable: point})))
        _finite(tree, name, at)
        if coefficient.terms:
            one = scaled(coefficient, Fraction(1, factorial(k)))
            power = collected([(1, [(shift, (), k)] if k else [])], ())
            trees.append(run.recording.reader.plain(product(run.recording.reader.single(one), power)))
    value = apply("add", *trees) if len(trees) > 1 else trees[0] if trees else number(0)
    remainder = apply("pow", shift, number(order + 1))
    line = Line(Label(asked.name, (name,), "taylor"), value, remainder)
    _compared(asked, line, name, point, order)
    return [line]


def _normal(text: str) -> tuple[Sum, Expr]:
    """An expression as it is written shortest, and as a sum."""
    inner = staged(text, inputs={}, shapes=Shapes({}), options={"wrt": None, "unused_inputs": True})
    (root,) = inner.program.values()
    found = inner.recording.of(root.node)
    tree = inner.recording.read(found)
    if len(found.terms) > 1:
        found = of_tree(tree)
    return found, tree


def _others(tree: Expr) -> dict[str, float]:
    names = {str(each.attrs[0]) for each in walk([tree]) if each.op == "symbol"}
    random = np.random.default_rng(0)
    return {each: float(random.uniform(0.2, 0.9)) for each in sorted(names.difference(CONSTANTS))}


def _value(tree: Expr, inputs: dict[str, float]) -> float:
    formula = Formula((Line(Label("value"), tree),), {}, {})
    return float(values(formula, inputs)["value"])


def _finite(tree: Expr, name: str, at: str) -> None:
    try:
        value = _value(tree, _others(tree))
    except GradcliError:  # a plain number over 0
        value = float("nan")
    if not np.isfinite(value):
        raise GradcliError(
            "bad-argument",
            f"there is no Taylor series in {name} at {at}: a derivative is not finite there",
            hint="expand around another point",
        )


def _compared(asked: Asked, line: Line, name: str, point: Expr, order: int) -> None:
    """Raises where the polynomial differs from the one of the derivatives that `eval` computes."""
    random = np.random.default_rng(1)
    inputs = {each: float(random.uniform(0.2, 0.9)) for each in asked.run.free}
    start = _value(point, {**_others(point), **inputs})
    given = {**asked.inputs, **inputs, name: start}
    found = evaluate(
        asked.source, given, wrt=[name], order=order, unused_inputs=True, write=lambda text: None
    )
    derivatives = [float(found.values[asked.name]), *[float(each) for each in found.orders[name]]]
    expected = sum(each * STEP**k / factorial(k) for k, each in enumerate(derivatives))
    ours = _value(line.value, {**_others(point), **inputs, name: start + STEP})
    if not np.isclose(ours, expected, rtol=1e-8, atol=1e-10):
        raise GradcliError(
            "bad-argument", f"no polynomial was found that agrees with the derivatives of {asked.name}"
        )
