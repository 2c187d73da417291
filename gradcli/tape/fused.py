"""Products with a sum, rounded once, as the vector instructions do them that PyTorch is made of.

Random numbers and optimisers go through here, so that their float32 results have PyTorch's last digit.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def fused(factor: Any, other: Any, term: Any) -> Any:
    """`factor * other + term`, rounded once."""
    if factor.dtype == np.float32:
        return (np.float64(factor) * np.float64(other) + np.float64(term)).astype(np.float32)
    product = factor * other
    if factor.dtype != np.float64:
        return product + term
    with np.errstate(all="ignore"):
        total = product + term
        back = total - product
        lost = (product - (total - back)) + (term - back) + _rounding(factor, other, product)
        return np.where(np.isfinite(lost), total + lost, total)


def _rounding(factor: Any, other: Any, product: Any) -> Any:
    """What a product of float64 lost by rounding, by splitting both factors (Dekker)."""
    halves = []
    for each in (factor, other):
        scaled = each * 134217729.0
        high = scaled - (scaled - each)
        halves.append((high, each - high))
    (high, low), (other_high, other_low) = halves
    return low * other_low - (((product - high * other_high) - low * other_high) - high * other_low)
