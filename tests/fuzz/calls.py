"""Calls with odd arguments, over every row of every table: functions, methods, members of namespaces.

The tables are the program's own, so that a new row is tried as soon as it is there. About half of the
arguments are of the kind that their parameter takes, so that many calls come further than its signature.
"""

from __future__ import annotations

import random
from functools import cache
from inspect import signature
from typing import Any

import gradcli
from fuzz.cases import Case
from gradcli.library import members, namespaces, tensor_methods
from gradcli.library.python_methods import PYTHON_METHODS
from gradcli.ops import registry
from gradcli.ops.rows import Function
from gradcli.values.values import Builtin, Namespace

PREAMBLE = """\
import torch
import numpy as np
x = param([0.5, 1.0, 2.0])
m = param([[2.0, 1.0], [1.0, 3.0]])
t = param(ones(2, 3, 4))
s = param(0.5)
k = torch.tensor([1, 0])
b = torch.tensor([True, False, True])
e = zeros(0)
h = tensor([1.0, 2.0], dtype=torch.float32)
l = [1, 2.5]
w = "text"
a = x.detach().numpy()
c = x.shape
def f(u): return u*u
"""

_TENSORS = ("x", "m", "t", "s", "k", "b", "e", "h", "a", "1.5", "2", "[1.0,2.0]", "[[1.0,2.0],[3.0,4.0]]")
_PLAIN = {
    "int": ("0", "1", "2", "-1", "3", "s*2", "k[0]", "True", "tensor(1.0)"),
    "bool": ("True", "False", "0", "b[0]", "None"),
    "float": ("0.5", "1", "0.0", "-1.0", "inf", "nan", "s", "1e300", "2"),
    "str": (
        "'mean'",
        "'sum'",
        "'none'",
        "'nan'",
        "'xy'",
        "''",
        "'tanh'",
        "'floor'",
        "'reflect'",
        "'ij,jk->ik'",
    ),
    "Dims": ("0", "-1", "(0,1)", "[0]", "()", "None", "[-1,0]", "1"),
}
_ODD = (
    "None",
    "True",
    "0",
    "1",
    "-1",
    "7",
    "10**7",
    "2**62",
    "-2**63",
    "1e300",
    "-0.5",
    "nan",
    "inf",
    "1e-320",
    "''",
    "'a'",
    "'mean'",
    "'é٣'",
    "[]",
    "[1,2]",
    "[[1],[2,3]]",
    "[x,x]",
    "[None]",
    "['a']",
    "[[[]]]",
    "()",
    "(1,2)",
    "(-1,)",
    "(0,0,0)",
    "(x,m)",
    "range(3)",
    "range(0)",
    "x",
    "m",
    "t",
    "s",
    "k",
    "b",
    "e",
    "h",
    "l",
    "w",
    "a",
    "c",
    "f",
    "torch",
    "np",
    "print",
    "sin",
    "torch.float32",
    "torch.int64",
    "float",
    "int",
    "x.grad_fn",
    "x.sum",
    "torch.Size([2])",
    "zip(l,l)",
    "enumerate(l)",
    "no_grad()",
    "torch.device('cpu')",
    "np.float64",
    "torch.float",
    "x.grad",
    "approx(1)",
    "...",
    "x[0]",
    "m[:0]",
    "t.bool()",
    "1==1",
    "-x",
    "[10**7]",
    "[0,-1]",
    "2**31",
    "str",
    "torch.Tensor",
    "x.numpy",
    "[x,'a']",
    "(f,)",
    "ones(1,1,1,1)",
)
_OWNERS = (
    "x",
    "m",
    "t",
    "s",
    "k",
    "b",
    "e",
    "h",
    "l",
    "w",
    "a",
    "c",
    "x.grad_fn",
    "1.5",
    "3",
    "None",
    "f",
    "True",
)
_STRANGERS = ("out", "axis", "dtype", "device", "span", "runtime", "zzz")
"""Keywords that few parameters have."""
_ENDS = (
    *("print({})", "y = {}", "{}", "y = {}\nsum(y)", "y = {}\nprint(y)\ny", "{}\nx", "y = {}\nstr(y)"),
    "for z in {}: x.sum()",
)


@cache
def _callables() -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """What can be called, as text, with names and kinds of its parameters; methods begin with a point."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for name, row in registry.table().items():
        found[name] = _of_row(row)
        if row.method:
            found[f".{name}"] = _of_row(registry.method(name))[1:]
    for name in (*tensor_methods.METHODS, *_in_place()):
        method = members.tensor_method(name)
        found[f".{name}"] = _of_function(method)[1:]
    for methods in PYTHON_METHODS.values():
        found.update({f".{name}": _of_function(method)[1:] for name, method in methods.items()})
    for name in (*members.TENSOR_ATTRIBUTES, "numel", "name", "remove", "is_integer", "copy", "std"):
        found.setdefault(f".{name}", ())
    for name, value in namespaces.BARE.items():
        found[name] = _of_value(value)
    for path, namespace in namespaces.MODULES.items():
        for name, value in namespace.members.items():
            found[f"{path}.{name}"] = _of_value(value)
    return sorted(found.items())


def _in_place() -> list[str]:
    return [f"{name}_" for name in registry.table() if registry.in_place(f"{name}_") is not None]


def _of_row(row: Any) -> tuple[tuple[str, str], ...]:
    annotations = getattr(row.implementation, "__annotations__", {})
    return tuple(
        (each.name, each.kind if "tensor" in each.kind else str(annotations.get(each.name, "Any")))
        for each in row.parameters
    )


def _of_function(run: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name, "Any") for name in list(signature(run).parameters)[2:])


def _of_value(value: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(value, Function):
        return _of_row(value)
    return _of_function(value.run) if isinstance(value, Builtin) and not isinstance(value, Namespace) else ()


def _argument(random: random.Random, kind: str) -> str:
    if random.random() < 0.45:
        return random.choice(_ODD)
    if "tensors" in kind:
        return f"[{', '.join(random.choices(_TENSORS, k=random.randrange(4)))}]"
    if "tensor" in kind:
        return random.choice(_TENSORS)
    for plain, values in _PLAIN.items():
        if plain in kind:
            return random.choice(values)
    return random.choice(random.choice((*_PLAIN.values(), _TENSORS)))


def call(random: random.Random) -> str:
    """One call, as text."""
    name, parameters = random.choice(_callables())
    words = []
    many = random.choice((0, 1, 1, 2, 2, 3, len(parameters), len(parameters), len(parameters) + 1))
    if random.random() < 0.5:
        many = min(many, len(parameters))
    for at in range(many):
        parameter, kind = parameters[at] if at < len(parameters) else ("", "Any")
        value = _argument(random, kind)
        if parameter and (random.random() < 0.15 or (words and "=" in words[-1])):
            words.append(f"{parameter}={value}")
        else:
            words.append(f"*{value}" if random.random() < 0.02 else value)
    if random.random() < 0.2 and parameters:
        parameter, kind = random.choice(parameters)
        words.append(f"{parameter}={_argument(random, kind)}")
    if random.random() < 0.06:
        words.append(f"{random.choice(_STRANGERS)}={random.choice(_ODD)}")
    if random.random() < 0.05:
        return f"{random.choice(_OWNERS)}.{name.lstrip('.')}"
    if not name.startswith("."):
        return f"{name}({', '.join(words)})"
    owner = random.choice(_OWNERS) if random.random() < 0.6 else random.choice(_ODD)
    return f"({owner}){name}({', '.join(words)})"


_OPTIONS: tuple[dict[str, Any], ...] = (
    *[{}] * 6,
    *[{"weights": "ones"}] * 3,
    {"dtype": "float32"},
    {"wrt": ["x"], "weights": "ones"},
    {"order": 2},
    {"hessian": True},
    {"jacobian": True},
    {"create_graph": True},
    {"jacobian": True, "mode": "forward"},
    {"jvp": [1.0, 2.0, 3.0]},
    {"hvp": [1.0, 2.0, 3.0]},
    {"hvp": {"x": [1.0]}},
    {"partials": [["x", "s"]]},
    {"hessian": True, "sparse": True},
    {"passes": 2},
    {"detect_anomaly": True},
    {"wrt": ["e"]},
    {"wrt": ["k"]},
    {"roots": ["y"]},
    {"retain_grad": ["y"]},
    {"freeze": ["x"]},
)


def case(random: random.Random) -> Case:
    """A program with one odd call."""
    text = random.choice(_ENDS).format(call(random))
    options = random.choice(_OPTIONS)
    shown = text if not options else f"{text}   # {options}"

    def run() -> None:
        result = gradcli.evaluate(PREAMBLE + text, max_seconds=3, max_memory=200_000_000, **options)
        for part in (result.values, result.grads or {}):
            for name in part:
                part[name]

    return Case(shown.replace("\n", "; "), run)
