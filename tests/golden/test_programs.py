"""Random straight-line programs have PyTorch's values, gradients and second gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

import gradcli
from golden.replay import difference, recorded
from rows import grouped

PROGRAMS: list[dict[str, Any]] = recorded("programs.json")  # type: ignore[assignment]
ROWS = [("programs", str(number), (program,)) for number, program in enumerate(PROGRAMS)]


def _problems(got: Any, wanted: dict[str, Any]) -> list[str]:
    """What differs, a line for each name."""
    found = {name: difference(got[name], np.array(numbers), rtol=1e-10) for name, numbers in wanted.items()}
    return [f"{name}: {problem}" for name, problem in found.items() if problem]


@grouped("program", ROWS)
def test_values_and_gradients(program: dict[str, Any]) -> None:
    inputs = {name: np.array(numbers, float) for name, numbers in program["inputs"].items()}
    evaluation = gradcli.evaluate(program["source"], inputs, roots=["root"])
    problems = _problems(evaluation.values, program["values"]) + _problems(evaluation.grads, program["grads"])
    assert not problems, program["source"] + "\n" + "\n".join(problems)


@grouped("program", [row for row in ROWS if "second" in row[2][0]])
def test_second_gradients(program: dict[str, Any]) -> None:
    leaves = list(program["inputs"])
    inputs = {name: np.array(numbers, float) for name, numbers in program["inputs"].items()}
    inputs |= {f"v_{name}": np.array(numbers, float) for name, numbers in program["directions"].items()}
    source = "\n".join(
        [
            program["source"],
            f"gradients = autograd.grad(root, [{', '.join(leaves)}], create_graph=True)",
            "total = " + " + ".join(f"sum(gradients[{i}] * v_{name})" for i, name in enumerate(leaves)),
        ]
    )
    evaluation = gradcli.evaluate(source, inputs, wrt=leaves, roots=["total"])
    problems = _problems(evaluation.grads, program["second"])
    assert not problems, program["source"] + "\n" + "\n".join(problems)
