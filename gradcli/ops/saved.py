"""What PyTorch's operations save for backward, where that isn't what our rules read.

What was saved must not be overwritten before backward: who asks is told so exactly where PyTorch tells. Most
functions need no row: their rules read the same values. A row names parameters, and `result` (of several
`result0`, `result1` …); it is one text for all inputs, one for each input that requires grad, or a function
of the call's arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.tape.node import LEAF, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradcli.ops.parameters import Parameter

    Saved = str | dict[str, str] | Callable[[Mapping[str, Any]], str]
    SavedBy = tuple[Saved | None, Sequence[Parameter], Sequence[Any], Mapping[str, Any]]
"""What a function saves; and that with the arguments of one call, from which it is found out when it matters.
Without the first it is every tensor among the arguments."""


def _extreme(call: Mapping[str, Any]) -> str:
    """Of everything, of two tensors, or along a dim."""
    dim = call.get("dim")
    if dim is None:
        return "input result"
    return "input dim" if hasattr(dim, "requires_grad") else "result1"


def _power(call: Mapping[str, Any]) -> str:
    return "input exponent result" if hasattr(call.get("exponent"), "requires_grad") else "input"


def _pad(call: Mapping[str, Any]) -> str:
    return "input" if call.get("mode", "constant") in ("reflect", "replicate") else ""


def _smooth(call: Mapping[str, Any]) -> str:
    return "input target" if call.get("beta", 1) else ""


def _quotient(call: Mapping[str, Any]) -> str:
    """Both operands for the gradient of the divisor; a number over a tensor is its reciprocal, times that."""
    if not is_reached(call["other"]):
        return "other"
    return "input other" if isinstance(call["input"], Node) else ""


def _matrix_norm(call: Mapping[str, Any]) -> str:
    order = call.get("ord")
    return "" if order == "nuc" else "result" if order in (2, -2) else "A result"


def _adaptive(call: Mapping[str, Any]) -> str:
    """Nothing where it is the mean of everything."""
    size = call["output_size"]
    return "" if set(size if isinstance(size, (tuple, list)) else (size,)) == {1} else "input"


_CROSS = {"input": "other", "other": "input"}

SAVED: dict[str, Saved] = {
    **dict.fromkeys(("expm1", "sigmoid", "softmax", "log_softmax", "softmin", "pairwise_distance"), "result"),
    **dict.fromkeys(("cholesky", "linalg.cholesky", "linalg.eigvalsh", "linalg.svdvals"), "result"),
    **dict.fromkeys(("linalg.eigh", "linalg.qr", "qr"), "result result0 result1"),
    **dict.fromkeys(("linalg.svd", "svd"), "result result0 result1 result2"),
    **dict.fromkeys(("sinc", "erfinv", "nansum", "nanmean", "var", "var_mean"), "input"),
    **dict.fromkeys(("cummax", "cummin"), "input result1"),
    **dict.fromkeys(("topk", "sort", "msort", "kthvalue"), "result1"),
    "nextafter": "input other",
    **dict.fromkeys(("max_pool1d", "max_pool2d", "max_pool3d"), "input result1"),
    **dict.fromkeys([f"adaptive_max_pool{rank}d" for rank in (1, 2, 3)], "input result1"),
    **dict.fromkeys([f"adaptive_avg_pool{rank}d" for rank in (1, 2, 3)], _adaptive),
    "interpolate": lambda call: "input" if call.get("mode") == "area" else "",
    "grid_sample": "input grid",
    "group_norm": "input weight",
    "multi_margin_loss": "input target weight",
    "aminmax": "input result0 result1",
    **dict.fromkeys(("relu6", "leaky_relu", "hardtanh", "hardsigmoid", "hardswish", "hardshrink"), "input"),
    **dict.fromkeys(("softshrink", "softsign", "logsigmoid", "threshold", "avg_pool1d"), "input"),
    **dict.fromkeys(("avg_pool2d", "avg_pool3d", "logdet", "take_along_dim", "normalize"), "input"),
    **dict.fromkeys(("sgn", "i1", "log_ndtr", "prod", "std", "norm", "logsumexp"), "input result"),
    **dict.fromkeys(("amax", "amin", "cumprod", "logcumsumexp"), "input result"),
    "std_mean": "input result result0",
    **dict.fromkeys(("ndtr", "kron", "corrcoef", "margin_ranking_loss", "quantile", "nanquantile"), ""),
    **dict.fromkeys(("max", "min", "median", "nanmedian"), _extreme),
    **dict.fromkeys(("mse_loss", "huber_loss", "soft_margin_loss"), "input target"),
    "multilabel_soft_margin_loss": "input target",
    **dict.fromkeys(("nll_loss", "binary_cross_entropy"), "input target weight"),
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), "input weight"),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), "input weight"),
    "batch_norm": "input weight",
    **dict.fromkeys(("linalg.norm", "linalg.matrix_norm"), _matrix_norm),
    **dict.fromkeys(("pow", "float_power"), _power),
    **dict.fromkeys(("div", "true_divide", "divide"), _quotient),
    **dict.fromkeys(("cross", "linalg.cross"), _CROSS),
    **dict.fromkeys(("linalg.solve", "linalg.solve_triangular"), "A result"),
    "addcdiv": {"input": "tensor2", "tensor1": "tensor2", "tensor2": "tensor1 tensor2"},
    "binary_cross_entropy_with_logits": "input target weight pos_weight",
    "cdist": "x1 x2 result",
    "copysign": {"input": "input result", "other": "result"},
    "cov": {"input": "aweights", "aweights": "input fweights aweights"},
    "cross_entropy": {"input": "target weight", "target": ""},
    "dist": "input other result",
    "gather": "input index",
    "hypot": {"input": "input result", "other": "other result"},
    "index_add": {"input": "", "source": "index source"},
    "index_copy": {"input": "index", "source": "source index"},
    "index_fill": "index",
    "index_put": "indices",
    "index_select": "index",
    "layer_norm": "input weight bias",
    "ldexp": {"input": "other result", "other": "result"},
    "lerp": {"input": "weight", "end": "weight", "weight": "input end weight"},
    "linalg.det": "A result",
    "det": "input result",
    "linalg.lstsq": "A B result",
    "linalg.slogdet": "A",
    "linalg.vander": "x",
    "linalg.vector_norm": "x result",
    "masked_scatter": "mask",
    "masked_select": "input mask",
    "pad": _pad,
    "prelu": "input weight",
    "put": {"input": "index", "source": "index source"},
    "scaled_dot_product_attention": {"query": "value", "key": "value", "value": "", "attn_mask": "value"},
    "scatter": "index",
    "scatter_add": {"input": "", "src": "index"},
    "scatter_reduce": "input index src result",
    "index_reduce": "input index source result",
    "slogdet": "input",
    "smooth_l1_loss": _smooth,
    "take": "input index",
}
"""By the first name of a function."""


SEPARATELY = frozenset(
    (
        *("mul", "multiply", "remainder", "fmod", "addcmul", "matmul", "mm", "mv", "bmm", "dot", "vdot"),
        *("addmm", "addmv", "baddbmm"),
    )
)
"""Functions without a row that save an operand only where the gradient that reads it is asked for."""


EXPANDING = frozenset(("mse_loss", "smooth_l1_loss", "huber_loss"))
"""Functions that expand their operands to one shape before they save them."""


def reads_values(grad_fn: str) -> bool:
    """Whether PyTorch's gradient of that name reads values: where it doesn't, ours reads but weights."""
    return not grad_fn.startswith("Upsample")


def saves_separately(name: str, call: SavedBy | None) -> bool:
    """Whether a function saves each operand for one gradient alone, so not at all if that isn't asked for."""
    saved = call[0] if call is not None else None
    if not isinstance(saved, dict):
        return name in SEPARATELY
    operands = [each for text in saved.values() for each in text.split() if not each.startswith("result")]
    return len(operands) == len(set(operands))


def is_reached(operand: Any) -> bool:
    """Whether a gradient gets to an operand: to no view that was made outside recording."""
    if not isinstance(operand, Node) or not operand.requires_grad:
        return False
    return operand.op is not LEAF or operand.accumulator is not None


def unpacked(name: str) -> str:
    """What PyTorch sorts the operands that it saved by, to look at one after the other: their names there."""
    return "self" if name == "input" else name


def arguments(call: SavedBy) -> list[Node]:
    """The tensors that a call was given by their places, each as often as it stands there."""
    return [each for each in call[2] if isinstance(each, Node)]


def saved_of(call: SavedBy, but_first: bool = False) -> tuple[list[Node], bool]:
    """The operands that a call saved (its first one aside, if so asked), and whether it saved its result."""
    saved, parameters, bound, keywords = call
    if saved is None:
        return arguments(call), False
    given = {**dict(zip([each.name for each in parameters], bound, strict=False)), **keywords}
    if isinstance(saved, str):
        names = saved.split()
    elif isinstance(saved, dict):
        wanted = [saved[name].split() for name in saved if getattr(given.get(name), "requires_grad", False)]
        reached = [name for name in saved if is_reached(given.get(name))]
        several = [name for text in saved.values() for name in set(text.split())]
        names = [
            name
            for each in wanted
            for name in each
            # What serves one gradient alone is saved if that gets anywhere; all else is saved anyway.
            if name == "result" or several.count(name) > 1 or any(name in saved[to].split() for to in reached)
        ]
    else:
        names = saved(given).split()
    operands: list[Node] = []
    for name in sorted(names, key=unpacked):
        if but_first and name == parameters[0].name:
            continue
        value = given.get(name)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Node):
                operands.append(each)
    return operands, "result" in names
