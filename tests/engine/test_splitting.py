"""Reshapes that split dims or join them end no group, and what is computed stays the same."""

from __future__ import annotations

import re

import numpy as np
import pytest

import gradcli
from gradcli.engine import settings
from gradcli.engine.plan import Plan
from gradcli.engine.splitting import runs_of
from gradcli.engine.steps import Fused

SOURCES = {
    "groups of channels": "loss = sum(silu(group_norm(x, 4, g, b))*v)",
    "channels in another order": """
h = (x*g[:, None, None]).view(20, 4, 4, 8, 8).transpose(1, 2).reshape(20, 16, 8, 8)
loss = sum(tanh(h)*v)
""",
    "rows of pixels": "h = log_softmax(tanh(x).flatten(2), 2)\nloss = sum(h*v.flatten(2))",
    "rows of one dim": "h = log_softmax((x*x).view(320, 8, 8), 2)\nloss = sum(h*v.view(320, 8, 8))",
    "rows and a mean": """
h = (x*g[:, None, None]).reshape(20, 1024)
h = h - mean(h, 1, keepdim=True)
loss = sum(exp(-h*h)*v.reshape(20, 1024)) + sum(amax(h, 1))
""",
    "joined in another way": "h = exp(x.view(20, 1024)).view(320, 64)\nloss = sum(h*v.view(320, 64))",
    "joined and turned": "h = sin(x).view(320, 64)\nloss = sum(cos(h.T)*v.view(320, 64).T*g.sum())",
    "split what is broadcast": """
h = (b[:, None, None] + x*0.5).view(20, 2, 8, 64)
loss = sum(sqrt(1 + h**2)*v.view(20, 2, 8, 64)) + sum(h.expand(3, 20, 2, 8, 64)**2)
""",
    "kept": "h = tanh(x).view(20, -1)\nk = h*2\nloss = sum(k*v.view(20, -1))",
    "chosen": "h = where(x > 0, x, 0.1*x).flatten(1)\nloss = sum(where(h > 0.5, h**3, h)*v.flatten(1))",
}
"""With `x` and `v` of shape 20 x 16 x 8 x 8."""


def inputs():
    draw = np.random.default_rng(5)
    shapes = {"x": (20, 16, 8, 8), "v": (20, 16, 8, 8), "g": (16,), "b": (16,)}
    return {name: draw.standard_normal(shape) for name, shape in shapes.items()}


def steps_of(source, **setting):
    """What a compiled program computes, and the steps of its plan."""
    found = []
    run = Plan.run
    given = {name: value for name, value in inputs().items() if re.search(rf"\b{name}\b", source)}
    wanted = [name for name in given if name != "v"]

    def noted(self, *args):
        found.append(self.steps)
        return run(self, *args)

    with settings.using(**setting), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Plan, "run", noted)
        result = gradcli.compile(source, wrt=wanted)(**given)
    return [*result.values.values(), *[result.grads[name] for name in wanted]], found[-1]


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
@pytest.mark.parametrize(("block", "threads"), [(7, 2), (640, 1), (98_304, 2)])
def test_work_goes_through_reshapes(source, block, threads):
    plain, _ = steps_of(source, large=1 << 40)
    found, _ = steps_of(source, block=block, threads=threads)
    for one, other in zip(found, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(
    "name", ["groups of channels", "channels in another order", "rows and a mean", "chosen"]
)
def test_all_is_one_group(name):
    _, steps = steps_of(SOURCES[name], threads=1)
    assert len([each for each in steps if isinstance(each, Fused)]) == 1


def test_rows_that_are_joined_are_worked_on_as_they_are():
    _, steps = steps_of(SOURCES["rows of pixels"], threads=1)
    texts = [each.describe() for each in steps]
    assert any(
        "amax(" in each and "others(" in each for each in texts
    )  # all that needs the rows is one group


@pytest.mark.parametrize(
    ("fine", "coarse", "runs"),
    [
        ((2, 3, 4), (6, 4), [[0, 1], [2]]),
        ((2, 3, 4), (2, 12), [[0], [1, 2]]),
        ((2, 3, 4), (24,), [[0, 1, 2]]),
        ((2, 1, 3), (1, 6), [[], [0, 1, 2]]),
        ((1, 2, 1, 3), (1, 6, 1), [[0], [1, 2, 3], []]),
        ((6, 4), (2, 12), None),
        ((4,), (4, 1), [[0], []]),
        ((0, 3), (0,), None),
    ],
)
def test_which_dims_are_joined(fine, coarse, runs):
    assert runs_of(fine, coarse) == runs
