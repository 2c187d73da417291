"""What is generated for a kind of node is no other kind's: it gives what the rule itself gives."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.engine.pullbacks import PULLBACKS, Values, _applied
from gradcli.engine.run import compute
from gradcli.ops import elementwise as e
from gradcli.tape.node import leaf


def test_numbers_of_each_dtype_have_a_pullback_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PULLBACKS, "patience", 0)
    for dtype in (np.float64, np.float32, np.float16):
        node = e.maximum(leaf(np.array(2.0, dtype), True), leaf(np.array(2.0, dtype), True))
        compute([node])
        given = np.ones((), node.dtype)
        rule, found = _applied(node, given, False), Values.contributions(node, given, False)
        assert list(found) == rule == [0.5, 0.5]
        assert {np.asarray(each).dtype for each in (*found, *rule)} == {np.dtype(dtype)}
