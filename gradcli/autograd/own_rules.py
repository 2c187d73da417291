"""The program's own part in a walk: its hooks, and functions that state their gradient themselves."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet

from gradcli.autograd.in_place import InPlace
from gradcli.autograd.leaves import without_history
from gradcli.autograd.recorder import shared
from gradcli.autograd.tensor import BARRED, Barred, Tensor, View, lay
from gradcli.engine import run as engine
from gradcli.errors import GradcliError
from gradcli.tape.custom import identity
from gradcli.tape.node import Node, RecordedCall, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class OwnRules(InPlace):
    """Recording, and what the program itself does while gradients are computed."""

    def gradient(self, node: Node) -> Tensor:
        """A cotangent as the program's own rules and hooks see it."""
        if not self.recording_gradients:
            return Tensor(without_history(node))
        from gradcli.autograd.recorded_gradients import heard

        return Tensor(heard(node, self.names.get(node), self.span))

    @contextmanager
    def recorded_as_gradients(self) -> Iterator[None]:
        """While the program's own rules and hooks run: recording is on where the walk is recorded."""
        with self.recorded(self.recording_gradients), engine.during_a_walk():
            yield

    def register_hook(
        self, tensor: Tensor, hook: Callable[[Tensor | None], Tensor | None]
    ) -> Callable[[], None]:
        """Calls `hook` with the gradient of `tensor` in every walk; what it returns takes its place.

        That is None where a function of the program gave none.

        Returns:
            What takes the hook away again.
        """
        if not tensor.requires_grad:
            raise GradcliError("no-grad", "cannot register a hook on a tensor that doesn't require gradient")

        def run(cotangent: Node | None) -> Node | None:
            with self.recorded_as_gradients():
                changed = hook(None if cotangent is None else self.gradient(cotangent))
            return cotangent if changed is None else changed.node

        if self.hooks is None:
            self.hooks = WeakKeyDictionary()
            self.adrift = WeakSet()
            self.turned = WeakKeyDictionary()
        # Nobody has asked for its history since its base was written to: it goes to the hooks of the former.
        former = self.turned.get(tensor.history, tensor.history)
        if former not in self.hooks:
            # No gradient gets there; and what a hook was registered on is not asked again.
            if tensor.dangles or (tensor.held is None and tensor in self.adrift):
                self.adrift.add(tensor)
                return lambda: None
            former = identity(tensor.asked().node)
        hooks = self.hooks.setdefault(former, [])
        hooks.append(run)
        return lambda: hooks.remove(run) if run in hooks else None

    def register_added_hook(self, tensor: Tensor, hook: Callable[[], None]) -> Callable[[], None]:
        """Calls `hook` whenever a backward has added to the `.grad` of a leaf.

        Returns:
            What takes the hook away again.
        """
        if not tensor.requires_grad:
            raise GradcliError("no-grad", "cannot register a hook on a tensor that doesn't require gradient")
        if not tensor.is_leaf:
            raise GradcliError(
                "bad-argument", "post accumulate grad hooks cannot be registered on non-leaf tensors"
            )
        if self.added is None:
            self.added = WeakKeyDictionary()
        hooks = self.added.setdefault(identity(tensor.node), [])
        hooks.append(hook)
        return lambda: hooks.remove(hook) if hook in hooks else None

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
        results = []
        for number, (node, output) in enumerate(zip(nodes, outputs, strict=True)):
            stamp(node, call)
            result = Tensor(node)
            if node.requires_grad:
                self._share(result, output, inputs, Barred(function.grad_fn, number, own=True))
            results.append(result)
        return tuple(results)

    def _share(self, result: Tensor, output: Tensor, inputs: Sequence[Tensor], barred: Barred) -> None:
        """Lays a result into the memory of an input, if what the function returned lies there."""
        if output.view is None and any(output is each for each in inputs):
            shared(output)
        view = output.view
        if view is None or not any(
            each.view is not None and each.view.base.storage is view.base.storage for each in inputs
        ):
            return
        base = view.base.part(view.path, result.node)
        result.node.version = base.storage.version
        result.view = View(base, (), barred)
        BARRED[result.node] = barred
        lay(result.node, result.view)
        base.show_by(result)
