"""The tensor that the user holds: a handle on a node of the tape; and memory that tensors share.

A tensor that nothing shares memory with, and that was never overwritten, has no `view` and none of the rest.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.labels import LABELS
from gradcli.engine import run as engine
from gradcli.errors import GradcliError
from gradcli.tape.custom import alias, detached, identity, renewed
from gradcli.tape.node import LARGE, LEAF, Accumulator, Node, RecordedCall, Version, collects, held_by, stamp
from gradcli.tape.promote import c_name, torch_name
from gradcli.tape.views import Path, along, overwrite, repeats

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.ops.layout import Placed
    from gradcli.tape.node import Now

LOOKED_AT: dict[weakref.ref[Tensor], None] = {}
"""Views that somebody has looked at since their memory was written to, and nobody has asked for a history."""


WRITTEN: weakref.WeakKeyDictionary[Node, Written] = weakref.WeakKeyDictionary()
"""What was recorded as a write through a view, and what has become of the view."""
OWNERS: weakref.WeakKeyDictionary[Node, weakref.ref[Tensor]] = weakref.WeakKeyDictionary()
"""The tensors of nodes which they no longer have: by another shape that they got in place, or (in memory that
detached ones share) by a write. Who saved such a node saved that tensor."""
BARRED: weakref.WeakKeyDictionary[Node, Barred] = weakref.WeakKeyDictionary()
"""What was recorded as a view that autograd cannot follow being written to."""


class Tensor:
    """What the user holds: a handle on a node.

    Nodes never change; in-place work gives the tensor another node. Where that was done to memory that it
    shares with another tensor, it has none until somebody looks; and as long as nobody asks for its history,
    by an operation that has one, it stays what it was to the rules, as in PyTorch.

    Attributes:
        node: the tape node that is its value now.
        view: how it lies in memory that it shares; None for one by itself that was never overwritten.
    """

    __slots__ = ("__weakref__", "node", "view")
    node: Node

    def __init__(self, node: Node) -> None:
        self.node = node
        self.view: View | None = None
        if node.size > LARGE:
            held_by(node, self)
        if LOOKED_AT:
            asked_by(node)

    def __getattr__(self, name: str) -> Any:
        view = self.view
        if name != "node" or view is None:
            raise AttributeError(name)
        base = view.base.node
        if not base.requires_grad and (view.own is None or view.own.op is LEAF):
            self.hold(shown(view))  # there is no history to ask for
            return self.node
        if view.looked is None or view.looked[1] is not base:
            node = shown(view)
            if view.looked is not None:
                node.accumulator = view.looked[0].accumulator
            view.looked = node, base
            LOOKED_AT[weakref.ref(self)] = None
        return view.looked[0]

    def asked(self) -> Tensor:
        """Itself, when its history has been asked for."""
        view = self.view
        if view is None:
            return self
        node = self.node
        if self.held is None:
            if view.barred is not None:
                raise cannot_follow(view.barred)
            own = view.own
            if own is not None:  # whose gradient it retains is what it is by now
                node.accumulator, own.accumulator = own.accumulator, None
                if node.version is not own.version:
                    WRITTEN.pop(own, None)
                    if own.op is not LEAF:
                        view.own = identity(node)  # which lets go of what it was
                elif own in WRITTEN:
                    WRITTEN[own].asked = weakref.ref(node)
            view.version = view.base.storage.version
            self.hold(node)
        return self

    def forget(self) -> None:
        """The memory that it shows holds something else."""
        view = self.view
        assert view is not None
        self._leave()
        if not view.path and (view.barred is None or not view.barred.own):
            self.hold(view.base.node)
        elif (former := self.held) is not None:
            given = former.accumulator if not former.requires_grad or self.dangles else None
            if former.requires_grad and not self.dangles:
                view.own = identity(former)
            del self.node
            if given is not None:  # a gradient that it was given stays, and as it is where it has a history
                given.collects = given.collects and not self.requires_grad
                self.node.accumulator = given

    def renew(self, base: Node) -> None:
        """The memory that it shows holds something else, of which it has no history: it keeps its own."""
        view = self.view
        assert view is not None
        self._leave()
        if not view.path:
            self.hold(base)
            return
        part = along(view.path, detached(base))
        node = dangling(part) if self.dangles else renewed(self.node, part)
        node.version = view.base.storage.version
        lay(node, view)
        self.hold(node)

    def _leave(self) -> None:
        # Who saved the node that it has so far saved this tensor.
        former = self.held
        if former is not None:
            OWNERS[former] = weakref.ref(self)

    @property
    def held(self) -> Node | None:
        """Its node, unless its memory was written to and nobody has asked for it since."""
        try:
            return _held(self)
        except AttributeError:
            return None

    def become(self, node: Node, views: bool = True) -> None:
        """Gives it another node, of the same value or one that its memory holds by now.

        Without `views` those of it stay as they are: their history is not this tensor's.
        """
        if self.view is None:
            self.hold(node)
        elif self.view.path:
            node.version = self.view.base.storage.version
            self.hold(node)
        elif views:
            self.view.base.become(node)
        else:
            node.version = self.view.base.storage.version
            self.view.base.node = node
            self.hold(node)

    def hold(self, node: Node) -> None:
        """Takes another node, whatever shares its memory."""
        self.node = node
        if node.size > LARGE:
            held_by(node, self)

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""
        return self.node.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Its dtype."""
        return self.node.dtype

    @property
    def requires_grad(self) -> bool:
        """Whether operations on it are recorded for backward."""
        try:
            return _held(self).requires_grad
        except AttributeError:
            pass
        assert self.view is not None  # told without looking for its history, as PyTorch does
        return self.view.base.node.requires_grad or self.view.own is not None

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made it."""
        return not self.node.requires_grad or identity(self.node).op is LEAF

    @property
    def dangles(self) -> bool:
        """Whether it is a view, made while nothing was recorded, of what requires grad: it only says so."""
        if self.view is None or not self.view.path:
            return False
        return self.requires_grad and self.node.op is LEAF and not collects(self.node)

    @property
    def viewed(self) -> Base | None:
        """What it is a part of to autograd, or None for what is no view."""
        view = self.view
        return None if view is None else view.base if view.path else view.of

    @property
    def history(self) -> Node:
        """What it is to differentiation, or was when somebody last asked."""
        view = self.view
        if view is not None and view.own is not None and self.held is None:
            return identity(view.own)
        return identity(self.node)

    @property
    def grad(self) -> Tensor | None:
        """The gradient accumulated so far."""
        accumulator = self.history.accumulator
        return accumulator.grad if accumulator is not None else None

    @grad.setter
    def grad(self, gradient: Tensor | None) -> None:
        if gradient is not None:
            if gradient is self:
                raise GradcliError("bad-argument", "can't assign Variable as its own grad")
            if gradient.shape != self.shape:
                raise GradcliError(
                    "shape",
                    f"attempting to assign a gradient of size '{list(gradient.shape)}' to a tensor of size "
                    f"'{list(self.shape)}'. Please ensure that the gradient and the tensor are the same size",
                )
            if gradient.dtype != self.dtype:
                raise GradcliError(
                    "dtype",
                    f"attempting to assign a gradient with dtype '{c_name(gradient.dtype)}' to a tensor with "
                    f"grad_dtype '{torch_name(self.dtype)}'. The gradient must match the tensor's grad_dtype "
                    "(defaults to the tensor's dtype). You can set the tensor's grad_dtype attribute with a "
                    "specific dtype, or None to allow any dtype. Set grad_dtype with caution. Diverging "
                    "the dtypes of a tensor and its gradient may break downstream systems that assume they "
                    "match.",
                )
        node = self.history
        if node.accumulator is None:
            if gradient is None:
                return
            node.accumulator = Accumulator(collects=self.is_leaf and not self.dangles)
        node.accumulator.grad = gradient

    @property
    def grad_fn(self) -> str | None:
        """PyTorch's name for the operation that made it, or None for a leaf."""
        try:
            node = self.asked().node
        except GradcliError:
            return "Invalid"
        if self.is_leaf:
            return None
        if node.call is None:
            return node.op.name.capitalize() + "Backward0"
        return str(node.call.function.grad_fn)

    @property
    def version(self) -> int:
        """How many in-place operations its memory has seen."""
        version = self.view.base.storage.version if self.view is not None else self.node.version
        return version.number if version is not None else 0

    @property
    def offset(self) -> int:
        """Where in its memory it begins, in elements."""
        placed = self.view.placed if self.view is not None else None
        return 0 if placed is None else placed.offset

    @property
    def retains_grad(self) -> bool:
        """Whether it is a non-leaf whose gradient is kept, or was one until it was detached in place."""
        accumulator = self.history.accumulator
        if accumulator is None:
            return False
        return accumulator.detached or (accumulator.retains and not self.is_leaf)


_held: Callable[[Tensor], Node] = Tensor.node.__get__  # type: ignore[misc, attr-defined]


class Storage:
    """One piece of memory.

    Attributes:
        version: what it holds now.
        whole: how PyTorch would lay it out.
        by_row: that is row by row.
        bases: every base that lies in it; what was detached is one of its own. It holds none of them: they
            hold it.
        alone: one tensor shows it, and there never was another.
    """

    __slots__ = ("alone", "bases", "by_row", "version", "whole")

    def __init__(self, node: Node) -> None:
        from gradcli.ops.layout import dense, placed_as

        self.whole = placed_as(node)
        self.whole.note(node)
        self.by_row = self.whole.strides == dense(node.shape)
        self.version = node.version = node.version or Version()
        self.alone = True
        self.bases: weakref.WeakSet[Base] = weakref.WeakSet()

    def overwrite(self, by: RecordedCall | Span | None, kept: Node | None) -> None:
        """What it holds becomes another version; only the call that did this may read `kept` any more.

        Where it was not recorded, `by` is its place.
        """
        self.version = self.version.overwrite(by or (), kept)

    def become(self, node: Node) -> None:
        """Notes what an operation that was recorded made of the tensor whose memory it is."""
        now, alone = self.version.now, len(self.bases) == 1
        now.made_by = node.call.function.grad_fn if alone and node.call is not None else ""
        now.shape = node.shape if alone else None

    def hold(self, base: Base, node: Node, path: Path = ()) -> None:
        """Gives `base` another node, of which the part at `path` is new; other bases keep their history."""
        base.become(node)
        if len(self.bases) == 1:
            return
        others = [each for each in self.bases if each is not base]
        whole = detached(node)
        if base.path:
            part = along(path, whole) if path else whole  # where an element stands twice, that one counts
            former = base.root.node if base.root is not None else base.node
            whole = overwrite(detached(former), part, attrs=((*base.path, *path),))
            if repeats(base.path, former.shape):
                others.append(base)  # it has the elements that were written to elsewhere as well
        for each in others:
            part = along(each.path, whole) if each.path else alias(whole)
            if each.node.requires_grad:
                part = renewed(each.node, part)
            else:  # a gradient that it was given stays
                part.accumulator = each.node.accumulator
            each.become(part, base.silent)


class Base:
    """What views are views of in the eyes of autograd: a tensor's history, and the tensors that show it.

    Attributes:
        storage, path: where it lies.
        node: its value and history now.
        root: the base that is the whole of the memory, for one that is a part; the memory doesn't hold it.
        tensors: the tensor itself, and views of it.
        silent: it is a `.data`, whose writes PyTorch tells nobody of.
    """

    __slots__ = ("__weakref__", "node", "path", "root", "silent", "storage", "tensors")

    def __init__(
        self, storage: Storage, node: Node, path: Path = (), root: Base | None = None, silent: bool = False
    ) -> None:
        self.silent = silent
        self.storage = storage
        self.path = path
        self.node = node
        self.root = root
        self.tensors: weakref.WeakSet[Tensor] = weakref.WeakSet()
        storage.alone = not storage.bases
        storage.bases.add(self)

    def part(self, path: Path, node: Node, silent: bool = False) -> Base:
        """What is at a path in it as a base of its own."""
        return Base(self.storage, node, (*self.path, *path), self.root or self, silent)

    def show_by(self, tensor: Tensor) -> None:
        """Counts a tensor among those that show it."""
        if self.tensors:
            self.storage.alone = False
        self.tensors.add(tensor)

    def become(self, node: Node, silently: bool = False) -> None:
        """Another node; views of it find theirs when somebody asks for it.

        Where its memory was written to through a `.data`, they keep the history that they have.
        """
        node.version = self.storage.version
        placed = self.storage.whole.follow(self.path) if self.path else self.storage.whole
        if placed is not None:
            placed.note(node)
        self.node = node
        for tensor in self.tensors:
            if silently and tensor.held is not None and tensor.requires_grad:
                tensor.renew(node)
            else:
                tensor.forget()


class Written:
    """What a view became by a write through it.

    Attributes:
        tensor: the view.
        asked: what it was to who asked before anything else was written, or None.
        again: it was written to again, by what no walk has freed.
    """

    __slots__ = ("again", "asked", "tensor")

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = weakref.ref(tensor)
        self.asked: weakref.ref[Node] | None = None
        self.again = False

    def is_there(self, source: Node) -> bool:
        """Whether somebody has what it became by `source`: the view, what was made of it, or a write."""
        if self.again or (self.asked is not None and self.asked() is not None):
            return True
        tensor = self.tensor()
        return tensor is not None and tensor.view is not None and tensor.view.own is source


class Barred:
    """Why autograd cannot follow writing through a view.

    Attributes:
        made_by: the `grad_fn` that it had when it was made, or None.
        number: it is this one of several results of one call; None: it was made while nothing was recorded.
        own: that call is one of a function with its own gradient.
        base: what it shows, or None; weak, as `BARRED` holds this, and the base may have been made of the
            node that stands there.
        history: that had a history, without which there is none to ask for.
    """

    __slots__ = ("base", "history", "made_by", "number", "own")

    def __init__(
        self,
        made_by: str | None = None,
        number: int | None = None,
        own: bool = False,
        base: Base | None = None,
    ) -> None:
        self.base = weakref.ref(base) if base is not None else None
        self.history = base is None or base.node.requires_grad
        self.made_by = made_by
        self.number = number
        self.own = own

    def asked(self, now: Now) -> bool:
        """Whether it has a history to ask for, as its memory is now: of a base that has gone, too."""
        base = self.base() if self.base is not None else None
        return base.node.requires_grad if base is not None else self.history or now.made_by != ""

    def of(self, made_by: str | None) -> Barred:
        """The same of a view of this one."""
        found = Barred(made_by, None if self.number is None else 0, self.own)
        found.base, found.history = self.base, self.history
        return found

    def message(self, written: str = "is being") -> str:
        """PyTorch's sentences."""
        name = self.made_by.partition("Backward")[0] if self.made_by else ""
        at = self.number or 0
        if name and self.number is not None:
            what = f"Output {at} of {name} is a view and {written} modified inplace."
        else:
            what = f"Output {at} of {name} is a view of a view which was" if name else "A view was"
            what = f"{what} created in no_grad mode and {written} modified inplace with grad mode enabled."
        return f"{what} {_OWN if self.own else _AMBIGUOUS if self.number is None else _SEVERAL}"


_SEVERAL = (
    "This view is the output of a function that returns multiple views. Such functions do not allow the "
    "output views to be modified inplace. You should replace the inplace operation by an out-of-place one."
)
_OWN = (
    "This view was created inside a custom Function (or because an input was returned as-is) and the "
    "autograd logic to handle view+inplace would override the custom backward associated with the custom "
    "Function, leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the "
    "output of the custom Function."
)
_AMBIGUOUS = (
    "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by "
    "moving both the view and the inplace either both inside the no_grad block (if you don't want the "
    "inplace to be tracked) or both outside (if you want the inplace to be tracked)."
)


def cannot_follow(barred: Barred) -> GradcliError:
    """What asking for the history of a view ends with that was barred before its memory was written to."""
    return GradcliError("in-place", barred.message("its base or another view of its base has been"))


class View:
    """How a tensor shows a base.

    Attributes:
        base, path: it shows this part of that base; the whole when there is no path.
        barred: why autograd cannot follow writing through it, or None.
        own: what it is to differentiation by itself: a leaf, or a result. It is asked where its base requires
            no grad, or no longer.
        of: the base that it was a part of until its `.data` was set, or None.
        version: of the memory, when its history was found.
        looked: what it was found to be of which base, by who looked and did not ask for its history.
    """

    __slots__ = ("barred", "base", "looked", "of", "own", "path", "version")

    def __init__(self, base: Base, path: Path, barred: Barred | None = None) -> None:
        self.looked: tuple[Node, Node] | None = None
        self.base = base
        self.path = path
        self.barred = barred
        self.own: Node | None = None
        self.of: Base | None = None
        self.version = base.storage.version

    @property
    def placed(self) -> Placed | None:
        """How PyTorch would lay it out, where its memory can be stepped through."""
        return self.base.storage.whole.follow((*self.base.path, *self.path))


def dangling(node: Node, flag: bool = True) -> Node:
    """The value of `node` as one that says that it requires grad, to which no gradient gets."""
    return Node(LEAF, (), (), node.shape, node.dtype, flag, engine.value(node))


def unasked(tensor: Tensor) -> bool:
    """Whether it is a view that had no history, and nobody has asked since its memory was written to.

    PyTorch takes it for a leaf.
    """
    return tensor.view is not None and tensor.held is None and tensor.view.own is None


def lay(node: Node, view: View) -> None:
    """Notes how the node of a view lies in memory."""
    placed = view.placed
    if placed is not None:
        placed.note(node)


def shown(view: View) -> Node:
    """The node of a view whose base has been written to: PyTorch calls it by where it lies."""
    base = view.base
    node = along(view.path, base.node)
    if view.own is not None and not base.node.requires_grad:
        if view.own.op is LEAF:
            node = renewed(view.own, node)
        else:  # it is still a result, of what no gradient gets to any more
            node = along(view.path, dangling(base.node))
            stamp(node, RecordedCall(LABELS["as_strided"], None))
    elif node is not base.node:
        stamp(node, RecordedCall(LABELS["as_strided"], None))
    else:
        return node
    node.version = base.storage.version
    lay(node, view)
    return node


def asked_by(node: Node) -> None:
    """Asks for the history of those tensors that were looked at for a node, if it has a history itself."""
    if not node.requires_grad:
        return
    call, pending, seen = node.call, [node], {node: 0}  # in the order of the operands
    while pending:
        for each in pending.pop().inputs:
            if each not in seen:
                seen[each] = len(seen)
                if each.call is None or each.call is call:
                    pending.append(each)
    found = []
    for place in tuple(LOOKED_AT):
        tensor = place()
        if tensor is None or tensor.held is not None:
            del LOOKED_AT[place]
        elif tensor.node in seen:
            found.append(tensor)
    for tensor in sorted(found, key=lambda each: seen[each.node]):
        tensor.asked()
        LOOKED_AT.pop(weakref.ref(tensor), None)
