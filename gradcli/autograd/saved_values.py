"""What a backward walk reads that is there no longer: values that were freed, or overwritten in place.

The session asks before it walks. What PyTorch saves where our rules read something else is in `ops/saved.py`.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from gradcli.autograd.tensor import BARRED, OWNERS, WRITTEN, Barred, cannot_follow
from gradcli.errors import GradcliError
from gradcli.ops.parameters import REQUIRED
from gradcli.ops.registry import is_listed, lookup
from gradcli.ops.saved import EXPANDING, is_reached, saved_of, saves_separately, unpacked
from gradcli.tape.custom import RENEWED, identity
from gradcli.tape.node import LEAF, Node, RecordedCall
from gradcli.tape.primitives import cast_primitive, reshape
from gradcli.tape.promote import broadcast, torch_name
from gradcli.tape.reverse import ones_like
from gradcli.tape.views import overwrite, repeats

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from gradcli.tape.node import Shape, Version
    from gradcli.tape.views import Path

    Span = tuple[int, int] | None

SAVELESS = frozenset(
    (
        *("SumBackward0", "SumBackward1", "MeanBackward0", "MeanBackward1", "ViewBackward0", "NegBackward0"),
        *("AddBackward0", "SubBackward0", "SqueezeBackward0", "SqueezeBackward1", "UnsqueezeBackward0"),
        *("TransposeBackward0", "PermuteBackward0", "ExpandBackward0", "UnsafeViewBackward0"),
        "SqueezeBackward4",
    )
)
"""What compositions end with that saves nothing, whatever came before it."""
VIEWING = frozenset(("linear", "matmul", "cosine_similarity", "outer"))
"""Functions that save other looks at what they are given."""
FOLDING = frozenset(("linear", "matmul"))
"""Functions that make one matrix of many, times another one."""
STEPS = frozenset(("grad", "cosine_similarity"))
"""Functions each of whose steps saves what it reads itself."""


def saving(
    order: Sequence[Node],
    overwrote: bool,
    span: Span,
    steps: Collection[Node] | None = None,
    frees: bool = True,
    recorded: bool = False,
) -> list[Node]:
    """The nodes to be walked whose rule reads saved values; raises if those were freed or overwritten.

    Of the inner `steps` of calls those that it comes upon from outside are nobody's to be freed. What a walk
    frees that is `recorded` is held by what it recorded before.
    """
    found = [
        node
        for node in order
        if node.op.saves(node)
        # What an update made of a result is no operation of its own.
        or (node.call is not None and node.op is not RENEWED and _tells(node.call))
    ]
    if steps:
        strays = come_upon(order, steps)
        if strays:
            found = [node for node in found if node not in strays]
            order = [node for node in order if node not in strays or node.call is None or not node.call.freed]
    saves = set(found) if overwrote else set()
    try:
        if not overwrote:
            check(found, overwrote, span)
        else:
            for node in reversed(order):
                _examine(node, saves, overwrote, span)
    except GradcliError:
        if frees:  # as far as PyTorch gets, which meets what was written later before
            for node in order:
                if node in WRITTEN and not _is_held_on(node, order, recorded):
                    WRITTEN[node].again = False
        raise _first_met(order, set(order if overwrote else found), saves, overwrote, span) from None
    return found


def _is_held_on(node: Node, order: Sequence[Node], recorded: bool) -> bool:
    """Whether what overwrote a node is no longer there, but something else that a walk doesn't free.

    That are the other operands of what wrote, where it is one of them as well; and what a walk recorded whose
    gradient depends on it.
    """
    by = node.version.by if node.version is not None else None
    for each in order:
        if each.call is None or each.call is not by or each.op is overwrite:
            continue
        given = [operand for operand in each.inputs if operand.requires_grad and operand.call is not by]
        if len(set(given)) < len(given):
            return True
        if recorded and any(_reads(each, operand, recorded=True) for operand in given):
            return True
    return False


def _tells(call: RecordedCall) -> bool:
    """Whether a call says that it saved something, whatever its rules read."""
    return bool(call.function.saves or (call.saved is not None and any(saved_of(call.saved))))


def inner_steps(order: Sequence[Node]) -> list[Node]:
    """What functions that are one step in PyTorch were made of: its gradients don't go through that.

    They are made of the operands anew, but where the function saves its result.
    """
    found = []
    for node in order:
        call = node.call
        if call is None or node.op is RENEWED or call.function.name == "group_norm":
            continue  # what was made of a result is none of its steps, a mean is another result there
        if not any(each.call is call for each in node.inputs):
            continue
        if is_one_step(call) and not (call.saved is not None and saved_of(call.saved)[1]):
            found += [each for each in node.inputs if each.call is call and each.op is not LEAF]
    return found


def is_one_step(call: RecordedCall) -> bool:
    """Whether a function is one step in PyTorch, whatever it is composed of here."""
    named = call.function.grad_fn.partition("Backward")[0].lower().removeprefix("native")
    return named == call.function.name.replace("_", "")


def come_upon(order: Sequence[Node], steps: Collection[Node]) -> set[Node]:
    """Those inner steps of calls that a walk gets to by another way than from the result of the call."""
    found: set[Node] = set()
    through: set[Node] = set()
    for node in reversed(order):
        if node in steps and node not in through:
            found.add(node)
        else:
            through.update([each for each in node.inputs if each.call is node.call])
    return found


def _first_met(
    order: Sequence[Node], asked: set[Node], saves: set[Node], overwrote: bool, span: Span
) -> GradcliError:
    """Of all that is wrong what a walk meets first.

    Of what it may come to next it takes what was recorded last, which is what stands last in the program.
    """
    from heapq import heapify, heappop, heappush

    places = {node: at for at, node in enumerate(order)}
    waiting = dict.fromkeys(order, 0)
    for node in order:
        for each in node.inputs:
            if each in waiting:
                waiting[each] += 1

    def next_of(node: Node) -> tuple[int, int, int]:
        start, end = (node.call.span if node.call is not None else None) or (-1, -1)
        return -start, -end, -places[node]

    ready = [next_of(node) for node, users in waiting.items() if not users]
    heapify(ready)
    while ready:
        node = order[-heappop(ready)[2]]
        try:
            if node in asked:
                if node.call is not None and node.call.function.grad_fn == "NotImplemented":
                    node.op.vjp(node, ones_like(node))  # which says so
                _examine(node, saves, overwrote, span)
        except GradcliError as fault:
            # Its traceback would hold this call, and with it itself and the whole tape.
            return fault.with_traceback(None)
        for each in node.inputs:
            if each in waiting:
                waiting[each] -= 1
                if not waiting[each]:
                    heappush(ready, next_of(each))
    raise AssertionError("nothing is wrong")


def _examine(node: Node, saves: set[Node], overwrote: bool, span: Span) -> None:
    """Raises if what a node to be walked saved was freed or overwritten."""
    if not overwrote:
        check((node,), overwrote, span)
        return
    call = node.call
    if node.op is overwrite and node.inputs[0].requires_grad and repeats(node.attrs[0], node.shape):
        raise _repeated_error(node)  # PyTorch lays the gradient out as the view, and writes to that
    if _adrift(node):
        if call is not None and call.saved is not None:
            if call.freed is None:
                _check_saved(node, call, result_only=True)
            elif saved_of(call.saved)[1]:
                raise _freed_error(call, span)
    elif node in saves:
        check((node,), overwrote, span)
    elif (
        node.op is not RENEWED  # a state of what the call made, which has a node of its own
        and call is not None
        and call.saved is not None
        and call.freed is None
    ):
        _check_saved(node, call)


def _adrift(node: Node) -> bool:
    """Whether all its operands were viewed outside recording: no gradient gets to them, so none was saved.

    That goes for functions that save each operand for the gradient of one other. What is a composition in
    PyTorch too views its operands while it is recorded, and saves them.
    """
    call = node.call
    if (
        call is None
        or call.function.grad_fn in SAVELESS
        or not saves_separately(call.function.name, call.saved)
    ):
        return False
    return not any(_gets_to(each, call) for each in node.inputs)


def _gets_to(node: Node, call: RecordedCall) -> bool:
    """Whether a gradient of a call gets to an operand, or to what the call made this inner step of."""
    pending = [node]
    while pending:
        each = pending.pop()
        if each.call is call and each.op is not LEAF:
            pending.extend(each.inputs)
        elif is_reached(each):
            return True
    return False


def check(saving: Sequence[Node], overwrote: bool, span: Span) -> None:
    """Raises if what the rules of these nodes read was freed or overwritten."""
    for node in reversed(saving):
        call = node.call
        if call is not None and getattr(call.function, "asks", False):
            continue  # it finds out itself, if it asks for what it saved
        if call is not None and call.freed is not None:
            if _adrift(node) and not (call.saved and saved_of(call.saved)[1]):
                continue
            raise _freed_error(call, span)
        if not overwrote:
            continue
        if call is not None and call.saved is not None:
            _check_saved(node, call)
            continue
        for each in (node, *_unpacked(node)):
            found = overwritten(each, call) if _doubtful(each) else None
            if found is not None and _reads(node, each):
                viewed = found is not each and _is_view(node, each)
                folded = None if viewed else _folded(node, each)
                if folded is None or folded[1]:
                    raise _stale_error(node, found, each.shape if viewed else folded and folded[0], viewed)


def _is_view(node: Node, operand: Node) -> bool:
    """Whether what a call saved is a look of its own at what it was given."""
    call = node.call
    if call is None or operand.call is not call or call.function.name not in VIEWING:
        return False
    if call.function.name == "outer":
        return True
    # A product with a vector saves both as they are.
    return not any(each.call is call and _is_column(each) for each in node.inputs)


def _folded(node: Node, operand: Node) -> tuple[Shape, bool] | None:
    """The shape of the matrix that a product makes of many, and whether it is a view of them and no copy.

    None for what is saved as it is.
    """
    if node.call is None or node.call.function.name not in FOLDING or len(node.inputs) != 2:
        return None
    first, second = node.inputs
    turned = operand is second and first is not second
    other = first if turned else second
    if operand.ndim <= 2 or other.ndim > 2 or not other.requires_grad:
        return None
    from gradcli.ops.layout import placed_as
    from gradcli.ops.shapes import permute_primitive

    path: Path = ()
    shape = operand.shape
    if turned:
        order = (*range(-operand.ndim, -2), -1, -2)
        path, shape = ((permute_primitive, (order,)),), (*shape[:-2], shape[-1], shape[-2])
    shape = prod(shape[:-1]), shape[-1]
    return shape, placed_as(operand).follow((*path, (reshape, (shape,)))) is not None


def _is_column(node: Node) -> bool:
    """Whether it is a vector as a matrix of one column."""
    return len(node.inputs) == 1 and node.shape == (*node.inputs[0].shape, 1)


def _unpacked(node: Node) -> Sequence[Node]:
    """The operands of a node in the order in which PyTorch looks at those that its call saved."""
    call = node.call
    if call is None or len(node.inputs) != 2 or not all(map(_doubtful, node.inputs)):
        return node.inputs
    if call.function.name == "outer" or (
        call.function.name == "linear" and call.function.grad_fn != "AddmmBackward0"
    ):
        return node.inputs[::-1]  # products, of which the second operand comes first
    if call.function.grad_fn in ("DotBackward0", "MvBackward0"):
        return node.inputs  # whatever called them
    row = lookup(call.function.name) if is_listed(call.function.name) else None
    names = [unpacked(each.name) for each in row.positional if each.default is REQUIRED] if row else []
    if names[-2:] == sorted(names[-2:]):
        return node.inputs
    return node.inputs[::-1]


def ask(node: Node, saved: Sequence[Node], span: Any) -> None:
    """Raises if what the program's own function made `node` from was freed or overwritten: it asks for it."""
    call = node.call
    assert call is not None
    if call.freed is not None:
        raise _freed_error(call, span)
    for each in saved:
        found = overwritten(each, None)
        if found is not None:
            raise _stale_error(node, found)


def _check_saved(node: Node, call: RecordedCall, result_only: bool = False) -> None:
    """As `check`, for a call that tells what it saved, or of that for its result alone."""
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
    for each in () if result_only else operands:
        found = overwritten(each, call)
        if found is not None:
            whole = call.function.name in EXPANDING and broadcast(*[other.shape for other in operands])
            raise _stale_error(node, found, whole or found.shape)
    if result and node.version is not None and node.version.by is not None:
        raise _stale_error(node, node)


def _repeated_error(node: Node) -> GradcliError:
    return GradcliError(
        "in-place",
        "unsupported operation: more than one element of the written-to tensor refers to a single memory "
        "location. Please clone() the tensor before performing the operation.",
        span=node.call.span if node.call is not None else None,
        hint="work on a copy: x.clone()",
    )


def _stale_error(
    node: Node, overwritten: Node, shape: Shape | None = None, viewed: bool = False
) -> GradcliError:
    """What is told of a node that saved what was overwritten, expanded to `shape` or `viewed`."""
    expanded = viewed or (shape is not None and shape != overwritten.shape)
    dangles = overwritten.op is LEAF and overwritten.requires_grad and overwritten.accumulator is None
    barred = BARRED.get(overwritten, Barred() if dangles else None)
    version = overwritten.version
    assert version is not None
    by, now = version.by, version.now
    # PyTorch asks for its history to say what it was.
    if barred is not None and barred.asked(now):
        return cannot_follow(barred.of("ExpandBackward0") if expanded else barred)
    shape = shape or overwritten.shape
    former = identity(overwritten)
    made_by = former.call if overwritten.requires_grad and former.op is not LEAF else None
    name = made_by.function.grad_fn if made_by is not None else ""
    own = overwritten is node or (node.call is not None and overwritten.call is node.call)
    owner = OWNERS[overwritten]() if overwritten in OWNERS else None
    if own and (overwritten.requires_grad or owner is None):
        if overwritten in WRITTEN and WRITTEN[overwritten].is_there(overwritten):
            name = "AsStridedBackward0"
    elif owner is not None and not expanded:  # a tensor, asked what it is by now
        name, shape = owner.grad_fn or "", owner.shape
    elif expanded or _shows(overwritten, version):
        name = "AsStridedBackward0" if now.made_by or overwritten.requires_grad else ""
    elif now.shape is not None:
        name, shape = now.made_by or name, now.shape
    kind = f"[torch.{torch_name(overwritten.dtype)}Tensor {list(shape)}]"
    output = f", which is output 0 of {_cpp_name(name)}," if name else ""
    saved_by = f"{node.call.function.name} at {{0}}" if node.call is not None else node.op.name
    written = by.span if isinstance(by, RecordedCall) else by or None
    return GradcliError(
        "in-place",
        "one of the variables needed for gradient computation has been modified by an inplace "
        f"operation: {kind}{output} is at version {now.number}; expected version {version.number} "
        f"instead: {saved_by} saved it before it was overwritten{' at {1}' if written else ''}",
        places=(node.call.span if node.call is not None else None, written),
        hint="call backward() before the update, or write x = x + 1 in place of x += 1",
    )


def _shows(node: Node, version: Version) -> bool:
    """Whether what memory held is a part of it, or another look at it."""
    each = identity(node)
    while each.op.views and each.inputs:
        (each,) = each.inputs
        if each.version is not None:
            return each.version is version
        each = identity(each)
    return False


def _cpp_name(grad_fn: str) -> str:
    """What errors call a step of a backward."""
    name, _, number = grad_fn.partition("Backward")
    if number.isdecimal():
        return name if number == "0" else name + number
    return name if grad_fn.endswith("Backward") else f"torch::autograd::{grad_fn}"


def _freed_error(call: RecordedCall, span: Span) -> GradcliError:
    assert call.freed is not None
    by = "backward() at {1}" if call.freed.span is not None else f"backward pass {call.freed.number + 1}"
    return GradcliError(
        "graph-freed",
        "Trying to backward through the graph a second time (or directly access saved tensors after they "
        f"have already been freed): what {call.function.name} at {{0}} saved was freed by {by}",
        span=span or call.span,
        places=(call.span, call.freed.span),
        hint="keep it with retain_graph=True (--retain-graph) in the first backward, or compute the "
        "result again before the second",
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
    # The steps of a walk, and of what PyTorch composes as we do, save each for itself.
    whole = call is not None and call.function.name not in STEPS
    pending = [node]
    seen: set[Node] = set()
    while pending:
        each = pending.pop()
        version = each.version
        if version is not None:
            if version.by is not None and not version.kept_by(call, each):
                return each
        elif each not in seen and (
            # Inside a function: what another call gave without being a view of it is a copy.
            (each.op.views and (each.call is None or each.call is call))
            or (whole and each.call is call and (given or each is not node))
        ):
            seen.add(each)
            pending.extend(each.inputs)
    return None


def _reads(node: Node, operand: Node, recorded: bool = False) -> bool:
    """Whether the reverse rule of `node` reads the value of `operand`, found out by applying it.

    If it is `recorded`: whether what it gives can be differentiated by that.
    """
    cotangent: Any = ones_like(node)
    call = node.call
    if call is not None and not saves_separately(call.function.name, call.saved):
        call = None
    pending = [
        each
        for given, each in zip(node.inputs, node.op.vjp(node, cotangent), strict=False)
        if each is not None and (call is None or not given.requires_grad or _gets_to(given, call))
    ]
    seen: set[Node] = set()
    while pending:
        each = pending.pop()
        if each is operand:
            return True
        if each not in seen and (each.call is None or each is node):
            seen.add(each)
            if each is not node:
                pending.extend([given for given in each.inputs if given.requires_grad or not recorded])
    return False
