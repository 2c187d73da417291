"""One use of a function that states its own gradient, remembered so that it can be called again.

`gradcli.checking.session` makes them while a program runs; the tapes of `rerun` compute through them, and
`own_gradients` compares what they state with differences.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Session, Tensor
from gradcli.checking.rerun import Rerun
from gradcli.engine import run as engine
from gradcli.errors import GradcliError, Span
from gradcli.tape.custom import RENEWED
from gradcli.tape.node import Node, leaf
from gradcli.values.values import ENCLOSING

if TYPE_CHECKING:
    from gradcli.values.values import Frame

Array = np.ndarray[Any, np.dtype[Any]]
CHANGED = "called again it gives something else: it reads what has changed since"
"""Why a function cannot be measured whose answers are not of its arguments alone."""
NEARLY = 1e-10
"""The relative difference that is none between two calls with the same arguments: threads add up anyhow."""


class Names:
    """The variables that a function can read beside its own, as they were when it was called.

    Programs give names other values later; a call that is made again has to see the former ones.
    """

    def __init__(self, module: Frame, enclosing: Frame | None) -> None:
        self.frames = [module]
        while enclosing is not None:
            self.frames.append(enclosing)
            enclosing = enclosing.get(ENCLOSING)
        self._former = [dict(frame) for frame in self.frames]

    @contextmanager
    def restored(self) -> Iterator[None]:
        """In its body they have these values."""
        changed = []
        for frame, former in zip(self.frames, self._former, strict=True):
            now = {name: frame[name] for name, value in former.items() if frame.get(name) is not value}
            if now:
                changed.append((frame, now))
                frame.update({name: former[name] for name in now})
        try:
            yield
        finally:
            for frame, now in changed:
                frame.update(now)


class OwnCall:
    """One use of a function that states its own gradient.

    Attributes:
        function: its name, where it and its gradient stand, and how to call it again.
        inputs: the tensors it was called with.
        count: how many there are.
        results: what it returned.
        asked: the names when its gradient was asked for, None while it wasn't.
    """

    def __init__(
        self,
        session: Session,
        function: Any,
        inputs: Sequence[Tensor],
        results: Sequence[Tensor],
        called: Names,
    ) -> None:
        self.session = session
        self.function = function
        self.inputs = [each.node for each in inputs]
        self.count = len(inputs)
        self.several = len(results) > 1
        self.results = [each.node for each in results]
        self.asked: Names | None = None
        self._called = called
        self._repeats: bool | None = None
        self._tape: Rerun | None = None

    @property
    def name(self) -> str:
        """The function's name."""
        return str(self.function.name)

    @property
    def span(self) -> Span:
        """Where the function that is the gradient stands."""
        span: Span = self.function.gradient.span
        return span

    def again(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """Its results for other tensors, recorded."""
        with self._called.restored():
            found = self.function.again(list(tensors))
        return list(found) if isinstance(found, (list, tuple)) else [found]

    def as_asked(self) -> Any:
        """A context in which its gradient sees the names that it saw in the program."""
        return (self.asked or self._called).restored()

    def forward(self, *arrays: Any) -> Any:
        """The values of its results for these arrays, which is what numerical differentiation sees.

        Where its tape is the function it is replayed; else the function is called.
        """
        if self._tape is not None:
            replayed = self._tape(arrays)
            return tuple(replayed) if self.several else replayed[0]
        tensors = [Tensor(leaf(np.asarray(array))) for array in arrays]
        with self.session.recorded(False):
            values = [self.session.numpy(each) for each in self.again(tensors)]
        return tuple(values) if self.several else values[0]

    def repeats(self) -> bool:
        """Whether it gives the same when it is called again with the same arguments."""
        if self._repeats is None:
            arrays = [np.asarray(engine.value(node)) for node in self.inputs]
            self._repeats = self._gives([engine.value(node) for node in self.results], arrays)
            if self._repeats:
                self._tape = self._recorded(arrays)
        return self._repeats

    def _gives(self, results: Sequence[Any], arrays: Sequence[Array]) -> bool:
        """Whether it has these results for these arrays."""
        try:
            found = self.forward(*arrays)
        except GradcliError:
            return False
        again = found if self.several else (found,)
        return len(again) == len(results) and all(
            _same(np.asarray(former), np.asarray(each)) for former, each in zip(results, again, strict=True)
        )

    def _recorded(self, arrays: Sequence[Array]) -> Rerun | None:
        """What it does inside, in float64; None where it may do something else with other values."""
        session, draws, looked = self.session, self.session.context.draws, engine.demands()
        leaves = [
            session.leaf(each.astype(np.float64) if each.dtype.kind == "f" else each, node.requires_grad)
            for each, node in zip(arrays, self.inputs, strict=True)
        ]
        try:
            with looking_inside(session):
                results = [each.node for each in self.again(leaves)]
                if engine.demands() != looked or session.context.draws != draws:
                    return None
                tape = _Inside(results, [each.node for each in leaves], {}, cut=False)
                found = tape([each.node.value for each in leaves])
        except (GradcliError, ValueError):
            return None
        renewed = any(step.node.op is RENEWED for step in tape.steps)
        return tape if not renewed and self._gives(found, [each.node.value for each in leaves]) else None


@contextmanager
def looking_inside(session: Session) -> Iterator[None]:
    """What functions with their own gradient do inside is recorded as well."""
    former, session.inside_own = session.inside_own, True
    try:
        yield
    finally:
        session.inside_own = former


class _Inside(Rerun):
    """The tape of a function as it is when it is called: what has no history moves with its arguments too."""

    def _leaves_history(self, node: Node) -> bool:
        return False


def _same(former: Any, again: Any) -> bool:
    if former.shape != again.shape:
        return False
    if former.dtype.kind not in "fc":
        return bool(np.array_equal(former, again))
    finite = np.abs(former[np.isfinite(former)])
    room = NEARLY if former.dtype.itemsize >= 8 else 1e-5
    return bool(np.allclose(former, again, room, room * float(finite.max(initial=0.0)), equal_nan=True))


__all__ = ["CHANGED", "Names", "OwnCall"]
