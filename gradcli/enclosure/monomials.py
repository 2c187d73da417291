"""The monomials of a truncated polynomial, and what their products are. `models` computes with them."""

from __future__ import annotations

from functools import cache
from itertools import combinations_with_replacement

import numpy as np

from gradcli.enclosure.intervals import EPS


class Monomials:
    """All products of so many variables up to a degree: the constant first, then by degree.

    Attributes:
        exponents: of each, one for each variable.
        even: whether it lies between 0 and 1, and not -1 and 1.
        left, right, starts: the pairs whose products are of the degree or below, by their product.
        degrees: where in the list those of each degree begin.
    """

    def __init__(self, variables: int, degree: int) -> None:
        self.exponents = [
            tuple([chosen.count(each) for each in range(variables)])
            for total in range(degree + 1)
            for chosen in combinations_with_replacement(range(variables), total)
        ]
        self.degree = degree
        self.variables = variables
        place = {each: at for at, each in enumerate(self.exponents)}
        pairs: list[tuple[int, int, int]] = []
        for i, one in enumerate(self.exponents):
            for j, other in enumerate(self.exponents):
                product = tuple([a + b for a, b in zip(one, other, strict=True)])
                if product in place:
                    pairs.append((place[product], i, j))
        pairs.sort()
        self.left = np.array([i for _, i, _ in pairs])
        self.right = np.array([j for _, _, j in pairs])
        products = np.array([k for k, _, _ in pairs])
        self.starts = np.flatnonzero(np.diff(products, prepend=-1))
        totals = np.array([sum(each) for each in self.exponents])
        self.degrees = np.flatnonzero(np.diff(totals, prepend=-1))
        self.even = np.array([all(each % 2 == 0 for each in exponents) for exponents in self.exponents])
        self.even[0] = False
        # Each sum has at most so many terms: every addition, and every product, rounds once.
        self.rounding = (len(self.exponents) + 4) * EPS

    def __len__(self) -> int:
        return len(self.exponents)


@cache
def monomials(variables: int, degree: int) -> Monomials:
    """The same object for the same numbers."""
    return Monomials(variables, degree)
