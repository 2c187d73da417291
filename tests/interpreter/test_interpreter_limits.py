"""A hostile program gets nowhere: each ends in a clear error, within the limits."""

from __future__ import annotations

import gc

import pytest

import gradcli

REACHES_FOR_PYTHON = [
    ("__import__('os')", "unknown-function"),
    ("open('f')", "unknown-function"),
    ("eval('1')", "unknown-function"),
    ("getattr(1, '__class__')", "unknown-name"),
    ("getattr(print, 'run')", "unknown-name"),
    ("setattr(print, 'run', 1)", "bad-argument"),
    ("x = param(1.)\nsetattr(x, 'node', 1)", "unknown-name"),
    ("delattr(print, 'run')", "unknown-name"),
    ("().__class__", "unknown-name"),
    ("x = param(1.)\nx.__class__", "unknown-name"),
    ("x = param(1.)\nx.node", "unknown-name"),
    ("torch.__dict__", "unknown-name"),
    ("print.__self__", "unknown-name"),
    ("print.run", "unknown-name"),
    ("def f(): return 1\nf.__globals__", "unknown-name"),
    ("f'{().__class__}'", "unknown-name"),
    ("'{0.__class__}'.format(1)", "bad-argument"),
    ("'{0[0]}'.format([1])", "bad-argument"),
    ("str.format('{0.__class__}', 1)", "bad-argument"),
    ("str.__class__", "unknown-name"),
    ("list.append.__self__", "unknown-name"),
    ("torch.Tensor.abs.run", "unknown-name"),
    ("torch.autograd.Function.apply", "unknown-name"),
    ("import subprocess; subprocess.run", "unknown-name"),
    ("from os import system; system()", "unknown-name"),
    ("np.load('x.npy')", "unknown-function"),
    ("torch.load('x.pt')", "bad-argument"),
    ("(lambda: 0).__globals__", "unknown-name"),
    ("(x for x in [1]).gi_frame", "unknown-name"),
    ("class A: pass\nA.__dict__", "unknown-name"),
    ("class A: pass\nA().__dict__.__class__", "unknown-name"),  # what it says itself, as vars() gives it
    ("class A:\n  def f(self): pass\nA().__dict__['f']", "bad-argument"),
    ("def f(): return 1\nf.__dict__", "unknown-name"),
    ("class A: pass\nA.__mro__", "unknown-name"),
    ("class A: pass\nA.__bases__", "unknown-name"),
    ("class A: pass\nA().__class__.__subclasses__()", "unknown-function"),
    ("class A:\n  def f(self): pass\nA().f.__func__", "unknown-name"),
    ("class A:\n  def f(self): pass\nA().f.function", "unknown-name"),
    ("class A: pass\nA().attributes", "unknown-name"),
    ("class A: pass\nA().state", "unknown-name"),
    ("class A: pass\nA.members", "unknown-name"),
    ("try: 1/0\nexcept Exception as e: e.__traceback__", "unknown-name"),
    ("try: 1/0\nexcept Exception as e: e.error", "unknown-name"),
    ("try: 1/0\nexcept Exception as e: e.state", "unknown-name"),
    ("Exception.__init__.__globals__", "unknown-name"),
    ("object.__subclasses__", "unknown-name"),
    ("{}.__class__", "unknown-name"),
    ("{}.items().mapping", "unknown-name"),
    ("'{a.__class__}'.format(a=1)", "bad-argument"),
    ("class A(torch.Tensor): pass", "bad-argument"),
    ("class A(dict): pass", "bad-argument"),
    ("print(**{'file': 1})", "bad-argument"),
    ("class A:\n  def __getattr__(self, name): return 1\nA().__globals__", "unknown-name"),
    ("while True:\n  try:\n    while True: pass\n  except: pass", "limit"),
    ("def f():\n  try: f()\n  finally: f()\nf()", "limit"),
    ("[x for x in range(10**12)]", "limit"),
    ("any(False for x in range(10**12))", "limit"),
    ("def f(n): return f(n + 1)\ntry: f(0)\nexcept Exception: 1", "limit"),
    ("d = {}\nwhile True: d[len(d)] = 'x' * 1000", "limit"),
    ("'a'.replace('', 'b' * 10**6).replace('b', 'c' * 10**9)", "limit"),
    ("class A:\n  def __add__(self, o): return self + o\nA() + 1", "limit"),
    ("class A:\n  def __repr__(self): return repr(self)\nprint(A())", "limit"),
]


@pytest.mark.parametrize(("program", "code"), REACHES_FOR_PYTHON)
def test_nothing_reaches_python(program: str, code: str) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(program, max_steps=200_000)
    assert caught.value.code == code


GROWS = [
    "9**9**9**9",
    "2**63",
    "2**62 * 2",
    "10.0**400",
    "math.factorial(1000000000)",
    "'a' * 10**10",
    "[0] * 10**10",
    "(0,) * 10**10",
    "s = 'ab'\nwhile True: s = s + s",
    "l = [1]\nwhile True: l = l + l",
    "l = [1]\nwhile True: l += l",
    "l = [1]\nwhile True: l.extend(l)",
    "','.join(['a' * 10000] * 10000)",
    "'a'.ljust(10**12)",
    "f'{1:1000000000}'",
    "'%1000000000d' % 1",
    "'{:1000000000}'.format(1)",
    "list(range(10**12))",
    "sum(range(10**12))",
    "import torch\nsum(range(10**12))",
    "zeros(10**6, 10**6)",
    "arange(10**12)",
    "l = [0]\nfor i in range(60): l = [l, l]\nprint(l)",
    "l = [0]\nfor i in range(60): l = [l, l]\ntensor(l)",
    "l = [0]\nfor i in range(60): l = [l, l]\nsum(l)",
    "l = [0]\nfor i in range(10**7): l = [l, l]",
    "t = ()\nfor i in range(10**7): t = (1, t)",
    "x = 0\nfor i in range(10**7): x = [1, [x], 1]",
    "x = zeros(2**40, 0, 2**40)",
    "l = []\nl.append(l)\nprint(l)",
    "l = []\nl.append(l)\ntensor(l)",
    "def f(x): return f(x + 1)\nf(0)",
    "def f(x): return g(x)\ndef g(x): return f(x)\nf(0)",
]


@pytest.mark.parametrize("program", GROWS)
def test_what_grows_without_end_stops(program: str) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(program)
    assert caught.value.code == "limit"
    assert caught.value.span is not None


def test_what_a_loop_raises_and_catches_goes_with_its_turn() -> None:
    program = "for i in range(50):\n    try: raise ValueError('a')\n    except ValueError as e: pass"
    gradcli.evaluate(program)

    def failures() -> int:
        return sum(isinstance(each, gradcli.GradcliError) for each in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = failures()
        gradcli.evaluate(program)
        assert failures() == before
    finally:
        gc.enable()


def test_shared_lists_compare_without_walking_every_path() -> None:
    program = "a = [0]\nb = [0]\nfor i in range(60):\n    a = [a, a]\n    b = [b, b]\nprint(a == b)"
    assert gradcli.evaluate(program).printed == ["True"]


@pytest.mark.parametrize(
    "program",
    [
        "while True: pass",
        "for i in range(10**12): pass",
        "import torch\nall(range(1, 10**12))",
        "def f(): return 0\nwhile True: f()",
    ],
)
def test_steps_are_limited(program: str) -> None:
    with pytest.raises(gradcli.GradcliError, match="more than 1,000 steps") as caught:
        gradcli.evaluate(program, max_steps=1000)
    assert caught.value.code == "limit"


@pytest.mark.parametrize(
    "program",
    [
        "x = param(1.)\nwhile True: x = x * 1.0",
        "l = []\nwhile True: l.append(l)",
        "s = ''\nwhile 1:\n    s += 'a'\n    for i in range(2): break",
        "def f():\n    while True: pass\nf()",
    ],
)
def test_a_loop_without_a_way_out_is_stopped_early(program: str) -> None:
    with pytest.raises(gradcli.GradcliError, match=r"this loop never ends.* 100,000 turns") as caught:
        gradcli.evaluate(program)
    assert caught.value.code == "limit"
    assert program[slice(*caught.value.span)] in ("True", "1")


@pytest.mark.parametrize(
    "leave", ["break", "if n > 1: break", "for i in [1]: assert False", "if n:\n        return n"]
)
def test_a_loop_with_a_way_out_is_not(leave: str) -> None:
    program = (
        f"def f(n):\n  while True:\n    n += 1\n    if n == 100_002:\n      {leave}\n  return n\nn = f(0)"
    )
    if "assert" in leave:
        with pytest.raises(gradcli.GradcliError) as caught:
            gradcli.evaluate(program)
        assert caught.value.code == "assertion"
    else:
        assert gradcli.evaluate(program).values["n"] == 100_002


def test_lists_nested_by_hand_are_no_danger() -> None:
    program = "l = []\nfor i in range(900): l = [l]\nn = len(l)"
    assert gradcli.evaluate(program).values["n"] == 1


def test_numbers_are_looked_for_in_a_range_at_once() -> None:
    program = "r = range(10**18)\nprint(0.5 in r, 7.0 in r, 7 in r, True in r, 'a' in r, -1 in r)"
    assert gradcli.evaluate(program).printed == ["False True True True False False"]


def test_steps_within_the_limit_run() -> None:
    assert gradcli.evaluate("n = 0\nwhile n < 1000: n += 1", max_steps=1000).values["n"] == 1000


def test_no_limit_of_steps() -> None:
    program = "n = 0\nwhile n < 100000: n += 1"
    assert gradcli.evaluate(program, max_steps=0).values["n"] == 100_000


def test_time_is_limited() -> None:
    with pytest.raises(gradcli.GradcliError, match="longer than") as caught:
        gradcli.evaluate("while True: pass", max_seconds=0.05, max_steps=0)
    assert caught.value.code == "limit"


@pytest.mark.parametrize("nest", ["-(" * 3000 + "x" + ")" * 3000, "sin(" * 3000 + "x" + ")" * 3000])
def test_deep_expressions_run(nest: str) -> None:
    evaluation = gradcli.evaluate(f"y = {nest}", {"x": 0.5})
    assert set(evaluation.grads) == {"x"}


def test_a_thousand_nested_calls_are_the_limit() -> None:
    program = "def f(n): return 0 if n == 0 else f(n - 1) + 1\nn = f({})"
    assert gradcli.evaluate(program.format(999)).values["n"] == 999
    with pytest.raises(gradcli.GradcliError, match="recursion deeper than 1,000 calls"):
        gradcli.evaluate(program.format(1000))


def test_a_long_sum_and_a_long_chain_run() -> None:
    total = gradcli.evaluate("y = " + "+".join(["x"] * 20_000), {"x": 1.0})
    assert total.grads["x"] == 20_000
    chain = gradcli.evaluate("y = x\n" + "y = y + x\n" * 20_000, {"x": 1.0})
    assert chain.grads["x"] == 20_001
