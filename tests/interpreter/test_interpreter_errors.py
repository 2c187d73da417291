"""Every mistake gets the right code, points at its place, and says what to do."""

# ruff: noqa: E501 - a table reads best with a row on a line
from __future__ import annotations

import pytest

import gradcli
from rows import by_rows

MISTAKES = [
    # program, code, what the span covers, a part of the message, a part of the hint
    ("sine(1)", "unknown-function", "sine", "no function sine", "did you mean sin?"),
    ("y = x + 1", "unset-input", "x", "x has no value", "--set x"),
    ("weight = 1\ny = wieght * 2", "unset-input", "wieght", "wieght has no value", "did you mean weight"),
    ("y = y + 1", "unset-input", "y", "before it has a value", "--set y"),
    ("def f():\n    print(x)\n    x = 1\nf()", "unknown-name", "x", "local variable 'x'", "global"),
    ("x = param(1.)\nx.foo", "unknown-name", "foo", "'Tensor' object has no attribute 'foo'", None),
    ("x = param(1.)\nx.gradient", "unknown-name", "gradient", "no attribute 'gradient'", "did you mean grad?"),
    ("x = 1\n(2*x).backward()", "unknown-function", "backward", "'int' object", "x = param(1.0)"),
    ("x = 1.5\nx.grad", "unknown-name", "grad", "'float' object", "x = param(1.0)"),
    ("x = param(1.)\nx.summ()", "unknown-function", "summ", "no attribute 'summ'", "did you mean sum?"),
    ("torch.sinn(1.)", "unknown-function", "sinn", "module 'torch' has no attribute", "did you mean sin?"),
    ("import os; os.getcwd()", "unknown-name", "getcwd", "no module os", "torch, numpy and math"),
    ("json.dumps([1])", "unset-input", "json", "json has no value", "write import json before it"),
    ("random.random()*2", "unset-input", "random", "random has no value", "write import random before it"),
    ("os.getcwd()", "unknown-name", "os", "there is no os here", "neither Python nor files"),
    ("time.sum()", "unset-input", "time", "time has no value", "--set time="),
    ("import re; re.findall('a', 'b')", "unknown-name", "findall", "no module re", "texts have split"),
    ("import sklearn.datasets as d; d.load_iris()", "unknown-name", "load_iris", "no module sklearn", "--set"),
    ("import torch; torch.stft(ones(3))", "unknown-function", "stft", "module 'torch' has no attribute", None),
    ("class A(dict): pass", "bad-argument", "dict", "cannot be made from dict", "self.items = dict()"),
    ("frozenset([1])", "unknown-function", "frozenset", "no function frozenset", "set(…)"),
    ("import torch.nn as nn\nnn.SyncBatchNorm(2)", "unknown-function", "SyncBatchNorm", "'torch.nn'", "leave it out"),
    ("import torch.nn as nn\nnn.Linnear(2, 1)", "unknown-function", "Linnear", "'torch.nn'", "mean Linear?"),
    ("1 / 0", "bad-argument", "1 / 0", "division by zero", None),
    ("y = 1 + 2 % 0", "bad-argument", "2 % 0", "modulo by zero", None),
    ("(-8)**(1/3)", "bad-argument", "(-8)**(1/3)", "complex", None),
    ("'a' + 1", "bad-argument", "'a' + 1", 'can only concatenate str (not "int") to str', None),
    ("[1, 2][5]", "bad-argument", "[1, 2][5]", "list index out of range", "length is 2"),
    ("a, b = 1, 2, 3", "bad-argument", "a, b", "too many values to unpack (expected 2)", None),
    ("a, b = [1]", "bad-argument", "a, b", "not enough values to unpack (expected 2, got 1)", None),
    ("x = 5\nx(2)", "bad-argument", "x(2)", "'int' object is not callable", "* to multiply"),
    ("x = 5\nx()", "bad-argument", "x()", "'int' object is not callable", "no function: write x"),
    ("len(3)", "bad-argument", "len(3)", "has no len()", None),
    ("for x in 3: pass", "bad-argument", "3", "'int' object is not iterable", None),
    ("range(1.5)", "bad-argument", "range(1.5)", "cannot be interpreted as an integer", None),
    ("int('q')", "bad-argument", "int('q')", "invalid literal", None),
    ("if tensor([1., 2.]): pass", "bad-argument", "tensor([1., 2.])", "Boolean value of Tensor with more than one", "any()"),
    ("tensor([1., 2.]).item()", "bad-argument", "tensor([1., 2.]).item()", "2 elements cannot be converted", ".tolist()"),
    ("def f(a, b): return a\nf(1)", "bad-argument", "f(1)", "missing 1 required positional argument: 'b'", None),
    ("def f(a): return a\nf(1, 2)", "bad-argument", "f(1, 2)", "takes 1 positional argument but 2 were given", None),
    ("def f(alpha): return 1\nf(alpa=1)", "bad-argument", "f(alpa=1)", "unexpected keyword argument 'alpa'", "did you mean alpha?"),
    ("def f(a): return 1\nf(1, a=2)", "bad-argument", "f(1, a=2)", "multiple values for argument 'a'", None),
    ("tensor([1], require_grad=True)", "bad-argument", "tensor([1], require_grad=True)", "require_grad", "requires_grad"),
    ("print(1, file=2)", "bad-argument", "print(1, file=2)", "not file", None),
    ("tensor([1, 2], requires_grad=True)", "int-requires-grad", "tensor([1, 2], requires_grad=True)", "Only Tensors of floating point", None),
    ("x = param(1.)\nx += 1", "in-place", "x += 1", "a leaf Variable that requires grad", "no_grad()"),
    ("x = param(1.)\nx.mul_(2)", "in-place", "x.mul_(2)", "a leaf Variable that requires grad", "no_grad()"),
    ("x = param([1., 2.])\nx[0] = 5.", "in-place", "x[0]", "a view of a leaf Variable", "no_grad()"),
    ("x = tensor([1., 2.])\nx[5] = 5.", "bad-argument", "x[5]", "out of bounds", None),
    ("x = tensor([1., 2.])\nx[0] = [1., 2.]", "bad-argument", "x[0]", "can't assign a list", "tensor([…])"),
    ("x = param(1.)\nx.shape = 3", "bad-argument", "shape", "not writable", ".requires_grad"),
    ("x = param(1.)\nx.grad = 3", "bad-argument", "grad", "expected to be a Tensor or None", None),
    ("True ^ False", "dtype", "True ^ False", "exclusive or", "**"),
    ("tensor([1]) ^ tensor([2])", "dtype", "tensor([1]) ^ tensor([2])", "exclusive or", "**"),
    ("import torch\n2 ^ 3", "bad-argument", "2 ^ 3", "exclusive or", "**"),
    ("with no_grad: pass", "bad-argument", "no_grad", "context manager", "no_grad()"),
    ("class A(2): pass", "bad-argument", "2", "class A cannot be made from 'int'", "bases are classes"),
    ("class A:\n  if 1: pass", "bad-argument", "if 1: pass", "a class holds methods", "before the class"),
    ("class A: pass\nA(2)", "bad-argument", "A(2)", "A() takes no arguments", None),
    ("class A:\n  def f(self): return self.g\nA().f()", "unknown-name", "g", "'A' object has no attribute", None),
    ("class A:\n  x_long = 1\nA().x_lon", "unknown-name", "x_lon", "'A' object has no", "did you mean x_long?"),
    ("class A: pass\nA() + 1", "bad-argument", "A() + 1", "operand type(s) for +: 'A' and 'int'", None),
    ("super()", "bad-argument", "super()", "belongs into a method", None),
    ("d = {'a': 1}\nd['b']", "bad-argument", "'b'", "'b'", "no such key"),
    ("{[1]: 2}", "bad-argument", "[1]: 2", "unhashable type: 'list'", "text"),
    ("{{1}}", "bad-argument", "{{1}}", "unhashable type: 'set'", "text"),
    ("f = sin\nf(**{2: 3})", "bad-argument", "**{2: 3}", "whose keys are texts", None),
    ("raise ValueError('no')", "assertion", "raise ValueError('no')", "ValueError: no", None),
    ("raise 2", "bad-argument", "raise 2", "must derive from BaseException", None),
    ("try: 1/0\nexcept TypeError: 2", "bad-argument", "1/0", "division by zero", None),
    ("a, *b = []", "bad-argument", "a, *b", "expected at least 1, got 0", None),
    ("def f():\n  nonlocal q\n  q = 1", "syntax", "q", "no binding for nonlocal 'q'", None),
    ("del q", "unset-input", "q", "read before it has a value", None),
    ("param([1., 2.]).backward()", "non-scalar-root", "param([1., 2.]).backward()", "scalar outputs", "weights"),
    ("tensor(1.).backward()", "no-grad", "tensor(1.).backward()", "does not require grad", "param"),
    ("assert 1 > 2", "assertion", "1 > 2", "does not hold", None),
    ("assert 1 > 2, f'no: {3}'", "assertion", "1 > 2", "no: 3", None),
]  # fmt: skip


@by_rows("program, code, place, message, hint", MISTAKES)
def test_a_mistake_is_told(program: str, code: str, place: str, message: str, hint: str | None) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(program)
    error = caught.value
    assert error.code == code
    assert error.span is not None
    assert program[slice(*error.span)] == place
    assert message in error.message
    if hint is not None:
        assert error.hint is not None
        assert hint in error.hint


@pytest.mark.parametrize(
    ("program", "notes"),
    [
        (
            "def swish(x):\n    return x * sigmoidd(x)\n\ny = swish(1.)",
            ("in swish, called from line 4",),
        ),
        (
            "def f(x):\n    return 1 / x\ndef g(x):\n    return f(x)\ng(0)",
            ("in f, called from line 4", "in g, called from line 5"),
        ),
        ("for i in range(5):\n    x = 1 / (3 - i)", ("in turn 4 of the loop on line 1",)),
        (
            "i = 0\nwhile True:\n    for j in range(2): y = [0, 1][i]\n    i += 1",
            ("in turn 1 of the loop on line 3", "in turn 3 of the loop on line 2"),
        ),
        ("assert [1, 2] == [1, 3]", ("left:  [1, 2]", "right: [1, 3]")),
        (
            "x = tensor([1., 2., 3.])\nassert allclose(x, [1., 2., 3.5])",
            ("left:  tensor([1., 2., 3.])", "right: [1.0, 2.0, 3.5]", "largest difference: 0.5 at index [2]"),
        ),
    ],
)
def test_notes_tell_the_way(program: str, notes: tuple[str, ...]) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(program)
    assert caught.value.notes == notes


def test_a_long_chain_of_calls_is_shortened() -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate("def f(n): return f(n - 1) if n else 1 / 0\nf(100)")
    assert len(caught.value.notes) < 12
    assert caught.value.notes[0] == "in f, called from line 1"
    assert caught.value.notes[-1] == "in f, called from line 2"
    assert "93 more" in caught.value.notes[4]


def test_a_second_backward_names_the_call_its_place_and_the_first() -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate("x = param(3.)\ny = x.pow(2)\ny.backward()\ny.backward()")
    error = caught.value
    assert error.code == "graph-freed"
    assert error.location is not None
    assert error.location.line == 4
    assert "pow at line 2, column 5" in error.message
    assert "line 3" in error.message
    assert error.hint is not None
    assert "retain_graph=True" in error.hint
