"""Random programs, compiled and called several times, against `gradcli.evaluate` of each call.

The calls are chosen to confuse whoever knows an input by anything but its name: the same array for two
inputs, equal arrays, numbers equal to literals of the program, other dtypes of one shape, lists. Every
answer is compared to the last bit, with its dtype, and then written over, so that whoever shares memory
with it is found out as well.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

import gradcli
from fuzz.cases import Case
from gradcli import GradcliError

CALLS = 7
"""How often each program is called."""

_UNARY = ("sin", "exp", "tanh", "relu", "abs", "sqrt", "log", "sigmoid", "neg", "square")
_BINARY = ("max", "min", "maximum", "minimum", "hypot", "atan2", "fmod", "pow")
_NUMBERS = ("1", "2", "3", "0.5", "1.0", "3.0", "-1.5", "0.0")
_KEPT = (
    "({}).detach()",
    "({}).data",
    "({}).clone()",
    "({}).detach().clone()",
    "({}).float()",
    "({}).double()",
)
_SHAPED = (
    "({}).flip(0)",
    "({}).reshape(-1)",
    "cumsum({}, 0)",
    "({}).softmax(0)",
    "({}) - ({}).mean()",
    "({}).T",
)
_HEADS = (
    *("", "k = x.detach()\n", "k = w.data*2\n", "k = 1.5\n", "k = tensor(1.1)/3\n") * 4,
    "k = conv1d(tensor([[[0.1, 0.2, 0.3]]]), tensor([[[0.7, 0.9]]])).sum()\n",
    "k = logspace(0, 1, 3).sum()\n",
    "k = 3.0\n",
    "k = ones(())\n",
    "k = param(2.0)\n",
    "k = tensor(3.0)\n",
    "with no_grad():\n    k = x*2\n",
    "k = x.detach()*w\n",
    "k = x*w\nk.retain_grad()\n",
    "k = x\n",
    "k = w.data\n",
    "with no_grad():\n    k = w.sum()\n",
    "k = max(x, w)\n",
    "def f(a, b):\n    return a*b.detach()\nk = f(x, w)\n",
    "k = 0\nfor i in range(3):\n    k = k + x.detach()*i\n",
    "k = x*1\nif k.sum() > 1:\n    k = k*2\n",
    "x.register_hook(double)\nk = x\n",
    "k = Square.apply(x)\n",
    "k = x.detach().requires_grad_()\n",
    "k = w\nx = param(5.0)\n",
)
_BEFORE = """def double(g):
    return g*2
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return a*a
    @staticmethod
    def backward(ctx, g):
        a, = ctx.saved_tensors
        return g*a*2
"""
_ENDS = (
    "sum({})",
    "y = sum({})",
    "y = sum(({})*x*w)",
    "y = mean(({})*3)",
    "y = sum(({})*K); z = y*y",
    "sum({})*1",
    "prod(({})*w)",
    "x",
    "K",
)


def _expression(draw: random.Random, depth: int) -> str:
    if not depth or draw.random() < 0.1:
        return draw.choice(("x", "x", "w", "w", "x.detach()", "w.data", "K", draw.choice(_NUMBERS)))
    first = _expression(draw, depth - 1)
    kind = draw.random()
    if kind < 0.25:
        return f"{draw.choice(_UNARY)}({first})"
    if kind < 0.4:
        return draw.choice(_KEPT).format(first) if first not in _NUMBERS else first
    if kind < 0.45:
        return draw.choice(_SHAPED).format(first, first) if first not in _NUMBERS else first
    second = _expression(draw, depth - 1)
    if kind < 0.55:
        return f"{draw.choice(_BINARY)}({first}, {second})"
    if kind < 0.6:
        return f"where({first} > {second}, {first}, {second})"
    return f"({first} {draw.choice('+-*/')} {second})"


def _program(draw: random.Random) -> str:
    head = draw.choice(_HEADS)
    if "double" in head or "Square" in head:
        head = _BEFORE + head
    end = draw.choice(_ENDS).format(_expression(draw, draw.randint(1, 4)))
    return f"x; w\n{head}{end.replace('K', 'k' if head else 'w')}"


def _array(draw: random.Random, shape: tuple[int, ...], dtype: str) -> np.ndarray[Any, Any]:
    size = int(np.prod(shape))
    values = [draw.choice((1.0, 2.0, 3.0, draw.uniform(-2, 3))) for _ in range(min(size, 5))]
    return np.resize(np.array(values), shape).astype(dtype)


def _inputs(draw: random.Random) -> list[dict[str, Any]]:
    """The inputs of the calls: mostly of one shape, as programs are called."""
    shape = draw.choice(((), (3,), (2, 3), (1,), (20_001,), (0,)))
    base = _array(draw, shape, draw.choice(("float64", "float64", "float32")))
    found: list[dict[str, Any]] = []
    for _ in range(CALLS):
        kind = draw.choice(
            ("aliased", "equal", "views", "other", "other", "dtype", "numbers", "lists", "ints")
        )
        dtype = draw.choice(("float64", "float32"))
        x, w = _array(draw, shape, dtype), _array(draw, shape, dtype)
        if kind == "aliased":
            x = w = base
        elif kind == "equal":
            w = x.copy()
        elif kind == "views":
            x, w = base[::-1] if base.ndim else base, base
        elif kind == "dtype":
            x = x.astype(draw.choice(("float32", "float16", ">f8")))
        elif kind == "ints":
            w = np.round(w).astype("int64")
        call: dict[str, Any] = {"x": x, "w": w}
        if kind == "numbers":
            call = {"x": draw.choice((3.0, 1.0, 2)), "w": draw.choice((3.0, 1.0, -0.0, np.float32(3.0)))}
        elif kind == "lists" and base.size < 10:
            call = {"x": x.tolist(), "w": [1, 2, 3] if shape == (3,) else w.tolist()}
        if draw.random() < 0.2:
            call = dict(reversed(call.items()))
        found.append(call)
        if draw.random() < 0.5:
            found.append(call)
    return found


def _told(result: Any, names: list[str]) -> list[Any]:
    values = {name: result.values[name] for name in names}
    return [
        {name: (value.dtype, value.shape, _exact(value)) for name, value in values.items()},
        {name: (grad.dtype, grad.shape, _exact(grad)) for name, grad in result.grads.items()},
        result.nodes,
        result.roots,
    ]


def _exact(value: Any) -> Any:
    """Equal for equal arrays, of which every nan counts as one."""
    return np.where(np.isnan(value), np.nan, value).tobytes() if value.dtype.kind == "f" else value.tobytes()


def _answer(run: Callable[[], Any], everything: bool) -> tuple[Any, Any]:
    try:
        result = run()
        names = list(result.values) if everything else list(result.roots)
        return _told(result, names), result
    except GradcliError as error:
        return (error.code, error.message), None


def case(draw: random.Random) -> Case:
    """A program and its calls."""
    source = _program(draw)
    options: dict[str, Any] = draw.choice(
        ({}, {}, {}, {"dtype": "float32"}, {"wrt": ["x"]}, {"wrt": ["w", "x"]})
    )
    calls = _inputs(draw)
    everything = draw.random() < 0.3

    def run() -> None:
        try:
            program = gradcli.compile(source, **options)
        except GradcliError as error:
            raise AssertionError(f"it does not compile: {error}") from None
        for at, inputs in enumerate(calls):
            before = {name: np.array(value) for name, value in inputs.items()}
            expected, _ = _answer(
                lambda inputs=inputs: gradcli.evaluate(source, inputs, **options), everything
            )
            told, result = _answer(lambda inputs=inputs: program(**inputs), everything)
            assert told == expected, f"call {at}: {told} is not {expected}"
            if result is not None:
                for gradient in result.grads.values():
                    gradient *= 7.5
                assert not any(each.flags.writeable for each in map(result.values.__getitem__, result.roots))
            for name, value in inputs.items():
                assert _exact(np.array(value)) == _exact(before[name]), f"call {at} wrote to {name}"

    shown = [{name: f"{np.asarray(v).dtype}{np.ravel(v)[:3]}" for name, v in each.items()} for each in calls]
    return Case(f"{source}   # {options}, {shown}", run)
