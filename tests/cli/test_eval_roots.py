"""`gradcli eval`: which backward runs, with respect to what, and what the lines of the report are called."""

from __future__ import annotations

import pytest

from commands import Gradcli
from rows import by_rows

X = ["-s", "x=3"]

PLAIN: list[tuple[list[str], str]] = [
    # One root, no weights, no backward of the program's own: a quotient.
    (["y = 2*x; z = y**2", *X], "x = 3.0\ny = 6.0\nz = 36.0\ndz/dx = 24.0\n"),
    (["x + 1; x*2", *X], "x = 3.0\nresult = 6.0\ndresult/dx = 2.0\n"),
    (["x", *X], "x = 3.0\ndx/dx = 1.0\n"),
    (["y = 2*x; z = y**2", *X, "--wrt", "y"], "x = 3.0\ny = 6.0\nz = 36.0\ndz/dy = 12.0\n"),
    # A text of several lines behind other statements is a comment.
    (['y = x*x\n"""\ny = 2*x\n"""', *X], "x = 3.0\ny = 9.0\ndy/dx = 6.0\n"),
    (["a = b = 2*x", *X], "x = 3.0\na = 6.0\nb = 6.0\nda/dx = 2.0\n"),
    (["x = param(2.0)\ny = x*x"], "x = 2.0\ny = 4.0\ndy/dx = 4.0\n"),
    (["k = 3\ny = k*x", *X, "-s", "k=4"], "k = 4\nx = 3.0\ny = 12.0\ndy/dx = 4.0\n"),
    # Several roots: a quotient each.
    (["y = x*x; z = 3*y", *X, "-r", "y,z"], "x = 3.0\ny = 9.0\nz = 27.0\ndy/dx = 6.0\ndz/dx = 18.0\n"),
    (["a, b = x + 1, x*2", *X], "x = 3.0\na = 4.0\nb = 6.0\nda/dx = 1.0\ndb/dx = 2.0\n"),
    (
        ["(x + 1, x*2)", *X],
        "x = 3.0\nresult[0] = 4.0\nresult[1] = 6.0\ndresult[0]/dx = 1.0\ndresult[1]/dx = 2.0\n",
    ),
    (
        ["a = [x + 1, x*2]; 1", *X, "-r", "a"],
        "x = 3.0\nresult = 1\na[0] = 4.0\na[1] = 6.0\nda[0]/dx = 1.0\nda[1]/dx = 2.0\n",
    ),
    (["a = [x + 1, x*2]", *X], "x = 3.0\na[0] = 4.0\na[1] = 6.0\nda[0]/dx = 1.0\nda[1]/dx = 2.0\n"),
    (
        ["[x, [x*2, w]]", *X, "-s", "w=1"],
        (
            "x = 3.0\nw = 1.0\nresult[0] = 3.0\nresult[1][0] = 6.0\nresult[1][1] = 1.0\n"
            "dresult[0]/dx = 1.0\ndresult[0]/dw = 0.0\ndresult[1][0]/dx = 2.0\ndresult[1][0]/dw = 0.0\n"
            "dresult[1][1]/dx = 0.0\ndresult[1][1]/dw = 1.0\n"
        ),
    ),
    # What has no gradient is shown as a value.
    (["(x*x, None)", *X], "x = 3.0\nresult[0] = 9.0\nresult[1] = None\ndresult[0]/dx = 6.0\n"),
    (["(x*x, 5)", *X], "x = 3.0\nresult[0] = 9.0\nresult[1] = 5\ndresult[0]/dx = 6.0\n"),
    (
        ["x*x, tensor(1.), 'a'", *X],
        ("x = 3.0\nresult[0] = 9.0\nresult[1] = 1.0\nresult[2] = 'a'\ndresult[0]/dx = 6.0\n"),
    ),
    # A leaf that was replaced stands beside what its name is at the end.
    (["x = x*x; y = 3*x", *X], "x = 3.0\nx' = 9.0\ny = 27.0\ndy/dx = 18.0\n"),
    (["x = x*x", *X], "x = 3.0\nx' = 9.0\ndx'/dx = 6.0\n"),
    (["y = x*x; x = 1", *X, "-r", "y"], "x = 3.0\nx' = 1\ny = 9.0\ndy/dx = 6.0\n"),
    # Weights, or a backward of its own: what was added up in a leaf.
    (["x, 2*x", *X, "-g", "1", "-g", "10"], "x = 3.0\nresult[0] = 3.0\nresult[1] = 6.0\nx.grad = 21.0\n"),
    (["y = 2*x", *X, "-g", "5"], "x = 3.0\ny = 6.0\nx.grad = 10.0\n"),
    (["y = 2*x; y.backward()", *X], "x = 3.0\ny = 6.0\nx.grad = 2.0\n"),
    (["y = 2*x; autograd.backward(y)", *X], "x = 3.0\ny = 6.0\nx.grad = 2.0\n"),
    (
        ["y = x*x; y.backward(retain_graph=True); z = y*y", *X, "--root", "z"],
        "x = 3.0\ny = 9.0\nz = 81.0\nx.grad = 114.0\n",
    ),
    # A backward of its own is the only one: what follows is a value.
    (["y = x*x; y.backward(); z = x*5", *X], "x = 3.0\ny = 9.0\nz = 15.0\nx.grad = 6.0\n"),
    (["y = x*x; g, = autograd.grad(y, x); g", *X], "x = 3.0\ny = 9.0\ng = 6.0\n"),
    # A last statement without a value: what was assigned last of all that depends on the inputs.
    (["y = 2*x; print(y.item())", *X], "6.0\nx = 3.0\ny = 6.0\ndy/dx = 2.0\n"),
    (["y = 2*x; assert y > 5", *X], "x = 3.0\ny = 6.0\ndy/dx = 2.0\n"),
    (["y = 2*x\ndef f(a): return a", *X], "x = 3.0\ny = 6.0\ndy/dx = 2.0\n"),
    (["y = 2*x\nif y > 1: z = 3*y", *X], "x = 3.0\ny = 6.0\nz = 18.0\ndz/dx = 6.0\n"),
    (["if x > 4: y = x\nelse: y = x*x", *X], "x = 3.0\ny = 9.0\ndy/dx = 6.0\n"),
    (["for i in range(2): y = 2*x", *X], "i = 1\nx = 3.0\ny = 6.0\ndy/dx = 2.0\n"),
    (
        ["y = 2*x; z = 3*x; y = y*y; k = 5\nprint(k)", *X],
        "5\nx = 3.0\ny = 36.0\nz = 9.0\nk = 5\ndy/dx = 24.0\n",
    ),
    (["y = 2*x; import math", *X], "x = 3.0\ny = 6.0\ndy/dx = 2.0\n"),
    (["with no_grad(): y = 2*x", *X], "x = 3.0\ny = 6.0\n"),
    # Results of all kinds are shown.
    (["x = [1, 2, 3]; 2*x"], "result = [1, 2, 3, 1, 2, 3]\n"),
    (["x.shape", "-s", "x=[1, 2]"], "x = [1.0, 2.0]\nresult = [2]\n"),
    (["x.dtype", *X], "x = 3.0\nresult = 'torch.float64'\n"),
    (['"abc"'], "result = 'abc'\n"),
    (["[[1, 2], [3, 4]]"], "result = [[1, 2], [3, 4]]\n"),
    (["[1, 'a', [2]]"], "result[0] = 1\nresult[1] = 'a'\nresult[2] = [2]\n"),
    # Nothing requires grad.
    (["2 + 3"], "result = 5\n"),
    (["y = tensor(3.)*2"], "y = 6.0\n"),
    (["x.requires_grad_(False); x*2", *X], "x = 3.0\nresult = 6.0\n"),
    (["x*w", *X, "-s", "w=2", "--freeze", "x,w"], "x = 3.0\nw = 2.0\nresult = 6.0\n"),
    (["sum(x)", "-s", "x=tensor([1, 2])"], "x = [1, 2]\nresult = 3\n"),
]


@by_rows("arguments, out", PLAIN)
def test_the_lines_of_the_report(gradcli: Gradcli, arguments: list[str], out: str) -> None:
    ran = gradcli("eval", *arguments)
    assert (ran.status, ran.out) == (0, out)
    notes = ("note: nothing was differentiated: ", "note: 2 times a list repeats it")
    assert all(line.startswith(notes) for line in ran.err.splitlines())


NO_GRAD = [
    ["2 + 3", "--root", "result"],
    ["2 + 3", "--weights", "1"],
    ["y = tensor(3.)*2; y.backward()"],
    ["print(x)", *X, "--wrt", "x"],
    ["y = 2*x; z = 1.0", *X, "--wrt", "x"],
    ["x.detach()*2", *X],
    ["s = 'text'; x", *X, "--root", "s"],
    ["a = []; x", *X, "--root", "a"],
    ["x*w", *X, "-s", "w=2", "--freeze", "w", "--wrt", "w"],
]


@pytest.mark.parametrize("arguments", NO_GRAD, ids=" ".join)
def test_gradients_that_were_asked_for_and_are_none(gradcli: Gradcli, arguments: list[str]) -> None:
    ran = gradcli("eval", *arguments, "--json")
    assert (ran.status, ran.object["error"]["code"]) == (4, "no-grad")


@pytest.mark.parametrize(
    ("options", "grads"),
    [
        (["--wrt", "x,y"], {"x": 24.0, "y": 12.0}),
        (["--wrt", "unused"], {"unused": [0.0, 0.0]}),
        (["--retain-grad", "y"], {"x": 24.0, "y": 12.0}),
        (["--retain-grad", "y", "--passes", "2", "--retain-graph"], {"x": 48.0, "y": 24.0}),
        (["--retain-grad", "y", "--passes", "2", "--retain-graph", "--zero-grad"], {"x": 24.0, "y": 12.0}),
        (["--passes", "2", "--create-graph"], {"x": 48.0}),
        (["--root", "y,z", "-g", "ones", "-g", "10"], {"x": 242.0}),
    ],
    ids=lambda value: " ".join(value),
)
def test_how_backward_runs(gradcli: Gradcli, options: list[str], grads: dict[str, object]) -> None:
    program = "unused = x*ones(2); y = 2*x; z = y**2"
    ran = gradcli("eval", program, *X, *options, "--json")
    assert (ran.status, ran.object["grads"]) == (0, grads)


def test_a_root_is_named_once(gradcli: Gradcli) -> None:
    error = gradcli("eval", "y = 2*x", *X, "--root", "y,y", "--json").object["error"]
    assert (error["code"], error["message"]) == ("bad-argument", "a root is named twice: y, y")


READS_NOTHING = [
    "x + x", "x - 1", "-x", "mean(x)", "reshape(x, [1, 2])", "x[0]", "x[1:]", "x[None]", "cumsum(x, 0)",
    "stack([x, x])", "cat([x, x])", "x.T", "floor(x)", "deg2rad(x)", "lerp(x, x + 1, 0.5)", "flip(x, [0])",
    "expand(x, [3, 2])", "add(x, x, alpha=2)",
]  # fmt: skip
READS = [
    "2*x", "1*x", "x/2", "x**1", "x*x", "where(x > 0, x, 0.)", "max(x)", "x[[0, 1]]", "x[x > 0]",
    "gather(x, 0, tensor([0, 1]))", "masked_fill(x, x > 5, 1.)", "sin(x)", "x @ x", "abs(x)", "relu(x)",
]  # fmt: skip


@pytest.mark.parametrize("expression", READS_NOTHING)
def test_what_saves_nothing_can_be_walked_twice(gradcli: Gradcli, expression: str) -> None:
    assert gradcli("eval", f"sum({expression})", "-s", "x=[1, 2]", "--passes", "2").status == 0


@pytest.mark.parametrize("expression", READS)
def test_what_reads_a_saved_value_is_freed(gradcli: Gradcli, expression: str) -> None:
    ran = gradcli("eval", f"sum({expression})", "-s", "x=[1, 2]", "--passes", "2", "--json")
    assert (ran.status, ran.object["error"]["code"]) == (4, "graph-freed")


N = 20_000
LARGE = [
    ("+".join(["x"] * N), float(N)),
    ("a = x\n" + "a = a + x\n" * N + "a", float(N + 1)),
    ("\n".join(["a0 = x", *(f"a{i + 1} = a{i}" for i in range(N)), f"a{N} + 0"]), 1.0),
    ("(" * 5_000 + "x" + ")" * 5_000, 1.0),
    ("-" * 5_000 + "x", 1.0),
    ("sum(" * 5_000 + "x" + ")" * 5_000, 1.0),
    ("x" + ".T" * 5_000, 1.0),
]


@pytest.mark.parametrize(("program", "gradient"), LARGE, ids=lambda value: str(value)[:12])
def test_programs_may_be_long_and_deep(gradcli: Gradcli, program: str, gradient: float) -> None:
    ran = gradcli("eval", "-s", "x=1", "--format", "csv", stdin=program)
    assert (ran.status, ran.err, ran.out.splitlines()[-1]) == (0, "", f"grad,x,,{gradient}")


@pytest.mark.parametrize(
    "arguments",
    [
        ["zeros(10**6, 10**6)"],
        ["ones(10**6).reshape(-1, 1) + ones(10**6)"],
        ["sum(x)", "-s", "x=zeros(10**6, 10**6)"],
        ["sum(x)", "-s", "x=zeros(1000)", "--max-memory", "1K"],
        ["[0]*10**9"],
        ["2**10**6"],
        ["for i in range(100): pass", "--max-steps", "50"],
        ["def f(): return f()\nf()"],
        ["sin(x)", "-s", "x=1", "--max-seconds", "1e-9"],
        ["sum(sin(x))", "-s", "x=ones(100000)", "--max-seconds", "1e-9"],
    ],
    ids=" ".join,
)
def test_limits(gradcli: Gradcli, arguments: list[str]) -> None:
    ran = gradcli("eval", *arguments, "--json")
    assert (ran.status, ran.object["error"]["code"]) == (5, "limit")


def test_a_list_that_a_number_repeats_is_told(gradcli: Gradcli) -> None:
    told = "note: 2 times a list repeats it; place by place it is 2*tensor([1, 2, 3])"
    assert told in gradcli("eval", "x = [1, 2, 3]; 2*x").err
    assert "repeats" not in gradcli("eval", "x = [0]*3; import torch; y = [1, 2]*2").err
