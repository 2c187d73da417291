"""What `explain` tells, as data: steps, walks with their rows and paths, the ledger, findings.

`gradcli.explanation.api` makes a `Story`; the writers read it and compute nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.record import Record

if TYPE_CHECKING:
    from gradcli.errors import GradcliError
    from gradcli.explanation.local import Local
    from gradcli.tape.node import Node


class Equation(Record):
    """An equation that can be run: `name = text`, with these values for the names in the text.

    Attributes:
        name: what it says the value of, as it is shown.
        text: in the language; empty where no formula says it.
        given: tensors and numbers by the names in the text.
        value: what it gave.
        before: definitions and imports that the text needs.
    """

    name: str
    text: str
    given: dict[str, Any]
    value: Any
    before: str = ""


class Step:
    """A name that got a value from others.

    Attributes:
        number: from 1.
        name: as it is shown: a name that is assigned several times is numbered, but for the last.
        text: the expression, as the program has it.
        forward: the same as an equation; None where it cannot be run by itself.
        line: where it stands.
        depth: in how many calls of the program's functions.
        turn, turns: how many times the statement had been run, and was run in all.
        sources: the names it reads that gradients go to.
        saves: what backward frees of it; empty if nothing.
        freed: by which walk, None if it wasn't.
        recorded: it has a history.
    """

    def __init__(self, number: int, name: str, node: Node, text: str, line: int | None) -> None:
        self.number = number
        self.name = name
        self.node = node
        self.text = text
        self.line = line
        self.forward: Equation | None = None
        self.depth = 0
        self.turn = self.turns = 1
        self.statement = 0
        self.local: Local | None = None
        self.sources: list[str] = []
        self.saves = ""
        self.freed: int | None = None
        self.recorded = True


class Row(Record):
    """What a step hands to one of the names it reads, in one walk.

    Attributes:
        step, source: the step, and the name.
        slope: the local derivative where it is one number, else None.
        formula: it as a formula; for arrays, what comes of the cotangent that arrives.
        incoming: what that cotangent is called.
        outgoing: what the source's is called.
        share: what it hands on.
        alone: nobody else hands anything to the source in this walk.
    """

    step: Step
    source: str
    slope: Any
    formula: str | None
    incoming: str
    outgoing: str
    share: Any
    alone: bool


class Path(Record):
    """A way from a leaf to a root, and what it contributes.

    Attributes:
        names: from the leaf to the root.
        rows: from the root to the leaf.
        value: the product.
    """

    names: tuple[str, ...]
    rows: tuple[Row, ...]
    value: Any


class LeafGradient(Record):
    """The gradient of one leaf in one walk.

    Attributes:
        name: of the leaf.
        label: what the gradient is called in the walk.
        paths: those that contribute; the largest of them where there are many.
        more: how many others there are, and `rest` what they come to.
        value: the gradient, as the walk gave it.
        formula: it as one formula of the leaves, or None.
    """

    name: str
    label: str
    paths: list[Path]
    more: int
    rest: Any
    value: Any
    formula: str | None


class Told:
    """One backward walk, told.

    Attributes:
        number, line, text: which, and the call.
        roots: their names.
        weighted: the roots have weights, so that what is differentiated is L, their weighted sum.
        seeds: what the walk began with, by root.
        weights: the names of those of them that have one.
        given: what the leaves and constants were when the walk began, by name.
        rows: in the order of the steps.
        results: by leaf.
        label: from a name to what its cotangent is called.
        cotangents: by name.
    """

    def __init__(self, number: int, line: int | None, text: str) -> None:
        self.number = number
        self.line = line
        self.text = text
        self.gives = False
        self.roots: list[str] = []
        self.weighted = False
        self.seeds: dict[str, Any] = {}
        self.rows: list[Row] = []
        self.results: list[LeafGradient] = []
        self.cotangents: dict[str, Any] = {}
        self.weights: dict[str, str] = {}
        self.given: dict[str, Any] = {}

    def label(self, name: str) -> str:
        """What the cotangent of a name is called."""
        return f"dL/d{name}" if self.weighted else f"d{self.roots[0]}/d{name}"


class Accumulation(Record):
    """One accumulation: `x.grad: before + added = after`, by the walk of that number.

    Attributes:
        cleared: it had held something, which was cleared before.
    """

    name: str
    walk: int
    line: int | None
    before: Any
    added: Any
    after: Any
    cleared: bool


class Finding(Record):
    """Something that a reader should know, and where.

    Attributes:
        kind: one word: `cut`, `unused`, `nan`, `kink`, `dead`, `broadcast`, `accumulated` …
        says: a sentence.
        line: where; None if it is nowhere in the text.
        hint: what mends it.
    """

    kind: str
    says: str
    line: int | None
    hint: str = ""


class Story:
    """The whole explanation.

    Attributes:
        text: the program.
        leaves: values by name that no step made, with what is known of them.
        steps, walks, ledger, findings: in order.
        walked: how many walks there were, of which `walks` has the ends.
        final: the gradients that `eval` reports, by the label it has for them.
        error: the rule that was broken, if the program ended there.
        element: lines that follow one element.
        expected: lines about a gradient that was expected.
        checked: what came of the check, or None.
        opened: turns of loops are told one by one.
        page: the page of `gradcli graph`, if it was wanted.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.leaves: dict[str, Any] = {}
        self.steps: list[Step] = []
        self.walks: list[Told] = []
        self.walked = 0
        self.ledger: list[Accumulation] = []
        self.findings: list[Finding] = []
        self.final: list[tuple[str, Any]] = []
        self.own_backward = False
        self.error: GradcliError | None = None
        self.element: list[str] = []
        self.expected: list[str] = []
        self.checked: list[str] | None = None
        self.wrong: list[str] = []
        self.page = ""
        self.opened = False
        self.equations: list[Equation] = []
        self.notes: tuple[str, ...] = ()
        self.unused_inputs: tuple[str, ...] = ()
