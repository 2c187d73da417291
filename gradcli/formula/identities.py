"""The laws that hold between terms of a sum, each one row: a pattern and what it comes to.

`reading` applies them to every sum before it is written.
"""

from __future__ import annotations

from fractions import Fraction

from gradcli.formula import exponentials, groups, shifts, waves
from gradcli.formula.laws import BELOW, CANCELLED, WITH_EXP, Law, LawTable
from gradcli.formula.normal import (
    Sum,
    added,
    collected,
    in_terms,
    of_each_term,
    of_tree,
    product,
    put,
    scaled,
)
from gradcli.formula.signs import never_zero, not_negative
from gradcli.formula.terms import (
    Coefficient,
    Factor,
    Term,
    counts,
    multiplied,
    plain_fraction,
    renamed,
    term_of,
    whole_labels,
)
from gradcli.formula.tree import Expr, apply, number
from gradcli.formula.turning import opposite, squared


def _without_shown_poles(value: Sum) -> Sum:
    """Poles that cancelled are not written where another term has them."""
    hidden = [term for term, coefficient in value.terms.items() if coefficient == 0]
    if not hidden:
        return value
    shown: set[tuple[Expr, tuple[int | None, ...]]] = set()
    for term, coefficient in value.terms.items():
        if coefficient != 0:
            shown |= {(tree, labels) for tree, labels, exponent in term if exponent < 0}
            shown |= {(tree.args[0], labels) for tree, labels, _ in term if tree.op == "log"}
    gone = {term for term in hidden if all((tree, labels) in shown for tree, labels, _ in term)}
    return value.without(gone)


@of_each_term
def _roots(term: list[Factor]) -> list[Factor]:
    """u**(3/2)*sqrt(u) is u**2, for any u that is nowhere below 0; 1/(u**(3/2)*sqrt(u)) as well."""
    factors = term
    for tree, labels, exponent in term:
        if tree.op != "sqrt":
            continue
        (inner,) = tree.args
        powers = [e for each, own, e in factors if each is inner and own == labels]
        if not powers or not not_negative(inner):
            continue
        power = powers[0]
        total = power + Fraction(exponent) / 2
        crosses = power * exponent < 0 and total * power <= 0
        opposed = power * exponent < 0
        if (type(power) is Fraction or opposed) and (not crosses or never_zero(inner)):
            more: list[Factor] = [(tree, labels, -exponent), (inner, labels, Fraction(exponent) / 2)]
            if abs(total) == Fraction(1, 2):
                more = [(tree, labels, 2 * total - exponent), (inner, labels, -power)]
            factors = [(each, own, plain_fraction(e)) for each, own, e in multiplied(factors, more)]
    return factors


@of_each_term
def _signs(term: list[Factor]) -> list[Factor]:
    """u*sign(u) is abs(u), and abs(u)*sign(u) is u, at 0 and at infinity too; sign(u)/abs(u) is 1/u."""
    factors = term
    for tree, labels, exponent in term:
        if tree.op != "sign" or exponent != 1:
            continue
        u = tree.args[0]
        size = apply("abs", u, shape=u.shape)
        for old, new, side in ((u, size, 1), (size, u, 1), (size, u, -1)):
            if any(other is old and own == labels and side * e >= 1 for other, own, e in factors):
                more: list[Factor] = [(tree, labels, -1), (old, labels, -side), (new, labels, side)]
                factors = multiplied(factors, more)
                break
    return factors


@of_each_term
def _squared_sizes(term: list[Factor]) -> list[Factor]:
    """abs(u)**2 is u**2, and so is any even power."""
    factors = term
    for tree, labels, exponent in term:
        if tree.op == "abs" and exponent % 2 == 0:
            factors = multiplied(factors, [(tree, labels, -exponent), (tree.args[0], labels, exponent)])
    return factors


@of_each_term
def _hypotenuses(term: list[Factor]) -> list[Factor]:
    """(a**2 + b**2)/hypot(a, b) is hypot(a, b), where one of them is not 0."""
    factors = term
    for tree, labels, exponent in term:
        if tree.op != "hypot" or exponent > -1:
            continue
        sides = {squared(each) for each in tree.args}
        for other, own, e in term:
            if own == labels and e >= 1 and other.op == "add" and set(other.args) == sides:
                both = min(-exponent, e)
                if never_zero(other):
                    more: list[Factor] = [(other, own, -both), (tree, labels, 2 * both)]
                    factors = [(t, at, plain_fraction(e)) for t, at, e in multiplied(factors, more)]
    return factors


def _sides(value: Sum) -> Sum:
    """hypot(a, b)**2 is a**2 + b**2, where one of the two is put together with another term."""
    for term, coefficient in value.terms.items():
        for tree, labels, exponent in term:
            if tree.op != "hypot" or not isinstance(exponent, int) or exponent < 2:
                continue
            rest = multiplied(list(term), [(tree, labels, -2)])
            if tree.shape and not counts(labels, rest):
                continue
            total = value.without((term,))
            for side in tree.args:
                square = product(of_tree(side).shaped(tree.shape), of_tree(side).shaped(tree.shape))
                names = dict(zip(whole_labels(tree.shape), labels, strict=True))
                terms = [(c, [*rest, *renamed(each, names)]) for each, c in square.terms.items()]
                total = added(total, scaled(collected(terms, value.shape), coefficient))
            if len(total.terms) <= len(value.terms):
                return _sides(total)
    return value


def _squared_lengths(value: Sum) -> Sum:
    """u @ u/norm(u)**3 is 1/norm(u)."""

    def law(term: list[Factor]) -> list[Factor]:
        for tree, labels, exponent in term:
            if (
                tree.op not in ("norm", "length")
                or exponent > -3
                or labels
                or tree.attrs
                or len(tree.args) > 1
            ):
                continue
            for factor in term:
                other, own, power = factor
                if other is not tree.args[0] or power != 2 or any(each is None or each < 0 for each in own):
                    continue
                beside = [each for each in term if each is not factor]
                if len(set(own)) == len(own) and not any(set(own) & set(at) for _, at, _ in beside):
                    return law(
                        [each if each[0] is not tree else (tree, labels, exponent + 2) for each in beside]
                    )
        return term

    return in_terms(value, law)


@of_each_term
def _positive_parts(term: list[Factor]) -> list[Factor]:
    """maximum(u, 0)*sign(u) is maximum(u, 0), and so for relu."""
    factors = term
    for tree, labels, exponent in term:
        if tree.op != "sign" or exponent < 1:
            continue
        for other, own, e in term:
            if own == labels and e >= 1 and _positive_part(other) is tree.args[0]:
                factors = multiplied(factors, [(tree, labels, -exponent)])
                break
    return factors


def _positive_part(tree: Expr) -> Expr | None:
    """u, if an expression is relu(u) or maximum(u, 0)."""
    if tree.op == "maximum" and number(0) in tree.args:
        return next((each for each in tree.args if each is not number(0)), None)
    return tree.args[0] if tree.op == "relu" else None


def _either(value: Sum) -> Sum:
    """where(c, a, 0) and where(c, 0, b) are where(c, a, b), for numbers a and b, beside equal factors."""
    found: dict[tuple[Expr, tuple[int | None, ...], Term], dict[int, tuple[Term, Expr]]] = {}
    for term in value.terms:
        for factor in term:
            tree, labels, exponent = factor
            if tree.op != "where" or exponent != 1:
                continue
            a, b = tree.args[1:]
            if a.op == b.op == "number" and 0 in (a.attrs[0], b.attrs[0]):
                rest = term_of([each for each in term if each is not factor])
                found.setdefault((tree.args[0], labels, rest), {})[1 if b.attrs[0] == 0 else 2] = term, tree
    for (condition, labels, rest), sides in found.items():
        if len(sides) < 2:
            continue
        ((one, left), (other, right)) = sides[1], sides[2]
        coefficient, factors = value.terms[one] * left.args[1].attrs[0], list(rest)
        second = value.terms[other] * right.args[2].attrs[0]
        if coefficient != second or not counts(labels, rest):
            chosen = apply("where", condition, number(coefficient), number(second), shape=left.shape)
            coefficient, factors = 1, [(chosen, labels, 1), *rest]
        return _either(value.united((one, other), factors, coefficient))
    return value


@of_each_term
def _chosen(term: list[Factor]) -> list[Factor]:
    """u*one_hot(k, n) is u[k]*one_hot(k, n), beside a u[k] below the line."""
    factors = term
    for hot, at, exponent in term:
        if hot.op != "one_hot" or exponent != 1 or len(hot.shape) != 1:
            continue
        for picked, own, power in term:
            if picked.op != "index" or own or power > -1 or picked.args[1:] != hot.args[:1]:
                continue
            (of,) = picked.args[:1]
            times = next((e for other, labels, e in factors if other is of and labels == at and e > 0), 0)
            if times:
                factors = multiplied(factors, [(of, at, -times), (picked, (), times)])
    return factors


def _triangles(value: Sum) -> Sum:
    """tril(A) and triu(A, 1) are A, beside equal factors."""
    for term, coefficient in value.terms.items():
        for tree, labels, exponent in term:
            if tree.op != "tril" or exponent != 1:
                continue
            rest = [each for each in term if each[0] is not tree or each[1] != labels]
            above = (tree.args[1].attrs[0] if len(tree.args) > 1 else 0) + 1
            more = [number(above)] if above else []
            upper = apply("triu", tree.args[0], *more, shape=tree.shape)
            other = term_of([*rest, (upper, labels, 1)])
            if value.terms.get(other) == coefficient != 0:
                whole = [*rest, (tree.args[0], labels, 1)]
                return _triangles(value.united((term, other), whole, coefficient))
    return value


def _above_the_line(tree: Expr) -> list[Expr]:
    """What makes an expression 0 where it is 0."""
    parts = [tree]
    for each in parts:
        if each.op == "div":
            parts.append(each.args[0])
        elif each.op == "mul":
            parts += each.args
    return parts


def _guarded(value: Sum) -> Sum:
    """x/x is 1 beside a term that is infinite, or undefined, where x is 0."""
    if len(value.terms) < 2:
        return value
    guards = set()
    for term in value.terms:
        if len(term) == 1:
            tree, labels, exponent = term[0]
            if tree.op == "log" and exponent > 0:
                guards |= {(each, labels) for each in _above_the_line(tree.args[0])}
            elif exponent < 0:
                guards.add((tree, labels))
    if not guards:
        return value
    for term in value.terms:  # log(1 - x) guards x - 1 as well
        for tree, labels, exponent in term:
            if exponent < 0 and tree.op == "add":
                turned = {opposite(each) for each in tree.args}
                if any(turned == set(other.args) and own == labels for other, own in guards):
                    guards.add((tree, labels))
                    break
    terms: dict[Term, Coefficient] = {}
    for term, coefficient in value.terms.items():
        below = {(tree, labels): e for tree, labels, e in term if e < 0 and (tree, labels) in guards}
        factors: list[Factor] = []
        for tree, labels, exponent in term:
            if (tree, labels) in below:
                if exponent < 0:
                    continue
                exponent += below.pop((tree, labels))
                if exponent == 0:
                    continue
            factors.append((tree, labels, exponent))
        factors += [(tree, labels, e) for (tree, labels), e in below.items()]
        left = term_of(factors)
        put(terms, left, terms.get(left, 0) + coefficient)
    return Sum(terms, value.shape)


LAWS = (
    Law(
        "sin(u)**2 + cos(u)**2 = 1, cosh(u)**2 - sinh(u)**2 = 1",
        waves.pairs,
        tuple([each.first for each in waves.PAIRS]),
        tuple([each.second for each in waves.PAIRS]),
        terms=2,
    ),
    Law(
        "1 - sin(u)**2 = cos(u)**2, 1 + sinh(u)**2 = cosh(u)**2, and the other way round; "
        "1 - 1/tanh(u)**2 = -1/sinh(u)**2",
        waves.squares,
        tuple([each.first for each in waves.SQUARES]),
        terms=2,
    ),
    Law("exp(u) + exp(-u) = 2*cosh(u), exp(u) - exp(-u) = 2*sinh(u)", waves.hyperbolic, ("exp",), terms=2),
    Law("exp(u)/cosh(u) = 2*sigmoid(2*u)", waves.over_cosh, ("exp",), ("cosh",)),
    Law("exp(u)*sigmoid(-2*u) = 1/(2*cosh(u))", waves.secants, ("exp",), ("sigmoid",)),
    Law("cosh(u)*sigmoid(2*u) = exp(u)/2", waves.shares, ("cosh",), ("sigmoid",)),
    Law(
        "cosh(u) + sinh(u) = exp(u), cosh(u) - sinh(u) = exp(-u)",
        waves.exponentials,
        ("cosh",),
        ("sinh",),
        terms=2,
    ),
    Law(
        "sin(u)/cos(u) = tan(u), sinh(u)/cosh(u) = tanh(u)",
        waves.ratios,
        tuple([each[0] for each in waves.RATIOS]),
        tuple([each[1] for each in waves.RATIOS]),
    ),
    Law("exp(u)/(exp(u) + exp(v)) = sigmoid(u - v)", exponentials.shares_of_two, (WITH_EXP,), ("exp",)),
    Law("1/(1 + exp(u)) = sigmoid(-u)", exponentials.logistic, (WITH_EXP,)),
    Law("exp(u)*sigmoid(-u) = sigmoid(u)", exponentials.turned_shares, ("exp",), ("sigmoid",)),
    Law("exp(u)*exp(-u) = 1", exponentials.opposite_powers, ("exp",)),
    Law("u**(3/2)*sqrt(u) = u**2 where u >= 0", _roots, ("sqrt",)),
    Law("maximum(u, 0)*sign(u) = maximum(u, 0)", _positive_parts, ("sign",), ("maximum", "relu")),
    Law("(a**2 + b**2)/hypot(a, b) = hypot(a, b)", _hypotenuses, ("hypot",), ("add",)),
    Law("hypot(a, b)**2 = a**2 + b**2 beside a**2 or b**2", _sides, ("hypot",), terms=2),
    Law("u*sign(u) = abs(u), abs(u)*sign(u) = u", _signs, ("sign",)),
    Law("abs(u)**2 = u**2", _squared_sizes, ("abs",)),
    Law("u @ u/norm(u)**3 = 1/norm(u)", _squared_lengths, ("norm", "length")),
    Law("exp(u)/(exp(u) - 1) = 1/(1 - exp(-u))", exponentials.less_one, (WITH_EXP,), ("exp",)),
    Law("where(c, a, 0) + where(c, 0, b) = where(c, a, b)", _either, ("where",), terms=2),
    Law("u*one_hot(k, n)/u[k] = one_hot(k, n)", _chosen, ("one_hot",), ("index",)),
    Law("tril(A) + triu(A, 1) = A", _triangles, ("tril",), ("triu",), terms=2),
    Law("exp(u)/sum(exp(u)) = softmax(u)", exponentials.shares, ("sum",)),
    Law("A @ linalg.solve(A, b) = b, A @ inverse(A) = eye(n)", groups.solved, ("linalg.solve", "inverse")),
    Law("x/x = 1 beside a term that has no value where x is 0", _guarded, (BELOW,), terms=2),
    Law("pad(u[:k], (n - k, 0)) + pad(u[k:], (0, k)) = roll(u, -k)", shifts.rolled_parts, ("pad",), terms=2),
    Law("1 - sigmoid(u) = sigmoid(-u)", exponentials.complements, ("sigmoid",), terms=2),
    Law("a/x - a/x = 0 beside a term that has no value where x is 0", _without_shown_poles, (CANCELLED,)),
)
"""The laws, in the order in which they are applied."""

TABLE = LawTable(LAWS)
