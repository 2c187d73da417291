"""What a program divides by, or takes the root or the logarithm of: it has no value, or no gradient, at 0."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gradcli.errors import GradcliError
from gradcli.formula.groups import without
from gradcli.formula.normal import Sum, added, of_number, scaled
from gradcli.formula.terms import MARKS, Coefficient, Exponent, whole_labels
from gradcli.tape.node import LEAF

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradcli.formula.recording import Recording
    from gradcli.formula.tree import Expr
    from gradcli.tape.node import Node

HALF = Fraction(1, 2)

THROUGH = frozenset(
    (
        *("add", "sub", "neg", "mul", "div", "scale", "reciprocal", "sqrt", "rsqrt", "pow", "exp", "log"),
        *("log2", "log10", "log1p", "sigmoid", "erf", "ndtr", "sin", "cos", "tan", "asin", "acos", "atan"),
        *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "expand", "reshape", "permute", "sum", "where"),
        *("matmul", "einsum", "cumsum", "logsumexp", "log_softmax", "softplus", "norm", "hypot", "abs"),
        *("relu", "logaddexp", "log_ndtr", "lgamma", "digamma"),
    )
)
"""Operations of which each element needs all of what it is computed from, but for a choice: what only one of
its sides divides by stands below a line on that side only."""

ENDS: dict[str, tuple[int, int, Coefficient]] = {
    "asin": (1, -1, HALF),
    "acos": (1, -1, HALF),
    "acosh": (-1, 1, HALF),
    "atanh": (1, -1, 1),
}
"""Where functions end: (a + b*u**2) to a power is below the line of their derivatives."""


def learn(recording: Recording, roots: Iterable[Node]) -> None:
    """Notes in the domain of the reader what is nowhere 0 where the roots have values and gradients."""
    try:
        found = _found(recording, _needed(roots))
    except GradcliError as error:
        if error.code != "bad-argument":
            raise
        return  # something has no formula, and the gradient may have one
    if found:
        inside = {tree: _inside(recording, tree.args[0]) for tree in found if tree.op == "sqrt"}
        recording.reader.learn(found, inside)
        recording.powers.clear()


def _found(recording: Recording, nodes: list[Node]) -> set[Expr]:
    """What is nowhere 0, but for what the program itself has above and below a line."""
    found: set[Expr] = set()
    for node in nodes:
        found |= _nonzero(recording, node)
    if found:
        for node in nodes:
            if node.op.name in ("mul", "div", "add", "sub", "pow"):
                found -= _written(recording, recording.of(node), found)
    return found


def _inside(recording: Recording, tree: Expr) -> tuple[Coefficient, dict[Expr, Exponent]]:
    """A number, and factors with their exponents, that something under a root is the product of."""
    value = recording.reader.sum_of(tree)
    one = None if value is None else recording.reader.single(value).single
    if one is not None and not isinstance(one[0], float):
        coefficient, term = one
        factors = recording.by_groups(term, tree.shape)
        product = {inner: e for inner, labels, e in factors if labels == whole_labels(inner.shape)}
        if len(product) == len(factors) and all(inner.shape == tree.shape for inner in product):
            return coefficient, product
    return 1, {tree: 1}


def _needed(roots: Iterable[Node]) -> list[Node]:
    """The nodes without whose value the roots have none."""
    found: dict[Node, None] = {}
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node in found or node.op is LEAF or node.op.name not in THROUGH:
            continue
        found[node] = None
        stack += node.inputs
    return list(found)


def _nonzero(recording: Recording, node: Node) -> set[Expr]:
    """What is not 0 where a node has a value and a gradient."""
    name = node.op.name
    if name in ("div", "reciprocal", "log", "log2", "log10"):
        value = recording.of(node.inputs[-1])
        found = _factors(recording, value)
        if value.constant is None:  # as it stands below the line
            found |= _factors(recording, recording.power(value, -1))
        return found
    if name in ("sqrt", "rsqrt"):
        return _factors(recording, recording.of(node))
    if name in ENDS:
        first, second, exponent = ENDS[name]
        square = recording.power(recording.of(node.inputs[0]), 2)
        end = added(of_number(first, node.shape), scaled(square, second))
        return _factors(recording, recording.power(end, exponent))
    if name == "pow" and node.attrs and (node.attrs[0] < 0 or node.attrs[0] != int(node.attrs[0])):
        return _factors(recording, recording.of(node))
    return set()


def _factors(recording: Recording, value: Sum) -> set[Expr]:
    """The factors of a product, and what their roots are of."""
    one = recording.reader.single(value).single
    if one is None:
        return set()
    found = {tree.args[0] if tree.op in MARKS else tree for tree, _, _ in one[1]}
    return found | {each.args[0] for each in found if each.op in ("sqrt", "pow")}


def _written(recording: Recording, value: Sum, nonzero: set[Expr]) -> set[Expr]:
    """What stands above and below a line, or cancels, in the program itself, of what is nowhere 0."""
    found: set[Expr] = set()
    for term, coefficient in value.terms.items():
        for tree, _, e in term:
            if e < 0 or tree.op == "sqrt":
                break
        else:
            continue
        below = {tree: labels for tree, labels, e in term if e < 0}
        above = {tree for tree, _, e in term if e > 0}
        if coefficient == 0:
            found |= below.keys()
        found |= {tree for tree, labels in below.items() if without(list(term), tree, labels) is not None}
        found |= {tree for tree, _, e in term if tree.op == "sqrt" and e > 0 and e % 2 == 0}
        for tree in below:
            if tree.op == "sqrt" and tree.args[0] in above:
                found |= {tree, tree.args[0]}
            if tree.op == "add":
                for other in above:
                    both = {tree, other}
                    if other.op == "add" and both & nonzero and recording.reader.has_quotient(tree, other):
                        found |= both
    return found
