"""What broadcasting did: where backward adds up again, and where it was probably not meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.explanation.model import Finding
from gradcli.tape.node import LEAF, Node

if TYPE_CHECKING:
    from gradcli.explanation.model import Story
    from gradcli.explanation.seen import Seen
    from gradcli.explanation.tape_view import TapeView

REDUCING = ("sum", "mean", "amax", "amin", "prod", "logsumexp", "max", "min", "norm", "std", "var", "median")


def shapes(seen: Seen, story: Story, tape: TapeView) -> list[Finding]:
    """Every step of the user's that broadcast."""
    found: list[Finding] = []
    for node in tape.order:
        if not node.op.elementwise or node.call is None or len(node.inputs) < 2 or not node.shape:
            continue
        if tape.function(node) not in ("add", "sub", "mul", "div", "pow", "maximum", "minimum", "where") and (
            node.call.span is None
        ):
            continue
        wide = [each for each in node.inputs if each.shape]
        if len(wide) >= 2 and all(each.size < node.size for each in wide):
            if any(tape.function(each) in ("indexing", "unsqueeze") for each in wide):
                continue  # x[:, None] says so
            texts = " and ".join([f"{tape.text(each)} of shape {list(each.shape)}" for each in wide])
            says = f"{tape.made(node)} broadcast {texts} to {list(node.shape)}: every element met every other"
            hint = "give both one shape: reshape, squeeze(-1)"
            found.append(Finding("broadcast", says, tape.line(node), hint))
            continue
        for each in wide:
            if each.size >= node.size:
                continue
            wrong = _wrong_axis(each, node, tape)
            if wrong is not None:
                found.append(wrong)
            elif each.requires_grad and tape.seen.named.names.get(each):
                name = tape.seen.named.names[each]
                says = f"{tape.made(node)} broadcast {name} {list(each.shape)} to {list(node.shape)}: "
                says += f"backward sums over {_axes(each, node)}"
                found.append(Finding("sum", f"Σ {says}", tape.line(node)))
    return found


def _axes(each: Node, node: Node) -> str:
    """The dims along which something was repeated, in words."""
    rank = node.ndim
    missing = rank - each.ndim
    dims = [
        at for at in range(rank) if at < missing or (each.shape[at - missing] == 1 and node.shape[at] != 1)
    ]
    if rank == 2:
        words = {0: "rows", 1: "columns"}
        return " and ".join([words[at] for at in dims])
    return f"dim{'s' if len(dims) > 1 else ''} {', '.join(map(str, dims))}"


def _wrong_axis(each: Node, node: Node, tape: TapeView) -> Finding | None:
    """A reduction that dropped a dim and was lined up with another one."""
    reduced = _reduction(each)
    if reduced is None:
        return None
    call, before = reduced
    if each.ndim != before.ndim - 1 or node.shape != before.shape:
        return None
    kept = call.attrs[-1] if call.attrs else ()
    dims = kept if isinstance(kept, tuple) else (kept,)
    dims = tuple([dim - before.ndim if isinstance(dim, int) and dim >= 0 else dim for dim in dims])
    if len(dims) != 1 or not isinstance(dims[0], int) or dims[0] == -before.ndim:
        return None
    dim = dims[0] + before.ndim
    text = tape.made(call)
    says = f"{tape.made(node)}: {text} dropped dim {dim} of {list(before.shape)}, and broadcasting lined its "
    says += f"{list(each.shape)} up with the last dim: the wrong axis"
    return Finding("broadcast", says, tape.line(node), "keepdim=True keeps the axis where it was")


def _reduction(node: Node) -> tuple[Node, Node] | None:
    """The node that reduced a dim to make this one, and what it reduced."""
    for _ in range(8):
        if node.op is LEAF or not node.inputs:
            return None
        (first, *_) = node.inputs
        if first.ndim == node.ndim + 1 and node.op.name in REDUCING:
            return node, first
        if first.shape != node.shape:
            return None
        node = first
    return None
