"""From an observed run to steps: which values have names, and how each came of others."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.engine import run as engine
from gradcli.explanation.local import Local
from gradcli.explanation.model import Equation, Step
from gradcli.syntax import tree
from gradcli.syntax.survey import names_in
from gradcli.tape.custom import identity
from gradcli.tape.node import LEAF, Node
from gradcli.values.objects import Instance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from gradcli.explanation.source import ProgramText
    from gradcli.explanation.statements import Event, StatementObserver
    from gradcli.values.runtime import Runtime

MOST_IN_A_LIST = 1_000
_HOLDING = (list, tuple, dict, Instance)


class Named:
    """The values that have names.

    Attributes:
        names: what each is called, of tensors that gradients go to and of others.
        first: the event by which each got its name.
        leaves: those that no step made, by name.
        reported: the leaves that `eval` reports, in its order.
        wanted: the names that were asked for in their place, or None.
    """

    def __init__(
        self,
        trace: StatementObserver,
        runtime: Runtime,
        roots: dict[str, Node],
        walked: Sequence[Node] = (),
        visited: Iterable[Node] = (),
    ) -> None:
        self.names: dict[Node, str] = {}
        self.first: dict[Node, Event] = {}
        self.returned: dict[Node, Event] = {}
        self.leaves: dict[str, Node] = {}
        self.order: list[Node] = []
        self.reported = list(runtime.leaves)
        self.wanted: list[str] | None = None
        wanted: dict[str, list[Node]] = {}
        own = {identity(each.node): name for name, each in runtime.leaves.items()}
        for event in trace.events:
            node = event.node
            if event.name != own.get(identity(node), event.name) and event.depth:
                continue  # an input under the name that it has in a function
            if event.name == "return":
                self.returned.setdefault(node, event)
            elif node not in self.first and identity(node) not in self.first:
                self.first[node] = event
                self.order.append(node)
                wanted.setdefault(event.name, []).append(node)
        leaf_names = {each.node: name for name, each in runtime.leaves.items()}
        for name, leaf in runtime.leaves.items():  # an input that was read and overwritten in one statement
            node = identity(leaf.node)
            if node not in self.first:
                wanted.setdefault(name, []).insert(0, node)
        for node in walked:  # `(a*b).backward()`
            if (
                identity(node) not in self.first
                and node not in roots.values()
                and identity(node).op is not LEAF
            ):
                wanted.setdefault("result", []).append(node)
                self.order.append(node)
        for name, node in roots.items():
            if node not in self.first:
                wanted.setdefault(name, []).append(node)
                self.order.append(node)
        taken: set[str] = set()
        for name, nodes in wanted.items():
            self._number(name, nodes, leaf_names, taken)
        for name, tensor in held(runtime.names, lambda each: each.is_leaf and each.requires_grad):
            if identity(tensor.node) not in self.names:
                self.names[identity(tensor.node)] = name
        for node in visited:  # an update outside recording leaves a tensor what it was
            if node not in self.names and identity(node) in self.names:
                self.names[node] = self.names[identity(node)]
        for event in trace.events:
            if event.node not in self.names and identity(event.node) in self.names:
                self.names[event.node] = self.names[identity(event.node)]
        for node, name in list(self.names.items()):
            if identity(node).op is LEAF and not (node.inputs and not node.requires_grad):
                self.leaves.setdefault(name, node)

    def _number(self, name: str, nodes: list[Node], leaves: dict[Node, str], taken: set[str]) -> None:
        """The last of several values keeps the name; where a leaf that is reported by it wants it, it has
        a stroke, as in `eval`."""
        plain = next((each for each in nodes if leaves.get(each) == name), nodes[-1])
        at = 0
        for node in nodes:
            if node is plain or (node is nodes[-1] and f"{name}'" not in taken):
                self.names[node] = name if node is plain else f"{name}'"
                continue
            at += 1
            while f"{name}_{at}" in taken:
                at += 1
            self.names[node] = f"{name}_{at}"
        taken.update(self.names[each] for each in nodes)


def held(names: Mapping[str, Any], wanted: Callable[[Tensor], bool]) -> Iterator[tuple[str, Tensor]]:
    """Tensors that stand in lists, dicts and objects, by the way there: `params[0]`, `model.0.weight`."""
    pending = deque([(name, value) for name, value in names.items() if isinstance(value, _HOLDING)])
    seen: set[int] = set()
    while pending and len(seen) < MOST_IN_A_LIST:
        path, value = pending.popleft()
        if id(value) in seen:
            continue
        seen.add(id(value))
        inside: list[tuple[str, Any]] = []
        if isinstance(value, Instance):
            inside = [(f"{path}.{name}", each) for name, each in value.attributes.items()]
        elif len(value) > MOST_IN_A_LIST:
            continue
        elif isinstance(value, dict):
            inside = [(f"{path}[{key!r}]", each) for key, each in value.items()]
        else:
            inside = [(f"{path}[{at}]", each) for at, each in enumerate(value)]
        for name, each in inside:
            if type(each) is Tensor and wanted(each):
                yield name, each
            elif isinstance(each, _HOLDING):
                pending.append((name, each))


_DISPLAYS = (tree.TupleDisplay, tree.ListDisplay, tree.DictDisplay)
"""What holds several roots, none of which is the whole of it."""


def steps(
    named: Named,
    trace: StatementObserver,
    source: ProgramText,
    module: tree.Module,
    before: str,
    roots: dict[str, Node],
) -> list[Step]:
    """The steps in order: everything that has a name and was computed."""
    found: list[Step] = []
    for node in named.order:
        if identity(node).op is LEAF and not node.inputs:
            continue
        if identity(node) is not node and identity(node) in named.names:
            continue
        event = named.first.get(node)
        statement = event.statement if event is not None else module.body[-1]
        value = _value(statement, named, node, trace)
        span = node.call.span if node.call is not None else None
        if event is None and (node not in roots.values() or isinstance(value, _DISPLAYS)):
            value = None
        own = source.statement(span)
        if event is not None and not _assigns(statement, event.name) and own is not None:
            value = getattr(own, "value", None)  # what a function or a `for` made, not this statement
        step = Step(len(found) + 1, named.names[node], node, "", source.line(statement.span))
        if value is not None:
            step.text = source.text(value.span)
        elif event is None:
            step.text, step.line = source.text(span), source.line(span)
        elif own is not None:
            step.text = source.text(own.span)
        step.recorded = node.requires_grad
        if event is not None:
            step.depth, step.turn = event.depth, event.turn
            step.turns = trace.done.get(id(statement), 1)
        step.statement = id(statement)
        if isinstance(statement, tree.AugmentedAssignment):
            target = source.text(statement.target.span)
            step.text = f"{target} {statement.operator} {source.text(statement.value.span)}"
        step.forward = _forward(step, event, value, statement, before, trace)
        if node.requires_grad:
            step.local = Local(node, named.names)
            step.sources = [named.names[each] for each in step.local.sources]
            step.saves, step.freed = _saved(step.local)
        found.append(step)
    return found


def _assigns(statement: tree.Statement, name: str) -> bool:
    from gradcli.explanation.source import targets

    return name in targets(statement)


def _value(statement: tree.Statement, named: Named, node: Node, trace: StatementObserver) -> Any:
    if trace.depth and node in named.returned:
        return getattr(named.returned[node].statement, "value", None)
    if isinstance(statement, tree.Assignment) and isinstance(statement.value, tree.TupleDisplay):
        target = statement.targets[0]
        event = named.first.get(node)
        if isinstance(target, tree.TupleDisplay) and event is not None:
            for each, part in zip(target.items, statement.value.items, strict=False):
                if isinstance(each, tree.Name) and each.name == event.name:
                    return part
    return getattr(statement, "value", None)


def _forward(
    step: Step,
    event: Event | None,
    value: Any,
    statement: tree.Statement,
    before: str,
    trace: StatementObserver,
) -> Equation | None:
    """The step as an equation, where everything it reads has a value of its own."""
    if value is None or not step.text or step.text.endswith("…"):
        return None
    runtime = trace.runtime
    assert runtime is not None
    if event is None:
        known = {
            name: each.node if type(each) is Tensor else each
            for name in names_in(value)
            for each in (runtime.names.get(name),)
            if type(each) in (Tensor, int, float, bool)
        }
    elif event.depth and value is not getattr(statement, "value", None):
        return None
    else:
        known = event.known
    given = {name: engine.value(each) if isinstance(each, Node) else each for name, each in known.items()}
    return Equation(step.name, step.text, given, engine.value(step.node), before)


def _saved(local: Local) -> tuple[str, int | None]:
    """What the step's rules read, in a word, and which walk freed it."""
    saving = [
        each
        for each in local.inside
        if each.op.saves(each) or (each.call is not None and each.call.function.saves)
    ]
    names = dict.fromkeys(each.call.function.name for each in saving if each.call is not None)
    freed = [each.call.freed.number for each in local.inside if each.call is not None and each.call.freed]
    return ", ".join(names), min(freed) + 1 if freed else None
