"""Laws of exp, sigmoid and softmax; `identities` lists them."""

from __future__ import annotations

from gradcli.formula.normal import Sum, in_terms, of_each_term
from gradcli.formula.terms import Factor, counts, is_above, multiplied, term_of
from gradcli.formula.tree import Expr, apply, number
from gradcli.formula.turning import difference, opposite


def shares(value: Sum) -> Sum:
    """exp(u)/sum(exp(u)) is softmax(u), which does not overflow."""

    def law(term: list[Factor]) -> list[Factor]:
        factors = term
        for tree, labels, exponent in term:
            if tree.op != "sum" or exponent > -1 or tree.args[0].op != "exp":
                continue
            dims = _summed_dims(tree)
            for other, own, power in term:
                if other is tree.args[0] and power >= 1 and dims is not None:
                    if tuple([each for at, each in enumerate(own) if at not in dims]) != labels:
                        continue
                    attrs = () if len(own) == 1 else (("dim", dims[0]),)
                    share = apply("softmax", other.args[0], attrs=attrs, shape=other.shape)
                    inverse: list[Factor] = [(other, own, -1), (tree, labels, 1), (share, own, 1)]
                    factors = multiplied(factors, inverse)
                    break
        return factors

    found = in_terms(value, law)
    return found if found is value else shares(found)


@of_each_term
def logistic(term: list[Factor]) -> list[Factor]:
    """1/(1 + exp(u)) is sigmoid(-u), above the line as well."""
    factors = term
    for tree, labels, exponent in term:
        if exponent == -1 or exponent == -2:
            power = _one_plus(tree)
            if power is not None:
                share = apply("sigmoid", opposite(power), shape=tree.shape)
                more: list[Factor] = [(tree, labels, 1), (share, labels, 1)]
                factors = multiplied(factors, more * -int(exponent))
    for tree, labels, exponent in term:
        if tree.op == "add" and exponent >= 1 and (power := _one_plus(tree)) is not None:
            share = apply("sigmoid", opposite(power), shape=tree.shape)
            if is_above(factors, share, labels):
                factors = multiplied(factors, [(tree, labels, -1), (share, labels, -1)])
    return factors


@of_each_term
def turned_shares(term: list[Factor]) -> list[Factor]:
    """exp(u)*sigmoid(-u) is sigmoid(u)."""
    factors = term
    for tree, labels, exponent in term:
        if tree.op != "exp" or exponent < 1:
            continue
        less = apply("sigmoid", opposite(tree.args[0]), shape=tree.shape)
        if is_above(factors, less, labels):
            whole = apply("sigmoid", tree.args[0], shape=tree.shape)
            factors = multiplied(factors, [(tree, labels, -1), (less, labels, -1), (whole, labels, 1)])
    return factors


@of_each_term
def shares_of_two(term: list[Factor]) -> list[Factor]:
    """exp(u)/(exp(u) + exp(v)) is sigmoid(u - v), which does not overflow."""
    factors = term
    for tree, labels, exponent in term:
        if tree.op != "add" or exponent > -1 or [each.op for each in tree.args] != ["exp", "exp"]:
            continue
        for one, other in (tree.args, tree.args[::-1]):
            if is_above(factors, one, labels):
                share = apply("sigmoid", difference(*one.args, *other.args), shape=tree.shape)
                factors = multiplied(factors, [(tree, labels, 1), (one, labels, -1), (share, labels, 1)])
                break
    return factors


@of_each_term
def opposite_powers(term: list[Factor]) -> list[Factor]:
    """exp(u)*exp(-u) is 1, where one of them overflows as well."""
    factors = term
    if sum([tree.op == "exp" for tree, _, _ in term]) < 2:
        return term
    for tree, labels, exponent in term:
        if tree.op != "exp" or exponent < 1:
            continue
        other = apply("exp", opposite(tree.args[0]), shape=tree.shape)
        both = next((min(e, exponent) for each, own, e in factors if each is other and own == labels), 0)
        if both > 0 and is_above(factors, tree, labels):
            left = multiplied(factors, [(tree, labels, -both), (other, labels, -both)])
            factors = left if counts(labels, left) else factors
    return factors


@of_each_term
def less_one(term: list[Factor]) -> list[Factor]:
    """exp(u)/(exp(u) - 1) is 1/(1 - exp(-u)), which does not overflow."""
    factors = term
    for tree, labels, exponent in term:
        if tree.op != "add" or exponent != -1 or len(tree.args) != 2:
            continue
        power, one = tree.args
        if power.op != "exp" or one.op != "number" or one.attrs[0] != -1:
            continue
        if any(other is power and own == labels and e == 1 for other, own, e in factors):
            turned = apply("exp", opposite(power.args[0]), shape=tree.shape)
            rest = apply("add", number(1), apply("neg", turned, shape=tree.shape), shape=tree.shape)
            factors = multiplied(factors, [(tree, labels, 1), (power, labels, -1), (rest, labels, -1)])
    return factors


def _one_plus(tree: Expr) -> Expr | None:
    """u, if an expression is exp(u) + 1."""
    if tree.op != "add" or len(tree.args) != 2:
        return None
    power, one = tree.args
    if power.op == "exp" and one.op == "number" and one.attrs[0] == 1:
        return power.args[0]
    return None


def _summed_dims(tree: Expr) -> tuple[int, ...] | None:
    if len(tree.args) == 1:
        return (0,) if len(tree.args[0].shape) == 1 else None
    return (tree.args[1].attrs[0],) if tree.args[1].op == "number" else None


def complements(value: Sum) -> Sum:
    """1 - sigmoid(u) is sigmoid(-u), which keeps its digits."""
    for term, coefficient in value.terms.items():
        for at, (tree, labels, exponent) in enumerate(term):
            if tree.op == "sigmoid" and exponent >= 1:
                lower: list[Factor] = [(tree, labels, exponent - 1)] if exponent > 1 else []
                rest = term_of([*term[:at], *lower, *term[at + 1 :]])
                if counts(labels, rest) and value.terms.get(rest) == -coefficient and rest != term:
                    other = apply("sigmoid", opposite(tree.args[0]), shape=tree.shape)
                    return complements(value.united((term, rest), [*rest, (other, labels, 1)], -coefficient))
    return value
