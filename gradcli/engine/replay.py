"""Backward passes that a loop repeats: the second time round a structure is known, the third compiled.

`autograd` asks here before it walks a small graph. The structure of what is pending is its key; the
gradient is derived once, from placeholders of that structure, and from then on a turn of the loop
costs the arithmetic and not the differentiation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.engine.repeats import Repeats
from gradcli.engine.trace import Trace
from gradcli.tape.custom import RENEWED, identity
from gradcli.tape.node import LARGE, LEAF, Node, collects
from gradcli.tape.reverse import ones_like, reverse

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_NODES = 400
"""Longer graphs are walked every time: a loop of many small steps is what is worth compiling."""
SEEN_BEFORE, MOST_KEPT = 2, 64
"""After how many walks of one structure it is compiled, and how many of them a session keeps."""


class Replays(Repeats):
    """What a session keeps: a `Replay` by the key of each `Structure`."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(SEEN_BEFORE, MOST_KEPT)

    def of(self, root: Node) -> tuple[Structure, Replay] | None:
        """How to go backward from `root`, if its structure has come often enough."""
        found = structure(root)
        if found is None:
            return None
        replay: Replay | None = self.find(found.key, lambda: Replay(found))
        return None if replay is None else (found, replay)


class Structure:
    """What is pending behind a root: its shape as a hashable key, and the nodes in that order.

    Attributes:
        key: equal for graphs that differ in their values only.
        nodes: every node, inputs first.
        given: whether each node's value is known (its value is an argument of the compiled walk).

    A leaf that was updated outside recording is one node: the update, where backward ends as at a leaf.
    """

    __slots__ = ("given", "key", "nodes")

    def __init__(self, key: Any, nodes: list[Node], given: list[bool]) -> None:
        self.key = key
        self.nodes = nodes
        self.given = given


def structure(root: Node) -> Structure | None:
    """The structure behind `root`, or None if it is too long or holds a large array."""
    if not root.inputs or _updated(root):
        return None
    nodes: list[Node] = []
    former: set[Node] = set()  # the leaves of updates
    places: dict[Node, int] = {}
    key: list[Any] = []
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
            key += (node.op, node.attrs, known, into is not None and into.collects, *map(place, node.inputs))
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
            given.append(True)
            places[each] = len(nodes)
            nodes.append(each)
    return Structure(tuple(key), nodes, given)


def _updated(node: Node) -> bool:
    """Whether it is a leaf with another value than the leaf began with."""
    return node.op is RENEWED and node.value is not None and node.inputs[0].op is LEAF


class Replay:
    """A compiled backward: from the known values to the pending ones and the gradients.

    Attributes:
        targets: which nodes of the structure receive a gradient (an update has it put to its leaf).
        saving: which of them read saved values.
        pending: which of them get their value.
    """

    __slots__ = ("inputs", "pending", "run", "saving", "targets")

    def __init__(self, known: Structure) -> None:
        nodes = known.nodes
        copies: list[Node] = []
        place = {node: index for index, node in enumerate(nodes)}
        for node, given in zip(nodes, known.given, strict=True):
            pending = (node.requires_grad or not given) and not _updated(node)
            inputs = tuple([copies[place[each]] for each in node.inputs]) if pending else ()
            copy = Node(
                node.op if inputs else LEAF, inputs, node.attrs, node.shape, node.dtype, node.requires_grad
            )
            copies.append(copy)
        self.inputs = [index for index, given in enumerate(known.given) if given]
        self.pending = [index for index, given in enumerate(known.given) if not given]
        collecting = [
            index
            for index, node in enumerate(nodes)
            if node.requires_grad and collects(identity(node) if _updated(node) else node)
        ]
        walked = [copy for copy in copies if copy.requires_grad]
        self.saving = [
            index for index, copy in enumerate(copies) if copy.requires_grad and copy.op.saves(copy)
        ]
        root = copies[-1]
        gradients = reverse([root], [ones_like(root)], [copies[index] for index in collecting], walked)
        found = {index: each for index, each in zip(collecting, gradients, strict=True) if each is not None}
        self.targets = list(found)
        wanted = [*[copies[index] for index in self.pending], *found.values()]
        self.run: Callable[..., tuple[Any, ...]] = Trace(
            [copies[index] for index in self.inputs], wanted
        ).compiled(hopeful=True)
