"""Backward: where gradients start and are added up, what a walk frees, and which rule was broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from gradcli.autograd.labels import LABELS, row
from gradcli.autograd.leaves import collecting, given
from gradcli.autograd.own_rules import OwnRules
from gradcli.autograd.tensor import Tensor
from gradcli.engine import run as engine
from gradcli.engine.pullbacks import VALUES
from gradcli.errors import GradcliError
from gradcli.tape import context
from gradcli.tape.cotangents import NODES
from gradcli.tape.custom import identity
from gradcli.tape.node import LARGE, LEAF, Freed, Node, RecordedCall, collects, is_held, topological
from gradcli.tape.primitives import add, cast, reshape
from gradcli.tape.promote import require_fits
from gradcli.tape.reverse import leading_to, ones_like, reverse
from gradcli.tape.views import overwrite

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.ops.layout import Placed
    from gradcli.tape.cotangents import Cotangents


FIRST_PASSES = 2
"""How many backward passes a session makes before it looks for a loop."""


class Session(OwnRules):
    """One evaluation: recording, leaves, and the gradients of what was recorded."""

    # ---- backward ----

    def backward(
        self,
        roots: Sequence[Tensor],
        weights: Sequence[Tensor | None],
        *,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Sequence[Tensor] | None = None,
        final: bool = False,
    ) -> None:
        """Walks back from `roots` and adds into `.grad` of leaves and retained nodes.

        Args:
            roots: what to differentiate.
            weights: the gradient weights of each, of its exact shape; None for a one-element root.
            retain_graph: whether saved values survive; by default as `create_graph`.
            create_graph: record the walk, so that gradients can be differentiated again.
            inputs: accumulate into these only.
            final: nothing is recorded or walked after this, so that nothing has to be freed.
        """
        if (
            self.passes > FIRST_PASSES
            and len(roots) == 1
            and weights[0] is None
            and not (create_graph or retain_graph or inputs or self.hooks or self.added or self.anomalies)
        ):
            root = roots[0].node
            if root.size == 1 and root.requires_grad and self._replay(root):
                return
        seeds = self._seeds(roots, weights)
        nodes = [each.asked().node for each in roots]
        order = self._ordered(nodes)
        running: Sequence[Node] = order
        if inputs is None:  # every node here leads to a leaf that requires grad
            targets = [node for node in order if collects(node)]
        else:
            from gradcli.autograd.saved_values import SAVELESS

            targets = [*dict.fromkeys([_reached(each) for each in inputs])]  # named twice, it gets it once
            if not all(each.requires_grad for each in inputs):
                raise GradcliError("no-grad", "can't retain_grad on Tensor that has requires_grad=False")
            for target in targets:
                collecting(target)
            targets += [node for _, node in _formers(order, targets)]
            whole = order
            order, running, _ = _restricted(order, targets)
            seeds = self._heard(nodes, seeds, order)
            # What made them runs as well: all that their calls recorded is asked what it saved.
            ends = set(targets)
            made = {
                node.call
                for node in targets
                if node.call is not None
                and not _is_gradient(node)  # the steps of a walk run each by itself
                and node.call.function.grad_fn not in SAVELESS
                and node in order
            }
            # What was written through a view runs inside of what that made of its base; of what is the whole
            # of another tensor a copy is made.
            parts = [
                node.inputs[1]
                for node in targets
                if node.op is overwrite
                and node.attrs[0]
                and node.call in made
                and node.call.function is not LABELS["slices again"]
            ]
            made |= {each.call for each in parts if each.call is not None}
            # The last step of a walk that was recorded, of which its result is given another shape, or none.
            ends |= {node.inputs[0] for node in targets if node.op is reshape and _is_gradient(node)}
            known = set(running)
            running += [node for node in whole if node not in known and (node.call in made or node in ends)]
            targets += self._kept(nodes, seeds, order, targets)
        frees = not (create_graph if retain_graph is None else retain_graph) and not final
        saving = self._saving(running, frees, create_graph) if frees or self.passes or self.overwrote else []
        add: Callable[[Node, Any], None]
        if create_graph:
            recorded = self._recorded(nodes, seeds, targets, order, {})
            add, gradients = self._add_recorded, [each and each[0] for each in recorded]
        else:
            add = self._add_value
            gradients = self._computed(nodes, seeds, targets, order, {}, whole=inputs is None)
        for node, gradient in zip(targets, gradients, strict=True):
            if gradient is not None and collects(node):
                add(node, gradient)
                for hook in tuple(self.added.get(node, ())) if self.added else ():
                    hook()
        if frees:
            self._free(saving)
        self.passes += 1

    def _saving(self, order: Sequence[Node], frees: bool, recorded: bool) -> list[Node]:
        """What of the nodes to be walked saved something, which is there still; it is loaded when asked."""
        from gradcli.autograd.saved_values import saving

        return saving(order, self.overwrote, self.span, self.steps, frees, recorded)

    def _ordered(self, roots: Sequence[Node]) -> list[Node]:
        """What a walk from `roots` meets, inputs first; where hooks listen, as it stands in the program.

        PyTorch walks from what was recorded last to the first, and to a leaf as soon as it can. What a loop
        or a function made stands in no such order, and is walked as it hangs together.
        """
        order = topological(roots)
        if not self.hooks:
            return order
        spans = [node.call.span if node.call is not None else None for node in order]
        places = {
            node: (span[1] if span is not None else -1, 1, 0) for node, span in zip(order, spans, strict=True)
        }  # what stands within an expression ends before it, and is made before
        last = max(places.values(), default=(0, 0, 0))
        places |= dict.fromkeys([node for node in order if node.op is LEAF], last)
        for node in order:
            for at, each in enumerate(node.inputs):
                if each.op is LEAF and each in places:
                    places[each] = min(places[each], (places[node][0], 0, -at))
        found = sorted(order, key=places.__getitem__)
        met: set[Node] = set()
        for node in found:
            if any(each in places and each not in met for each in node.inputs):
                return order
            met.add(node)
        return found

    def _heard(self, roots: Sequence[Node], seeds: list[Node], order: Sequence[Node]) -> list[Node]:
        """The seeds; an only root's hooks are called even if it leads nowhere, and make its seed another."""
        visit = self._visit() if self.hooks and len(roots) == 1 and roots[0] not in order else None
        return seeds if visit is None else [visit(identity(roots[0]), seeds[0])]

    def _kept(
        self, roots: Sequence[Node], seeds: Sequence[Node], order: Sequence[Node], wrt: Sequence[Node]
    ) -> list[Node]:
        """What else a walk to `wrt` adds to: results that keep theirs. A root gets its seed at once."""
        ends = set(wrt)
        kept = [node for node in order if node not in ends and node.op is not LEAF and collects(node)]
        for root, seed in zip(map(identity, roots), seeds, strict=True):
            if root.op is not LEAF and collects(root) and root not in order and root not in ends:
                self._add_value(root, engine.value(seed))
        return kept

    def _recorded(
        self,
        roots: Sequence[Node],
        seeds: Sequence[Node],
        wrt: Sequence[Node],
        order: Sequence[Node],
        heard: dict[Node, Any],
        ties: bool = True,
    ) -> list[tuple[Node, str | None, Placed] | None]:
        """The gradients as nodes, to be differentiated, with their names and how they lie.

        What own rules do is recorded too.
        """
        from gradcli.autograd.recorded_gradients import NamedNodes, TiedNodes
        from gradcli.autograd.saved_values import inner_steps
        from gradcli.tape.share import shared

        steps = inner_steps(order)
        if steps:
            if self.steps is None:
                self.steps = WeakSet()
            self.steps.update(steps)
        kind = TiedNodes(self.hooks or ()) if ties else NamedNodes()
        former = self.recording_gradients, self.names
        self.recording_gradients, self.names = True, kind.names
        try:
            visit = self._visit(heard)
            zeros = ties or bool(self.hooks)
            found = reverse(roots, seeds, wrt, order, visit, self._checked(kind, order), zeros, before=heard)
        finally:
            self.recording_gradients, self.names = former
        return [
            None if each is None or former is None else (each, kind.named(node, former), kind.placed(former))
            for node, each, former in zip(wrt, shared(found), found, strict=True)
        ]

    def _computed(
        self,
        roots: Sequence[Node],
        seeds: Sequence[Node],
        wrt: Sequence[Node],
        order: Sequence[Node],
        heard: dict[Node, Any],
        whole: bool = False,
    ) -> list[Any]:
        """The values of the gradients, and of what is walked with them; `whole` as in `reverse`."""
        former = self.recording_gradients
        self.recording_gradients = False
        try:
            if self.hooks or self.anomalies or self._large(order):
                kind = self._checked(NODES, order)
                gradients: list[Node | None] = reverse(
                    roots, seeds, wrt, order, self._visit(heard), kind, bool(self.hooks), before=heard
                )
                engine.compute([*roots, *[each for each in gradients if each is not None]])
                return [None if each is None else engine.value(each) for each in gradients]
            engine.compute_small(order)
            values = [engine.value(each) for each in seeds]
            return reverse(roots, values, wrt, order, self._visit(), kind=VALUES, whole=whole)
        finally:
            self.recording_gradients = former

    def _checked(self, kind: Cotangents, order: Sequence[Node]) -> Cotangents:
        """The cotangents of a walk, which stops at nan if it is asked to."""
        if not self.anomalies:
            return kind
        from gradcli.autograd.without_nan import WithoutNan

        return WithoutNan(kind, order)

    def _visit(self, heard: dict[Node, Any] | None = None) -> Callable[[Node, Any], Any] | None:
        """What a walk asks at each node: whether there is time left, and what hooks make of the cotangent.

        Of the nodes in `heard` that is noted there.
        """
        hooks, on_time = self.hooks, self.context.on_time
        if not hooks and on_time is None:
            return None

        def visit(node: Node, cotangent: Any) -> Any:
            if on_time is not None:
                on_time()
            for hook in tuple(hooks.get(node, ())) if hooks else ():
                cotangent = hook(cotangent)
            if heard and node in heard:
                heard[node] = cotangent
            return cotangent

        return visit

    def _large(self, order: Sequence[Node]) -> bool:
        """Whether a walk meets large arrays, which are planned."""
        return context.current().large and any(
            each.size > LARGE for node in order for each in (node, *node.inputs)
        )

    def _replay(self, root: Node) -> bool:
        """Backward from a small root whose structure a loop has walked before; False if it hasn't."""
        if self.replays is None:
            from gradcli.autograd.repeated_walks import RepeatedWalks

            self.replays = RepeatedWalks()
        found = self.replays.asked(root, self.span, self.overwrote, self.steps)
        if found is None:
            return False
        replay, (values, pending, targets, saving) = found
        results = replay.run(*values)
        for at, node in enumerate(pending):
            node.value = results[at]
            if not node.requires_grad:
                node.inputs = ()
        for at, node in enumerate(targets, len(pending)):
            self._add_value(node, results[at])
        self._free(saving)
        self.passes += 1
        return True

    def grad(
        self,
        outputs: Sequence[Tensor],
        inputs: Sequence[Tensor],
        grad_outputs: Sequence[Tensor | None] | None = None,
        *,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        allow_unused: bool = False,
        ties: bool = True,
    ) -> tuple[Tensor | None, ...]:
        """The gradients of `outputs` with respect to `inputs`; nothing is accumulated.

        Without `ties` recorded gradients are differentiated only by what moves them.
        """
        weights = grad_outputs if grad_outputs is not None else [None] * len(outputs)
        seeds = self._seeds(outputs, weights)
        nodes = [each.asked().node for each in outputs]
        for each in inputs:
            if not each.requires_grad:
                raise GradcliError("no-grad", "One of the differentiated Tensors does not require grad")
        order = self._ordered(nodes)
        wrt = [_reached(each) for each in inputs]
        formers = _formers(order, wrt)
        wrt += [node for _, node in formers]
        order, running, before = _restricted(order, wrt)
        seeds = self._heard(nodes, seeds, order)
        heard: dict[Node, Any] = dict.fromkeys(before)
        frees = not (create_graph if retain_graph is None else retain_graph)
        saving = self._saving(running, frees, create_graph)
        count = len(wrt)
        wrt += self._kept(nodes, seeds, order, wrt)
        gradients: list[Any]
        if create_graph:
            from gradcli.autograd.recorded_gradients import owned

            recorded = self._recorded(nodes, seeds, wrt, order, heard, ties)
            call = RecordedCall(row("autograd_grad"), self.span)
            gradients = [each and owned(each[0], call, *each[1:]) for each in recorded[:count]]
            for node, found in zip(wrt[count:], recorded[count:], strict=True):
                if found is not None:
                    self._add_recorded(node, found[0])
        else:
            values = self._computed(nodes, seeds, wrt, order, heard)
            gradients = [
                None if value is None else given(value, node)
                for node, value in zip(wrt[:count], values, strict=False)
            ]
            for node, value in zip(wrt[count:], values[count:], strict=True):
                if value is not None:
                    self._add_value(node, value)
        for (number, _), gradient in zip(formers, gradients[len(inputs) :], strict=True):
            gradients[number] = _sum(gradients[number], gradient)
        del gradients[len(inputs) :]
        for node, gradient in dict(zip(wrt, gradients, strict=False)).items():
            if gradient is not None and node.op is not LEAF and collects(node):  # it keeps its own as well
                kept = heard.get(node)
                kept = gradient if kept is None else kept
                if create_graph:
                    self._add_recorded(node, kept)
                else:
                    self._add_value(node, engine.value(kept))
        gradients = [
            None if each.dangles else gradient for each, gradient in zip(inputs, gradients, strict=True)
        ]
        if not allow_unused:
            for number, gradient in enumerate(gradients):
                if gradient is None:
                    raise GradcliError(
                        "unused-input",
                        f"The differentiated Tensor at index {number} appears to not have been used in the "
                        "graph. Set allow_unused=True if this is the desired behavior.",
                    )
        if frees:
            self._free(saving)
        self.passes += 1
        return tuple(None if each is None else Tensor(each) for each in gradients)

    def _seeds(self, roots: Sequence[Tensor], weights: Sequence[Tensor | None]) -> list[Node]:
        """The gradient weights of all roots; raises for one that no gradient leaves."""
        seeds = [
            self.seed(root, weight, number)
            for number, (root, weight) in enumerate(zip(roots, weights, strict=True))
            if weight is not None or root.requires_grad  # what has weights is asked for their shape first
        ]
        for number, each in enumerate(roots):
            if not each.requires_grad or each.dangles:
                raise _no_history(number)
        return seeds

    def seed(self, root: Tensor, weight: Tensor | None, number: int = 0) -> Node:
        """The gradient weights of a root as a node; raises for a missing or a misshapen one."""
        node = root.node
        if weight is None:
            if node.size != 1:
                raise GradcliError(
                    "non-scalar-root",
                    f"grad can be implicitly created only for scalar outputs, and the root has shape "
                    f"{list(node.shape)}",
                    hint="give gradient weights of that shape (--weights ones, backward(ones_like(y))), "
                    "or reduce it with .sum() or .mean()",
                )
            return ones_like(node)
        if weight.shape != node.shape:
            raise GradcliError(
                "weights-shape",
                f"Mismatch in shape: grad_output[{number}] has a shape of torch.Size({list(weight.shape)}) "
                f"and output[{number}] has a shape of torch.Size({list(node.shape)}).",
                hint="gradient weights have exactly the shape of what is differentiated",
            )
        return cast(weight.node, node.dtype)

    def _add_recorded(self, node: Node, gradient: Node) -> None:
        """Adds a gradient that can be differentiated, as a backward with `create_graph` does."""
        from gradcli.autograd.recorded_gradients import owned
        from gradcli.ops.layout import as_leaf

        accumulator = node.accumulator
        assert accumulator is not None
        name = "CopyBackwards" if node.op is LEAF else "CloneBackward0"
        call = RecordedCall(row("autograd_grad"), self.span)
        gradient = owned(gradient, call, name, as_leaf(node) if node.op is LEAF else None)
        old: Tensor | None = accumulator.grad
        accumulator.grad = Tensor(gradient) if old is None else self.operate("+", old, Tensor(gradient))

    def _add_value(self, node: Node, value: Any) -> None:
        """Adds a computed gradient, as a backward without `create_graph` does: to a leaf's in place."""
        accumulator = node.accumulator
        assert accumulator is not None
        old: Tensor | None = accumulator.grad
        if old is None:
            accumulator.grad = Tensor(given(value, node))
            if node.op is LEAF and engine.before_forgetting is not None:  # something lies in another order
                from gradcli.ops.layout import as_leaf

                as_leaf(node).note(accumulator.grad.node)
        elif node.op is LEAF:
            former = old.node
            if former.shape != node.shape:
                require_fits(former.shape, node.shape)
            self._replace(old, given(engine.value(former) + value, former))
        else:
            accumulator.grad = Tensor(given(engine.value(old.node) + value, node))

    def _free(self, saving: Sequence[Node]) -> None:
        freed = Freed(self.span, self.passes)
        for node in saving:
            call = node.call
            if call is not None and call.freed is None and call.function.saves is not False:
                call.freed = freed
            if node.size > LARGE and node.value is not None and not is_held(node):
                node.value = None


def _is_gradient(node: Node) -> bool:
    """Whether a walk recorded it."""
    return node.call is not None and node.call.function.name == "grad"


def _reached(tensor: Tensor) -> Node:
    """What a walk to a tensor ends at: nowhere, where no gradient gets to it."""
    return given(None, tensor.node) if tensor.dangles else identity(tensor.asked().node)


def _restricted(order: Sequence[Node], wrt: Sequence[Node]) -> tuple[list[Node], list[Node], list[Node]]:
    """The nodes on the way to `wrt`, those whose rules are asked, and those of `wrt` that go on.

    What is differentiated with respect to something that leads to nothing else of `wrt` is where the walk
    ends.
    """
    path = leading_to(order, wrt)
    order = [node for node in order if node in path]
    running = [node for node in order if not path.isdisjoint(node.inputs)]
    ends = set(wrt)
    return order, running, [node for node in running if node in ends]


def _formers(order: Sequence[Node], wrt: Sequence[Node]) -> list[tuple[int, Node]]:
    """What leaves were before they got another node, where a walk meets that, with their places in `wrt`."""
    places = {each.accumulator: at for at, each in enumerate(wrt) if each.op is LEAF and each.accumulator}
    return [
        (places[node.accumulator], node)
        for node in order
        if node.op is LEAF and node.accumulator in places and node is not wrt[places[node.accumulator]]
    ]


def _sum(one: Node | None, other: Node | None) -> Node | None:
    """The sum of two gradients of one leaf."""
    if one is None or other is None:
        return one if other is None else other
    if one.shape != other.shape:
        raise GradcliError(
            "shape",
            "Function AccumulateGrad returned an invalid gradient at index 0 - got "
            f"{list(one.shape)} but expected shape compatible with {list(other.shape)}",
        )
    return add(one, other)


def _no_history(number: int) -> GradcliError:
    return GradcliError(
        "no-grad",
        f"element {number} of tensors does not require grad and does not have a grad_fn",
        hint="make a leaf it depends on require grad: param(…), or requires_grad=True",
    )
