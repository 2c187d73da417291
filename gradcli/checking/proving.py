"""Whether a claim about a derivative holds: at the point that is given, or all over a domain.

`gradcli.checking.runner` calls `prove`. A claim is refuted only where rounding, kinks and the like cannot be
to blame; the counterexample is then made as simple as can be.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from gradcli.checking.chain import SideBySide, Sides, unknown_in_formula, with_formula
from gradcli.checking.claims import Claim, meant, parse_claim
from gradcli.checking.comparing import Settings, steps_for
from gradcli.checking.counterexample import shrink
from gradcli.checking.nearby import neighbours
from gradcli.checking.numerical import Tolerance, Verdict, measure
from gradcli.checking.points import DEFAULT, ROUND, Domain, random_points
from gradcli.checking.results import FAIL, PASS, UNMEASURABLE, UNPROVEN, Check, plural
from gradcli.checking.trees import assigned_names, free_names
from gradcli.checking.wording import point_text, ratio_hint
from gradcli.errors import GradcliError
from gradcli.evaluation.options import Options
from gradcli.syntax import tree

MEASURED = 4
"""At so many points where a claim agrees, numerical differentiation has to agree too."""
NOISE_FACTOR = 30.0
RELATIVE_FLOOR = 1e-9


class _Refuted(Exception):
    """A point at which a claim is wrong, with the index of the element and both values."""

    def __init__(self, index: tuple[int, ...], claimed: float, true: float, error: float) -> None:
        super().__init__()
        self.index, self.claimed, self.true, self.error = index, claimed, true, error


class _SetAside(Exception):
    """A point that says nothing, and why."""


def prove(
    text: str,
    source: str,
    module: tree.Module,
    domains: Mapping[str, Domain],
    everywhere: Domain | None,
    options: Options,
    settings: Settings,
    seconds: float | None = None,
) -> Check:
    """Checks one claim.

    Args:
        text: the claim.
        source, module: the program.
        domains: where the inputs lie that have no value, by name.
        everywhere: where those lie that have no domain of their own.
        options: of the evaluation, the inputs that have values among them.
        settings: tolerance, number of points, seed.
        seconds: how long it may take to prove it for the whole domain; None: it is only tried.

    Raises:
        GradcliError: the claim or the program is invalid.
    """
    free = free_names(module)
    names = [*dict.fromkeys((*free, *(options.inputs or {}), *assigned_names(module), "result"))]
    functions = [each.name for each in module.body if isinstance(each, tree.FunctionDefinition)]
    with _explained(text, names, free, functions):
        claim = parse_claim(text, names)
        if claim.root in functions:
            raise GradcliError("bad-argument", f"{claim.root} is a function, which has no value of its own")
        inputs = options.inputs or {}
        unset = [name for name in free if name not in inputs]
        unset += [name for name in domains if name not in unset and name in names]
        sampled = {name: domains.get(name, everywhere or DEFAULT) for name in unset}
        stated = with_formula(module, claim.formula)
        prover = _Prover(claim, source, stated, sampled, options, settings, names)
        prover.original_roots = _original_roots(module)
        if not sampled:
            return prover.at_given_point()
        check = prover.over_domain()
        return check if seconds is None or check.status != PASS else prover.everywhere(check, seconds)


@contextmanager
def _explained(text: str, names: list[str], free: list[str], functions: list[str]) -> Iterator[None]:
    """What is wrong with a claim is told with the claim that was meant, where one reads."""
    try:
        yield
    except GradcliError as error:
        if error.code in ("syntax", "bad-argument", "unknown-name", "unknown-function"):
            error.hint = meant(text, names, free, functions) or error.hint
        raise


def _original_roots(module: tree.Module) -> tuple[str, ...]:
    """The names of what the program's last statement gives."""
    if not module.body:
        return ()
    last = module.body[-1]
    target: tree.Expression
    if isinstance(last, tree.ExpressionStatement):
        if not isinstance(last.value, (tree.Name, tree.TupleDisplay)):
            return ("result",)
        target = last.value
    elif isinstance(last, tree.Assignment):
        target = last.targets[0]
    elif isinstance(last, tree.AugmentedAssignment):
        target = last.target
    else:
        return ()
    parts = target.items if isinstance(target, (tree.TupleDisplay, tree.ListDisplay)) else (target,)
    return tuple(each.name for each in parts if isinstance(each, tree.Name))


class _Prover:
    """One claim on its way to a result."""

    def __init__(
        self,
        claim: Claim,
        source: str,
        module: tree.Module,
        sampled: dict[str, Domain],
        options: Options,
        settings: Settings,
        names: list[str],
    ) -> None:
        self.claim = claim
        self.source = source
        self.module = module
        self.sampled = sampled
        self.options = options
        self.settings = settings
        self.names = names
        self.original_roots: tuple[str, ...] = ()
        self._chain: SideBySide | None = None
        self.holds = 0
        self.aside: dict[str, int] = {}
        self.first_error: GradcliError | None = None

    # ---- runs --------------------------------------------------------------------------------

    def chain(self, point: Mapping[str, float]) -> SideBySide:
        """Program and formula with the inputs at a point."""
        if self._chain is None or self._chain.reruns:
            try:
                self._chain = SideBySide(
                    self.source,
                    self.module,
                    self.claim,
                    self.options.replaced(inputs={**(self.options.inputs or {}), **point}),
                    self.original_roots,
                )
            except GradcliError as error:
                if error.code == "unset-input" and not self.sampled_name(error):
                    raise unknown_in_formula(error, self.claim, self.names) from None
                raise
        return self._chain

    def sampled_name(self, error: GradcliError) -> bool:
        return error.message.split(" ")[0] in self.names

    # ---- where it is checked -----------------------------------------------------------------

    def at_given_point(self) -> Check:
        """At the inputs as they are; a formula that depends on them has to hold nearby as well."""
        chain = self.chain({})
        try:
            self.examine(chain, {}, thorough=True)
        except _Refuted as refuted:
            return self.refuted(refuted, chain.points if len(chain.points) <= 6 else {})
        except _SetAside as reason:
            return self.unproven(str(reason))
        for number, near in enumerate(neighbours(chain.points, self.settings.seed)):
            try:
                if not number and not chain.formula_moves(near):
                    break
                self.examine(chain, near, thorough=True)
            except _Refuted as refuted:
                check = self.refuted(refuted, near)
                check.notes.append("right at the given point, wrong near it")
                return check
            except (_SetAside, GradcliError):
                continue
        return Check("claim", self.claim.label, PASS, "holds at the given point", details={"points": 1})

    def over_domain(self) -> Check:
        """At many random points."""
        count = self.settings.points
        for point in random_points(self.sampled, count, self.settings.seed):
            thorough = self.holds < MEASURED or all(value in ROUND for value in point.values())
            try:
                self.try_point(point, thorough=thorough)
            except _Refuted:
                return self.counterexample(point)
        if not self.holds:
            if self.first_error is not None and sum(self.aside.values()) == self.aside.get(
                "the program fails", 0
            ):
                raise self.first_error
            return self.unproven(", ".join(f"{reason}: {count}" for reason, count in self.aside.items()))
        message = f"holds at {plural(self.holds, 'random point')}"
        details: dict[str, Any] = {"points": self.holds, "set_aside": sum(self.aside.values())}
        if self.aside:
            told = ", ".join(f"{reason}: {count}" for reason, count in self.aside.items())
            message += f", {details['set_aside']} set aside ({told})"
        details["domain"] = {name: [each.low, each.high] for name, each in self.sampled.items()}
        return Check("claim", self.claim.label, PASS, message, details=details)

    def everywhere(self, check: Check, seconds: float) -> Check:
        """What is certain about a claim that held where it was tried."""
        from gradcli.checking.everywhere import Counterexample, certainly

        chain = self.chain(next(random_points(self.sampled, 1, self.settings.seed)))
        tolerance = self.settings.tolerance
        tolerance = Tolerance(max(tolerance.relative, RELATIVE_FLOOR), tolerance.absolute)
        found = certainly(chain, check, self.sampled, tolerance, seconds, self.source)
        if not isinstance(found, Counterexample):
            return found
        try:
            self.try_point(found.point, thorough=True)
        except _Refuted:
            return self.counterexample(found.point)
        return self.refuted(_Refuted(found.index, found.claimed, found.true, 0.0), found.point)

    def try_point(self, point: Mapping[str, float], *, thorough: bool) -> None:
        """Counts a point that holds or says nothing; `_Refuted` goes up."""
        try:
            chain = self.chain(point)
            leaves = {name: np.float64(value) for name, value in point.items() if name in chain.leaves}
            self.examine(chain, {} if chain.reruns else leaves, thorough=thorough)
            self.holds += 1
        except _SetAside as reason:
            self.aside[str(reason)] = self.aside.get(str(reason), 0) + 1
        except GradcliError as error:
            if error.code in (
                "unknown-name",
                "unknown-function",
                "syntax",
                "limit",
                "no-grad",
                "unset-input",
            ):
                raise
            self.first_error = self.first_error or self.with_hint(error)
            self.aside["the program fails"] = self.aside.get("the program fails", 0) + 1

    def with_hint(self, error: GradcliError) -> GradcliError:
        """Inputs are tried as numbers; a program that wants arrays has to be given some."""
        if error.code in ("shape", "bad-argument", "dtype"):
            name = next(iter(self.sampled))
            error.notes = (*error.notes, f"{', '.join(self.sampled)}: tried as single numbers")
            error.hint = error.hint or f"set the inputs that are arrays: -s '{name}=randn(3)'"
        return error

    # ---- one point ---------------------------------------------------------------------------

    def examine(self, chain: SideBySide, leaves: Mapping[str, Any], *, thorough: bool) -> None:
        """Compares derivative and formula at a point.

        Raises:
            _Refuted: they differ there, beyond doubt.
            _SetAside: the point says nothing.
        """
        sides = chain.at(leaves)
        if not sides.finite:
            raise _SetAside("not finite")
        wrong = self.differences(sides)
        if wrong is not None:
            noise = chain.rounding(leaves)
            gap = abs(float(sides.derivative[wrong] - sides.claimed[wrong]))
            if not gap > NOISE_FACTOR * noise + self.allowed(sides, wrong):
                wrong = None
        if wrong is None and not thorough:
            return
        index = wrong if wrong is not None else _largest(sides.derivative)
        if index is None:
            return
        true = float(sides.derivative[index])
        verdict = self.measured(chain, leaves, index, true)
        if verdict is None:
            if wrong is not None:
                raise _Refuted(index, float(sides.claimed[index]), true, 0.0)
            return
        kink = verdict.reason.startswith(("a kink", "a cliff", "it is the edge"))
        if kink:
            raise _SetAside("a kink" if verdict.reason.startswith("a kink") else "no derivative there")
        if verdict.status == UNMEASURABLE and wrong is not None and chain.own:
            raise _SetAside("not measurable")
        if verdict.status == FAIL:
            # The rules themselves are wrong there: an own gradient. What the formula says is the question.
            claimed = float(sides.claimed[index])
            error = verdict.error
            if abs(claimed - verdict.measured) > 30 * error + 1e-6 * abs(verdict.measured):
                raise _Refuted(index, claimed, verdict.measured, error)
            return
        if wrong is not None:
            raise _Refuted(index, float(sides.claimed[index]), true, 0.0)

    def allowed(self, sides: Sides, index: tuple[int, ...]) -> float:
        """How far both may differ at an element."""
        size = max(abs(float(sides.derivative[index])), abs(float(sides.claimed[index])))
        tolerance = self.settings.tolerance
        return Tolerance(max(tolerance.relative, RELATIVE_FLOOR), tolerance.absolute).of(size)

    def differences(self, sides: Sides) -> tuple[int, ...] | None:
        """The element at which both differ most, if they do."""
        gap = np.abs(sides.derivative - sides.claimed)
        size = np.maximum(np.abs(sides.derivative), np.abs(sides.claimed))
        tolerance = self.settings.tolerance
        beyond = gap - (tolerance.absolute + max(tolerance.relative, RELATIVE_FLOOR) * size)
        if gap.size == 0 or not bool((beyond > 0).any()):
            return None
        relative = np.where(beyond > 0, gap / np.where(size == 0, 1.0, size), -1.0)
        return tuple(int(each) for each in np.unravel_index(int(np.argmax(relative)), gap.shape))

    def measured(
        self, chain: SideBySide, leaves: Mapping[str, Any], index: tuple[int, ...], true: float
    ) -> Verdict | None:
        """The derivative by the rules against numerical differentiation; None where that is impossible."""
        shape = chain.shape
        if chain.orders and len(chain.orders) > 1 and shape != ():
            return None
        found = chain.line(leaves, index)
        if found is None:
            return None
        function, start = found
        unit = float(steps_for(np.array([start]))[0])
        level = int(math.log2(unit))
        with np.errstate(all="ignore"):
            (verdict,) = measure(
                lambda t: function(t * unit),
                np.array([true * unit]),
                Tolerance(1e-7 if len(chain.orders) > 1 else 1e-8),
                absolute_level=level if level else None,
            )
        return verdict.over(unit)

    # ---- results -----------------------------------------------------------------------------

    def counterexample(self, point: dict[str, float]) -> Check:
        """The result for a claim that is wrong at a point: simplified as far as it goes."""
        telling: dict[tuple[float, ...], bool] = {}

        def refutes(candidate: dict[str, float]) -> bool:
            try:
                self.try_point(candidate, thorough=True)
            except _Refuted as refuted:
                telling[tuple(candidate.values())] = bool(refuted.claimed and refuted.true)
                return True
            except GradcliError:
                return False
            return False

        simple = shrink(point, self.sampled, refutes, lambda each: telling[tuple(each.values())])
        try:
            self.try_point(simple, thorough=True)
        except _Refuted as refuted:
            return self.refuted(refuted, simple)
        raise AssertionError("a point that refuted once does so again")

    def refuted(self, found: _Refuted, point: Mapping[str, Any]) -> Check:
        """A false claim, with its counterexample."""
        at = point_text(point) if point else "the given point"
        where = f", index {list(found.index)}" if found.index else ""
        message = f"at {at}{where} the claim says {found.claimed:.10g}, the derivative is {found.true:.10g}"
        details: dict[str, Any] = {
            "counterexample": {name: np.asarray(value).tolist() for name, value in point.items()},
            "claimed": found.claimed,
            "derivative": found.true,
        }
        if found.index:
            details["index"] = list(found.index)
        check = Check("claim", self.claim.label, FAIL, message, details=details)
        hint = ratio_hint(found.true, found.claimed, found.error)
        if hint:
            details["ratio"] = float(f"{found.true / found.claimed:.12g}")
            check.notes.append(hint)
        return check

    def unproven(self, reason: str) -> Check:
        """No point told anything."""
        details = {"points": 0, "set_aside": sum(self.aside.values()) or 1}
        return Check(
            "claim",
            self.claim.label,
            UNPROVEN,
            f"no point could tell ({reason or 'none tried'})",
            details=details,
        )


def _largest(values: np.ndarray[Any, np.dtype[Any]]) -> tuple[int, ...] | None:
    if values.size == 0:
        return None
    return tuple(int(each) for each in np.unravel_index(int(np.argmax(np.abs(values))), values.shape))


__all__ = ["prove"]
