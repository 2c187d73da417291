"""In-place work: what an update does to a tensor, to what shares its memory, and to what was saved."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.labels import AGAIN, LABELS, SAVING_RESULT, compares, written
from gradcli.autograd.leaves import Leaves, filled, given
from gradcli.autograd.recorder import shared
from gradcli.autograd.tensor import (
    LOOKED_AT,
    OWNERS,
    WRITTEN,
    Tensor,
    View,
    Written,
    asked_by,
    lay,
    shown,
    unasked,
)
from gradcli.engine import run as engine
from gradcli.errors import GradcliError
from gradcli.ops.rows import CallName
from gradcli.ops.saved import saved_of
from gradcli.tape.custom import alias, attach, forgetting, identity, renewed
from gradcli.tape.node import BOOL, FLOATS, LEAF, Former, Node, RecordedCall, collects, filling, leaf, stamp
from gradcli.tape.primitives import cast, expand_to, reshape, reshape_to, sum_to
from gradcli.tape.promote import broadcasts_to, require_fits, torch_name
from gradcli.tape.views import along, overwrite, path_between, repeats, undone
from gradcli.tape.views import places as elements

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gradcli.errors import Span

COPIES = frozenset(
    (
        *("copy_", "fill_", "fill_ with a tensor", "zero_", "uniform_", "normal_", "log_normal_"),
        *("exponential_", "cauchy_", "geometric_", "random_", "bernoulli_"),
    )
)
"""The operations that take any value, and convert it."""


class InPlace(Leaves):
    """Recording, leaves, and PyTorch's rules about in-place operations."""

    def refuse(
        self,
        tensor: Tensor,
        operands: Iterable[Any] = (),
        reads: bool = True,
        once: bool = True,
        apart: bool = False,
        turns: bool = False,
    ) -> Tensor | None:
        """Raises if `tensor` must not be written to, by an operation on `operands`.

        Where it `reads` an operand while it writes, the two must not overlap, and must not be the same either
        where they have to be `apart`; where it writes to each element `once`, none may stand in the tensor
        twice. What only `turns` it goes on from what it was.

        Returns:
            What the tensor is among the operands, where hooks hear of it there and not of what is written.

        Raises:
            GradcliError: `in-place` for a leaf that requires grad while recording, a view of one, a view
                that cannot be followed, one in which an element stands more than once.
        """
        view = tensor.view
        viewed = tensor.viewed
        shown = viewed is not None
        if not (self.recording or apart or shown) and (view is None or view.base.storage.alone):
            return None  # as an update of a loop: nothing listens, and nothing shares the memory
        if self.recording and (
            tensor.requires_grad or any(type(each) is Tensor and each.requires_grad for each in operands)
        ):
            if view is not None and view.barred is not None:
                raise self._refused(view.barred.message(), "work on a copy, x.clone(), or write x = x + 1")
            if viewed is not None:
                base = viewed.node
                if tensor.requires_grad and (identity(base).op is LEAF or not base.requires_grad):
                    raise self._refused(
                        "a view of a leaf Variable that requires grad is being used in an in-place "
                        "operation.",
                        "update it inside `with no_grad():`, or through its .data",
                    )
            # A view that had no history is taken for a leaf until somebody has asked what it became.
            if unasked(tensor) or tensor.is_leaf:
                self._refuse_leaf(tensor)
        through = shown and self.recording and not turns
        if view is not None and view.own is not None and through:
            written = WRITTEN.get(view.own)
            if written is not None:
                self._write_again(tensor, written)
        heard = self._go_around(tensor) if through else None
        if apart:
            operands = list(operands)
            if any(each is tensor for each in operands):
                raise self._overlapping()
        if view is None:
            return None
        if once and self.repeats(tensor):
            self.ask_first((tensor, *operands))
            raise self._refused(
                "unsupported operation: more than one element of the written-to tensor refers to a single "
                "memory location. Please clone() the tensor before performing the operation.",
                "work on a copy: x.clone()",
            )
        if not reads:
            return heard
        for each in operands:
            if (
                type(each) is Tensor
                and each.view is not None
                and each is not tensor
                and overlap(tensor, each, apart)
            ):
                self.ask_first(operands)
                raise self._overlapping()
        return heard

    def repeats(self, tensor: Tensor) -> bool:
        """Whether an element of its memory stands in it more than once."""
        view = tensor.view
        if view is None:
            return False
        return repeats((*view.base.path, *view.path), view.base.storage.whole.shape)

    def _write_again(self, tensor: Tensor, written: Written) -> None:
        """What a view became by a write is only what somebody made of it, once it is written to again."""
        held = tensor.held
        if written.again:
            return  # refused before it was computed, and after that
        written.again = True
        if held is None:
            tensor.asked()  # by the write alone
            written.asked = None
        elif held not in (self.hooks or ()):
            assert tensor.view is not None
            fresh = shown(tensor.view)  # which it reads by itself
            fresh.accumulator, held.accumulator = held.accumulator, None
            tensor.hold(fresh)

    def _go_around(self, tensor: Tensor) -> Tensor | None:
        """Writing through a view goes from its base to its base, whatever other views it was made of.

        Hooks of what it was hear nothing of it, and it lets go of what those became by a write.

        Returns:
            What it was, if somebody listens to that.
        """
        former = tensor.node
        assert tensor.view is not None
        base, hooks = tensor.view.base.node, self.hooks or ()
        heard = each = identity(former)
        became = False
        while heard not in hooks and not became and each.op.views and each is not base and each.inputs:
            (each,) = each.inputs
            heard = identity(each)
            made = heard.call if heard.call is not former.call else None
            became = made is not None and made.function is LABELS["as_strided"]
        listens = heard in hooks
        if became:  # until that is freed
            for other in tensor.view.base.tensors:
                own = other.view.own if other.view is not None else None
                written = WRITTEN.get(own) if own is not None else None
                if written is not None and written.asked is not None and written.asked() is each:
                    written.again = True
        if not (listens or became) or former.op is LEAF or each is base:
            return None
        node = along(tensor.view.path, base)
        if node.op is not former.op:
            return None
        called = former.call.function if former.call is not None else LABELS["as_strided"]
        stamp(node, RecordedCall(called, None))
        node.accumulator, former.accumulator = former.accumulator, None
        node.version = former.version
        tensor.hold(node)
        lay(node, tensor.view)
        return Tensor(former) if listens else None

    def _overlapping(self) -> GradcliError:
        return self._refused(
            "unsupported operation: some elements of the input tensor and the written-to tensor refer to a "
            "single memory location. Please clone() the tensor before performing the operation.",
            "copy the operand first: x.clone()",
        )

    def _refuse_leaf(self, tensor: Tensor) -> None:
        barred = tensor.view is not None and tensor.view.barred is not None  # which is said before
        if self.recording and tensor.requires_grad and not barred:
            raise self._refused(
                "a leaf Variable that requires grad is being used in an in-place operation.",
                "update it inside `with no_grad():`, or through its .data",
            )

    def _refused(self, message: str, hint: str) -> GradcliError:
        return GradcliError("in-place", message, span=self.span, hint=hint)

    def assign_in_place(
        self,
        tensor: Tensor,
        value: Tensor | float,
        name: str = "in-place operation",
        operands: Sequence[Any] = (),
    ) -> Tensor:
        """Gives `tensor` another value under the same name, as PyTorch's in-place operations do.

        What made the value keeps what the tensor was, unless that also stands among the other `operands`.

        Args:
            tensor: what is written to.
            value: what an operation made for it, or (for the operations of `COPIES`) a value to be copied.
            name: of the operation.
            operands: the operands of the operation but `tensor`.

        Raises:
            GradcliError: as `refuse`; `shape` and `dtype` for what doesn't fit.
        """
        if name == "fill_ with a tensor" and isinstance(value, Tensor) and value.shape:
            self.refuse(tensor, (value,), reads=False, once=False)  # leaves come first, overlaps later
            raise GradcliError(
                "shape",
                "fill_ only supports 0-dimension value tensor but got tensor with "
                f"{len(value.shape)} dimensions.",
            )
        # What fills is read before anything is written.
        heard = self.refuse(
            tensor,
            (value, *operands) if name in COPIES else operands,
            name != "fill_ with a tensor",
            name not in AGAIN and not (name == "copy_" and _is_same(tensor, value)),
        )
        (value,) = as_operands((value,), tensor, heard)
        return self.update(tensor, value, name, operands)

    def update(self, tensor: Tensor, value: Tensor | float, name: str, operands: Sequence[Any]) -> Tensor:
        """As `assign_in_place`, of what was not refused."""
        copies = name in COPIES
        node = tensor.node
        source = value.node if isinstance(value, Tensor) else given(filled(value, node), node)
        made = source.call
        if source.shape != node.shape or source.dtype is not node.dtype:
            try:
                source = _fitted(source, node, copies)
            except GradcliError:
                self.ask_first((value,))
                raise
        asks = self.recording and compares(name)
        compared = [each.node for each in operands if type(each) is Tensor] if asks else []
        if self.recording and (
            source.requires_grad
            or node.requires_grad
            or (compared and any(each.requires_grad for each in compared))
        ):
            path = tensor.view.path if tensor.view is not None else ()
            if compared:
                source = forgetting(source, *compared, *(() if path else (node,)))
            elif not source.requires_grad and not path:
                source = forgetting(source, node)
            elif copies and node.requires_grad and not path:
                source = overwrite(node, source, attrs=((),))  # what it was gets zeros
            elif copies or source.op is LEAF or source is node:
                source = reshape(source, attrs=(source.shape,))
            if source.call is None:
                if copies or made is None:
                    made = RecordedCall(LABELS.get(name, LABELS["copy"]), self.span)
                stamp(source, made)
            assert source.call is not None
            renamed = written(name, any(type(each) is Tensor for each in operands))
            if renamed is not None:
                source.call.function = CallName(name, renamed, source.call.function.saves)
                if name in SAVING_RESULT:
                    source.call.saved = ("result", (), (), {})
            twice = any(each is tensor for each in operands)
            if twice and source.call.saved is not None:
                twice = any(each is node for each in saved_of(source.call.saved, but_first=True)[0])
            self._write(tensor, source, source.call, twice)
        else:
            array = engine.value(source)
            # What a number fills, or an operation made for a leaf and computed at once, is nobody else's.
            settled = not copies and node.requires_grad and not source.inputs and source.op is not LEAF
            own = settled or not isinstance(value, Tensor)
            self._replace(tensor, source if own else given(array, node))
        return tensor

    def written_again(self, whole: Tensor, part: Tensor) -> None:
        """Counts that a part of a tensor is assigned to itself, as `x[key] op= value` does in the end."""
        if self.recording and whole.requires_grad:
            whole.asked()  # to find the part once more
        assert part.view is not None
        base = part.view.base
        base.storage.version.count()
        if base.node.op is overwrite:  # by a copy now
            base.node.call = RecordedCall(LABELS["slices again"], self.span)

    def set_item(self, tensor: Tensor, key: Any, value: Any, assigned: bool = True) -> None:
        """`tensor[key] = value`, of a tensor or a number: without its leading dims of 1, if it is `assigned`.

        Raises:
            GradcliError: as `assign_in_place`, and for a key that doesn't index the tensor.
        """
        if isinstance(value, (list, tuple)):
            raise GradcliError(
                "bad-argument",
                f"can't assign a {type(value).__name__} to a torch.{torch_name(tensor.dtype)}Tensor",
                span=self.span,
                hint="make it a tensor: x[key] = tensor([…])",
            )
        if key is False:
            return  # nothing is written, so nobody is asked
        key = None if key is True else key
        fresh = unasked(tensor)
        given = value if type(value) is Tensor else self.tensor(filling(value, tensor.dtype), tensor.dtype)
        keys = tuple([leaf(np.asarray(each)) if type(each) is bool else each for each in self.keys(key)])
        from gradcli.ops.keys import in_two, leaves_whole

        if any(isinstance(each, Node) and (each.ndim or each.dtype is BOOL) for each in keys):
            cut, rest = in_two(keys, tensor.shape)
            flags = any(isinstance(each, Node) and not each.ndim and each.dtype is BOOL for each in keys)
            try:
                if cut is None:
                    self._put_at(tensor, rest, given, assigned, fresh)
                else:
                    self._put_at(self.index(tensor, cut), rest, given, assigned, fills=not flags)
            except GradcliError as error:
                if error.code != "in-place":
                    self.ask_first((given,))
                raise
            return
        whole = leaves_whole(keys, tensor.shape)
        if fresh and whole:
            self._refuse_leaf(tensor)
        chosen = tensor if whole else self.index(tensor, key)
        if given.shape != chosen.shape and given.shape:
            from gradcli.ops.shapes import expanded

            source = given
            try:
                given = Tensor(expanded(_without_ones(source.node), chosen.shape))
            except GradcliError:
                self.ask_first((source,))
                raise
            if source.view is not None:  # as the operand that it is, which may be where it is written to
                path = path_between(source.node, given.node)
                assert path is not None
                self.link(source, given, path)
        single = not given.shape and chosen.shape
        self.assign_in_place(chosen, given, "fill_ with a tensor" if single else "copy_")

    def _put_at(
        self,
        tensor: Tensor,
        keys: tuple[Any, ...],
        given: Tensor,
        assigned: bool,
        fresh: bool = False,
        fills: bool = True,
    ) -> None:
        """Assigning where integers or a mask point."""
        from gradcli.ops.keys import spelled
        from gradcli.ops.placing import key_places, replaced

        node = tensor.node
        spelled(node, keys)
        given_by = [each for each in keys if isinstance(each, Node)]
        fills = fills and len(given_by) == 1 and given_by[0].dtype is BOOL and given.node.size == 1
        if fresh:
            self._refuse_leaf(tensor)
        self.refuse(tensor, (given,), reads=not fills, once=False, apart=not fills)
        node = tensor.node
        places = at = key_places(node.shape, keys)
        view = tensor.view
        repeated = view if view is not None and repeats(view.path, view.base.node.shape) else None
        if repeated is not None:
            # Elements that stand in the view several times are written to where they are.
            node = repeated.base.node
            tensor = Tensor(node)
            tensor.view = View(repeated.base, ())
            repeated.base.show_by(tensor)
            whole = elements(repeated.path, node.shape).reshape(-1)
            places = leaf(whole[np.asarray(engine.value(places))])
        source = _without_ones(given.node) if assigned else given.node
        if fills:
            source = cast(reshape_to(source, ()), node.dtype)
        result = replaced(node, places, source)
        if repeated is not None and node.requires_grad:  # backward refuses that
            result = overwrite(result, along(repeated.path, result), attrs=(repeated.path,))
        stamp(result, RecordedCall(LABELS["slices" if places is not at else "index_put_"], self.span))
        self.assign_in_place(tensor, Tensor(result), "index_put_")

    def _write(self, tensor: Tensor, source: Node, call: RecordedCall, twice: bool) -> None:
        """Records `source` in the memory of `tensor`; `twice` says that it was also another operand."""
        view = tensor.view or shared(tensor)
        base, node = view.base, tensor.node
        if LOOKED_AT:
            asked_by(source)
        whole = source
        if view.path:
            whole = overwrite(base.node, source, attrs=(view.path,))
            stamp(whole, RecordedCall(LABELS["slices"], self.span))
        retained = [(each, each.history) for each in base.tensors if _has_gradient(each, tensor)]
        self._put(tensor, view, whole, call, None if twice else node)
        if view.path:
            source.version = base.storage.version
            view.own = source  # who writes has asked
            WRITTEN[source] = Written(tensor)
            if any(each is tensor for each, _ in retained):
                tensor.asked()
        _moved(retained)

    def _replace(self, tensor: Tensor, value: Node) -> None:
        """Puts a value into the memory of `tensor` while nothing is recorded: its history stays.

        The value is computed, and its node nobody else's.
        """
        view = tensor.view or shared(tensor)
        whole = view.base.node
        if view.path:
            value = given(engine.value(overwrite(alias(whole), value, attrs=(view.path,))), whole)
        value = _holding(whole, value)
        self._put(tensor, view, value, self.span, None)

    def _put(
        self, tensor: Tensor, view: View, whole: Node, by: RecordedCall | Span | None, kept: Node | None
    ) -> None:
        """Gives what `tensor` is a view of another node."""
        base, storage = view.base, view.base.storage
        storage.overwrite(by, kept)
        if storage.alone and not view.path:
            whole.version, base.node = storage.version, whole  # the same, and quicker
            tensor.hold(whole)
            if not storage.by_row:
                storage.whole.note(whole)
        else:
            storage.hold(base, whole, view.path)
        if isinstance(by, RecordedCall):
            storage.become(whole)
        self.overwrote = True

    def rearrange(self, tensor: Tensor, shown: Tensor, label: Any) -> None:
        """Turns `tensor` into the view `shown` of what it was, as `t_()` does.

        With a label that is what made it; without, nothing is recorded.
        """
        if shown is tensor:  # as it is, and written to all the same
            from gradcli.ops.shapes import permute_primitive

            order = tuple(range(-len(tensor.shape), 0))
            same = permute_primitive(tensor.node, attrs=(order,))
            shown = self.link(tensor, self.wrap(same, label or LABELS["copy"]), ((same.op, same.attrs),))
        view = shown.view
        assert view is not None
        assert tensor.view is not None
        base, former = view.base, tensor.node
        OWNERS[former] = weakref.ref(tensor)
        storage = base.storage
        recorded = label is not None and former.requires_grad
        made_by = label or (former.call.function if former.call is not None else LABELS["copy"])
        call = RecordedCall(made_by, self.span)
        base.tensors.discard(shown)
        storage.overwrite(call, None)
        self.overwrote = True
        whole = all(op.name in ("permute", "reshape") for op, _ in view.path)
        if not whole and not tensor.view.path and former.requires_grad and tensor.is_leaf:
            fresh = self._turned(former, shown.node)
            base.tensors.discard(tensor)
            part = base.part(view.path, fresh)
            fresh.version = storage.version
            tensor.view = View(part, ())
            part.show_by(tensor)
            tensor.hold(fresh)
        elif tensor.view.path or not whole:
            own = identity(former) if former.requires_grad and collects(former) else tensor.view.own
            found = tensor.view.version
            tensor.view = View(base, view.path, tensor.view.barred)
            if not recorded:  # nobody has asked for its history since
                tensor.view.version = found
            if own is not None and own.op is LEAF:
                own = self._turned(own, shown.node)
                tensor.hold(own)
            tensor.view.own = own
            storage.hold(base, _holding(base.node, alias(base.node)))
            OWNERS[shown.node] = weakref.ref(tensor)
        else:
            node = self._turned(former, shown.node) if tensor.is_leaf else shown.node
            if node.op is not LEAF:
                _turn_gradient(former, node, recorded)
            stamp(node, call)
            if recorded:
                storage.become(node)
            node.version = storage.version
            alone = len(storage.bases) == 1 and set(base.tensors) <= {tensor}
            lay(node, view)
            if alone:  # nobody sees what it was
                storage.version.now.shape = node.shape
                tensor.view = None
                tensor.become(node)
                return
            for other in storage.bases:
                if other is not base:  # what it was is still there, and of another version
                    other.become(_holding(other.node, alias(other.node)))
            turned = base.part(view.path, node)
            back = undone(view.path, former)
            for each in tuple(base.tensors):
                assert each.view is not None
                each.view.base, each.view.path = turned, (*back, *each.view.path)
                base.tensors.discard(each)
                turned.show_by(each)
            tensor.view.path = ()
            tensor.node = node
            for each in turned.tensors:
                if each is not tensor:
                    each.forget()
        if recorded and tensor.view.path:
            stamp(shown.node, call)
            shown.node.version = storage.version
            _turn_gradient(former, shown.node, recorded)
            tensor.become(shown.node)

    def go_on(self, former: Node, node: Node) -> None:
        """Who has hooks already and is turned gets later ones where it has those: PyTorch keeps one list."""
        if self.hooks:
            heard = self.turned.get(former, former)
            if heard in self.hooks and heard is not node:
                self.turned[node] = heard

    def _turned(self, leaf: Node, shown: Node) -> Node:
        """The same leaf in the shape and order of `shown`."""
        fresh = Node(LEAF, (), (), shown.shape, shown.dtype, leaf.requires_grad, engine.value(shown))
        fresh.accumulator = identity(leaf).accumulator
        self._move_hooks(identity(leaf), fresh)
        return fresh

    def set_data(self, tensor: Tensor, value: Tensor) -> None:
        """`tensor.data = value`: from now on they share the memory of `value`."""
        node, other = tensor.node, value.node
        if node.requires_grad and other.dtype not in FLOATS:
            raise GradcliError(
                "dtype",
                "data set to a tensor that requires gradients must be floating point or complex dtype",
                span=self.span,
            )
        self.overwrote = True
        view = value.view or shared(value)
        former, viewed = tensor.view or shared(tensor), tensor.viewed
        former.base.storage.overwrite(self.span, None)
        former.base.tensors.discard(tensor)
        fresh: Node
        if not node.requires_grad or (other.shape == node.shape and other.dtype is node.dtype):
            fresh = _holding(node, alias(other))
        elif not tensor.is_leaf:
            fresh = _shown_as(node, other)
        else:
            fresh = Node(LEAF, (), (), other.shape, other.dtype, True, engine.value(other))
            fresh.accumulator = identity(node).accumulator
        base = view.base.part(view.path, fresh)
        fresh.version = base.storage.version
        tensor.view = View(base, (), former.barred)
        tensor.view.of = viewed
        base.show_by(tensor)
        tensor.forget()


def _shown_as(node: Node, value: Node) -> Node:
    """A result with another shape or dtype: its gradient becomes one of what it was, where that can be."""

    def rule(cotangents: Sequence[Node | None]) -> Sequence[Node | None]:
        (cotangent,) = cotangents
        assert cotangent is not None
        if not broadcasts_to(node.shape, cotangent.shape):
            raise GradcliError(
                "shape",
                f"a gradient of shape {list(cotangent.shape)} does not fit what had the shape "
                f"{list(node.shape)} before its .data was set",
            )
        fitted = sum_to(cotangent, node.shape)
        assert fitted is not None
        return [cast(fitted, node.dtype)]

    (fresh,) = attach([alias(value)], [node], rule, False)
    fresh.call = node.call
    return fresh


def _holding(node: Node, value: Node) -> Node:
    """`node` with another value: its history and its `.grad` stay."""
    if node.requires_grad:
        return renewed(node, value)
    value.accumulator = node.accumulator
    return value


def _has_gradient(tensor: Tensor, written: Tensor) -> bool:
    """Whether its gradient is at once that of what it becomes: that of a view waits until that asks."""
    if unasked(tensor) or tensor.history.accumulator is None:
        return False
    assert tensor.view is not None
    if tensor is not written and tensor.view.path:
        return False
    return not tensor.requires_grad or not tensor.is_leaf  # it was given one, or retains it


def _is_same(tensor: Tensor, source: Any) -> bool:
    """Whether a source is the same elements of the same memory in the same order: nothing is copied then."""
    to, given = tensor.view, source.view if type(source) is Tensor else None
    if to is None or given is None or to.base.storage is not given.base.storage:
        return False
    first, second = to.placed, given.placed
    return first is not None and second is not None and first.is_same(second)


def _moved(retained: Iterable[tuple[Tensor, Node]]) -> None:
    """What is retained is the gradient of what a tensor is now, and not of the node that it was."""
    for each, former in retained:
        if former.accumulator is not None and each.requires_grad and not former.requires_grad:
            former.accumulator.collects = False  # what was assigned to a constant stays as it is
        each.history.accumulator, former.accumulator = former.accumulator, None


def _turn_gradient(former: Node, node: Node, recorded: bool) -> None:
    """The `.grad` of what is turned in place: retained is that of what it was, if this was recorded."""
    former = identity(former)
    accumulator = former.accumulator
    if accumulator is not None and accumulator.collects and recorded:
        node.accumulator = Former(accumulator)
    else:
        node.accumulator, former.accumulator = accumulator, None


def as_operands(given: Iterable[Any], tensor: Tensor, heard: Tensor | None) -> list[Any]:
    """What an operation that writes to a tensor is given: there the tensor may be another to hooks."""
    return [heard if heard is not None and each is tensor else each for each in given]


def overlap(written: Tensor, read: Tensor, same: bool = False) -> bool:
    """Whether two tensors share some of their memory, but not all of it in the same order.

    With `same` they may share that too.
    """
    to, source = written.view, read.view
    if to is None or source is None or to.base.storage is not source.base.storage:
        return False
    first, second = to.placed, source.placed
    return first is not None and second is not None and first.overlaps(second, same)


def _without_ones(value: Node) -> Node:
    """What is assigned at a key, without leading dims of one element."""
    lead = next((at for at, size in enumerate(value.shape) if size != 1), value.ndim)
    return reshape_to(value, value.shape[lead:])


def _fitted(source: Node, node: Node, copies: bool) -> Node:
    """A new value for `node`, broadcast and cast to what it is."""
    if source.shape != node.shape:
        require_fits(node.shape, source.shape)
        source = expand_to(source, node.shape)
    if not copies and _kind(source) > _kind(node):
        raise GradcliError(
            "dtype",
            f"result type {torch_name(source.dtype)} can't be cast to the desired output type "
            f"{torch_name(node.dtype)}",
        )
    return cast(source, node.dtype)


def _kind(node: Node) -> int:
    """Whether it holds flags, whole numbers or floating-point ones: none is made of what comes later."""
    return 2 if node.dtype in FLOATS else int(node.dtype.kind != "b")
