"""The table of type promotion: which dtype PyTorch gives to each operation on each pair of operands.

`record_dtypes.py` records it, `test_dtypes.py` replays it.
"""

from __future__ import annotations

OPERANDS: dict[str, tuple[str, list[object] | object]] = {
    "b1": ("bool", [True, False, True]),
    "b0": ("bool", True),
    "i1": ("int64", [3, -2, 5]),
    "i0": ("int64", 4),
    "f1": ("float32", [1.5, -2.25, 0.5]),
    "f0": ("float32", 2.5),
    "d1": ("float64", [0.75, 3.0, -1.25]),
    "d0": ("float64", 1.25),
}
"""Tensors by name: the letter is the dtype, 1 a vector and 0 no dims. Their numbers are exact in float32."""

NUMBERS = ("True", "2", "1.5")

BINARY = (
    "{} + {}",
    "{} - {}",
    "{} * {}",
    "{} / {}",
    "{} // {}",
    "{} % {}",
    "{} ** {}",
    "{} < {}",
    "{} == {}",
    "maximum({}, {})",
    "atan2({}, {})",
    "where(b1, {}, {})",
)

UNARY = (
    "-{}",
    "abs({})",
    "sin({})",
    "exp({})",
    "sqrt({})",
    "sigmoid({})",
    "sign({})",
    "floor({})",
    "square({})",
    "reciprocal({})",
    "relu({})",
    "sum({})",
    "prod({})",
    "mean({})",
    "max({})",
    "amax({})",
    "std({})",
    "norm({})",
    "cumsum({}, 0)",
    "cumprod({}, 0)",
    "softmax({}, 0)",
    "logsumexp({}, 0)",
    "argmax({})",
    "all({})",
    "count_nonzero({})",
    "clamp({}, 0, 2)",
    "clamp({}, 0.5, 2)",
    "clamp({}, min=1)",
    "pow({}, 2)",
    "pow({}, 2.0)",
    "pow(2, {})",
    "{} ** -1",
    "zeros_like({})",
    "full_like({}, 2)",
    "stack([{}, i1])",
    "cat([{}, f1])",
    "add({}, 1, alpha=2)",
    "where({} > 0, {}, 0)",
    "where({} > 0, 1.5, 2)",
    "{}.float()",
    "{}.double()",
    "{}.long()",
    "{}.int()",
    "{}.bool()",
    "{}.to(torch.float64)",
    "torch.tensor(2) * {}",
    "torch.tensor(2.5) * {}",
    "torch.tensor([1, 2, 3]) + {}",
    "torch.ones(3) + {}",
    "torch.arange(3) * {}",
)


def expressions() -> dict[str, list[str]]:
    """The expressions of each operation."""
    table = {}
    for template in BINARY:
        pairs = [(left, right) for left in OPERANDS for right in (*OPERANDS, *NUMBERS)]
        pairs += [(left, right) for left in NUMBERS for right in OPERANDS]
        table[template] = [template.format(left, right) for left, right in pairs]
    for template in UNARY:
        table[template] = [template.replace("{}", name) for name in OPERANDS]
    return table
