"""Backward: where gradients start and are added up, what a walk frees, and which rule was broken."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from gradcli.autograd.in_place import InPlace, forgetting
from gradcli.autograd.labels import row
from gradcli.autograd.leaves import collecting, given, without_history
from gradcli.autograd.tensor import Tensor
from gradcli.engine import run as engine
from gradcli.engine.pullbacks import VALUES
from gradcli.errors import GradcliError
from gradcli.ops.saved import saved_of
from gradcli.tape import context
from gradcli.tape.custom import identity
from gradcli.tape.node import LARGE, LEAF, Freed, Node, RecordedCall, collects, stamp, topological
from gradcli.tape.primitives import cast, cast_primitive, reshape
from gradcli.tape.promote import broadcast, torch_name
from gradcli.tape.reverse import leading_to, ones_like, reverse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


FIRST_PASSES = 2
"""How many backward passes a session makes before it looks for a loop."""


class Session(InPlace):
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
        nodes = [each.node for each in roots]
        if (
            self.passes > FIRST_PASSES
            and len(nodes) == 1
            and not (create_graph or retain_graph or inputs or self.hooks)
        ):
            root = nodes[0]
            if root.size == 1 and root.requires_grad and weights[0] is None and self._replay(root):
                return
        seeds = self._seeds(roots, weights)
        order = topological(nodes)
        running: Sequence[Node] = order
        before: Sequence[Node] = ()
        if inputs is None:  # every node here leads to a leaf that requires grad
            targets = [node for node in order if collects(node)]
        else:
            targets = [identity(each.node) for each in inputs]
            for each, target in zip(inputs, targets, strict=True):
                if not each.requires_grad:
                    raise GradcliError("no-grad", "can't retain_grad on Tensor that has requires_grad=False")
                collecting(target)
            whole = order
            order, running, before = self._restricted(nodes, seeds, order, targets)
            # What made them runs as well: all that their calls recorded is asked what it saved.
            ends = set(targets)
            made = {node.call for node in targets if node.call is not None and node in order}
            known = set(running)
            running += [node for node in whole if node not in known and (node.call in made or node in ends)]
            targets += self._kept(nodes, seeds, order, targets)
        frees = not (create_graph if retain_graph is None else retain_graph) and not final
        saving = self._saving(running) if frees or self.passes or self.overwrote else []
        if create_graph:
            recorded = _tied(self._recorded(nodes, seeds, targets, order, before), running)
            for node, gradient in zip(targets, recorded, strict=True):
                if gradient is not None:
                    self._add_recorded(node, gradient)
        else:
            computed = self._computed(nodes, seeds, targets, order, before)
            for node, value in zip(targets, computed, strict=True):
                if value is not None:
                    self._add_value(node, value)
        if frees:
            self._free(saving)
        self.passes += 1

    def _restricted(
        self, roots: Sequence[Node], seeds: Sequence[Node], order: Sequence[Node], wrt: Sequence[Node]
    ) -> tuple[list[Node], list[Node], list[Node]]:
        """The nodes on the way to `wrt`, those whose rules are asked, and those of `wrt` that go on.

        What is differentiated with respect to something that leads to nothing else of `wrt` is where the
        walk ends. The hooks of an only root are called even if it leads nowhere.
        """
        path = leading_to(order, wrt)
        order = [node for node in order if node in path]
        running = [node for node in order if not path.isdisjoint(node.inputs)]
        if self.hooks and len(roots) == 1 and roots[0] not in path:
            visit = self._visit()
            if visit is not None:
                visit(roots[0], seeds[0])
        ends = set(wrt)
        return order, running, [node for node in running if node in ends]

    def _kept(
        self, roots: Sequence[Node], seeds: Sequence[Node], order: Sequence[Node], wrt: Sequence[Node]
    ) -> list[Node]:
        """What else a walk to `wrt` adds to: results that keep theirs. A root gets its seed at once."""
        ends = set(wrt)
        kept = [node for node in order if node not in ends and node.op is not LEAF and collects(node)]
        for root, seed in zip(roots, seeds, strict=True):
            if root.op is not LEAF and collects(root) and root not in order and root not in ends:
                self._add_value(root, engine.value(seed))
        return kept

    def _recorded(
        self,
        roots: Sequence[Node],
        seeds: Sequence[Node],
        wrt: Sequence[Node],
        order: Sequence[Node],
        before: Sequence[Node],
    ) -> list[Node | None]:
        """The gradients as nodes, so that they can be differentiated; what own rules do is recorded too."""
        from gradcli.tape.share import shared

        former = self.recording_gradients
        self.recording_gradients = True
        try:
            zeros = bool(self.hooks)
            return shared(reverse(roots, seeds, wrt, order, self._visit(), zeros=zeros, before=before))
        finally:
            self.recording_gradients = former

    def _computed(
        self,
        roots: Sequence[Node],
        seeds: Sequence[Node],
        wrt: Sequence[Node],
        order: Sequence[Node],
        before: Sequence[Node],
    ) -> list[Any]:
        """The values of the gradients, and of what is walked with them."""
        former = self.recording_gradients
        self.recording_gradients = False
        try:
            if self.hooks or self._large(order):
                gradients: list[Node | None] = reverse(
                    roots, seeds, wrt, order, self._visit(), zeros=bool(self.hooks), before=before
                )
                engine.compute([*roots, *[each for each in gradients if each is not None]])
                return [None if each is None else engine.value(each) for each in gradients]
            engine.compute_small(order)
            values = [engine.value(each) for each in seeds]
            return reverse(roots, values, wrt, order, self._visit(), kind=VALUES)
        finally:
            self.recording_gradients = former

    def _visit(self) -> Callable[[Node, Any], Any] | None:
        """What a walk asks at each node: whether there is time left, and what hooks make of the cotangent."""
        hooks, on_time = self.hooks, self.context.on_time
        if not hooks and on_time is None:
            return None

        def visit(node: Node, cotangent: Any) -> Any:
            if on_time is not None:
                on_time()
            for hook in tuple(hooks.get(node, ())) if hooks else ():
                cotangent = hook(cotangent)
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
            from gradcli.engine.replay import Replays

            self.replays = Replays()
        found = self.replays.of(root)
        if found is None:
            return False
        structure, replay = found
        nodes = structure.nodes
        saving = [nodes[index] for index in replay.saving]
        self._check(saving)
        results = replay.run(*[nodes[index].value for index in replay.inputs])
        pending = replay.pending
        for index, value in zip(pending, results, strict=False):
            node = nodes[index]
            node.value = value
            if not node.requires_grad:
                node.inputs = ()
        for index, value in zip(replay.targets, results[len(pending) :], strict=True):
            self._add_value(identity(nodes[index]), value)
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
    ) -> tuple[Tensor | None, ...]:
        """The gradients of `outputs` with respect to `inputs`; nothing is accumulated."""
        weights = grad_outputs if grad_outputs is not None else [None] * len(outputs)
        nodes = [each.node for each in outputs]
        seeds = self._seeds(outputs, weights)
        for each in inputs:
            if not each.requires_grad:
                raise GradcliError("no-grad", "One of the differentiated Tensors does not require grad")
        order = topological(nodes)
        wrt = [identity(each.node) if not each.dangles else given(None, each.node) for each in inputs]
        order, running, before = self._restricted(nodes, seeds, order, wrt)
        saving = self._saving(running)
        count = len(wrt)
        wrt += self._kept(nodes, seeds, order, wrt)
        gradients: list[Any]
        if create_graph:
            recorded = _tied(self._recorded(nodes, seeds, wrt, order, before), running)
            call = RecordedCall(row("autograd_grad"), self.span)
            gradients = [None if each is None else _own(each, call) for each in recorded[:count]]
            for node, gradient in zip(wrt[count:], recorded[count:], strict=True):
                if gradient is not None:
                    self._add_recorded(node, gradient)
        else:
            values = self._computed(nodes, seeds, wrt, order, before)
            gradients = [
                None if value is None else given(value, node)
                for node, value in zip(wrt[:count], values, strict=False)
            ]
            for node, value in zip(wrt[count:], values[count:], strict=True):
                if value is not None:
                    self._add_value(node, value)
        for node, gradient in dict(zip(wrt[:count], gradients, strict=True)).items():
            if gradient is not None and node.op is not LEAF and collects(node):  # it keeps its own as well
                if create_graph:
                    self._add_recorded(node, gradient)
                else:
                    self._add_value(node, engine.value(gradient))
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
        if not (create_graph if retain_graph is None else retain_graph):
            self._free(saving)
        self.passes += 1
        return tuple(None if each is None else Tensor(each) for each in gradients)

    def _seeds(self, roots: Sequence[Tensor], weights: Sequence[Tensor | None]) -> list[Node]:
        """The gradient weights of all roots; raises for one that no gradient leaves."""
        for number, each in enumerate(roots):
            if not each.requires_grad:
                raise _no_history(number)
        seeds = [self.seed(root, weight) for root, weight in zip(roots, weights, strict=True)]
        for number, each in enumerate(roots):
            if each.dangles:
                raise _no_history(number)
        return seeds

    def seed(self, root: Tensor, weight: Tensor | None) -> Node:
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
                f"Mismatch in shape: grad_output[0] has a shape of torch.Size({list(weight.shape)}) and "
                f"output[0] has a shape of torch.Size({list(node.shape)}).",
                hint="gradient weights have exactly the shape of what is differentiated",
            )
        return cast(weight.node, node.dtype)

    def _saving(self, order: Sequence[Node]) -> list[Node]:
        """The nodes to be walked whose rule reads saved values; raises if those were freed or overwritten."""
        saving = [
            node
            for node in order
            if node.op.saves(node) or (node.call is not None and node.call.function.saves)
        ]
        if not self.overwrote:
            self._check(saving)
            return saving
        saves = set(saving)
        adrift = {node for node in order if node.op is LEAF and node.accumulator is None}
        for node in reversed(order):
            several = adrift and len(node.inputs) > 1
            if several and all(each in adrift for each in node.inputs if each.requires_grad):
                continue  # no gradient gets to what was viewed outside recording: nothing was saved for it
            if node in saves:
                self._check((node,))
            elif node.call is not None and node.call.saved is not None and node.call.freed is None:
                self._check_saved(node, node.call)
        return saving

    def _check(self, saving: Sequence[Node]) -> None:
        """Raises if what the rules of these nodes read was freed or overwritten."""
        for node in reversed(saving):
            call = node.call
            if call is not None and call.freed is not None:
                raise self._freed_error(call)
            if not self.overwrote:
                continue
            if call is not None and call.saved is not None:
                self._check_saved(node, call)
                continue
            for each in (node, *node.inputs):
                found = overwritten(each, call) if _doubtful(each) else None
                if found is not None and _reads(node, each):
                    raise self._stale_error(node, found)

    def _check_saved(self, node: Node, call: RecordedCall) -> None:
        """As `_check`, for a call that tells what it saved."""
        for value in (node, *call.saved[2], *call.saved[3].values()):
            if type(value) is Node:
                if _doubtful(value) and overwritten(value, call) is not None:
                    break
            elif type(value) is list and any(
                type(each) is Node and overwritten(each, call) is not None for each in value
            ):
                break
        else:
            return
        operands, result = saved_of(call.saved)
        for each in operands:
            found = overwritten(each, call)
            if found is not None:
                raise self._stale_error(node, found)
        if result and node.version is not None and node.version.by is not None:
            raise self._stale_error(node, node)

    def _stale_error(self, node: Node, overwritten: Node) -> GradcliError:
        made_by = identity(overwritten).call
        version = overwritten.version
        assert version is not None
        now, by = version, version.by
        while now.after is not None:
            now = now.after
        kind = f"[torch.{torch_name(overwritten.dtype)}Tensor {list(overwritten.shape)}]"
        name = made_by.function.grad_fn.partition("Backward")[0] if made_by is not None else ""
        output = f", which is output 0 of {name}," if name else ""
        saved_by = f"{node.call.function.name} at {{0}}" if node.call is not None else node.op.name
        written = by.span if by is not None else None
        return GradcliError(
            "in-place",
            "one of the variables needed for gradient computation has been modified by an inplace "
            f"operation: {kind}{output} is at version {now.number}; expected version {version.number} "
            f"instead: {saved_by} saved it before it was overwritten{' at {1}' if written else ''}",
            places=(node.call.span if node.call is not None else None, written),
            hint="call backward() before the update, or write x = x + 1 in place of x += 1",
        )

    def _freed_error(self, call: RecordedCall) -> GradcliError:
        assert call.freed is not None
        by = "backward() at {1}" if call.freed.span is not None else f"backward pass {call.freed.number + 1}"
        return GradcliError(
            "graph-freed",
            "Trying to backward through the graph a second time (or directly access saved tensors after they "
            f"have already been freed): what {call.function.name} at {{0}} saved was freed by {by}",
            span=self.span or call.span,
            places=(call.span, call.freed.span),
            hint="keep it with retain_graph=True (--retain-graph) in the first backward, or compute the "
            "result again before the second",
        )

    def _add_recorded(self, node: Node, gradient: Node) -> None:
        """Adds a gradient that can be differentiated, as a backward with `create_graph` does."""
        accumulator = node.accumulator
        assert accumulator is not None
        gradient = _own(gradient, RecordedCall(row("autograd_grad"), self.span))
        old: Tensor | None = accumulator.grad
        accumulator.grad = Tensor(gradient) if old is None else self.operate("+", old, Tensor(gradient))

    def _add_value(self, node: Node, value: Any) -> None:
        """Adds a computed gradient, as a backward without `create_graph` does: to a leaf's in place."""
        accumulator = node.accumulator
        assert accumulator is not None
        old: Tensor | None = accumulator.grad
        if old is None:
            accumulator.grad = Tensor(given(value, node))
        elif node.op is LEAF:
            if old.shape != node.shape and (both := broadcast(old.shape, node.shape)) != old.shape:
                raise GradcliError(
                    "shape",
                    f"output with shape {list(old.shape)} doesn't match the broadcast shape {list(both)}",
                )
            total = given(engine.value(old.node) + value, old.node)
            self._replace(old, total, RecordedCall(row("add"), self.span))
        else:
            accumulator.grad = Tensor(given(engine.value(old.node) + value, node))

    def _free(self, saving: Sequence[Node]) -> None:
        freed = Freed(self.span, self.passes)
        for node in saving:
            call = node.call
            if call is not None and call.freed is None and call.function.saves is not False:
                call.freed = freed
            if (
                node.size > LARGE
                and node.value is not None
                and (node.handle is None or node.handle() is None)
            ):
                node.value = None

    # ---- own gradients and hooks ----

    def gradient(self, node: Node) -> Tensor:
        """A cotangent as the program's own rules and hooks see it."""
        return Tensor(node if self.recording_gradients else without_history(node))

    @contextmanager
    def recorded_as_gradients(self) -> Iterator[None]:
        """While the program's own rules and hooks run: recording is on where the walk is recorded."""
        former = self.recording
        self.recording = self.recording_gradients
        try:
            with engine.during_a_walk():
                yield
        finally:
            self.recording = former

    def register_hook(self, tensor: Tensor, hook: Callable[[Tensor], Tensor | None]) -> Callable[[], None]:
        """Calls `hook` with the gradient of `tensor` in every walk; what it returns takes its place.

        Returns:
            What takes the hook away again.
        """
        if not tensor.requires_grad:
            raise GradcliError("no-grad", "cannot register a hook on a tensor that doesn't require gradient")

        def run(cotangent: Node) -> Node:
            with self.recorded_as_gradients():
                changed = hook(self.gradient(cotangent))
            return cotangent if changed is None else changed.node

        if tensor.dangles:  # no gradient gets there
            return lambda: None
        if self.hooks is None:
            self.hooks = WeakKeyDictionary()
        hooks = self.hooks.setdefault(identity(tensor.node), [])
        hooks.append(run)
        return lambda: hooks.remove(run) if run in hooks else None

    def custom(
        self,
        function: Any,
        outputs: Sequence[Tensor],
        inputs: Sequence[Tensor],
        backward: Callable[[tuple[Tensor | None, ...]], Sequence[Tensor | None]],
        saves: bool = True,
    ) -> tuple[Tensor, ...]:
        """Results of a function that states its own gradient.

        Args:
            function: what `grad_fn` and diagnostics talk about (`name`, `grad_fn`, `saves`).
            outputs: its results, computed without recording.
            inputs: the tensors it was called with.
            backward: from a cotangent for each output (None for zero) to one for each input.
            saves: whether it saved values that backward frees.
        """
        from gradcli.tape.custom import attach

        call = RecordedCall(function, self.span)

        def rule(cotangents: Sequence[Node | None]) -> list[Node | None]:
            with self.recorded_as_gradients():
                given = tuple(None if each is None else self.gradient(each) for each in cotangents)
                return [None if each is None else each.node for each in backward(given)]

        nodes = attach([each.node for each in outputs], [each.node for each in inputs], rule, saves)
        for node in nodes:
            stamp(node, call)
        return tuple(Tensor(node) for node in nodes)


TIED = frozenset(
    (
        *("relu", "relu6", "hardtanh", "threshold", "hardshrink", "softshrink", "leaky_relu", "prelu", "abs"),
        *("absolute", "copysign", "hardswish", "norm", "dist", "l1_loss", "smooth_l1_loss", "huber_loss"),
        *("max_pool1d", "max_pool2d", "avg_pool1d", "avg_pool2d"),
    )
)
"""Functions whose gradient is one of their operand to PyTorch, also where it doesn't move with it."""


def _tied(gradients: Sequence[Node | None], running: Sequence[Node]) -> list[Node | None]:
    """Recorded gradients; those that nothing moves require grad where PyTorch's do, with zero gradients."""
    if all(each is None or each.requires_grad for each in gradients):
        return list(gradients)
    operand = next(
        (
            each
            for node in running
            if node.call is not None and node.call.function.name in TIED
            for each in node.inputs
            if each.requires_grad
        ),
        None,
    )
    if operand is None:
        return list(gradients)
    return [each if each is None or each.requires_grad else forgetting(each, operand) for each in gradients]


def _own(gradient: Node, call: RecordedCall) -> Node:
    """A recorded gradient as a result of this walk, also where it is what somebody already holds."""
    if gradient.call is not None or gradient.op is LEAF:
        gradient = reshape(gradient, attrs=(gradient.shape,))
    stamp(gradient, call)
    return gradient


def _no_history(number: int) -> GradcliError:
    return GradcliError(
        "no-grad",
        f"element {number} of tensors does not require grad and does not have a grad_fn",
        hint="make a leaf it depends on require grad: param(…), or requires_grad=True",
    )


def _doubtful(node: Node) -> bool:
    """Whether `overwritten` may find anything: nearly never, and every turn of a loop asks."""
    version = node.version
    if version is None:
        return node.op.views or node.op is cast_primitive
    return version.by is not None


def overwritten(node: Node, call: RecordedCall | None) -> Node | None:
    """What holds the value of `node`, or what `call` made it from, where that has been overwritten."""
    version = node.version
    # An operand that the call itself brought to another dtype is what was given to it.
    given = node.op is cast_primitive and call is not None and node.call is call
    if not (node.op.views or given) if version is None else version.by is None:  # as nearly always
        return None
    pending = [node]
    seen: set[Node] = set()
    while pending:
        each = pending.pop()
        version = each.version
        if version is not None:
            if version.by is not None and not (version.by is call and version.kept is each):
                return each
        elif each not in seen and (
            # Inside a function: what another call gave without being a view of it is a copy.
            (each.op.views and (each.call is None or each.call is call))
            or (each.call is call and call is not None and (given or each is not node))
        ):
            seen.add(each)
            pending.extend(each.inputs)
    return None


def _reads(node: Node, operand: Node) -> bool:
    """Whether the reverse rule of `node` reads the value of `operand`, found out by applying it."""
    cotangent: Any = ones_like(node)
    pending = [each for each in node.op.vjp(node, cotangent) if each is not None]
    seen: set[Node] = set()
    while pending:
        each = pending.pop()
        if each is operand:
            return True
        if each not in seen and (each.call is None or each is node):
            seen.add(each)
            if each is not node:
                pending.extend(each.inputs)
    return False
