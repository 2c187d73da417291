"""Every equation that `explain` tells holds when it is run again, and the paths to a leaf add up."""

from __future__ import annotations

import random

import numpy as np
import pytest

from gradcli.evaluation.api import evaluate
from gradcli.evaluation.options import Options
from gradcli.explanation.api import explain
from gradcli.explanation.model import Story
from gradcli.explanation.verify import close, holds

UNARY = (
    "sin",
    "cos",
    "tanh",
    "sigmoid",
    "exp",
    "relu",
    "abs",
    "softplus",
    "sqrt(1 + {}**2)",
    "1/(2 + {}**2)",
)
BINARY = (
    "{}*{}",
    "{} + {}",
    "{} - {}",
    "{}/(1.5 + {}**2)",
    "maximum({}, {})",
    "{}*sin({})",
    "where({} > 0.1, {}, 2)",
)
ARRAYS = (
    "sin({})",
    "{}**2",
    "exp(-{})",
    "A @ {}",
    "cumsum({}, 0)",
    "{}/{}.sum()",
    "softmax({}, 0)",
    "{} - {}.mean()",
)


def program(seed: int) -> tuple[str, dict[str, object]]:
    """A random program of up to six steps, and its inputs."""
    chance = random.Random(seed)
    arrays = seed % 3 == 0
    names = ["x", "w"]
    lines = []
    for at in range(chance.randint(1, 5)):
        one, other = chance.choice(names), chance.choice(names)
        if arrays and chance.random() < 0.7:
            form = chance.choice(ARRAYS)
        else:
            form = chance.choice((*UNARY, *BINARY, *BINARY))
        if "{" not in form:
            form += "({})"
        text = (
            form.format(one, other)
            if form.count("{}") == 2 and "/{}.sum" not in form
            else form.replace("{}", one)
        )
        name = chance.choice(names[2:]) if len(names) > 2 and chance.random() < 0.1 else f"v{at}"
        lines.append(f"{name} = {text}")
        if name not in names:
            names.append(name)
    total = " + ".join(chance.sample(names[2:], min(len(names) - 2, 3)))
    lines.append(f"L = sum({total})" if arrays else f"L = {total}")
    draw = np.random.default_rng(seed)
    if arrays:
        lines.insert(0, "A = tensor([[1., 0.5], [-0.25, 2.]])")
        return "\n".join(lines), {"x": draw.uniform(0.2, 1.5, 2), "w": draw.uniform(0.2, 1.5, 2)}
    return "\n".join(lines), {"x": float(draw.uniform(-1.5, 1.5)), "w": float(draw.uniform(-1.5, 1.5))}


def _told(seed: int) -> tuple[Story, str, dict[str, object]]:
    source, inputs = program(seed)
    return explain(source, Options(inputs=inputs, unused_inputs=True)), source, inputs


@pytest.mark.parametrize("first", range(0, 300, 25))
def test_what_is_told_of_random_programs_holds(first: int) -> None:
    for seed in range(first, first + 25):
        story, source, inputs = _told(seed)
        wrong = [f"{each.name} = {each.text}" for each in story.equations if not holds(each)]
        assert not wrong, source
        (walk,) = story.walks
        grads = evaluate(source, inputs, unused_inputs=True).grads or {}
        for result in walk.results:
            assert np.array_equal(result.value, grads[result.name], equal_nan=True), source
            if result.paths:
                total = sum([each.value for each in result.paths]) + (result.rest if result.more else 0)
                size = max([float(np.max(np.abs(each.value))) for each in result.paths])
                assert close(total / max(size, 1.0), result.value / max(size, 1.0)), source
        assert len([row for row in walk.rows if row.formula is None]) <= len(walk.rows) / 2
