"""What `where` writes into an array that is there: NumPy's, whatever is taken and of whatever dtype."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.tape.primitives import where


@pytest.mark.parametrize("dtype", [bool, np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("share", [0.0, 0.002, 0.5, 0.998, 1.0])
@pytest.mark.parametrize("zero", ["", "a", "b"])
def test_a_choice_into_an_array_is_numpys(dtype: Any, share: float, zero: str) -> None:
    random = np.random.default_rng(0)
    a, b = (np.asarray(random.normal(size=5000) * (name != zero)).astype(dtype) for name in "ab")
    condition = random.permutation(np.arange(5000) < share * 5000)
    out = np.empty(5000, dtype)
    where.compute(condition, a, b, out)
    assert np.array_equal(out, np.where(condition, a, b))
