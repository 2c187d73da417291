"""Claims proved for a whole domain, or refuted at a point that no sample met.

`gradcli.checking.proving` calls `certainly` with a claim that held at random points. The difference of claim
and derivative is simplified, by the laws of `gradcli.formula`; what they can't do is left to
`gradcli.enclosure`. A point that refutes is believed when it does so in `gradcli.checking.precise`'s hundred
digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gradcli.checking.chain import SideBySide
from gradcli.checking.numerical import Tolerance
from gradcli.checking.points import Domain
from gradcli.checking.results import PROVED, UNPROVED, Check
from gradcli.enclosure.comparison import Question
from gradcli.enclosure.elements import formulas_of
from gradcli.enclosure.scalars import Formulas
from gradcli.enclosure.search import Point, SearchOutcome, search
from gradcli.errors import GradcliError, Location
from gradcli.tape.node import Node, leaf, postorder


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A point at which a claim is wrong.

    Attributes:
        point: by name.
        index: of the element.
        claimed, true: both sides there.
    """

    point: dict[str, float]
    index: tuple[int, ...]
    claimed: float
    true: float


def certainly(
    chain: SideBySide,
    check: Check,
    domains: Mapping[str, Domain],
    tolerance: Tolerance,
    seconds: float,
    source: str,
) -> Check | Counterexample:
    """What is certain about a claim that held wherever it was tried.

    Args:
        chain: program and claim, run at one point.
        check: the result so far.
        domains: where the inputs lie, by name.
        tolerance: the difference that is none.
        seconds: how long it may take; infinite where there is no limit.
        source: the program.
    """
    reason = _obstacle(chain, domains)
    if reason:
        return unproved(check, reason)
    try:
        return _Proof(chain, check, domains, tolerance, source).result(seconds)
    except GradcliError as error:
        return unproved(check, error.message)


def _obstacle(chain: SideBySide, domains: Mapping[str, Domain]) -> str:
    """Why nothing can be proved of this program, or ''."""
    if chain.by_grad:
        return "the program walks back by itself"
    for call in chain.run.session.own_calls:
        return f"{call.name} states a gradient of its own"
    if chain.reruns:
        return "the program decides by its data, and each path is a function of its own"
    if chain.cut:
        return "the program takes values out of its history"
    for name in domains:
        if name not in chain.leaves:
            return f"nothing is differentiated through {name}"
        if chain.leaves[name].size != 1:
            return f"{name} is no single number"
    return ""


class _Proof:
    """One claim on its way to certainty."""

    def __init__(
        self,
        chain: SideBySide,
        check: Check,
        domains: Mapping[str, Domain],
        tolerance: Tolerance,
        source: str,
    ) -> None:
        self.chain = chain
        self.check = check
        self.names = list(domains)
        self.domains = [domains[name] for name in self.names]
        self.tolerance = tolerance
        self.source = source
        self.found: Counterexample | None = None

    def result(self, seconds: float) -> Check | Counterexample:
        """Proved, refuted or left open."""
        chain = self.chain
        shape = chain.shape
        derivative = chain.orders[-1]
        sides = [derivative if derivative is not None else leaf(np.zeros(shape)), chain.claimed_node]
        before = [*chain.run.roots, *[each for each in chain.orders[:-1] if each is not None]]
        variables = {chain.leaves[name]: at for at, name in enumerate(self.names)}
        formulas, numbers = formulas_of([*sides, *before], variables)
        count = int(np.prod(shape))
        one, other = (each * count if len(each) == 1 else each for each in numbers[:2])
        pairs = list(dict.fromkeys(zip(one, other, strict=True)))
        roots = sorted({number for each in numbers[2:] for number in each})
        same = all(formulas.is_zero(formulas.sub(*pair)) for pair in pairs) or self._simplifies(*sides)
        question = Question(formulas, pairs, roots, self.tolerance.relative, self.tolerance.absolute, same)
        outcome = search(question, [(each.low, each.high) for each in self.domains], seconds, self._refutes)
        if self.found is not None:
            return self.found
        if outcome.everywhere:
            return unproved(self.check, "there is no derivative anywhere in the domain")
        if outcome.unknown is not None:
            node = formulas.sources[outcome.unknown]
            ours = postorder([sides[0], *before])
            place = self._place(node) if node is None or node in ours else " (in the claim)"
            return unproved(self.check, f"no enclosure of {_called(node)} is known{place}")
        if not outcome.proved:
            return self._left(outcome)
        return self._proved(outcome, formulas, same)

    def _place(self, node: Node | None) -> str:
        """Where the program says so, if it does."""
        if node is None or node.call is None or not node.call.span or node.call.span == (0, 0):
            return ""
        place = Location.of(node.call.span, self.source)
        return f" (line {place.line}, column {place.column})"

    def _simplifies(self, derivative: Node, claimed: Node) -> bool:
        """Whether the laws of formulas say that both are the same wherever they have values."""
        from gradcli.formula.needs import learn
        from gradcli.formula.recording import Recording
        from gradcli.formula.rules import RULES
        from gradcli.formula.sizes import Sizes

        nodes = postorder([derivative, claimed])
        if len(nodes) > MOST_NODES:
            return False
        names = {node: name for name, node in self.chain.leaves.items()}
        ledger = self.chain.run.session.context.ledger
        recording = Recording(names, Sizes({}), {}, RULES, ledger)
        learn(recording, [derivative, claimed])
        try:
            difference = recording.minus(recording.of(derivative), recording.of(claimed))
            tree = recording.read(difference)
        except GradcliError:
            return False
        return tree.op == "number" and tree.attrs[0] == 0

    # ---- counterexamples ---------------------------------------------------------------------

    def _refutes(self, point: Point) -> bool:
        """Whether claim and derivative differ there, in a hundred digits."""
        from gradcli.checking import precise

        given = dict(zip(self.names, point, strict=True))
        try:
            found = self.chain.precisely({name: np.float64(value) for name, value in given.items()})
        except precise.Unavailable:
            return self._refutes_in_floats(given)
        derivative, claimed, *roots = found
        for root in roots:
            if root is None or not all(precise.mp.isfinite(each) for each in root):
                return False
        count = int(np.prod(self.chain.shape))
        if derivative is None:
            derivative = [precise.mp.mpf(0)] * count
        assert claimed is not None
        claimed = claimed * count if len(claimed) == 1 else claimed
        for at, (true, said) in enumerate(zip(derivative, claimed, strict=True)):
            if not precise.mp.isfinite(true):
                continue
            size = max(abs(true), abs(said)) if precise.mp.isfinite(said) else 0
            allowed = self.tolerance.absolute + self.tolerance.relative * size
            if not precise.mp.isfinite(said) or abs(true - said) > allowed:
                index = tuple(int(each) for each in np.unravel_index(at, self.chain.shape))
                self.found = Counterexample(given, index, float(said), float(true))
                return True
        return False

    def _refutes_in_floats(self, given: dict[str, float]) -> bool:
        """The same in float64, by more than rounding may have done, where there are no more digits."""
        leaves = {name: np.float64(value) for name, value in given.items()}
        sides = self.chain.at(leaves)
        if not sides.finite or not sides.derivative.size:
            return False
        gap = np.abs(sides.derivative - sides.claimed)
        at = np.unravel_index(int(np.argmax(gap)), gap.shape)
        true, said = float(sides.derivative[at]), float(sides.claimed[at])
        allowed = self.tolerance.of(max(abs(true), abs(said))) + ROUNDINGS * self.chain.rounding(leaves)
        if abs(true - said) > allowed:
            self.found = Counterexample(given, tuple(int(each) for each in at), said, true)
        return self.found is not None

    # ---- results -----------------------------------------------------------------------------

    def _proved(self, outcome: SearchOutcome, formulas: Formulas, same: bool) -> Check:
        domain = ", ".join(
            f"{name} from {_number(each.low)} to {_number(each.high)}"
            for name, each in zip(self.names, self.domains, strict=True)
        )
        how = "the difference simplifies to 0" if same else f"enclosed in {_count(outcome.boxes)}"
        check = Check("claim", self.check.label, PROVED, f"holds for all {domain}: {how}")
        check.details = {
            "domain": {
                name: [each.low, each.high] for name, each in zip(self.names, self.domains, strict=True)
            },
            "boxes": outcome.boxes,
            "simplified": same,
        }
        check.notes += self._apart(outcome, formulas)
        return check

    def _apart(self, outcome: SearchOutcome, formulas: Formulas) -> list[str]:
        """What is left out, in words."""
        notes = []
        if outcome.nowhere:
            told = [tuple(map(self._rounded, box, self.domains)) for box in outcome.nowhere]
            notes.append(f"there is no finite derivative for {self._boxes(told)}")
        if outcome.holes:
            ends = [self._rounded(each, self.domains[0]) for each in outcome.holes]
            places = [f"{self.names[0]} = {_number(low / 2 + high / 2)}" for low, high in ends]
            notes.append(
                f"there is none at or beside {', '.join(places[:4])}{' …' if len(places) > 4 else ''}"
            )
        if outcome.between:
            notes.append(f"nothing is said for {self._boxes(outcome.between)}")
        for number in sorted(outcome.apart):
            (inner,) = formulas[number].operands
            at = _zero_of(formulas, inner, self.names)
            notes.append(f"not judged at {at or 'a kink'}, where there is a derivative by convention only")
        return notes

    def _rounded(self, ends: tuple[float, float], domain: Domain) -> tuple[float, float]:
        """Ends that a search came near to, as the short numbers that they are meant to be."""
        size = domain.high - domain.low
        short = [0.0 if abs(each) < 1e-12 * size else float(f"{each:.9g}") for each in ends]
        low, high = (a if abs(a - b) < 1e-12 * size else b for a, b in zip(short, ends, strict=True))
        return low, high

    def _left(self, outcome: SearchOutcome) -> Check:
        """The time is up, or a box cannot be divided."""
        assert outcome.left is not None
        check = unproved(self.check, f"open for {self._boxes([outcome.left])}, after {_count(outcome.boxes)}")
        check.details["open"] = {
            name: list(ends) for name, ends in zip(self.names, outcome.left, strict=True)
        }
        return check

    def _boxes(self, boxes: Sequence[tuple[tuple[float, float], ...]]) -> str:
        told = [
            " and ".join(
                f"{name} = {_number(low)}"
                if low == high
                else f"{name} from {_number(low)} to {_number(high)}"
                for name, (low, high) in zip(self.names, box, strict=True)
            )
            for box in boxes[:3]
        ]
        more = f" and {len(boxes) - 3} more" if len(boxes) > 3 else ""
        return "; ".join(told) + more


ROUNDINGS = 30.0
"""So much more than rounding was seen to move them two floats differ by."""
MOST_NODES = 2_000
"""Larger tapes are not simplified."""


def _called(node: Node | None) -> str:
    """What an operation is called, by the user if it was called."""
    if node is None:
        return "pow"
    return node.call.function.name if node.call is not None else node.op.name


def _count(boxes: int) -> str:
    return f"{boxes:,} {'box' if boxes == 1 else 'boxes'}"


def _number(value: float) -> str:
    return f"{value:.17g}" if float(f"{value:.12g}") != value else f"{value:.12g}"


def _zero_of(formulas: Formulas, number: int, names: Sequence[str]) -> str:
    """`x = 2`, where a formula of one variable is 0; '' for anything else."""
    constant, terms = formulas.terms_of(number)
    if len(terms) != 1:
        return ""
    ((inner, factor),) = terms.items()
    if formulas[inner].op != "variable" or not factor:
        return ""
    return f"{names[formulas[inner].data]} = {_number(float(-constant / factor))}"


def unproved(check: Check, reason: str) -> Check:
    """The claim holds where it was tried, and that is all."""
    found = Check("claim", check.label, UNPROVED, f"{check.message}, and is not proved: {reason}")
    found.details = {**check.details, "reason": reason}
    return found


__all__ = ["Counterexample", "certainly", "unproved"]
