"""One run of a program for many rows at once, though they decide differently.

The program runs once, on tensors of one row; what it looks at is computed for all rows. Where they disagree
(`if x > 0:`), each branch is recorded for those that take it, and what a name means after it is chosen by
row: `where(not taken, before, after)`. A loop turns until no row turns any more. So the tape of the run holds
for all of its rows. Where they agreed, only what they did was recorded; `broken` notes that, and the tape
holds for any row for which none of it is true. `lockstep` has the statements and expressions that come here.

What cannot be chosen by row (lists of different lengths, a value on which nothing depends for one row and the
gradient for another) raises `Divided` once it is read: some of the rows then go alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.autograd.labels import row
from gradcli.errors import GradcliError
from gradcli.interpreter.choosing import chosen, merge, negated, of_states
from gradcli.interpreter.row_values import Divided, RowValues
from gradcli.interpreter.states import (
    MISSING,
    Exit,
    Mask,
    State,
    Unlike,
    frames_around,
    is_shared,
    items_of,
    named_in,
    state_of,
)
from gradcli.tape.custom import same
from gradcli.tape.node import FLOAT64, Node
from gradcli.tape.subsets import Subset
from gradcli.values.values import BREAK, CONTINUE, Returned, run_block

if TYPE_CHECKING:
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Frame

Array = np.ndarray[Any, np.dtype[Any]]


class Together:
    """The rows of one run.

    Args:
        columns: the inputs by name, arrays of shape (size, *shape).
        size: how many rows.
        compilers: what compiles nodes of the syntax tree that decide (`lockstep.TOGETHER`).
        outer: the names that functions of the program assign outside of themselves.
        written: those of whose tensors something may be written in place, by them or by other names.

    Attributes:
        everything: all rows, of which those that parted are subsets.
        mask: the rows for which is being recorded.
        masks: the subset of each mask of the tape.
        broken: nodes that are true for rows that would do something else than what was recorded, each among
            some of them.
        exits: rows that left a block which others are still in, innermost last.
    """

    def __init__(
        self,
        columns: Mapping[str, Array],
        size: int,
        compilers: Mapping[type, Any],
        outer: Collection[str],
        written: Collection[str],
    ) -> None:
        self.columns, self.size, self.compilers = columns, size, compilers
        self.outer, self.written = outer, written
        self.runtime: Runtime
        self.values: RowValues
        self.everything = Subset()
        self.mask = Mask(None, np.ones(size, bool), self.everything)
        self.masks: dict[Node, Subset] = {}
        self.broken: list[tuple[Subset, Node]] = []
        self.exits: list[Exit] = []
        self._draws = 0
        self._given: list[Frame] = []  # what functions were called with that have not returned

    @contextmanager
    def of(self, runtime: Runtime) -> Iterator[None]:
        """Until it ends these are the rows of a run, which then knows nothing of them: no circle stays."""
        self.runtime, runtime.together = runtime, self
        self.values = RowValues(runtime, self.columns, self.size)
        try:
            yield
        finally:
            runtime.together = None

    def holds(self, leaves: Mapping[str, Node]) -> bool:
        """Whether these are still the leaves by which the rows were told apart, and nothing else goes on."""
        session = self.runtime.session
        return (
            session.hooks is None
            and not session.anomalies
            and all(leaves.get(name) is node for name, node in self.values.leaves.items())
        )

    # The engine tells of each value that is wanted; here it gets the one that all rows have.

    def append(self, node: Node) -> None:
        """Gives a node the value that all rows have in it.

        Raises:
            Divided: they have different ones.
        """
        values = self.values.of(node)
        if values is None:
            return
        active = self.mask.rows
        first = values[int(np.argmax(active))]
        same = (values == first) | ((values != values) & (first != first))  # nan is nan
        same = same.reshape(self.size, -1).all(1) | ~active
        if not same.all():
            raise Divided(active & same)
        if node.dtype.kind == "f" and np.isnan(first).any():
            raise Divided(np.zeros(self.size, bool))
        node.value = first.item() if node.dtype is FLOAT64 and not node.shape else first
        session = self.runtime.session
        constant = session.leaf(np.array(first))
        other = session.operate("!=", Tensor(node), constant)
        self._require(other.node if not node.shape else session.apply(row("any"), (other,), {}).node)

    def extend(self, nodes: Sequence[Node]) -> None:
        """The same for several."""
        for node in nodes:
            self.append(node)

    def _require(self, broken: Node) -> None:
        """Notes that the tape holds only where this is False, for the rows for which is being recorded."""
        self.broken.append((self.mask.subset, broken))

    # ---- decisions --------------------------------------------------------------------------

    def decided(self, test: Tensor) -> tuple[Mask | None, Mask | None]:
        """The rows for which a test holds and those for which it does not, None for none."""
        session = self.runtime.session
        if test.shape:
            test = session.apply(row("reshape"), (test, ()), {})
        if test.dtype.kind != "b":
            test = session.operate("!=", test, 0)
        values = self.values.of(test.node)
        mask, active = self.mask, self.mask.rows
        if values is None:
            return (mask, None) if bool(session.value(test)) else (None, mask)
        yes, no = active & values, active & ~values
        if not no.any():
            self._require(negated(session, test).node)
            return mask, None
        if not yes.any():
            self._require(test.node)
            return None, mask
        inside, outside = mask.subset.part(test.node, True), mask.subset.part(test.node, False)
        not_so = negated(session, test)
        return self._mask(self._both(test), yes, inside), self._mask(self._both(not_so), no, outside)

    def _mask(self, tensor: Tensor, rows: Array, subset: Subset) -> Mask:
        self.masks[tensor.node] = subset
        return Mask(tensor, rows, subset)

    def agree(self, test: Tensor) -> None:
        """Raises `Divided` unless a test holds for all rows."""
        yes, no = self.decided(test)
        if no is not None:
            raise Divided(no.rows if yes is not None else np.zeros(self.size, bool))

    def _both(self, test: Tensor) -> Tensor:
        if self.mask.tensor is None:
            return test
        return self.runtime.session.operate("&", self.mask.tensor, test)  # type: ignore[no-any-return]

    def _joined(self, masks: Sequence[Mask]) -> Mask:
        """All rows of some masks."""
        first, *others = masks
        for each in others:
            if first.tensor is None or each.tensor is None:
                return first if first.tensor is None else each
            either = self.runtime.session.operate("|", first.tensor, each.tensor)
            first = self._mask(either, first.rows | each.rows, first.subset.union(each.subset))
        return first

    # ---- what variables mean ----------------------------------------------------------------

    def state(self, frame: Frame) -> State:
        """What variables mean now, in a frame, those around it and the module."""
        self._same_numbers()
        return state_of(frames_around(frame, self.runtime.names), self.mask)

    def _same_numbers(self) -> None:
        """Random numbers are the same for a row whatever the others do, so none may be drawn by some."""
        draws = self.runtime.session.context.draws
        if self.runtime.generators or (draws != self._draws and self.mask.tensor is not None):
            raise Divided(np.zeros(self.size, bool))
        self._draws = draws

    def bind(self, overridden: Mapping[str, Any]) -> None:
        """Gives inputs their names; the program does that where it first reads each, perhaps in a branch."""
        runtime = self.runtime
        for name, value in runtime.inputs.items():
            if name not in runtime.names and name not in overridden and name not in runtime.leaves:
                runtime.names[name] = value.free(runtime, name)

    def read(self, value: Any) -> Any:
        """A variable's value; raises `Divided` if it is not of one kind for all rows."""
        if type(value) is not Unlike:
            return value
        raise Divided(value.rows & self.mask.rows)

    def meet(self, frame: Frame, names: Sequence[str]) -> None:
        """Gives tensors that some row may have assigned nodes of their own, whether or not one did.

        What reads a variable after rows have met is added up first in a gradient, and then what read before
        what it was; so the same is added to the same, whoever else was there to choose for.
        """
        for each in frames_around(frame, self.runtime.names):
            for name in names:
                value = each.get(name)
                if type(value) is Tensor or type(value) is tuple:
                    each[name] = self.own(value, name in self.written)

    def own(self, value: Any, stays: bool) -> Any:
        """A value with nodes of its own; the same tensor with another node if something writes into it."""
        if type(value) is tuple:
            return tuple([self.own(each, stays) for each in value])
        if type(value) is not Tensor or not value.requires_grad or (stays and value.is_leaf):
            return value  # nothing writes into a leaf, which is told
        if is_shared(value):
            return value
        if value.view is None and not stays:
            return Tensor(same(value.node))
        value.become(same(value.node))
        return value

    # ---- blocks -----------------------------------------------------------------------------

    def branches(
        self, frame: Frame, arms: Sequence[tuple[Mask, Callable[[Frame], Any]]], values: bool
    ) -> Any:
        """Does for each of some masks something else, after which they have yet to `meet`.

        Returns:
            The signal on which all rows leave, or None: some go on. With `values` what they do gives a value,
            and so does this.
        """
        entry, began = self.mask, len(self.exits)
        before = self.state(frame)
        states: list[State] = []
        given: list[tuple[Mask, Any]] = []
        for number, (mask, run) in enumerate(arms):
            if number:
                before.restore()
            self.mask = mask
            signal = self._alone(run, frame, entry)
            state = self.state(frame)
            self._unchanged(before)
            if values or signal is None:
                states.append(state)
                given.append((mask, signal))
            else:
                self.exits.append(Exit(signal, state))
        if not states:
            return self._last()
        self._merge(before, states)
        self.mask = entry if len(self.exits) == began else self._joined([each.mask for each in states])
        return self._chosen(given, frames_around(frame, self.runtime.names)) if values else None

    def loop(
        self,
        frame: Frame,
        test: Callable[[Frame], Any],
        body: Callable[[Frame], Any],
        otherwise: Callable[[Frame], Any] | None,
        names: Sequence[str],
    ) -> Any:
        """Turns while a test holds for any row.

        Args:
            test: gives a bool or the tensor of a test.
            body: does a turn, and gives a signal or None.
            otherwise: does what those do for whom the test does not hold any more, and gives the same.
            names: what it assigns, if rows may leave it in different turns.
        """
        entry, began = self.mask, len(self.exits)
        left: list[State] = []
        while True:
            asked = self._alone(test, frame, entry)
            yes, no = self.decided(asked) if type(asked) is Tensor else _all_or_none(self.mask, asked)
            if no is not None:
                self.mask = no
                others = yes is not None or bool(left)
                if otherwise is not None:
                    left += self._ended(frame, otherwise, entry, others)
                else:
                    left.append(self.state(frame))
            if yes is None:
                break
            self.mask = yes
            start, inside = self.state(frame), len(self.exits)
            self.values.forget([node for _, node in start.nodes.values()])
            signal = self._alone(body, frame, entry)
            ended = self.state(frame)
            if left or len(self.exits) > inside:
                self._unchanged(start)
            parted = [Exit(signal, ended), *self.exits[inside:]]
            self.exits[inside:] = [each for each in parted if type(each.signal) is Returned]
            going = [each.state for each in parted if each.signal is None or each.signal is CONTINUE]
            broke = [each.state for each in parted if each.signal is BREAK]
            waiting = [*going, *broke, *([start] if left else [])]
            if len(waiting) > 1:
                self._merge(start, waiting, len(going))
            elif waiting and waiting[0] is not ended:
                waiting[0].restore()
            left += broke
            if not going:
                break
            self.meet(frame, names)
            self.mask = self._joined([each.mask for each in going])
        if not left:
            return self._last()
        self.mask = entry if len(self.exits) == began else self._joined([each.mask for each in left])
        self._number(frame, left)
        self.meet(frame, names)
        return None

    def _ended(
        self, frame: Frame, otherwise: Callable[[Frame], Any], entry: Mask, others: bool
    ) -> Sequence[State]:
        """Does what stands behind the `else` of a loop for rows that no `break` took out of it.

        Args:
            others: some have left before, or go on.

        Returns:
            Their state, or none if they leave what is around the loop.
        """
        before = self.state(frame)
        signal = self._alone(otherwise, frame, entry)
        state = self.state(frame)
        self._unchanged(before)
        if signal is not None:
            self.exits.append(Exit(signal, state))
            before.restore()
            return ()
        if others:
            self._merge(before, [state, before])
        return (state,)

    def _number(self, frame: Frame, left: Sequence[State]) -> None:
        """After a loop what was a number for some means by row what it meant when the row left."""
        for place, (variables, values) in enumerate(self.state(frame).frames):
            for name in values:
                given = [(each.mask, each.frames[place][1].get(name, MISSING)) for each in left]
                if not all(type(value) is Tensor for _, value in given):
                    variables[name] = of_states(self.runtime.session, given, left)

    def called(self, body: Sequence[Callable[[Frame], Any]], frame: Frame) -> Any:
        """What the body of a function returns."""
        entry, began = self.mask, len(self.exits)
        self._given.append(dict(frame))
        try:
            signal = run_block(body, frame)
            left = self.exits[began:]
            del self.exits[began:]
            value = signal.value if signal is not None else None
            around = [*self._given, *frames_around(frame, self.runtime.names)[1:]]
            if left:
                given = [*[(each.state.mask, each.signal.value) for each in left], (self.mask, value)]
                states = [*[each.state for each in left], self.state(frame)]
                self._merge(states[0], states)
                value = self._chosen(given, around)
            self.mask = entry
            return self.given(value, around)
        finally:
            self._given.pop()

    def given(self, value: Any, frames: Sequence[Frame]) -> Any:
        """The value of an expression that decided, with nodes of its own; in `frames` it may have names."""
        return self.own(value, self._is_written(value, frames))

    def _chosen(self, given: Sequence[tuple[Mask, Any]], frames: Sequence[Frame]) -> Any:
        """The value of an expression by row.

        Raises:
            Divided: for some rows it is a tensor of `frames` that is written into, for others another.
        """
        first = given[0][1]
        for mask, value in given:
            if any(each is not first for _, each in given) and self._is_written(value, frames):
                raise Divided(mask.rows)
        return self.read(chosen(self.runtime.session, given))

    def _is_written(self, value: Any, frames: Sequence[Frame]) -> bool:
        """Whether something in frames that may be written into is a value, or an item of it."""
        if not self.written or type(value) not in (Tensor, tuple):
            return False
        named, kept = named_in(state_of(frames, self.mask))
        return any(
            id(each) in kept or any(name in self.written for _, name in named.get(id(each), ()))
            for each in (value if type(value) is tuple else (value,))
            if type(each) is Tensor
        )

    def _merge(self, before: State, states: Sequence[State], turning: int = 0) -> None:
        """Makes variables mean for each row what they mean in its state.

        Raises:
            Divided: one of two names of a tensor, or of what shares its memory, would mean another for some
                rows, and it is written into.
        """
        if self.written:
            given = {id(value) for each in self._given for value in each.values()}
            for state in states:
                named, kept = named_in(state)
                for key, places in named.items():
                    shared = len(places) > 1 or key in kept or key in given or is_shared(state.nodes[key][0])
                    if shared and any(name in self.written for _, name in places):
                        meant = [[each.frames[at][1].get(name) for at, name in places] for each in states]
                        if any(a is not b for each in meant for a, b in zip(each, meant[0], strict=True)):
                            raise Divided(state.mask.rows)
        merge(self.runtime.session, before, states, turning)

    def _last(self) -> Any:
        """The signal on which those leave who are left."""
        last = self.exits.pop()
        last.state.restore()
        self.mask = last.state.mask
        return last.signal

    def _alone(self, run: Callable[[Frame], Any], frame: Frame, entry: Mask) -> Any:
        """Runs what perhaps not all rows do that came to a block; what fails there does for these alone."""
        try:
            return run(frame)
        except GradcliError as error:
            active = self.mask.rows
            if error.code == "limit" or np.array_equal(active, entry.rows):
                raise
            raise Divided(active) from None

    def _unchanged(self, before: State) -> None:
        """Raises `Divided` if a list, a dict, an object or a leaf was changed for these rows."""
        leaves = any(
            tensor.node is not node and tensor.requires_grad and tensor.is_leaf
            for tensor, node in before.nodes.values()
        )
        if leaves or any(
            len(now) != len(items) or any(a is not b for a, b in zip(now, items, strict=True))
            for now, items in ((items_of(value), items) for value, items in before.held)
        ):
            raise Divided(self.mask.rows)


def _all_or_none(mask: Mask, answer: Any) -> tuple[Mask | None, Mask | None]:
    return (mask, None) if answer else (None, mask)
