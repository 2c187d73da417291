"""Other ways to write a sum that look inside its factors: fractions within fractions, powers of one base.

Each gives a sum that is equal, or None where there is none; `reading` chooses by length.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gradcli.formula import ways
from gradcli.formula.forms import MOST_READ, Forms
from gradcli.formula.groups import without
from gradcli.formula.normal import Sum, added, collected, in_terms, of_number, of_tree, rational, scaled
from gradcli.formula.powers import quotient
from gradcli.formula.signs import never_zero, not_negative
from gradcli.formula.terms import (
    Coefficient,
    Factor,
    counts,
    highest,
    multiplied,
    plain_fraction,
    renamed,
    whole_labels,
)
from gradcli.formula.tree import BITS, Expr, apply, walk
from gradcli.formula.turning import opposite
from gradcli.formula.writing import as_term, remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gradcli.formula.terms import Exponent, Term


class Inside(Forms):
    """Finds equal sums by what their factors are made of."""

    def _within(
        self, value: Sum, change: Callable[[Sum], Sum | None], granted: frozenset[Expr] = frozenset()
    ) -> Sum | None:
        """With the sums that are factors changed, each to one term; what is granted may be cancelled."""
        terms: list[tuple[Coefficient, list[Factor]]] = []
        changed = False
        for term, coefficient in value.terms.items():
            factors: list[Factor] = []
            for tree, labels, exponent in term:
                one = None
                if tree.op == "add" and isinstance(exponent, int) and tree.cost <= MOST_READ:
                    inner = self.sum_of(tree)
                    found = None if inner is None else change(inner)
                    one = None if found is None else self.single(found).single
                inside: list[Factor] = []
                if one is not None:
                    inside = renamed(one[1], dict(zip(whole_labels(tree.shape), labels, strict=True)))
                if one is None or isinstance(one[0], float) or highest(one[1]) or not counts(labels, inside):
                    factors.append((tree, labels, exponent))
                    continue
                changed = True
                if tree in self.domain.trees:
                    self.domain.trees.update([each for each, _, _ in one[1]])
                if one[0] != 1:
                    coefficient = coefficient * Fraction(one[0]) ** exponent
                factors += [(each, own, e * exponent) for each, own, e in inside]
            terms.append((coefficient, factors))
        if not changed:
            return None
        return collected([(rational(c), self._cancelled(each, granted)) for c, each in terms], value.shape)

    def _cancelled(self, factors: list[Factor], granted: frozenset[Expr]) -> list[Factor]:
        """With what is above and below the line cancelled, where it is nowhere 0."""
        above = {each[:2] for each in factors if each[2] > 0}
        both = {each[:2]: None for each in factors if each[2] < 0 and each[:2] in above}
        free = [base for base in both if base[0] in granted or base[0] in self.domain.trees]
        self.domain.cancelled.update(dict.fromkeys([tree for tree, _ in free if tree not in granted]))
        merged = multiplied([each for each in factors if each[:2] in free], [])
        return [*[each for each in factors if each[:2] not in free], *merged]

    @remembered
    def cleared(self, value: Sum, multiplied_out: bool = True) -> Sum | None:
        """With what is divided by inside its factors outside: 1/(1 + x/y) = y/(y + x)."""
        return self._within(value, lambda inner: self.together(inner, multiplied_out))

    def divided(self, value: Sum) -> Sum | None:
        """With two sums cancelled, above and below the line, of which one is a multiple of the other."""
        one = value.single
        if one is None:
            return None
        coefficient, term = one
        sums = [each for each in term if each[0].op == "add" and each[2] in (1, -1)]
        for above in [each for each in sums if each[2] == 1]:
            for below in [each for each in sums if each[2] == -1 and each[1] == above[1]]:
                if above[1] != whole_labels(above[0].shape):
                    continue
                for divided, divisor in ((above, below), (below, above)):
                    found = self._quotient(divided[0], divisor[0])
                    if found is None:
                        continue
                    tree, labels = self.factor(found, self.plain)
                    if not never_zero(divisor[0]):
                        if not self.domain.trees & {divided[0], divisor[0]}:
                            continue
                        self.domain.cancelled[divisor[0]] = None
                    rest = [each for each in term if each not in (above, below)]
                    return collected([(coefficient, [*rest, (tree, labels, divided[2])])], value.shape)
        return None

    def has_quotient(self, one: Expr, other: Expr) -> bool:
        """Whether one of two sums is a multiple of the other."""
        return self._quotient(one, other) is not None or self._quotient(other, one) is not None

    def _quotient(self, divided: Expr, divisor: Expr) -> Sum | None:
        """One sum over another that it is a multiple of."""
        sums = [self.sum_of(each) for each in (divided, divisor)]
        whole, part = [None if each is None else self.expanded(each) or each for each in sums]
        if whole is None or part is None or whole.shape != part.shape:
            return None
        return quotient(whole, part)

    def gated(self, value: Sum) -> Sum | None:
        """u*sigmoid(u) as silu(u)."""

        def law(term: list[Factor]) -> list[Factor]:
            factors = term
            for tree, labels, _ in term:
                if tree.op == "sigmoid" and (rest := without(factors, tree, labels)) is not None:
                    left = without(rest, tree.args[0], labels)
                    if left is not None:
                        factors = [*left, (apply("silu", *tree.args, shape=tree.shape), labels, 1)]
            return factors

        return _by_terms(value, law)

    def one_exponential(self, value: Sum) -> Sum | None:
        """exp(u)*exp(v) as exp(u + v)."""

        def law(term: list[Factor]) -> list[Factor]:
            factors = term
            powers = [each for each in term if each[0].op == "exp" and type(each[2]) is int]
            for labels in dict.fromkeys([each[1] for each in powers]):
                own = [each for each in powers if each[1] == labels]
                if len(own) > 1:
                    whole = apply("exp", self.read(self._exponent(own)), shape=own[0][0].shape)
                    factors = [*[each for each in factors if each not in own], (whole, labels, 1)]
            return factors

        return _by_terms(value, law)

    def logarithms_apart(self, value: Sum) -> Sum | None:
        """With one exponential of those whose exponents differ by logarithms: exp(u + log(w)) as w*exp(u)."""
        trees = [tree for term in value.terms for tree, _, _ in term if tree.op in ("exp", "add")]
        if not any(_has_logarithms(each) for each in trees):
            return None
        if sum([each.op == "exp" for each in walk(trees)]) < 2:
            return None
        value = self.lawful(self.expanded(value, 2 * MOST_READ) or value)
        powers = {term: [each for each in term if _is_exponential(each)] for term in value.terms}
        exponents = {
            term: self._exponent(own)
            for term, own in powers.items()
            if own and len({each[1] for each in own}) == 1
        }
        terms: list[tuple[Coefficient, list[Factor]]] = []
        kept: list[Term] = []
        changed = False
        shortest = sorted(value.terms.items(), key=lambda each: sum([one[0].cost for one in powers[each[0]]]))
        for term, coefficient in shortest:
            factors: list[Factor] | None = None
            for other in kept if term in exponents else ():
                apart = self._logarithms(added(exponents[term], exponents[other], -1))
                if apart is not None and powers[other][0][1] == powers[term][0][1]:
                    rest = [each for each in term if each not in powers[term]]
                    factors = multiplied(rest, [*powers[other], *apart])
                    changed = changed or powers[other] != powers[term]
                    break
            else:
                kept += [term] if term in exponents else []
            terms.append((coefficient, list(term) if factors is None else factors))
        return collected(terms, value.shape) if changed else None

    def _exponent(self, powers: list[Factor]) -> Sum:
        """What the product of exponentials is the exponential of."""
        total = Sum({}, powers[0][0].shape)
        for tree, _, exponent in powers:
            power = self.sum_of(tree.args[0]) or as_term(tree.args[0])
            total = added(total, scaled(power, exponent))
        return total

    def _logarithms(self, difference: Sum) -> list[Factor] | None:
        """The factors whose logarithms a sum is, with their powers; None if it is anything else."""
        difference = self.lawful(self.expanded(difference) or difference)
        factors: list[Factor] = []
        for term, coefficient in difference.terms.items():
            times = rational(coefficient)
            if len(term) != 1 or type(times) is not int or term[0][0].op != "log" or term[0][1:] != ((), 1):
                return None
            one = self.single(self.sum_of(term[0][0].args[0]) or as_term(term[0][0].args[0])).single
            if one is None or one[0] != 1:
                return None
            self.domain.cancelled[term[0][0]] = None  # where its argument is below 0 it has no value
            factors += [(tree, labels, e * times) for tree, labels, e in one[1]]
        return factors

    def joined(self, value: Sum) -> Sum | None:
        """With powers of one base as one: x**n*x = x**(n + 1), and (x/y)**n*x/y**2 = (x/y)**(n + 1)/y."""
        terms = [(c, self._joined(list(term))) for term, c in value.terms.items()]
        old = [(c, list(term)) for term, c in value.terms.items()]
        return None if terms == old else collected(terms, value.shape)

    def _joined(self, factors: list[Factor]) -> list[Factor]:
        powers = [each for each in factors if _is_power(each)]
        for base, labels in dict.fromkeys([(tree.args[0], labels) for tree, labels, _ in powers]):
            own = [each for each in powers if each[0].args[0] is base and each[1] == labels]
            beside = {each[0]: each[2] for each in factors if each[1] in (labels, ())}
            parts = self._parts(base)
            length = apply("length", *base.args, attrs=base.attrs, shape=base.shape)
            if base.op == "norm" and length in beside:
                parts = {length: 1}
            times = {beside.get(each, 0) / Fraction(e) for each, e in parts.items()}
            turns = min(times, key=abs)
            if len({each > 0 for each in times}) > 1 or turns.denominator != 1:
                turns = Fraction(0)
            if not turns and len(own) == 1 and all(each in self.domain.trees for each in parts):
                turns = next((each for each in times if abs(each) == 1), turns)
            signs = {each[2] > 0 for each in own} | ({turns > 0} if turns else set())
            if (len(own) < 2 and not turns) or (len(signs) > 1 and not self._nowhere_0(base, parts)):
                continue
            total = of_number(int(turns), own[0][0].args[1].shape)
            for tree, _, exponent in own:
                power = tree.args[1]
                total = added(total, scaled(self.sum_of(power) or of_tree(power), int(exponent)))
            down = all(each < 0 for term, each in total.terms.items() if term)
            whole = apply("pow", base, self.read(scaled(total, -1) if down else total), shape=base.shape)
            gone: list[Factor] = [
                (each, labels if each.shape else (), -e * int(turns)) for each, e in parts.items()
            ]
            gone += [(tree, labels, -exponent) for tree, _, exponent in own]
            return multiplied(factors, [*gone, (whole, labels, -1 if down else 1)])
        return factors

    def _nowhere_0(self, base: Expr, parts: Iterable[Expr]) -> bool:
        """Whether something may be cancelled."""
        if base not in self.domain.trees and not all(
            each in self.domain.trees or never_zero(each) for each in parts
        ):
            return False
        if all(each.op != "length" for each in parts):
            self.domain.cancelled[base] = None
        return True

    def _parts(self, base: Expr) -> dict[Expr, Exponent]:
        """The factors that a base is the product of, if it is one, and else itself."""
        inner = self.sum_of(base) or of_tree(base)
        one = inner.single
        if one is None or one[0] != 1 or any(tree.shape not in (base.shape, ()) for tree, _, _ in one[1]):
            return {base: 1}
        return {tree: e for tree, _, e in one[1]}

    def roots_of_squares(self, value: Sum) -> Sum | None:
        """sqrt(u**2) as u, for any u that is nowhere below 0: sqrt(1 - tanh(x)**2) as 1/cosh(x)."""

        def law(term: list[Factor]) -> list[Factor]:
            factors = term
            for tree, labels, exponent in term:
                root = self._root_of_square(tree) if tree.op == "sqrt" else None
                if root is not None and labels == whole_labels(tree.shape):
                    more: list[Factor] = [(each, own, e * exponent) for each, own, e in root]
                    factors = multiplied(factors, [(tree, labels, -exponent), *more])
            return factors

        return _by_terms(value, law)

    def _root_of_square(self, tree: Expr) -> list[Factor] | None:
        """The factors of a root of what is, by some law, a square."""
        inner = self.sum_of(tree.args[0])
        if inner is None:
            return None
        for each in (inner, *[law.apply(inner) for law in ways.TABLE.those_for(inner)]):
            one = self.lawful(each).single
            if one is not None and one[0] == 1 and all(e % 2 == 0 and not_negative(t) for t, _, e in one[1]):
                return [(part, own, plain_fraction(Fraction(e) / 2)) for part, own, e in one[1]]
        return None

    def rooted(self, value: Sum) -> Sum | None:
        """1/sqrt(u) as sqrt(u)/u, for any u that the program has the root of."""
        changed = False
        terms: list[tuple[Coefficient, list[Factor]]] = []
        for term, coefficient in value.terms.items():
            factors = list(term)
            for tree, labels, exponent in term:
                number, product = self.domain.inside.get(tree, (1, {}))
                if exponent != -1 or not product or len(term) < 2:
                    continue
                changed = True
                coefficient = rational(coefficient / Fraction(number))
                more: list[Factor] = [(each, labels, -e) for each, e in product.items()]
                factors = multiplied(factors, [(tree, labels, 2), *more])
            terms.append((coefficient, factors))
        return collected(terms, value.shape) if changed else None

    def deviations(self, value: Sum) -> Sum | None:
        """norm(x - mean(x)) as sqrt(n - 1)*std(x), where it stands beside that root."""

        def law(term: list[Factor]) -> list[Factor]:
            factors = term
            for tree, labels, exponent in term:
                of = _centred(tree)
                if of is None or not isinstance(exponent, int):
                    continue
                count = self.read(self.sizes.number(of.shape[0] - 1))
                root = apply("sqrt", count)
                odd = next((e for other, own, e in factors if other is root and own == ()), 0)
                if not isinstance(odd, int) or not odd or (odd + exponent) % 2:
                    continue
                deviation = apply("std", of)
                self.made_of[deviation] = [apply("norm", *tree.args)]
                more: list[Factor] = [(tree, labels, -exponent), (root, (), -odd), (deviation, (), exponent)]
                factors = multiplied(factors, [*more, (count, (), (odd + exponent) // 2)])
            return factors

        return _by_terms(value, law)


def _has_logarithms(tree: Expr) -> bool:
    """Whether there is a logarithm inside an exponential, in an expression."""
    if not (tree.within & BITS["exp"] and tree.within & BITS["log"]):
        return False
    return any(each.op == "exp" and bool(each.within & BITS["log"]) for each in walk([tree]))


def _by_terms(value: Sum, law: Callable[[list[Factor]], list[Factor]]) -> Sum | None:
    """With a law applied to the factors of each term, or None where it changes nothing."""
    found = in_terms(value, law)
    return None if found is value else found


def _is_exponential(factor: Factor) -> bool:
    return factor[0].op == "exp" and type(factor[2]) is int


def _is_power(factor: Factor) -> bool:
    """Whether a factor is a power whose exponent is no number."""
    tree, _, exponent = factor
    symbolic = tree.op == "pow" and tree.args[1].op != "number" and tree.shape == tree.args[0].shape
    return symbolic and isinstance(exponent, int)


def _centred(tree: Expr) -> Expr | None:
    """The vector x, if something is the length of x - mean(x)."""
    if tree.op not in ("norm", "length") or tree.attrs or len(tree.args[0].shape) != 1:
        return None
    for each in (tree.args[0], opposite(tree.args[0])):
        if each.op == "add" and len(each.args) == 2:
            of, less = each.args
            if less.op == "neg" and less.args[0].op == "mean" and less.args[0].args == (of,):
                return of
    return None
