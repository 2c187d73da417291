"""Random numbers are PyTorch's, to the last digit but for float64."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import gradcli
from golden.random_numbers import PROGRAMS, RECORDED, kept

ANSWERS: dict[str, dict[str, Any]] = dict(json.loads(RECORDED.read_text()))


@pytest.mark.parametrize("part", range(8))
def test_programs_draw_what_pytorch_draws(part: int) -> None:
    assert list(ANSWERS) == PROGRAMS
    for program in PROGRAMS[part::8]:
        expected = ANSWERS[program]
        found = gradcli.evaluate(program, wrt=[]).values
        for name, (dtype, shape, first, checksum) in expected.items():
            got = kept(found[name])
            assert got[:2] == [dtype, shape], (program, name)
            np.testing.assert_allclose(got[2], first, rtol=1e-13, err_msg=f"{program}{name}")
            assert got[3] == checksum, (program, name)
