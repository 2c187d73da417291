"""The function table as people read it: rows with their aliases, examples, and derivatives in formulas.

`gradcli functions` and the list in the documentation are made from it. Nothing here is written down
twice: signatures and summaries are the rows', derivatives are read off the partials in the source.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcli.autograd import Session
from gradcli.errors import GradcliError, suggestion
from gradcli.ops import parameters, registry
from gradcli.ops.rows import Function
from gradcli.reference.examples import EXAMPLES, VALUES
from gradcli.reference.formulas import partials
from gradcli.tape.general import General
from gradcli.tape.node import Node
from gradcli.tape.primitives import Elementwise, Linear

FAMILIES = (
    "unary",
    "binary",
    "special",
    "reduction",
    "scan",
    "shape",
    "indexing",
    "linear algebra",
    "activation",
    "nn",
    "convolution",
    "pooling",
    "loss",
    "creation",
)
"""The order of the headings; a family that isn't here comes behind them."""

_QUIET = frozenset(("cast", "expand", "reshape", "detach", "literal", "part"))
"""Primitives that change the form of a value only: no derivation needs to name them."""


_ELEMENTWISE = frozenset(("unary", "binary", "special", "activation"))
"""The families whose functions are best shown on numbers."""

_VECTORS = ["[1., 2., 4.]", "[2., 1., 3.]", "[0.5, 1., 2.]"]
_MATRICES = ["[[2., 1.], [1., 3.]]", "[[1., 0.], [2., 4.]]", "[[1., 2.], [3., 4.]]"]


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One function under all its names."""

    name: str
    aliases: tuple[str, ...]
    function: Function

    @property
    def family(self) -> str:
        """The heading it stands under."""
        return self.function.family

    @property
    def signature(self) -> str:
        """`softplus(input, beta=1.0, threshold=20.0)`."""
        return self.function.signature

    @property
    def summary(self) -> str:
        """What it does, in a line."""
        return self.function.doc.partition("\n")[0]


@dataclass(frozen=True, slots=True)
class PrimitiveRule:
    """A primitive that a function is made of, and its derivative.

    Attributes:
        primitive: its name with its inputs, `mul(a, b)`.
        partials: the formula for each input; empty where `kind` says it all.
        kind: "elementwise", "linear" or "rule".
    """

    primitive: str
    partials: tuple[tuple[str, str], ...]
    kind: str


def entries() -> list[CatalogueEntry]:
    """Every public function once, by family and name."""
    named: dict[tuple[int, ...], list[Function]] = {}
    for name, row in registry.table().items():
        if not name.startswith("_"):
            named.setdefault((id(row.implementation), id(row.parameters)), []).append(row)
    found = [
        CatalogueEntry(rows[0].name, tuple(row.name for row in rows[1:]), rows[0]) for rows in named.values()
    ]
    order = {family: index for index, family in enumerate(FAMILIES)}
    return sorted(found, key=lambda each: (order.get(each.family, len(order)), each.family, each.name))


def find(name: str) -> CatalogueEntry:
    """The function of that name or alias.

    Raises:
        GradcliError: `unknown-function`, with the closest name.
    """
    name = name.removesuffix("()")
    for entry in entries():
        if name == entry.name or name in entry.aliases:
            return entry
    known = [each for each in registry.names() if not each.startswith("_")]
    raise GradcliError(
        "unknown-function",
        f"there is no function {name}",
        hint=suggestion(name, known) or "gradcli functions lists them all",
    )


def example(entry: CatalogueEntry) -> tuple[str, dict[str, float]] | None:
    """A call of the function, and the numbers for the names in it; None if none is known to work."""
    given = EXAMPLES.get(entry.name)
    if given is not None:
        return given, _values(given)
    return next((call for call in _candidates(entry.function) if _runs(entry, *call)), None)


def steps(entry: CatalogueEntry) -> list[PrimitiveRule]:
    """The primitives that the function is made of, its derivative following from theirs."""
    implementation = entry.function.implementation
    if isinstance(implementation, Elementwise):
        return [_step(implementation, [each.name for each in entry.function.parameters])]
    shown = example(entry)
    if shown is None:
        return []
    return [_step(op) for op in _primitives(_recorded(Session(), entry, *shown))]


def is_primitive(entry: CatalogueEntry) -> bool:
    """Whether the function is one of the primitives as it stands."""
    return isinstance(entry.function.implementation, Elementwise)


def _step(op: Any, names: list[str] | None = None) -> PrimitiveRule:
    if isinstance(op, Elementwise):
        formulas = partials(op, names)
        if formulas:
            inputs = ", ".join(name for name, _ in formulas)
            return PrimitiveRule(f"{op.name}({inputs})", tuple(formulas), "elementwise")
    return PrimitiveRule(op.name, (), "linear" if isinstance(op, Linear) else "rule")


def _primitives(result: Any) -> list[Any]:
    """The primitives on the tape behind a result, outermost first, each once."""
    found: dict[str, Any] = {}
    seen: set[int] = set()
    pending = [each.node for each in (result if isinstance(result, (tuple, list)) else [result])]
    while pending:
        level: list[Node] = []
        for node in pending:
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node.op, (Elementwise, Linear, General)) and node.op.name not in _QUIET:
                found.setdefault(node.op.name, node.op)
            if node.op.name != "detach":  # nothing is differentiated behind it
                level += node.inputs
        pending = level
    return list(found.values())


# ---- examples ----


def _values(call: str) -> dict[str, float]:
    names = {each.id for each in ast.walk(ast.parse(call)) if isinstance(each, ast.Name)}
    return {name: number for name, number in VALUES.items() if name in names}


def _candidates(function: Function) -> list[tuple[str, dict[str, float]]]:
    """Calls that a function with these parameters may understand: of numbers, of vectors, of a matrix."""
    required = [
        each for each in function.parameters if each.default is parameters.REQUIRED and not each.variadic
    ]
    kinds = [list(VALUES), _VECTORS, _MATRICES]
    calls = []
    for tensors in kinds if function.family in _ELEMENTWISE else [*kinds[1:], kinds[0]]:
        rest = iter(tensors)
        words = [_word(each, rest) for each in required]
        call = f"{function.name}({', '.join(words)})"
        calls.append((call, _values(call)))
    return calls


def _word(parameter: parameters.Parameter, tensors: Any) -> str:
    if parameter.kind == "tensor":
        return str(next(tensors, "x"))
    if parameter.kind == "tensors":
        return "[[1., 2.], [3., 4.]]"
    return "0" if "dim" in parameter.name else "2"


def _recorded(session: Session, entry: CatalogueEntry, call: str, values: dict[str, float]) -> Any:
    """What the call records: tensors whose nodes are the function's composition."""
    tree = ast.parse(call, mode="eval").body
    assert isinstance(tree, ast.Call)

    def argument(word: ast.expr) -> Any:
        match word:
            case ast.Name(name):
                return session.tensor(values[name], requires_grad=True) if name in values else float(name)
            case ast.List(items):
                return [argument(each) for each in items]
            case ast.Call(ast.Name(name), given):
                function = registry.lookup(name)
                assert function is not None
                return session.apply(function, tuple([argument(each) for each in given]), {})
        return ast.literal_eval(word)

    arguments = tuple(argument(each) for each in tree.args)
    keywords = {each.arg: argument(each.value) for each in tree.keywords if each.arg}
    return session.apply(entry.function, arguments, keywords)


def _runs(entry: CatalogueEntry, call: str, values: dict[str, float]) -> bool:
    try:
        session = Session()
        with np.errstate(all="ignore"):
            result = _recorded(session, entry, call, values)
            if values:  # it will be shown with its derivatives
                session.backward([result], [None])
    except (GradcliError, ValueError, TypeError, IndexError, AttributeError):
        return False
    return True
