"""Who looks whether operands fit before asking for their histories, as PyTorch does for what it composes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterable

_LOOKING_FIRST = frozenset(
    (
        *("inner", "outer", "ger", "tensordot", "linalg.matrix_norm", "linalg.matrix_power", "matrix_power"),
        *("logdet", "linalg.matrix_rank", "linalg.cond", "bilinear", "scaled_dot_product_attention"),
        *("narrow", "chunk", "tensor_split", "hsplit", "vsplit", "dsplit", "movedim", "moveaxis", "flatten"),
        *("unflatten", "broadcast_tensors", "meshgrid", "cartesian_prod", "combinations", "pad"),
        *("diff", "trapezoid", "trapz", "cumulative_trapezoid", "cdist", "pdist", "vander", "linalg.vander"),
        *("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy", "gaussian_nll_loss"),
        *("binary_cross_entropy_with_logits", "cosine_similarity", "cosine_embedding_loss"),
        *("batch_norm", "group_norm", "instance_norm", "rms_norm", "conv1d", "conv2d", "conv3d"),
        *("max_pool1d", "avg_pool1d", "adaptive_avg_pool1d", "interpolate", "prelu", "hardtanh", "dropout"),
        *("fliplr", "flipud", "diag", "glu", "take_along_dim", "histc"),
        *("repeat_interleave", "quantile", "nanquantile", "argmax", "argmin", "any", "all"),
        *("eq", "ne", "lt", "le", "gt", "ge", "not_equal", "less", "less_equal", "greater", "greater_equal"),
        *("logical_and", "logical_or", "logical_xor"),
    )
)


def ask_first(operands: Iterable[Any], name: str = "") -> None:
    """Asks for the histories of operands that don't fit, unless the function of that name looks first."""
    operands = list(operands)
    scalars = any(type(each) is Tensor and not each.shape for each in operands)
    if name in _LOOKING_FIRST or (name in ("matmul", "linear") and scalars):
        return
    for each in operands:
        if type(each) is Tensor:
            each.asked()
        elif type(each) in (list, tuple):
            ask_first(each)
