"""Programs without tensors do what Python does with them: the same text is run by both."""

# ruff: noqa: E501 - a table reads best with a row on a line
from __future__ import annotations

import contextlib
import io

import pytest

import gradcli
from rows import by_rows

PROGRAMS = {
    "arithmetic": "print(7 // 2, -7 // 2, 7 % 3, -7 % 3, 2**10, 2**-1, 7 / 2, 1 + True, -3**2)",
    "floats": "print(0.1 + 0.2, 1e16, 1e-5, 3.0, float('inf'), -0.0, 7.5 // 2, 1e22)",
    "power groups right": "print(2**3**2, (2**3)**2, -2**2)",
    "comparison chains": "x = 3\nprint(1 < x < 5, 1 < x > 5, x == 3 != 4, 1 < 2 < 3 < 4)",
    "identity": "x = None\nprint(x is None, x is not None, 1 is not None)",
    "membership": "print(2 in [1, 2], 5 not in (1, 2), 'b' in 'abc', 3 in range(5), [1] in [[1], 2])",
    "logic gives operands": "print(0 or 'a', 1 and 2, not [], '' or 0 or [], 1 and 0 and 1)",
    "conditional": "for x in [-1, 0, 2]: print('neg' if x < 0 else 'zero' if x == 0 else 'pos')",
    "chained assignment": "a = b = 3\na += 1\nprint(a, b)",
    "tuple targets": "a, b = 1, 2\na, b = b, a\n(c, d), e = (1, 2), 3\nprint(a, b, c, d, e)",
    "augmented": "x = 7\nx += 1; x -= 2; x *= 3; x //= 4; x **= 2; x %= 5\nprint(x)",
    "lists": "l = [1, 2]\nl.append(3)\nl += [4]\nl.extend(range(5, 7))\nl[0] = 9\nprint(l, len(l), l.pop(), l[-1])",
    "lists are shared": "a = [1]\nb = a\nb += [2]\nprint(a, a == [1, 2], a + b, [0] * 3)",
    "slices": "l = [1, 2, 3, 4, 5]\nprint(l[1:3], l[::-1], l[-2:], (1, 2, 3)[1:], 'hello'[1:4], l[::2])",
    "while and break": "n = 0\nwhile True:\n    n += 1\n    if n == 2: continue\n    if n > 4: break\n    print(n)",
    "nested loops": "for i in range(3):\n    for j in range(3):\n        if j > i: break\n        print(i, j)",
    "else of a loop": "for n in (4, 7):\n    for d in range(2, n):\n        if n % d == 0:\n            print(n, d)\n            break\n    else: print(n, 'prime')",
    "else of while": "n = 3\nwhile n:\n    n -= 1\n    if n == 5: break\nelse:\n    print('counted')\ndef f(k):\n    while k > 0:\n        k -= 2\n        if k == 1: return 'odd'\n    else: return 'even'\nprint(f(4), f(5))",
    "sets": "a = {3, 1, 2}\nb = {x % 4 for x in range(9, 3, -1)}\na |= {7, *b}\nprint(a, b, a & b, a - b, a | {0}, b < a, 2 in a, len({1, 1.0}))\nprint({'k': 1}.keys() - {'a'}, a.isdisjoint({9}), a.symmetric_difference({1, 9}), {'a': 1} | {'b': 2})",
    "assigned in a test": "import random\nif (n := len('abc')) > 2 and (m := n * 2) < 9: print(n, m)\nit = iter([3, 1, 0, 5])\nwhile x := next(it): print(x)\ndef f(v):\n    if (w := v + 1) > 3: return w\n    return -w\nprint(f(1), f(5))",
    "enumerate and zip": "for i, (a, b) in enumerate(zip([1, 2], 'ab')): print(i, a, b)",
    "reversed": "print(list(reversed([1, 2, 3])), list(range(5, 0, -2)), tuple('ab'))",
    "elif": "for x in range(4):\n    if x == 0: print('a')\n    elif x == 1: print('b')\n    elif x == 2: pass\n    else: print('d')",
    "functions": "def f(a, b=2, *rest, c=3): return (a, b, rest, c)\nprint(f(1), f(1, 5, 6, 7), f(1, c=0), f(b=1, a=2))",
    "spread arguments": "def f(a, b, c): return a + b * c\nx = [2, 3]\nprint(f(1, *x), f(*[1, 2], 3))",
    "recursion": "def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)\nprint([fib(10), fib(15)])",
    "deep recursion": "def f(n): return 0 if n == 0 else 1 + f(n - 1)\nprint(f(900))",
    "scopes": "x = 1\ndef f():\n    x = 2\n    return x\nprint(f(), x)",
    "closures": "def outer(k):\n    def inner(x): return x + k\n    return inner\nprint(outer(2)(3), outer(5)(3))",
    "defaults are evaluated once": "k = 1\ndef f(a=k): return a\nk = 5\nprint(f())",
    "functions are values": "def twice(f, x): return f(f(x))\ndef g(x): return x * 3\nprint(twice(g, 2))",
    "returns nothing": "def f(): pass\nprint(f(), [None, True])",
    "strings": "print('a' + 'b', 'ab' * 2, \"it's\", 'a\\tb', 'x'.upper(), ' a '.strip(), '-'.join(['a', 'b']))",
    "repr in containers": "print(['a', \"it's\"], ('x',), [1.0, None], (1, 2))",
    "str and numbers": "print(str(3) + 'a', float('2.5'), int('7'), int(-2.7), bool([]), bool('a'), float(3))",
    "print options": "print(1, 2, sep='-', end='!\\n')\nprint()\nprint('a', end='')\nprint('b')",
    "fstrings": "x = 3.14159\nn = 7\nprint(f'{x:.2f} {n:>4}|{n:04d} {x!r} {n + 1} {{}} {x:e} {\"q\"}')",
    "fstring shows its source": "x = 2\nprint(f'{x=} {x + 1 = }')",
    "fstring width from a value": "w = 8\nprint(f'[{3.14159:{w}.{2}f}]')",
    "percent": "print('%.3f and %d and %s%%' % (3.14159, 42, 'x'), '%5.1f|' % 2.0)",
    "format": "print('{} {:.2f}'.format(1, 2.5), '{1}{0}{name}{{}}'.format(1, 2, name=3))",
    "math": "import math\nprint(math.sqrt(2), math.pi, math.floor(2.5), math.exp(1), math.isclose(1.0, 1.0 + 1e-12))",
    "from math": "from math import sqrt, pi as p\nprint(sqrt(16), p)",
    "divmod and isinstance": "print(divmod(7, 3), isinstance(1, int), isinstance(1.0, (int, float)), isinstance('a', str))",
    "docstrings and comments": '"""A docstring."""\nx = 1  # a comment\nprint(x)',
    "one-line suites": "x = 0\nif x == 0: x = 1; print(x)\nfor i in range(2): print(i); print('.')",
    "assert holds": "assert 1 + 1 == 2, 'never'\nprint('ok')",
    "truth of loops": "while 0: print('no')\nfor x in []: print('no')\nprint('done')",
}

AS_IN_A_SCRIPT = {
    "sum": "print(sum([1, 2, 3]), sum([1.5, 2]), sum([[1], [2]], []), sum(range(5)))",
    "min and max": "print(min(3, 1, 2), max([4, 7, 5]), min('b', 'a'), max(1, 2.5))",
    "abs and round": "print(abs(-3), abs(-2.5), round(2.5), round(3.14159, 2), round(2.675, 2), round(15, -1))",
    "pow all any": "print(pow(2, 3), pow(2.0, -1), all([1, 0]), any([0, 0, 1]), all([]), any([]))",
}
"""The names that are Python's in a program that imports torch, and PyTorch's functions elsewhere."""


def python_prints(program: str) -> list[str]:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(program, {})
    return output.getvalue().splitlines()


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@by_rows("name", [(each,) for each in PROGRAMS])
def test_prints_what_python_prints(name: str) -> None:
    assert gradcli.evaluate(PROGRAMS[name]).printed == python_prints(PROGRAMS[name])


@pytest.mark.parametrize("name", AS_IN_A_SCRIPT)
def test_builtins_of_a_pytorch_script_are_pythons(name: str) -> None:
    program = AS_IN_A_SCRIPT[name]
    assert gradcli.evaluate("import torch\n" + program).printed == python_prints(program)


def test_elsewhere_the_bare_names_are_pytorchs_functions() -> None:
    printed = gradcli.evaluate("print(sum([1., 2.]), max([3., 4.]), abs(-2.), max(3, 5))").printed
    assert printed == ["tensor(3.) tensor(4.) tensor(2.) 5"]


@pytest.mark.parametrize(
    "program",
    [
        "import torch\nprint(torch.exp(1.))",
        "import torch as t\nprint(t.exp(1.))",
        "from torch import exp\nprint(exp(1.))",
        "from torch import exp as e\nprint(e(1.))",
        "import torch.nn.functional as F\nprint(F.exp(1.))",
        "import torch\nprint(torch.nn.functional.exp(1.))",
        "print(torch.exp(1.))",
        "print(exp(1.))",
        "f = exp\nprint(f(1.))",
        "def f(): \n    import torch\n    return torch.exp(1.)\nprint(f())",
    ],
)
def test_a_function_is_reached_by_every_path(program: str) -> None:
    assert gradcli.evaluate(program).printed == ["tensor(2.7183)"]


def test_numbers_given_to_math_stay_python_numbers() -> None:
    program = "import torch\nimport math\nimport numpy as np\nprint(math.sqrt(2), np.sqrt(2), torch.sqrt(torch.tensor(2.)))"
    assert gradcli.evaluate(program).printed == ["1.4142135623730951 1.4142135623730951 tensor(1.4142)"]


@pytest.mark.parametrize(
    ("program", "shown"),
    [
        ("2^3", 8),
        ("2^3^2", 512),
        ("-2^2", -4),
        ("x = 3.\nx ^= 2\nx", 9.0),
    ],
)
def test_a_caret_is_power(program: str, shown: float) -> None:
    values = gradcli.evaluate(program).values
    assert values[list(values)[-1]] == shown


@pytest.mark.parametrize(
    ("program", "text"),
    [
        (
            "x = param([1., 2.])\nprint(x.shape, x.size(0), x.dtype, x.dim(), x.numel())",
            "torch.Size([2]) 2 torch.float64 1 2",
        ),
        ("x = param(2.)\nprint((x * 3).grad_fn, x.grad_fn, x.is_leaf)", "<MulBackward0> None True"),
        ("x = tensor([[1, 2], [3, 4]])\nprint(x.tolist(), x[0, 1].item(), len(x))", "[[1, 2], [3, 4]] 2 2"),
        ("x = tensor([1., 2.])\nprint([x, 1], (x[0],))", "[tensor([1., 2.]), 1] (tensor(1.),)"),
        ("x = tensor(2.5)\nprint(f'{x} {x:.3f}', float(x), int(x))", "2.5 2.500 2.5 2"),
        (
            "print(tensor(1) == 1, 1 in tensor([1, 2]), tensor([1, 2]) == [1, 3])",
            "tensor(True) True tensor([ True, False])",
        ),
        ("x = tensor([1., 2., 3.])\na, b, c = x\nprint(a, c)", "tensor(1.) tensor(3.)"),
        ("for row in tensor([[1., 2.], [3., 4.]]): print(row)", "tensor([1., 2.])\ntensor([3., 4.])"),
        ("x = tensor([1., 2.])\nm = x.sum\nprint(m())", "tensor(3.)"),
        (
            "print(torch.float32, torch.Size([1, 2]), range(3), torch.device('cpu'))",
            "torch.float32 torch.Size([1, 2]) range(0, 3) cpu",
        ),
        (
            "x = param(1.)\nprint(x.double().dtype, x.float(), x.long())",
            "torch.float64 tensor(1., dtype=torch.float32, grad_fn=<ToCopyBackward0>) tensor(1)",
        ),
    ],
)
def test_tensors_show_themselves(program: str, text: str) -> None:
    assert "\n".join(gradcli.evaluate(program).printed) == text


ARRAYS = """import torch
x = torch.tensor([[1.0, 2.5], [3.0, 4.0]], requires_grad=True)
a = x.detach().numpy()
{}
"""


@pytest.mark.parametrize(
    ("statement", "printed"),
    [
        ("print(a)", ["[[1.  2.5]", " [3.  4. ]]"]),
        ("print(a[0], a[0, 1], [a[0, 1]])", ["[1.  2.5] 2.5 [np.float32(2.5)]"]),
        ("print([a[0]], a.shape, a.dtype)", ["[array([1. , 2.5], dtype=float32)] (2, 2) float32"]),
        ("print(a * 2 - a, a.T)", ["[[1.  2.5]", " [3.  4. ]] [[1.  3. ]", " [2.5 4. ]]"]),
        ("print(a.max(), f'{a[1, 0]:.2f}', '%.1f' % a[0, 0], float(a[0, 0]))", ["4.0 3.00 1.0 1.0"]),
        ("print(torch.from_numpy(a).sum(), torch.sum(torch.tensor(a)))", ["tensor(10.5000) tensor(10.5000)"]),
        ("print(a == a, type(a))", ["[[ True  True]", " [ True  True]] <class 'numpy.ndarray'>"]),
        ("x.data.zero_(); print(a)", ["[[0. 0.]", " [0. 0.]]"]),
        ("a += 1; a[0] = 9; print(x.data[:, 0], a.clip(0, 5))", ["tensor([9., 4.]) [[5. 5.]", " [4. 5.]]"]),
    ],
)
def test_numpy_prints_as_numpy(statement: str, printed: list[str]) -> None:
    assert gradcli.evaluate(ARRAYS.format(statement)).printed == printed


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("x.numpy()", "bad-argument"),
        ("a.ctypes", "unknown-name"),
    ],
)
def test_what_an_array_refuses(statement: str, code: str) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(ARRAYS.format(statement))
    assert caught.value.code == code
    assert caught.value.span is not None
