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

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.autograd.labels import row
from gradcli.errors import GradcliError
from gradcli.interpreter.row_values import Divided, RowValues
from gradcli.interpreter.states import MISSING, Exit, Mask, State, Unlike, frames_around, items_of, state_of
from gradcli.tape.node import FLOAT64, Node
from gradcli.values.values import BREAK, CONTINUE, Returned, run_block

if TYPE_CHECKING:
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Frame

Array = np.ndarray[Any, np.dtype[Any]]

NUMBERS = (bool, int, float)
WORTH_A_TURN = 32_768
"""A turn of a loop takes as long to record as to be decided for about so many rows. When more have waited in
vain for those that still turn, these go alone."""


class Together:
    """The rows of one run.

    Args:
        columns: the inputs by name, arrays of shape (size, *shape).
        size: how many rows.
        compilers: what compiles nodes of the syntax tree that decide (`lockstep.TOGETHER`).

    Attributes:
        mask: the rows for which is being recorded.
        broken: tensors that are true for rows that would do something else than what was recorded.
        kept: False for rows that went too far for the others.
        exits: rows that left a block which others are still in, innermost last.
        turning: for each turn of a loop that not all rows do which of them do.
    """

    def __init__(self, columns: Mapping[str, Array], size: int, compilers: Mapping[type, Any]) -> None:
        self.columns, self.size, self.compilers = columns, size, compilers
        self.runtime: Runtime
        self.values: RowValues
        self.kept = np.ones(size, bool)
        self.mask = Mask(None, self.kept)
        self.broken: list[Tensor] = []
        self.exits: list[Exit] = []
        self.turning: list[Node] = []
        self._waited = self._turns = self._draws = 0

    def begin(self, runtime: Runtime) -> None:
        """Takes the run whose rows these are."""
        self.runtime, runtime.together = runtime, self
        self.values = RowValues(runtime, self.columns, self.size)

    def looked(self) -> list[Node]:
        """The one value that the tape depends on: whether a row did something else."""
        if not self.broken:
            return []
        first, *others = self.broken
        for each in others:
            first = self.runtime.session.operate("|", first, each)
        first.node.value = np.False_
        return [first.node]

    def holds(self, leaves: Mapping[str, Node]) -> bool:
        """Whether these are still the leaves by which the rows were told apart, and nothing else goes on."""
        return self.runtime.session.hooks is None and all(
            leaves.get(name) is node for name, node in self.values.leaves.items()
        )

    def decisions(self, nodes: Sequence[Node]) -> dict[Node, Array]:
        """The values of conditions for all rows."""
        found = {node: self.values.of(node) for node in nodes}
        return {node: values for node, values in found.items() if values is not None}

    # The engine tells of each value that is wanted; here it gets the one that all rows have.

    def append(self, node: Node) -> None:
        """Gives a node the value that all rows have in it.

        Raises:
            Divided: they have different ones.
        """
        values = self.values.of(node)
        if values is None:
            return
        active = self.mask.rows & self.kept
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
        tensor = Tensor(broken)
        if self.mask.tensor is not None:
            tensor = self.runtime.session.operate("&", self.mask.tensor, tensor)
        self.broken.append(tensor)

    # ---- decisions --------------------------------------------------------------------------

    def decided(self, test: Tensor) -> tuple[Mask | None, Mask | None]:
        """The rows for which a test holds and those for which it does not, None for none."""
        session = self.runtime.session
        if test.shape:
            test = session.apply(row("reshape"), (test, ()), {})
        if test.dtype.kind != "b":
            test = session.operate("!=", test, 0)
        values = self.values.of(test.node)
        mask, active = self.mask, self.mask.rows & self.kept
        if values is None:
            return (mask, None) if bool(session.value(test)) else (None, mask)
        yes, no = active & values, active & ~values
        if not no.any():
            self._require(self._not(test).node)
            return mask, None
        if not yes.any():
            self._require(test.node)
            return None, mask
        return Mask(self._both(test), yes), Mask(self._both(self._not(test)), no)

    def agree(self, test: Tensor) -> None:
        """Raises `Divided` unless a test holds for all rows."""
        yes, no = self.decided(test)
        if no is not None:
            raise Divided(no.rows if yes is not None else np.zeros(self.size, bool))

    def _not(self, test: Tensor) -> Tensor:
        return self.runtime.session.apply(row("logical_not"), (test,), {})  # type: ignore[no-any-return]

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
            first = Mask(self.runtime.session.operate("|", first.tensor, each.tensor), first.rows | each.rows)
        return first

    def _too_far(self, entry: Mask) -> bool:
        """Counts a turn of a loop that began with some rows; whether those in it are to go alone."""
        active = self.mask.rows & self.kept
        waiting = int(np.count_nonzero(entry.rows & self.kept)) - int(np.count_nonzero(active))
        self._turns += 1
        self._waited += waiting
        if not waiting or self._waited <= WORTH_A_TURN * self._turns:
            return False
        self._waited = 0
        self.kept = self.kept & ~active
        assert self.mask.tensor is not None
        self.broken.append(self.mask.tensor)
        return True

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

    def _merge(self, before: State, states: Sequence[State], turning: bool = False) -> None:
        """Makes variables mean for each row what they mean in its state.

        Args:
            before: what they meant before the states parted.
            states: the last one for the rows that are in no other; its mask does not matter.
            turning: the first state is that of rows which are still in a loop: their own numbers stay theirs.

        Raises:
            Divided: something that others share memory with was worked on in place.
        """
        first = states[0]
        for each in states:
            for key, (tensor, node) in before.nodes.items():
                if each.nodes.get(key, (tensor, tensor.node))[1] is not node:
                    view = tensor.view
                    if view is not None and (view.path or not view.base.storage.alone):
                        raise Divided(first.mask.rows & self.kept)
        for place, (frame, values) in enumerate(first.frames):
            found = {}
            for name in dict.fromkeys([name for each in states for name in each.frames[place][1]]):
                given = [(each.mask, each.frames[place][1].get(name, MISSING)) for each in states]
                if turning and not any(type(value) is Tensor for _, value in given) and name in values:
                    found[name] = values[name]
                else:
                    found[name] = self._of_states(given, states)
            frame.clear()
            frame.update({name: value for name, value in found.items() if value is not MISSING})
        for key, (tensor, node) in before.nodes.items():
            nodes = [each.nodes[key][1] if key in each.nodes else node for each in states]
            if any(each is not nodes[0] for each in nodes):
                chosen = self._chosen(
                    [(each.mask, Tensor(made)) for each, made in zip(states, nodes, strict=True)]
                )
                if type(chosen) is not Tensor:
                    raise Divided(first.mask.rows & self.kept)
                tensor.become(chosen.node)

    def _of_states(self, given: Sequence[tuple[Mask, Any]], states: Sequence[State]) -> Any:
        """A variable's value by row; a tensor that was worked on in place is the same one in each state."""
        first = given[0][1]
        if all(value is first for _, value in given):
            return first
        values = []
        for (mask, value), state in zip(given, states, strict=True):
            if type(value) is Tensor and id(value) in state.nodes:
                node = state.nodes[id(value)][1]
                value = value if value.node is node else Tensor(node)
            values.append((mask, value))
        return self._chosen(values)

    def _chosen(self, given: Sequence[tuple[Mask, Any]]) -> Any:
        """One value for all rows; for the rows of no mask but the last one's the last value."""
        values = [value for _, value in given]
        first = values[0]
        if all(each is first for each in values[1:]):
            return first
        if type(first) in NUMBERS and all(
            type(each) is type(first) and (each == first or each != each != first) for each in values
        ):
            return first
        if type(first) is tuple and all(type(each) is tuple and len(each) == len(first) for each in values):
            return tuple(
                [self._chosen([(mask, value[place]) for mask, value in given]) for place in range(len(first))]
            )
        apart = Unlike(given[0][0].rows)
        tensors = [each for each in values if type(each) is Tensor]
        if any(type(each) is not Tensor and type(each) not in NUMBERS for each in values):
            return next((each for each in values if type(each) is Unlike), apart)
        session = self.runtime.session
        if not tensors:
            dtype = session.context.default_dtype
            exact = 2**53 if dtype.itemsize == 8 else 2**24
            if all(type(each) is bool for each in values):
                dtype = np.dtype(bool)
            elif any(
                type(each) is bool
                or (type(each) is int and abs(each) > exact)
                or (type(each) is float and dtype.itemsize < 8)
                for each in values
            ):
                return apart
            like = session.leaf(np.zeros((), dtype))
        else:
            like = tensors[0]
            numbers = [type(each) for each in values if type(each) is not Tensor]
            if numbers and (like.requires_grad or any(not _of_kind(each, like.dtype) for each in numbers)):
                return apart
        if any(
            each.shape != like.shape
            or each.dtype is not like.dtype
            or each.requires_grad is not like.requires_grad
            for each in tensors
        ):
            return apart
        made = [each if type(each) is Tensor else session.leaf(np.array(each, like.dtype)) for each in values]
        result = made[-1]
        for (mask, _), value in zip(reversed(given[:-1]), reversed(made[:-1]), strict=True):
            if value.node is not result.node:
                assert mask.tensor is not None
                # The one that was made last is walked to first, as if there were no other.
                result = session.apply(row("where"), (self._not(mask.tensor), result, value), {})
        return result

    def read(self, value: Any) -> Any:
        """A variable's value; raises `Divided` if it is not of one kind for all rows."""
        if type(value) is not Unlike:
            return value
        raise Divided(value.rows & self.kept & self.mask.rows)

    # ---- blocks -----------------------------------------------------------------------------

    def branches(
        self, frame: Frame, arms: Sequence[tuple[Mask, Callable[[Frame], Any]]], values: bool = False
    ) -> Any:
        """Does for each of some masks something else.

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
        return self.read(self._chosen(given)) if values else None

    def loop(self, frame: Frame, test: Callable[[Frame], Any], body: Callable[[Frame], Any]) -> Any:
        """Turns while a test holds for any row.

        Args:
            test: gives a bool or the tensor of a test.
            body: does a turn, and gives a signal or None.
        """
        entry, began = self.mask, len(self.exits)
        left: list[State] = []
        while True:
            asked = self._alone(test, frame, entry)
            yes, no = self.decided(asked) if type(asked) is Tensor else _all_or_none(self.mask, asked)
            if no is not None:
                self.mask = no
                left.append(self.state(frame))
            if yes is None:
                break
            self.mask = yes
            if self._too_far(entry):
                break
            if yes.tensor is not None:
                self.turning.append(yes.tensor.node)
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
                self._merge(start, waiting, turning=bool(going))
            elif waiting and waiting[0] is not ended:
                waiting[0].restore()
            left += broke
            if not going:
                break
            self.mask = self._joined([each.mask for each in going])
        if not left:
            return self._last()
        self.mask = entry if len(self.exits) == began else self._joined([each.mask for each in left])
        self._number(frame, left)
        return None

    def _number(self, frame: Frame, left: Sequence[State]) -> None:
        """After a loop what is no tensor means by row what it meant when the row left."""
        for place, (variables, values) in enumerate(self.state(frame).frames):
            for name in values:
                given = [(each.mask, each.frames[place][1].get(name, MISSING)) for each in left]
                if not any(type(value) is Tensor for _, value in given):
                    variables[name] = self._chosen(given)

    def called(self, body: Sequence[Callable[[Frame], Any]], frame: Frame) -> Any:
        """What the body of a function returns."""
        entry, began = self.mask, len(self.exits)
        signal = run_block(body, frame)
        left = self.exits[began:]
        del self.exits[began:]
        value = signal.value if signal is not None else None
        if not left:
            self.mask = entry
            return value
        given = [*[(each.state.mask, each.signal.value) for each in left], (self.mask, value)]
        states = [*[each.state for each in left], self.state(frame)]
        self._merge(states[0], states)
        self.mask = entry
        return self.read(self._chosen(given))

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
            active = self.mask.rows & self.kept
            if error.code == "limit" or np.array_equal(active, entry.rows & self.kept):
                raise
            raise Divided(active) from None

    def _unchanged(self, before: State) -> None:
        """Raises `Divided` if a list, a dict or an object was changed for the rows that are recorded for."""
        for value, items in before.held:
            now = items_of(value)
            if len(now) != len(items) or any(a is not b for a, b in zip(now, items, strict=True)):
                raise Divided(self.mask.rows & self.kept)


def _all_or_none(mask: Mask, answer: Any) -> tuple[Mask | None, Mask | None]:
    return (mask, None) if answer else (None, mask)


def _of_kind(number: type, dtype: np.dtype[Any]) -> bool:
    """Whether a Python number stays what it is in a tensor of a dtype."""
    return dtype.kind in {bool: "b", int: "iuf", float: "f"}[number]
