"""What settles, in more digits, whether a gradient is right that differences in float64 do not confirm.

`gradcli.checking.model` and `api` make an `Arbiter` of a function and its gradient's formula, both over
`Precise` numbers; `gradcli.checking.comparing` asks it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradcli.checking.numerical import Tolerance, Verdict
from gradcli.checking.precise import Precise, Unavailable, mp, number, wrap
from gradcli.checking.results import FAIL, PASS, UNMEASURABLE

Array = np.ndarray[Any, np.dtype[Any]]

COARSE, FINE = mp.mpf(2) ** -40, mp.mpf(2) ** -70
"""The steps, in units of the input. The error of the finer difference is its square, and its rounding takes
21 of the digits."""
FEWER, SPARE = 20, 3
"""With so many digits fewer both are computed once more, to see what rounding does to them; elsewhere it may
do 10**SPARE times as much."""
TINY, MOST_DIGITS = 1e-40, 450
"""A smaller derivative may be what is left of terms of size 1, of which the usual digits keep nothing: with
so many digits float64's smallest numbers have some beside 1."""
SMOOTHER = 2**20
"""The one-sided differences of a smooth function come so much nearer from the first step to the second."""
CONSTANTS = mp.mpf(10) ** -14
"""How exact the constants in the rules are, which are in float64, relative to the terms of a gradient."""
SHAKEN = 30
"""The constants of a formula may do so many times as much to a gradient as they did once."""
ROUNDED = 1e-10
"""Relative to a Python function, what its own constants may do to a gradient, in units of doubt."""
EDGE = "it is the edge of where the function is finite"


class Arbiter:
    """What differences in many digits say of one gradient, along one line through the point or another.

    Args:
        function: from the input, as an array of `Precise`, to the weighted root (a number of mpmath's).
        gradient: from it to the gradient, of its shape, by the formula that is under test.
        point: the input, in float64.
        shaken: the gradient where the constants of the formula differ in their last digit of float64.
        doubt: the relative difference up to which nothing is said to be wrong.

    Raises:
        Unavailable: something on the way cannot be computed in more digits.
    """

    def __init__(
        self,
        function: Callable[[Array], Any],
        gradient: Callable[[Array], Array | None],
        point: Array,
        *,
        shaken: Callable[[Array], Array | None] | None = None,
        doubt: float = 0.0,
    ) -> None:
        self.function = function
        self.gradient = gradient
        self.shaken = shaken
        self.doubt = doubt
        self.point = point
        self.start = wrap(np.asarray(point, np.float64))
        self.claimed, self.middle = self._here(gradient)
        with mp.workdps(mp.dps - FEWER):
            claimed, middle = self._here(gradient)
        finer = mp.mpf(10) ** (SPARE - FEWER)
        self.blur = [abs(a - b) * finer for a, b in zip(self.claimed, claimed, strict=True)]
        self.noise = abs(self.middle - middle) * finer

    def _here(self, gradient: Callable[[Array], Array | None]) -> tuple[list[Any], Any]:
        """The gradient and the function at the point."""
        found = gradient(self.start)
        if found is None:
            return [mp.mpf(0)] * self.start.size, self.function(self.start)
        return [number(each) for each in found.reshape(-1)], self.function(self.start)

    def __call__(self, direction: Array, verdict: Verdict, tolerance: Tolerance) -> Verdict:
        """The verdict on the derivative along `direction` (of the input's shape), where there was another."""
        try:
            found = self._settled(direction, verdict, tolerance)
            if found.status != FAIL or max(abs(found.claimed), abs(found.measured)) > TINY:
                return found
            with mp.workdps(MOST_DIGITS):
                finer = Arbiter(
                    self.function, self.gradient, self.point, shaken=self.shaken, doubt=self.doubt
                )
                return finer._settled(direction, verdict, tolerance)
        except Unavailable:
            return verdict

    def _settled(self, direction: Array, verdict: Verdict, tolerance: Tolerance) -> Verdict:
        moves = [mp.mpf(each) for each in np.asarray(direction, np.float64).reshape(-1).tolist()]
        jumps, differences = [], []
        for step in (COARSE, FINE):
            below, above = (self._moved(sign * step, moves) for sign in (-1, 1))
            differences.append((above - below) / (2 * step))
            jumps.append(abs(above + below - 2 * self.middle) / step)
        measured = differences[1]
        sides = sorted(((self.middle - below) / FINE, (above - self.middle) / FINE))
        if not mp.isfinite(measured):
            return verdict if verdict.status != FAIL else replace(verdict, status=UNMEASURABLE, reason=EDGE)
        least = abs(self.middle) * mp.mpf(10) ** -25 + self.noise / FINE
        if jumps[1] > least and jumps[1] * SMOOTHER > jumps[0]:
            between = verdict.status == FAIL and sides[0] <= verdict.claimed <= sides[1]
            reason = "a kink: the one-sided derivatives differ"
            return replace(verdict, status=UNMEASURABLE, reason=reason) if between else verdict
        terms = [each * move for each, move in zip(self.claimed, moves, strict=True) if move]
        claimed = mp.fsum(terms)
        if not mp.isfinite(claimed):
            return verdict
        largest = max(abs(claimed), abs(measured))
        cut_off = abs(differences[0] - measured) * (2 * FINE / COARSE) ** 2
        allowed = tolerance.absolute + tolerance.relative * largest + least + cut_off
        allowed += mp.fsum(abs(each) for each in terms) * CONSTANTS
        allowed += mp.fsum(blur * abs(move) for blur, move in zip(self.blur, moves, strict=True))
        found = replace(verdict, measured=float(measured), error=float(least + cut_off), reason="")
        apart = abs(claimed - measured)
        if allowed < apart <= self._doubtful(moves, largest):
            return verdict
        if apart > allowed:
            return replace(found, status=FAIL, claimed=float(claimed))
        return replace(found, status=PASS, reason=_lost(verdict.claimed, claimed))

    def _doubtful(self, moves: Sequence[Any], largest: Any) -> Any:
        """The difference up to which constants in float64 may be to blame."""
        if self.shaken is None:
            return self.doubt * (largest + ROUNDED * abs(self.middle))
        found = self.shaken(self.start)
        if found is None:
            return mp.mpf(0)
        others = [number(each) for each in found.reshape(-1)]
        gaps = zip(self.claimed, others, moves, strict=True)
        return SHAKEN * mp.fsum(abs((here - other) * move) for here, other, move in gaps)

    def _moved(self, step: Any, moves: Sequence[Any]) -> Any:
        moved = self.start.copy()
        flat = moved.reshape(-1)
        for at, move in enumerate(moves):
            if move:
                flat[at] = Precise(flat[at].value + step * move)
        return self.function(moved)


def _lost(computed: float, exact: Any) -> str:
    """How many digits the gradient's formula loses when it is computed in float64; empty below six."""
    if not math.isfinite(computed):
        return "the formula is right, and overflows in float64 here"
    size = max(abs(exact), abs(mp.mpf(computed)))
    apart = float(abs(computed - exact) / size) if size else 0.0
    digits = round(math.log10(apart / 2.0**-53)) if apart else 0
    return f"loses {min(digits, 16)} of 16 digits here" if digits >= 6 else ""
