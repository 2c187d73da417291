"""What comes of a row does not depend on the rows beside it: a few random programs."""

from __future__ import annotations

import pytest

from fuzz.rows_beside import differences


@pytest.mark.parametrize("seed", range(8))
def test_the_same_bytes_whatever_stands_beside_a_row(seed: int) -> None:
    assert not differences(seed)
