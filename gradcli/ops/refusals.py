"""Which functions may refuse their data, so that they are computed where they are called, as in PyTorch.

Everything else is recorded and computed when somebody wants its value. A row of `REFUSALS` says what has to
be known at the call, the `indices` among the arguments or the `result`, and what must not require grad.
"""

from __future__ import annotations


class Refusal:
    """What a function may refuse by the values or flags of its arguments.

    Attributes:
        indices: integers that point outside.
        result: values for which there is no result.
        asks: operands that cannot be followed, though its result has no history: PyTorch composes it.
        fixed: of parameters that cannot be differentiated, what PyTorch calls the function then.
    """

    __slots__ = ("asks", "fixed", "indices", "result")

    def __init__(
        self,
        indices: bool = False,
        result: bool = False,
        asks: bool = False,
        fixed: dict[str, str] | None = None,
    ) -> None:
        self.indices = indices
        self.result = result
        self.asks = asks
        self.fixed = fixed or {}


_INDICES = Refusal(indices=True)
_RESULT = Refusal(result=True)

REFUSALS: dict[str, Refusal] = {
    **dict.fromkeys(("index_select", "gather", "take", "take_along_dim", "put", "embedding"), _INDICES),
    **dict.fromkeys(("scatter", "scatter_add", "scatter_reduce", "index_reduce"), _INDICES),
    **dict.fromkeys(("index_add", "index_copy", "index_fill", "index_put"), _INDICES),
    **dict.fromkeys(("linalg.inv", "inverse", "linalg.cholesky", "cholesky", "linalg.solve"), _RESULT),
    **dict.fromkeys(("linalg.svd", "svd", "linalg.svdvals", "linalg.eigh", "linalg.eigvalsh"), _RESULT),
    **dict.fromkeys(("linalg.tensorinv", "linalg.tensorsolve", "cholesky_inverse"), _RESULT),
    **dict.fromkeys(("matrix_power", "linalg.matrix_power", "linalg.lstsq"), _RESULT),
    **dict.fromkeys(("isfinite", "argsort"), Refusal(asks=True)),
    "nll_loss": Refusal(indices=True, fixed={"weight": "nll_loss_forward"}),
    "cross_entropy": Refusal(indices=True, fixed={"weight": "nll_loss_forward"}),
    "binary_cross_entropy": Refusal(result=True, fixed={"weight": "binary_cross_entropy"}),
    "binary_cross_entropy_with_logits": Refusal(
        fixed=dict.fromkeys(("weight", "pos_weight"), "binary_cross_entropy_with_logits")
    ),
    "soft_margin_loss": Refusal(fixed={"target": "soft_margin_loss"}),
    "batch_norm": Refusal(fixed=dict.fromkeys(("running_mean", "running_var"), "native_batch_norm")),
}
"""By the first name of a function."""
