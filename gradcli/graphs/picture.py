"""What is to be seen of a run: a box for each call that was recorded, arrows along the values.

Values and gradients are those of the walk that `gradcli eval` makes. A box is marked where something is saved
for backward, freed, retained or cut off.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.engine import run as engine
from gradcli.record import Record
from gradcli.tape.node import LEAF, Node, postorder
from gradcli.tape.reverse import reverse
from gradcli.text.numbers import number_text
from gradcli.values.values import NUMBERS

if TYPE_CHECKING:
    from gradcli.evaluation.run import Ran
    from gradcli.graphs.calls import Calls
    from gradcli.syntax import tree

LONGEST = 34
"""Characters of an expression that are shown."""
SMALL = 4
"""Elements of an array that is shown as numbers."""


class Box(Record):
    """A call, a leaf, or several folded into one.

    Attributes:
        kind: `leaf`, `constant`, `call`, `root` or `fold`.
        title: the name it has in the program, or what it does.
        expression: the text of the program it comes from; empty if the title says it.
        value, gradient: as text, empty where there is none.
        shape: of its value, `float64[2, 3]`.
        function: PyTorch's name of its backward (`PowBackward0`), or `AccumulateGrad`.
        marks: of `saved`, `freed`, `retained`, `cut`, `frozen`.
        line: in the program, from 1; 0 if there is none.
        count: how many calls are in it.
    """

    kind: str
    title: str
    expression: str = ""
    value: str = ""
    gradient: str = ""
    shape: str = ""
    function: str = ""
    marks: tuple[str, ...] = ()
    line: int = 0
    count: int = 1

    @property
    def lines(self) -> list[str]:
        """What is written into the box."""
        found = [self.title]
        if self.expression:
            found.append(self.expression)
        if self.value:
            found.append(f"= {self.value}")
        if self.gradient:
            found.append(f"grad {self.gradient}")
        return found


class Picture(Record):
    """Boxes and arrows between them.

    Attributes:
        title: the program.
        boxes: inputs first.
        arrows: from and to, by the numbers of the boxes; each once, in order.
        folded: how many calls are hidden in boxes.
        inputs: the scalar inputs that a page may change, with their values.
        script: JavaScript that computes value and gradient of each box from them; None where there is none.
    """

    title: str
    boxes: list[Box]
    arrows: list[tuple[int, int]]
    folded: int = 0
    inputs: dict[str, float] | None = None
    script: str | None = None


class Tape:
    """The calls of a run, with their values and gradients.

    Attributes:
        picture: a box for each call.
        nodes: for each box the node that is its result.
        made: in which calls of the program's functions nodes were recorded.
        gradients: the cotangent of each node, where there is one.
    """

    def __init__(self, ran: Ran, module: tree.Module, calls: Calls | None = None) -> None:
        self.ran, self.module = ran, module
        self.made = calls.made if calls is not None else {}
        self.text = ran.runtime.text
        self.names = self._names()
        self.roots = self._roots()
        self.order = postorder([*self.roots.values()])
        self.gradients = self._gradients()
        values = [node for node in self.order if node.op.parts == 0]
        with np.errstate(all="ignore"):
            engine.compute([*values, *self.gradients.values()])
        self._box()

    def _names(self) -> dict[Node, list[str]]:
        found: dict[Node, list[str]] = {}
        runtime = self.ran.runtime
        ended = [(self.ran.called(name), value) for name, value in runtime.names.items()]
        for name, value in [*ended, *runtime.leaves.items(), *self.ran.roots.items()]:
            if type(value) is Tensor and name not in found.get(value.node, []):
                found.setdefault(value.node, []).append(name)
        return found

    def _roots(self) -> dict[str, Node]:
        ran = self.ran
        roots = {name: value.node for name, value in ran.roots.items() if type(value) is Tensor}
        if roots:
            return roots
        named = {name: value.node for name, value in ran.named.items() if type(value) is Tensor}
        read = {each for node in named.values() for each in postorder([node]) if each is not node}
        return {name: node for name, node in named.items() if node not in read} or named

    def _gradients(self) -> dict[Node, Node]:
        """The cotangent of every node on the way, by the same walk as backward's."""
        if self.ran.runtime.own_backward:
            return {
                node: node.accumulator.grad.node
                for node in self.order
                if node.accumulator is not None and node.accumulator.grad is not None
            }
        aim = self.ran.aim
        if aim is None:
            return {}
        found: dict[Node, Node] = {}

        def visit(node: Node, cotangent: Any) -> Any:
            if isinstance(cotangent, Node):
                found[node] = cotangent
            return cotangent

        roots = [root.node for root in aim.roots.values()]
        reverse(roots, aim.seeds, [leaf.node for leaf in aim.wrt.values()], visit=visit)
        return found

    # ---- boxes ------------------------------------------------------------------------------

    def _box(self) -> None:
        groups: dict[Any, list[Node]] = {}
        for node in self.order:
            groups.setdefault(self._key(node), []).append(node)
        reading = {each for node in self.order for each in node.inputs}
        number: dict[Node, int] = {}
        boxes: list[Box] = []
        self.nodes: list[Node] = []
        for members in groups.values():
            last = members[-1]
            shown = self._shown(members, last in self.roots.values(), last in reading)
            if shown is None:
                continue
            number.update(dict.fromkeys(members, len(boxes)))
            boxes.append(shown)
            self.nodes.append(last)
        if not boxes:  # a program of plain numbers
            roots = self.ran.roots
            plain = [(name, each) for name, each in self.ran.named.items() if type(each) in NUMBERS]
            boxes = [
                Box("root" if name in roots else "constant", name, value=number_text(np.asarray(each), 6))
                for name, each in plain
            ]
        arrows = {
            (number[each], number[node]): None
            for node in self.order
            if node in number
            for each in node.inputs
            if each in number and number[each] != number[node]
        }
        title = " ".join(self.text.split())
        self.picture = Picture(title, boxes, sorted(arrows, key=lambda arrow: (arrow[1], arrow[0])))

    def animate(self) -> None:
        """Lets a page compute the picture again, where all is scalar and the program looked at nothing."""
        from gradcli.graphs.script import script

        runtime = self.ran.runtime
        leaves = {name: leaf.node for name, leaf in runtime.leaves.items() if leaf.node in self.order}
        if self.ran.looked or runtime.own_backward or not leaves:
            return
        wanted = [each for node in self.nodes for each in (node, self.gradients.get(node))]
        text = script(leaves, wanted)
        if text is not None:
            self.picture.inputs = {name: float(np.asarray(node.value)) for name, node in leaves.items()}
            self.picture.script = text

    def _key(self, node: Node) -> Any:
        return node if node.op is LEAF or node.call is None else (node.call, node.requires_grad)

    def _shown(self, members: Sequence[Node], is_root: bool, is_read: bool) -> Box | None:
        node = members[-1]
        names = self.names.get(node, [])
        gradient = self.gradients.get(node)
        known: dict[str, Any] = {
            "value": _value(node),
            "shape": f"{node.dtype.name}{list(node.shape)}" if node.shape else "",
            "gradient": _value(gradient) if gradient is not None else "",
            "marks": tuple(self._marks(members, names)),
        }
        title = " = ".join(names)
        if node.op is LEAF:
            if not names and (node.size == 1 or not is_read) and not is_root:
                return None  # a number, which the expressions show
            function = "AccumulateGrad" if node.requires_grad else ""
            kind = "leaf" if node.requires_grad else "constant"
            return Box(
                "root" if is_root and not is_read else kind, title or _data(node), function=function, **known
            )
        call = node.call
        copied = node.op.passes and not node.requires_grad and node.inputs[0].requires_grad
        if copied:  # the value of a call, cut off from it
            title, call = title or node.op.name, None
        expression = _shortened(self._source(call.span)) if call is not None and call.span else node.op.name
        function = str(call.function.grad_fn) if call is not None and node.requires_grad else ""
        return Box(
            "root" if is_root else "call",
            title or expression,
            expression=expression if title and title != expression else "",
            function=function,
            line=self._line(call.span) if call is not None and call.span else 0,
            **known,
        )

    def _marks(self, members: Sequence[Node], names: Sequence[str]) -> Iterable[str]:
        node = members[-1]
        call = node.call
        if call is not None and call.freed is not None:
            yield "freed"
        elif any(each.requires_grad and each.op is not LEAF and each.op.saves(each) for each in members):
            yield "saved"
        if node.accumulator is not None and node.op is not LEAF:
            yield "retained"
        inputs = {each for member in members for each in member.inputs if each not in members}
        if not node.requires_grad and any(each.requires_grad for each in inputs):
            yield "cut"
        if any(name in self.ran.freeze for name in names):
            yield "frozen"

    def _source(self, span: tuple[int, int]) -> str:
        return " ".join(self.text[span[0] : span[1]].split())

    def _line(self, span: tuple[int, int]) -> int:
        return self.text.count("\n", 0, span[0]) + 1


def _value(node: Node) -> str:
    if node.value is None:
        return ""
    if node.size > SMALL:
        return f"[{', '.join(map(str, node.shape))}]"
    return number_text(np.asarray(node.value, node.dtype), 6)


def _data(node: Node) -> str:
    return f"data {node.dtype.name}{list(node.shape)}" if node.shape else _value(node)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
