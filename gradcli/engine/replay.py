"""Backward passes that a loop repeats: the second time round a structure is known, the third compiled.

`autograd` asks here before it walks a small graph. The structure of what is pending is its key; the
gradient is derived once, from placeholders of that structure, and from then on a turn of the loop
costs the arithmetic and not the differentiation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.engine.repeats import Repeats
from gradcli.engine.trace import Trace
from gradcli.record import Record
from gradcli.tape.custom import RENEWED, identity
from gradcli.tape.node import LARGE, LEAF, Node, collects, topological
from gradcli.tape.reverse import ones_like, reverse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.errors import Span

MOST_NODES = 400
"""Longer graphs are walked every time: a loop of many small steps is what is worth compiling."""
Recognized = tuple[list[Any], list[Node], list[Node], list[Node]]
"""Behind a root: the values that are known, the nodes that get theirs, those whose `.grad` gets a gradient
(an update's leaf for it), and those that read saved values."""

SEEN_BEFORE, MOST_KEPT = 2, 64
"""After how many walks of one structure it is compiled, and how many of them a session keeps."""


class Replays(Repeats):
    """What a session keeps: a `Replay` by the key of each `Structure`.

    Attributes:
        latest: the one of the last walk from each place in the source, where the next one is mostly like it.
    """

    __slots__ = ("latest",)

    def __init__(self) -> None:
        super().__init__(SEEN_BEFORE, MOST_KEPT)
        self.latest: dict[Span | None, Replay] = {}

    def of(self, root: Node, place: Span | None) -> tuple[Replay, Recognized] | None:
        """How to go backward from `root`, and what is behind it, if the like came often enough."""
        latest = self.latest.get(place)
        if latest is not None:
            recognized = latest.recognized(root)
            if recognized is not None:
                return latest, recognized
        found = structure(root)
        if found is None:
            return None
        replay: Replay | None = self.find(found.key, lambda: Replay(found))
        if replay is None:
            return None
        self.latest[place] = replay
        recognized = replay.recognized(root)
        return None if recognized is None else (replay, recognized)


class Structure(Record):
    """What is pending behind a root: its shape as a hashable key, and the nodes in that order.

    Attributes:
        key: equal for graphs that differ in their values only.
        nodes: every node, inputs first.
        operands: of each node the places of its inputs, or None where the walk ends.
        given: whether each node's value is known (its value is an argument of the compiled walk).

    A leaf that was updated outside recording is one node: the update, where backward ends as at a leaf.
    """

    key: Any
    nodes: list[Node]
    operands: list[tuple[int, ...] | None]
    given: list[bool]


def structure(root: Node) -> Structure | None:
    """The structure behind `root`, or None if it is too long or holds a large array."""
    if not root.inputs or _updated(root):
        return None
    nodes: list[Node] = []
    former: set[Node] = set()  # the leaves of updates
    places: dict[Node, int] = {}
    key: list[Any] = []
    operands: list[tuple[int, ...] | None] = []
    given: list[bool] = []
    place = places.__getitem__
    stack: list[Node | None] = [root]
    while stack:  # every turn of a loop comes through here: hence the words in a row, and no calls
        node = stack.pop()
        if node is None:  # what the next one reads has its places
            node = stack.pop()
            assert node is not None
            known = node.value is not None
            into = node.accumulator
            read = tuple(map(place, node.inputs))
            key += (node.op, node.attrs, known, node.requires_grad, into is not None and into.collects, read)
            operands.append(read)
            given.append(known)
            places[node] = len(nodes)
            nodes.append(node)
            continue
        if node in places:
            continue
        if node.size > LARGE or len(nodes) > MOST_NODES:
            return None
        stack += (node, None)
        for each in node.inputs:
            if each in places:
                continue
            if each.op is RENEWED and _updated(each):
                ends = each.inputs[0]
                if ends in places or ends in former:  # two values of one leaf
                    return None
                former.add(ends)
            elif each.inputs and (each.requires_grad or each.value is None):
                stack.append(each)
                continue
            elif each in former:
                return None
            else:
                ends = each
            if each.value is None or each.size > LARGE:
                return None
            into = ends.accumulator
            # A dtype is one object for as long as the program runs; its own hash is slow.
            key += (each.shape, id(each.dtype), each.requires_grad, into is not None and into.collects)
            operands.append(None)
            given.append(True)
            places[each] = len(nodes)
            nodes.append(each)
    return Structure(tuple(key), nodes, operands, given)


def _updated(node: Node) -> bool:
    """Whether it is a leaf with another value than the leaf began with."""
    return node.op is RENEWED and node.value is not None and node.inputs[0].op is LEAF


class Replay:
    """A compiled backward: from the known values to the pending ones and the gradients.

    Attributes:
        recognized: from a root to what is behind it, if its structure is the one that this was made for.
        run: from the values that are known to those of the pending nodes, and then the gradients.
    """

    __slots__ = ("recognized", "run")

    def __init__(self, known: Structure) -> None:
        nodes = known.nodes
        copies: list[Node] = []
        place = {node: index for index, node in enumerate(nodes)}
        for node, given in zip(nodes, known.given, strict=True):
            made = (node.requires_grad or not given) and not _updated(node)
            read = tuple([copies[place[each]] for each in node.inputs]) if made else ()
            op = node.op if read else LEAF
            copies.append(Node(op, read, node.attrs, node.shape, node.dtype, node.requires_grad))
        inputs = [index for index, given in enumerate(known.given) if given]
        pending = [index for index, given in enumerate(known.given) if not given]
        collecting = [
            index
            for index, node in enumerate(nodes)
            if node.requires_grad and collects(identity(node) if _updated(node) else node)
        ]
        walked = [copy for copy in copies if copy.requires_grad]
        root = copies[-1]
        reached = set(topological([root]))  # not what only values come from, behind a detach
        saving = [index for index, copy in enumerate(copies) if copy in reached and copy.op.saves(copy)]
        gradients = reverse([root], [ones_like(root)], [copies[index] for index in collecting], walked)
        found = {index: each for index, each in zip(collecting, gradients, strict=True) if each is not None}
        wanted = [*[copies[index] for index in pending], *found.values()]
        self.run: Callable[..., tuple[Any, ...]] = Trace(
            [copies[index] for index in inputs], wanted
        ).compiled(hopeful=True)
        self.recognized = _recognizer(known, inputs, pending, list(found), saving)


def _recognizer(
    known: Structure,
    inputs: Sequence[int],
    pending: Sequence[int],
    targets: Sequence[int],
    saving: Sequence[int],
) -> Callable[[Node], Recognized | None]:
    """What asks of a graph all that its key tells: written out, from the root to the ends, without a walk.

    The rest are places of nodes, of which it hands out values, and nodes.
    """
    last = len(known.nodes) - 1
    scope: dict[str, Any] = {"RENEWED": RENEWED, "LEAF": LEAF}
    lines: list[str] = []
    met = {last}
    itself: dict[int, str] = {}  # what each node is to differentiation: no two are the same

    def unless(*tests: str) -> None:
        lines.append(f"if {' or '.join(tests)}: return None")

    for index in range(last, -1, -1):
        node, read, name, own = known.nodes[index], known.operands[index], f"n{index}", f"n{index}"
        flag = f"{name}.requires_grad is not {node.requires_grad}"
        if read is not None:
            scope |= {f"o{index}": node.op, f"a{index}": node.attrs}
            same = f"{name}.attrs is not a{index} and {name}.attrs != a{index}"
            value = f"{name}.value is {'None' if known.given[index] else 'not None'}"
            unless(f"{name}.op is not o{index}", same if node.attrs else f"{name}.attrs", value, flag)
            again = [at for at, each in enumerate(read) if each in met or each in read[:at]]
            places = [f"i{at}" if at in again else f"n{each}" for at, each in enumerate(read)]
            lines.append(f"[{', '.join(places)}] = {name}.inputs")
            if again:
                unless(*[f"i{at} is not n{read[at]}" for at in again])
            met.update(read)
        else:
            scope |= {f"s{index}": node.shape, f"d{index}": node.dtype}
            other = f"{name}.shape is not s{index} and {name}.shape != s{index}"
            unless(f"{name}.value is None", flag, other, f"{name}.dtype is not d{index}")
            if node.requires_grad:
                own = f"e{index}"
                lines.append(f"{own} = {name}.inputs[0] if {name}.op is RENEWED else {name}")
                unless(f"{own}.inputs")
            else:
                unless(f"{name}.op is RENEWED")
        into, no = f"{own}.accumulator", "not " if collects(identity(node) if read is None else node) else ""
        unless(f"{no}({into} is not None and {into}.collects)")
        itself[index] = own
    unless(f"len({{{', '.join(itself.values())}}}) <= {last}")
    parts = (
        [f"n{index}.value" for index in inputs],
        [f"n{index}" for index in pending],
        [itself[index] for index in targets],
        [f"n{index}" for index in saving],
    )
    found = ", ".join(f"[{', '.join(each)}]" for each in parts)
    body = "\n        ".join(["    try:", *lines, f"return {found}"])
    source = f"def recognized(n{last}):\n{body}\n    except ValueError: return None"  # more or fewer inputs
    exec(compile(source, "<structure>", "exec"), scope)  # every name in it was made here
    return scope.pop("recognized")  # type: ignore[no-any-return]  # so that it doesn't hold itself
