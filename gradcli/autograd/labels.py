"""What recorded calls are named after: rows of the function table, and names for what no row stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.ops import registry
from gradcli.ops.rows import CallName

if TYPE_CHECKING:
    from gradcli.ops.rows import Function


LABELS: dict[str, Any] = {
    "copy": CallName("copy_", "CopyBackwards"),
    "zero_": CallName("zero_", "ZeroBackward0"),
    "fill_": CallName("fill_", "FillBackward2"),
    "fill_ with a tensor": CallName("fill_", "FillBackward3"),
    "matrix": CallName("linear", "AddmmBackward0"),
    "slices": CallName("copy_", "CopySlices", saves=True),
    "slices again": CallName("copy_", "CopySlices", saves=True),
    "as_strided": CallName("as_strided", "AsStridedBackward0"),
    "index_put_": CallName("index_put_", "IndexPutBackward0"),
    "uniform_": CallName("uniform_", "UniformBackward0"),
    "normal_": CallName("normal_", "NormalBackward0"),
    "log_normal_": CallName("log_normal_", "LogNormalBackward0"),
    "exponential_": CallName("exponential_", "ExponentialBackward0"),
    "cauchy_": CallName("cauchy_", "CauchyBackward0"),
    "geometric_": CallName("geometric_", "GeometricBackward0"),
    "random_": CallName("random_", "RandomBackward0"),
    "bernoulli_": CallName("bernoulli_", "BernoulliBackward2"),
    "autograd_grad": CallName("grad", "GradBackward0"),
}
AGAIN = frozenset(("fill_", "zero_", "threshold_", "index_put_"))
"""The operations that may write to an element more than once: it gets the same each time."""

WRITTEN = {
    "acosh_": "AcoshBackward1",
    "arccosh_": "AcoshBackward1",
    "arcsinh_": "AsinhBackward1",
    "arctanh_": "AtanhBackward1",
    "asinh_": "AsinhBackward1",
    "atanh_": "AtanhBackward1",
    "celu_": "CeluBackward1",
    "elu_": "EluBackward1",
    "floor_divide_": "NotImplemented",
    "heaviside_": "NotImplemented",
    "leaky_relu_": "LeakyReluBackward1",
    "rrelu_": "RreluWithNoiseBackward1",
    "polygamma_": "PolygammaBackward1",
    "selu_": "EluBackward1",
    "threshold_": "ThresholdBackward1",
}
"""What PyTorch calls some in-place operations by another name than the function without `_`."""
SAVING_RESULT = frozenset(("celu_", "elu_", "leaky_relu_", "selu_"))
"""Those of them that save what they wrote."""
_COMPARING = {
    "eq_": "Eq",
    "ge_": "Ge",
    "greater_": "Gt",
    "greater_equal_": "Ge",
    "gt_": "Gt",
    "le_": "Le",
    "less_": "Lt",
    "less_equal_": "Le",
    "lt_": "Lt",
    "ne_": "Ne",
    "not_equal_": "Ne",
}


def compares(name: str) -> bool:
    """Whether an in-place operation compares: its result has no gradient, and requires one all the same."""
    return name in _COMPARING


def written(name: str, with_tensor: bool) -> str | None:
    """The `grad_fn` of an in-place operation where it isn't that of the function without `_`."""
    if name in _COMPARING:
        return f"{_COMPARING[name]}Backward{int(with_tensor)}"
    return WRITTEN.get(name)


OPERATOR_NAMES = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "//": "floor_divide",
    "%": "remainder",
    "@": "matmul",
    "**": "pow",
    "^": "pow",
    "&": "bitwise_and",
    "|": "bitwise_or",
    "==": "eq",
    "!=": "ne",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
}
OPERATORS: dict[str, Function] = {}


def row(name: str) -> Any:
    found = LABELS.get(name) or registry.lookup(name)
    assert found is not None, name
    return found
