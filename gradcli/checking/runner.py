"""Checks one program: runs it, compares its gradients, tries claims, looks for the error it announces.

`Checker` is called by `gradcli.cli.check` (in whatever process), by the pytest plugin and by `gradcli.check`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gradcli.checking.files import WRONG_GRADIENT, Header, header, names
from gradcli.checking.results import (
    ERROR,
    FAIL,
    KNOWN,
    PASS,
    PROVED,
    UNMEASURABLE,
    UNPROVED,
    WRONG,
    Check,
    Report,
    plural,
)
from gradcli.errors import EXIT_STATUS, GradcliError, Span, internal_error
from gradcli.evaluation.bindings import Binding
from gradcli.evaluation.options import Options
from gradcli.limits import too_slow
from gradcli.syntax.notebook import Notebook

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.syntax import tree
    from gradcli.syntax.reading import Reading

UNSET = "give it a value (--set x=2, or a first line  # inputs: x=2), or points: --domain -3:3"
"""What somebody can do about an input without a value where gradients are checked."""
OTHER_LINES = ("shape", "non-scalar-root", "unknown-name", "unset-input", "no-grad")
"""How a claim fails that is no formula for the gradient of a number, but may be one for something else."""

SLOW = 0.5
"""Seconds of one step beyond which it is not begun when they are no longer left."""
POINTS = 8
"""At so many random points the gradients of a program are checked whose inputs have only a domain."""


class _Clock:
    """Raises `limit` when the time is over, and before a step that would take until then if it is as slow as
    others were: inside one nobody can stop."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._last = 0.0
        self._longest = 0.0

    def __call__(self, span: Span | None = None) -> None:
        now = time.monotonic()
        if self._last:
            self._longest = max(self._longest, now - self._last)
        self._last = now
        if now > self._deadline or (self._longest > SLOW and now + self._longest > self._deadline):
            raise too_slow(self._seconds, span)


@contextmanager
def _timed(seconds: float) -> Iterator[None]:
    """While a program is checked; measuring looks at this clock, each evaluation at one of its own."""
    if not seconds:
        yield
        return
    from gradcli.tape import context

    token = context.enter(context.Context(on_time=_Clock(seconds)))
    try:
        yield
    finally:
        context.leave(token)


@dataclass(frozen=True, slots=True)
class Checker:
    """What to check, and how.

    Attributes:
        options: of the evaluation, the inputs among them; the default precision is float64. `seed` is that of
            the random points too. With `unused_inputs` other programs are checked as well, and inputs need
            only serve one of them.
        claims: formulas to check.
        domains: where inputs lie that have no value; the name None stands for all others.
        order: 2 to check second derivatives too.
        rtol, atol: what counts as equal.
        samples: how many random points (and directions) are taken; None for the defaults.
        stop: stop at the first thing that is wrong.
        strict: what cannot be measured, or not be proved, is wrong.
        shapes: of inputs, as numbers and names, which mean sizes in claims.
        prove: claims are proved for the whole of their domains.
    """

    options: Options = field(default_factory=Options)
    claims: tuple[str, ...] = ()
    domains: Mapping[str | None, tuple[float, float]] = field(default_factory=dict)
    order: int = 1
    rtol: float | None = None
    atol: float | None = None
    samples: int | None = None
    stop: bool = False
    strict: bool = False
    shapes: Mapping[str, str] = field(default_factory=dict)
    prove: bool = False

    def __call__(
        self,
        name: str,
        text: str | GradcliError,
        path: bool = False,
        reading: Reading | Notebook | None = None,
        restore: Callable[[GradcliError], None] | None = None,
    ) -> Report:
        """The report on one program, and on what it was read from; whatever the user did wrong is in it."""
        report = Report(name, path=path)
        started = time.perf_counter()
        try:
            if isinstance(text, GradcliError):
                raise text
            with _timed(self.options.max_seconds):
                if isinstance(reading, Notebook):
                    self._compare(reading, report)
                else:
                    self._check(text, report)
        except GradcliError as error:
            if isinstance(text, str):
                error.locate(text)
            if restore is not None:
                restore(error)
            self._failed(error, error.text or "", report)
        except Exception as error:  # ours, and no reason to let the other programs down
            self._failed(internal_error(error), "", report)
        report.seconds = time.perf_counter() - started
        return report

    # ---- one program -------------------------------------------------------------------------

    def _check(self, text: str, report: Report) -> None:
        try:
            known = header(text)
        except GradcliError as error:
            error.locate(text)
            raise
        if known.expected is None:
            missing = list(dict.fromkeys(known.failing))
            for check, status in self._told(known)._checks(text, known, report):
                if said := _expectation(known.failing, check):
                    missing = [each for each in missing if each != said]
                    check, status = _must_fail(check), None
                elif self.strict and check.status in (UNMEASURABLE, UNPROVED):
                    check.status = FAIL
                report.add(check, status)
                if self.stop and check.status in WRONG:
                    return
            labels = [check.label for check in report.checks]
            for said in missing:
                check = Check("program", "expect-fail", FAIL, f"there is no check {said}")
                check.notes.append(f"there is {'; '.join(labels)}" if labels else "there is none at all")
                report.add(check)
            if not report.checks:
                report.add(_nothing(known))
            return
        report.add(self._expected(text, known, report))

    def _told(self, known: Header) -> Checker:
        """What is checked, with what the program says of itself; options come first."""
        return replace(
            self,
            claims=(*self.claims, *known.claims),
            domains={**known.domains, **self.domains},
            order=max(self.order, known.order or 1),
            rtol=known.rtol if self.rtol is None else self.rtol,
            prove=self.prove or known.prove,
        )

    def _compare(self, notebook: Notebook, report: Report) -> None:
        """Whether the cells of a notebook print what it shows."""
        from gradcli.checking.notebooks import notebook_checks

        for check in notebook_checks(notebook, self.options):
            report.add(check)
            if self.stop and check.status in WRONG:
                return
        if not report.checks:
            report.add(Check("cell", "cells", PASS, "they print nothing, and the notebook shows nothing"))

    def _expected(self, text: str, known: Header, report: Report) -> Check:
        """Whether a program fails as it says."""
        expected = known.expected
        label = f"expect-error: {expected}"
        try:
            checks = [check for check, _ in self._told(known)._checks(text, known, report)]
        except GradcliError as error:
            if error.code == expected:
                return Check(
                    "expected-error", label, PASS, "it fails as it says", details={"code": error.code}
                )
            error.locate(text)
            check = Check(
                "expected-error", label, FAIL, f"it fails with {error.code} instead: {error.message}",
                details={"code": error.code},
            )  # fmt: skip
            return check.locate(error.span, text)
        wrong = [check for check in checks if check.status in WRONG]
        if expected == WRONG_GRADIENT:
            if wrong:
                return Check("expected-error", label, PASS, f"{wrong[0].label} is no derivative, as it says")
            return Check("expected-error", label, FAIL, "all its gradients are right")
        return Check("expected-error", label, FAIL, "it does not fail at all")

    def _checks(self, text: str, known: Header, report: Report) -> Iterator[tuple[Check, int | None]]:
        """All checks of a program, and the exit status of those that are no matter of right and wrong."""
        from gradcli.syntax.parser import parse

        started = time.monotonic()
        module = parse(text)
        from gradcli.checking.comparing import DIRECTIONS, RANDOM_POINTS, Settings
        from gradcli.checking.numerical import Tolerance
        from gradcli.checking.points import Domain, random_points
        from gradcli.checking.trees import free_names

        settings = Settings(
            Tolerance(1e-9 if self.rtol is None else self.rtol, self.atol or 0.0),
            self.samples or DIRECTIONS,
            self.samples or RANDOM_POINTS,
            self.options.seed,
        )
        inputs: dict[str, Any] = {name: Binding(value) for name, value in known.inputs.items()}
        inputs.update(self.options.inputs or {})
        dtype = "float64" if self.options.dtype is None else self.options.dtype
        options = self.options.replaced(inputs=inputs, dtype=dtype)
        domains = {name: Domain(*pair) for name, pair in self.domains.items() if name is not None}
        everywhere = Domain(*self.domains[None]) if None in self.domains else None
        sampled: list[str] = []
        if self.claims or domains or everywhere or self.shapes:
            unset = [name for name in free_names(module) if name not in inputs]
            sampled = [*unset, *[name for name in domains if name not in unset]]
        if not sampled:
            try:
                yield from self._gradients(text, module, options, settings, report)
            except GradcliError as error:
                if not self.claims or error.code != "non-scalar-root":
                    raise  # a claim may be about its Jacobian
        elif not self.claims and self.shapes:
            from gradcli.checking.lines import Lines

            lines = Lines(text, module, self.shapes, domains, everywhere, options, settings)
            yield from self._anywhere(text, module, list(lines.points()), options, settings, report)
        elif not self.claims:
            spaces = {name: domains.get(name, everywhere or Domain(-3.0, 3.0)) for name in sampled}
            points = list(random_points(spaces, self.samples or POINTS, settings.seed))
            yield from self._anywhere(text, module, points, options, settings, report)
        for number, claim in enumerate(self.claims):
            seconds = self._seconds(started, len(self.claims) - number)
            for check, status in self._claim(
                claim, text, module, domains, everywhere, options, settings, seconds
            ):
                yield check.locate(known.places.get(claim), text), status
        if self.prove and not self.claims:
            yield Check("claim", "nothing to prove", UNPROVED, "there is no claim"), None

    def _seconds(self, started: float, claims: int) -> float | None:
        """How long the next of so many claims may be worked on to prove it; None where none is proved."""
        if not self.prove:
            return None
        limit = self.options.max_seconds
        # A little before the limit, at which the whole program ends in an error.
        return max(0.0, 0.8 * limit - (time.monotonic() - started)) / claims if limit else math.inf

    def _gradients(
        self, text: str, module: tree.Module, options: Options, settings: Any, report: Report
    ) -> Iterator[tuple[Check, int | None]]:
        from gradcli.checking.gradients import gradient_checks
        from gradcli.checking.model import Model

        model = Model(text, module, options, samples=self.samples or 0)
        report.unused = tuple(model.unused_inputs)
        for check in gradient_checks(model, settings, self.order):
            yield check, EXIT_STATUS["limit"] if check.status == ERROR else None

    def _anywhere(
        self,
        text: str,
        module: tree.Module,
        points: Sequence[Mapping[str, Any]],
        options: Options,
        settings: Any,
        report: Report,
    ) -> Iterator[tuple[Check, int | None]]:
        """The gradients at random points: for each the first failure, else the first pass."""
        from gradcli.checking.wording import point_text

        found: dict[tuple[str, str], Check] = {}
        counts: dict[tuple[str, str], int] = {}
        rank = {FAIL: 2, PASS: 1}
        left, over = len(points), ""
        for point in points:
            there = options.replaced(inputs={**(options.inputs or {}), **point})
            try:
                checks = [check for check, _ in self._gradients(text, module, there, settings, report)]
            except GradcliError as error:
                if error.code != "limit" or not found:
                    raise
                checks, over = [], f"not looked at: {error.message}"
            for check in checks:
                if check.status == ERROR:
                    over = check.message
                    continue
                key = (check.kind, check.label)
                counts[key] = counts.get(key, 0) + (check.status == PASS)
                if key not in found or rank.get(check.status, 0) > rank.get(found[key].status, 0):
                    if check.status == FAIL:
                        check.notes.append(f"at {point_text(point)}")
                    found[key] = check
            if over:
                break
            left -= 1
        for key, check in found.items():
            if check.status == PASS:
                check.message += f", at {plural(counts[key], 'random point')}"
            yield check, None
        if over:
            label = f"{left} of {len(points)} random points"
            yield Check("program", label, ERROR, over), EXIT_STATUS["limit"]

    def _claim(
        self, claim: str, text: str, module: Any, domains: Any, everywhere: Any, options: Options,
        settings: Any, seconds: float | None,
    ) -> Iterator[tuple[Check, int | None]]:  # fmt: skip
        from gradcli.checking.lines import Lines, is_line, separate
        from gradcli.checking.proving import prove

        several = separate(claim)
        if len(several) > 1:
            share = seconds and seconds / len(several)
            for each in several:
                yield from self._claim(each, text, module, domains, everywhere, options, settings, share)
            return
        (claim,) = several
        lines = Lines(text, module, self.shapes, domains, everywhere, options, settings)
        try:
            if self.shapes or is_line(claim):
                yield from [(self._line(check), None) for check in lines.check(claim)]
                return
            try:
                yield prove(claim, text, module, domains, everywhere, options, settings, seconds), None
            except GradcliError as error:
                if error.code not in OTHER_LINES:
                    raise
                try:  # a matrix, weights with a name, one root of a list
                    found = list(lines.check(claim))
                except GradcliError:
                    raise error from None
                yield from [(self._line(check), None) for check in found]
        except GradcliError as error:
            notes = [*error.notes, *([f"hint: {error.hint}"] if error.hint else [])]
            label = " ".join(claim.split())
            details = {"code": error.code}
            check = Check("claim", label, ERROR, error.message, details=details, notes=notes)
            yield check, error.exit_status

    def _line(self, check: Check) -> Check:
        """A claim that says more than what one derivative is, which is tried and not proved."""
        if not self.prove or check.status != PASS:
            return check
        from gradcli.checking.everywhere import unproved

        return unproved(check, "only derivatives by names are")

    # ---- failures ----------------------------------------------------------------------------

    def _failed(self, error: GradcliError, text: str, report: Report) -> None:
        from gradcli.report.diagnostic import diagnostic_text

        if text:
            error.locate(text)
        if error.code == "unset-input":
            error.hint = UNSET
        kind = FAIL if error.code == "assertion" else ERROR
        label = "assert" if error.code == "assertion" else "program"
        check = Check("program", label, kind, f"{error.code}: {error.message}", details={"code": error.code})
        check.notes.extend(error.notes)
        if error.hint:
            check.notes.append(f"hint: {error.hint}")
        report.add(check.locate(error.span, text), error.exit_status)
        report.diagnostic = diagnostic_text(error, name=report.source)


def _nothing(known: Header) -> Check:
    """The verdict on a program in which nothing was differentiated: that is a mistake, unless it says so."""
    if known.no_gradients is not None:
        reason = f": {known.no_gradients}" if known.no_gradients else ""
        return Check("program", "nothing to check", PASS, f"it has no gradients, as it says{reason}")
    check = Check("program", "nothing to check", FAIL, "it runs, and nothing in it is differentiated")
    check.notes.append("a line  # no-gradients: WHY  at its top says that this is meant")
    return check


def _expectation(failing: Sequence[str], check: Check) -> str:
    """The line that says of a check that it fails, or nothing."""
    return next((said for said in failing if names(said, check.label)), "")


def _must_fail(check: Check) -> Check:
    """A check that the program says will fail."""
    if check.status in WRONG:
        check.status, check.message = KNOWN, f"it fails, as the file says: {check.message}"
    elif check.status in (PASS, PROVED):
        check.status, check.message = FAIL, "it passes, and the file says that it fails"
    return check
