"""What is seen of a run: its calls with names, values, gradients and marks, folded where they are many."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.engine.run import watched
from gradcli.evaluation.api import evaluate
from gradcli.evaluation.options import Options
from gradcli.evaluation.run import at_work, begun, run
from gradcli.graphs.calls import Calls
from gradcli.graphs.folding import folded, merged
from gradcli.graphs.picture import Box, Picture, Tape
from gradcli.syntax.parser import parse


def tape(source: str, **inputs: float) -> Tape:
    options = Options(inputs=inputs)
    module, runtime = parse(source), begun(source, options)
    runtime.observer = calls = Calls(runtime, module)
    with at_work(runtime), watched():
        return Tape(run(module, options, runtime), module, calls)


def box(picture: Picture, title: str) -> Box:
    return next(each for each in picture.boxes if each.title == title)


def test_a_chain() -> None:
    picture = tape("y=2*x; z=y**2", x=1.0).picture
    assert [(each.kind, each.lines) for each in picture.boxes] == [
        ("leaf", ["x", "= 1.0", "grad 8.0"]),
        ("call", ["y", "2*x", "= 2.0", "grad 4.0"]),
        ("root", ["z", "y**2", "= 4.0", "grad 1.0"]),
    ]
    assert picture.arrows == [(0, 1), (1, 2)]
    assert [each.function for each in picture.boxes] == ["AccumulateGrad", "MulBackward0", "PowBackward0"]


def test_what_is_saved_retained_freed_or_cut() -> None:
    picture = tape("y = sin(x); k = y.detach()*x; z = y + k", x=1.0).picture
    assert "saved" in box(picture, "y").marks
    assert box(picture, "detach").marks == ("cut",)
    assert box(picture, "detach").gradient == ""
    done = tape("x = param(2.0); y = x**2; y.retain_grad(); z = y*3; z.backward()").picture
    assert box(done, "y").marks == ("freed", "retained")
    assert box(done, "x").gradient == "12.0"


@pytest.mark.parametrize(
    "source", ["z = exp(sin(x)*y) + y**2", "a = x*y; b = a*x; z = a + b*sin(b)", "z = where(x > y, x*x, y)"]
)
def test_gradients_are_those_of_eval(source: str) -> None:
    values = {"x": 0.3, "y": 0.7}
    result = evaluate(source, values, retain_grad=["a", "b"] if "a =" in source else [])
    picture = tape(source, **values).picture
    for name, gradient in result.grads.items():
        assert box(picture, name).gradient == f"{float(gradient):.6g}" or float(
            box(picture, name).gradient
        ) == pytest.approx(float(gradient), rel=1e-5)


LOOP = "z = x\nfor i in range(100):\n    y = sin(z)\n    z = y*x\nz\n"


def test_many_calls_are_folded_by_statement() -> None:
    whole = tape(LOOP, x=0.5)
    assert len(whole.picture.boxes) == 201
    picture = folded(whole, 40)
    assert len(picture.boxes) <= 40
    assert picture.folded == 201 - len(picture.boxes)
    assert sum(each.count for each in picture.boxes) == 201
    assert all(start < stop for start, stop in picture.arrows)
    assert len(folded(whole, 1000).boxes) == 201
    assert len(folded(whole, 1000, depth=0).boxes) < 5


CALLS = """
def inner(a):
    b = a*a
    return b + 1

def f(x, w):
    h = tanh(w*x)
    h = inner(h)
    return h*h

y = f(2*v, w)
z = f(y*1.5, v)
y + z
"""


@pytest.mark.parametrize(
    ("depth", "titles"),
    [
        (0, ["w", "v", "2*v", "f(…) → y", "y*1.5", "f(…) → z", "result"]),
        (1, ["w", "v", "2*v", "y*1.5", "result", *2 * ["line 7", "inner(…)"], "y", "z"]),
        (2, ["w", "v", "2*v", "y*1.5", "result", *2 * ["line 7", "a*a", "b + 1"], "y", "z"]),
    ],
)
def test_each_call_of_a_function_is_a_box_that_opens(depth: int, titles: list[str]) -> None:
    whole = tape(CALLS, w=0.5, v=0.3)
    picture = folded(whole, 1000, depth=depth)
    assert sorted(each.title for each in picture.boxes) == sorted(titles)
    assert sum(each.count for each in picture.boxes) == len(whole.picture.boxes)


def test_a_function_in_a_loop_is_part_of_the_loop() -> None:
    source = "def f(a):\n    return sin(a)*a\nz = x\nfor i in range(9):\n    z = f(z)\nz"
    picture = folded(tape(source, x=0.5), 1000, depth=0)
    assert [(each.title, each.count) for each in picture.boxes] == [("x", 1), ("z", 18)]


def test_methods_and_recursion_are_calls_too() -> None:
    source = "def f(a, n):\n    if n == 0:\n        return a\n    return sin(f(a, n - 1))\ny = f(x, 3)\ny*2"
    titles = [
        [each.title for each in folded(tape(source, x=0.5), 1000, depth=depth).boxes] for depth in (0, 1, 2)
    ]
    assert titles[0] == ["x", "f(…) → y", "result"]
    assert [len(each) for each in titles] == [3, 4, 5]


def test_a_picture_without_statements_is_folded_by_runs() -> None:
    whole = tape("z = " + " + ".join(f"sin({n}*x)" for n in range(1, 200)), x=0.5)
    picture = folded(whole, 30, arrows=100)
    assert len(picture.boxes) <= 30
    assert len(picture.arrows) <= 100


def test_boxes_on_a_circle_become_one() -> None:
    picture = Picture("", [Box("call", str(at)) for at in range(4)], [(0, 1), (1, 2), (2, 3)])
    found = merged(picture, ["a", "b", "a", "c"])
    assert [each.count for each in found.boxes] == [3, 1]
    assert found.arrows == [(0, 1)]


def test_arrays_show_shapes_and_small_ones_numbers() -> None:
    options = Options(inputs={"w": np.ones((2, 3)), "x": np.ones(3)})
    module, source = parse("y = w @ x; s = sum(y)"), "y = w @ x; s = sum(y)"
    runtime = begun(source, options)
    with at_work(runtime), watched():
        picture = Tape(run(module, options, runtime), module).picture
    assert (box(picture, "w").shape, box(picture, "w").value) == ("float64[2, 3]", "[2, 3]")
    assert box(picture, "y").value == "[3.0, 3.0]"


def test_a_name_whose_leaf_was_replaced_has_a_box_of_its_own() -> None:
    picture = tape("x = x^2; y = 3*x", x=2.0).picture
    assert [each.lines[:2] for each in picture.boxes] == [["x", "= 2.0"], ["x'", "x^2"], ["y", "3*x"]]
