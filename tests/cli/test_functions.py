"""`gradcli functions`: the list, one function, and the page of the documentation made from it."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest

import gradcli as package
from commands import ROOT, Gradcli
from gradcli.cli.functions import describe, summaries
from rows import grouped

SUMMARIES = summaries()
NAMES = [function.name for function in SUMMARIES]

SIN = """\
sin(input)
  the sine of an angle in radians

derivative
  d/dinput = cos(input)

example
  $ gradcli eval 'sin(x)' -s x=0.5
  x = 0.5
  result = 0.479425538604203
  dresult/dx = 0.8775825618903728
"""
SILU = """\
silu(input, inplace=False)
  input*sigmoid(input)

derivative
  follows from its composition: mul, sigmoid
  mul(a, b): d/da = b, d/db = a
  sigmoid(x): d/dx = result*sigmoid(-x)

example
  $ gradcli eval 'silu(x)' -s x=0.5
"""
CONV1D = """\
conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)
  the cross-correlation of (batch, channels, length) with weights (out, channels/groups, width)

derivative
  follows from its composition: matmul, permute, windows
  matmul: dA = g @ B.T, dB = A.T @ g
  permute: dX = g.T
  windows: backward adds every window up where it was taken
  g is the gradient of the result, y the result

example
  $ gradcli eval -q 'print(conv1d([[1., 2., 4., 8.]], [[[1., -1.]]]))'
  tensor([[-1., -2., -4.]])
"""


@pytest.mark.parametrize(
    ("name", "whole"), [("sin", SIN), ("conv1d", CONV1D)], ids=lambda value: value.partition("\n")[0][:12]
)
def test_one_function_to_the_letter(gradcli: Gradcli, name: str, whole: str) -> None:
    ran = gradcli("functions", name)
    assert (ran.status, ran.out, ran.err) == (0, whole, "")


def test_a_composition_names_its_primitives(gradcli: Gradcli) -> None:
    assert gradcli("functions", "silu").out.startswith(SILU)


def test_several_functions_and_aliases(gradcli: Gradcli) -> None:
    ran = gradcli("functions", "sin", "arcsin")
    assert ran.out.startswith(SIN + "\nasin(input)\n")
    assert "\n  also: arcsin\n" in ran.out


def test_the_list_has_families_and_a_line_for_each_function(gradcli: Gradcli) -> None:
    ran = gradcli("functions")
    lines = ran.out.splitlines()
    assert lines[0] == "unary"
    assert f"  {'sin(input)':<44}  the sine of an angle in radians" in lines
    assert sum(line.startswith("  ") for line in lines) == len(NAMES)
    assert {"loss", "pooling", "convolution", "activation"} <= set(lines)


def test_json(gradcli: Gradcli) -> None:
    listed = gradcli("functions", "--json").object["functions"]
    assert [each["name"] for each in listed] == NAMES
    shown = gradcli("functions", "softplus", "--json").object
    assert shown["signature"] == "softplus(input, beta=1.0, threshold=20.0)"
    assert shown["grad_fn"] == "SoftplusBackward0"
    assert (shown["method"], shown["primitive"], shown["family"]) == (False, False, "activation")
    assert shown["example"]["command"] == "gradcli eval 'softplus(x)' -s x=0.5"


def test_an_unknown_function_exits_3_with_a_suggestion(gradcli: Gradcli) -> None:
    ran = gradcli("functions", "sofplus")
    assert (ran.status, ran.out) == (3, "")
    assert (
        ran.err
        == "error[unknown-function]: there is no function sofplus\n   = hint: did you mean softplus?\n"
    )
    failed = gradcli("functions", "sofplus", "--json").object
    assert failed["error"]["code"] == "unknown-function"


@pytest.mark.parametrize(("name", "kind"), [("backward", "a method"), ("grad", "an attribute")])
def test_what_tensors_have_is_told_to_be_no_function(gradcli: Gradcli, name: str, kind: str) -> None:
    ran = gradcli("functions", name)
    assert ran.status == 3
    assert f"there is no function {name}: it is {kind} of tensors, x.{name}" in ran.err


def test_markdown_is_the_whole_list_only(gradcli: Gradcli) -> None:
    ran = gradcli("functions", "sin", "--markdown")
    assert (ran.status, ran.err.splitlines()[0]) == (
        2,
        "gradcli functions: --markdown writes the whole list, and nothing else",
    )


def test_the_page_of_the_documentation_is_fresh(gradcli: Gradcli) -> None:
    """`gradcli functions --markdown > docs/functions.md` writes it again."""
    assert (ROOT / "docs/functions.md").read_text(encoding="utf-8") == gradcli("functions", "--markdown").out


@grouped("name", [(name[0], name, (name,)) for name in NAMES])
def test_every_function_is_described_and_shown_at_work(name: str, gradcli: Gradcli) -> None:
    detail = describe(name)
    assert detail.function.summary
    assert detail.output, f"{name} has no example that runs: gradcli/reference/examples.py"
    program = re.fullmatch(r"""gradcli eval (?:-q )?(['"])(.*)\1(.*)""", detail.command)
    assert program is not None, detail.command
    assert re.search(rf"\b{re.escape(name)}\(", program[2])
    quiet = ["-q"] if detail.command.startswith("gradcli eval -q") else []
    ran = gradcli("eval", *quiet, program[2], *program[3].split())
    # An example may show a pole, and is told where it is.
    assert (ran.out, [line for line in ran.err.splitlines() if not line.startswith("note: ")]) == (
        detail.output,
        [],
    )


FORMULAS = [
    "sin",
    "cos",
    "exp",
    "expm1",
    "sqrt",
    "log1p",
    "tanh",
    "atan",
    "sigmoid",
    "reciprocal",
    "erf",
    "asinh",
]


@pytest.mark.parametrize("name", FORMULAS)
def test_a_shown_formula_is_the_derivative(name: str) -> None:
    """Evaluated as a program, it gives what backward gives."""
    ((_, partials, _),) = describe(name).made_of
    ((parameter, formula),) = partials
    assert parameter == "input"
    program = f"result = {name}(input)\nshown = {formula}"
    evaluation = package.evaluate(program, {"input": 0.7}, roots=["result"])
    np.testing.assert_allclose(evaluation.values["shown"], evaluation.grads["input"], rtol=1e-14)


def test_adding_a_function_works_as_documented() -> None:
    text = (ROOT / "docs/adding-a-function.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"^```python\n(.*?)^```", text, flags=re.M | re.S))
    (shown,) = re.findall(r"^```text\n(.*?)^```", text, flags=re.M | re.S)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (ran.stdout, ran.stderr) == (shown, "")
