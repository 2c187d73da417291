"""Long chains of operators, which run without closures: what they give, where they fail, what they leave."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest

import gradcli
from gradcli import GradcliError
from gradcli.interpreter import expressions

WORDS = [
    "x",
    "y",
    "2",
    "0.5",
    "-3",
    "sin(x)",
    "x*y",
    "(x - 1)*(y + x*2)",
    "x**2",
    "y^2",
    "-x",
    "(y)",
    "pi",
    "t[1]",
]
SIGNS = [" + ", "-", "*", " + (x) - "]


def _written(seed: int, count: int) -> str:
    chosen = random.Random(seed)
    words = [chosen.choice(WORDS) for _ in range(count)]
    return "t = tensor([1.0, 2.0])\nz = " + "".join(
        [each + chosen.choice(SIGNS) for each in words] + ["(x", " + y" * count, ")/3"]
    )


@pytest.mark.parametrize("seed", range(8))
def test_they_give_what_closures_give(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    source = _written(seed, 40)
    found = gradcli.evaluate(source, {"x": 1.25, "y": 0.75})
    monkeypatch.setattr(expressions, "_MANY", 10**6)
    expected = gradcli.evaluate(source, {"x": 1.25, "y": 0.75})
    assert found.values["z"] == expected.values["z"]
    assert {name: found.grads[name] for name in "xy"} == {name: expected.grads[name] for name in "xy"}


FAILING = [
    "x" + " + x" * 20 + " + nothing*2" + " + x" * 20,
    "x" + " + x" * 20 + " + (x - 'a')" + " + x" * 20,
    "1" + " + 1" * 20 + " + (2 - 2)/(1 - 1)" + " + x" * 20,
    "1" + " + 1" * 20 + " + 9223372036854775807" + " + x" * 20,
    "1" + " + 1" * 20 + " + [1]" + " + x" * 20,
    "x" + " + x" * 20 + " + ones(2) + ones(3)" + " + x" * 20,
    "(x" + " + x" * 20 + ")*nothing.real",
]


@pytest.mark.parametrize("source", FAILING)
def test_they_fail_where_closures_fail(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for many in (16, 10**6):
        monkeypatch.setattr(expressions, "_MANY", many)
        with pytest.raises(GradcliError) as caught:
            gradcli.evaluate(source, {"x": 1.0})
        told.append((caught.value.code, caught.value.message, caught.value.span))
    assert told[0] == told[1]


def test_an_anomaly_has_its_place() -> None:
    source = "x" + " + x" * 20 + " + log(x)*0" + " + x" * 20
    with pytest.raises(GradcliError) as caught:
        gradcli.evaluate(source, {"x": -1.0}, detect_anomaly=True)
    assert caught.value.span is not None
    assert source[slice(*caught.value.span)] == "log(x)"


def test_a_program_is_called_again() -> None:
    program = gradcli.compile("y = " + " + ".join(["x*k"] * 2_000) + "\nif y < 0: y = -y")
    for x in (1.0, -3.0, 2.0):
        assert program(x=x, k=2.0).grads["k"] == 2_000 * abs(x)
        assert program.evaluate({"x": x, "k": 2.0}).grads["k"] == 2_000 * abs(x)


LONG = " + ".join(["x*2"] * 2_000)
TWICE = {
    f"assert {LONG} == 1.0": "left:  tensor(4000",
    f"assert x > 0 and ({LONG}) < 2": "left:  tensor(4000",
    f"t = zeros(2)\nt[1 - ({' + '.join(['1'] * 2_000)}) + 1999] += 1\nassert t[0] == 2": "left:  tensor(1",
}


@pytest.mark.parametrize(("source", "note"), TWICE.items(), ids=["assert", "and", "target"])
def test_what_is_read_twice_is_not_given_up(source: str, note: str) -> None:
    with pytest.raises(GradcliError) as caught:
        gradcli.evaluate(source, {"x": 1.0}, unused_inputs=True)
    assert any(each.startswith(note) for each in caught.value.notes)


def test_no_note_tells_of_half_a_value() -> None:
    source = "k = 2\ny = " + " + ".join(["1", *["k"] * 2_000]) + "\nz = 1"
    assert not any("y = param" in each for each in gradcli.evaluate(source).notes)


def test_inputs_are_known_by_the_names_in_them() -> None:
    source = "y = " + " + ".join(["x*k"] * 2_000)
    assert gradcli.evaluate(source, {"x": 1.0, "k": 2.0}).grads["k"] == 2_000.0
    with pytest.raises(GradcliError, match="no name z"):
        gradcli.evaluate(source, {"x": 1.0, "z": 2.0})


_SCRIPT = """
import resource, sys
import gradcli

def peak():
    try:  # what `getrusage` tells begins with the peak of the process that this one was forked from
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

peaks = []
for operators in (10_000, 50_000):
    gradcli.evaluate("y = " + " + ".join([sys.argv[1]] * (operators // int(sys.argv[2]))), {"x": 1.0})
    peaks.append(peak())
print((peaks[1] - peaks[0]) / 40_000)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the peak of a process is read as Unix gives it")
@pytest.mark.parametrize(("term", "operators"), [("x", 1), ("x*x", 2), ("(x - 2)*(x + 1)", 4)])
def test_an_operator_takes_little_memory(term: str, operators: int) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", _SCRIPT, term, str(operators)], capture_output=True, text=True, check=True
    ).stdout
    assert 0 < float(answer) < 450
