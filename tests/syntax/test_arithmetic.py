"""What long programs are read into without a tree gives what the tree gives, to the places of errors."""

from __future__ import annotations

import random
from typing import Any

import pytest

import gradcli
from gradcli.evaluation import api
from gradcli.syntax import arithmetic, parser, plain_lexer

NAMES = ("x", "y", "z", "pi", "e", "q", "sin", "2", "3.5", ".5", "1e-3", "7", "x", "y", "x")
FUNCTIONS = ("sin", "cos", "exp", "log", "abs", "float", "print", "param", "len", "tanh")


SIGNS = (
    " + ",
    "-",
    " * ",
    "/",
    "**",
    "*",
    "^",
    " @ ",
    "//",
    " % ",
    " < ",
    ">=",
    " == ",
    "&",
    " and ",
    " or ",
    " < ",
    " in ",
    " not in ",
    " is ",
    " is not ",
)
"""The first five come more often."""


def expression(draw: random.Random, depth: int) -> str:
    kind = draw.random()
    if depth <= 0 or kind < 0.3:
        return draw.choice(NAMES)
    inner = expression(draw, depth - 1)
    if kind < 0.65:
        sign = draw.choice(SIGNS[:6] if draw.random() < 0.7 else SIGNS)
        return f"{inner}{sign}{expression(draw, depth - 1)}"
    if kind < 0.72:
        return f"-{inner}"
    if kind < 0.8:
        return f"({inner})"
    if kind < 0.88:
        return f"{draw.choice(FUNCTIONS)}({inner})"
    return draw.choice(SHAPES).format(inner, expression(draw, depth - 1), expression(draw, 0))


SHAPES = (
    *("({0} if {1} > 0 else {2})", "{0} if {1} else {2}", "(x if {1} and {2} else y)"),
    *("[{0} if x else {1} if y else {2}, ({2} if {0} else {1})]", "x[{1} if {2} else {0}]"),
    *("f({0}, {1} if {2} else x, alpha={1} if y > x else {0})", "-x if y or {0} else -{1}*2"),
    *("print(1) if {0} else print({1})", "sin({0} if {1} else {2}, x if y else 2)"),
    *("maximum({0}, {1})", "where({0} > {1}, {2}, {0})", "clamp({0}, min={1}, max=2)", "torch.sin({0})"),
    *("({0}).sin()", "x.pow({0})", "x.add({0}, alpha={1})", "[{0}, {1}]", "[{0}, {1}, {2}][1]", "t[1]"),
    *("t[{0}]", "m[0, 1]", "m[1][ {0} ]", "({0}).T", "x.grad", "x.nothing", "x.nothing({0})", "m[0, x.a]"),
    *("tensor([1.0, {0}])", "sum([{0}, {1}])", "m[0].sum({0})", "zeros(2, dtype=float64)", "math.sqrt({0})"),
    *("({0}, {1})", "({0}, {1}, {2})[1]", "len(({0}, {1}))", "({0} and {1})", "({2} or {1}).sum()"),
    *(
        "{0} or {1} and {2} or {0}",
        "print({0}) and print({1}) or {2}",
        "[{0} and {1} and {2}, {0} or {1} or {2}]",
    ),
    *("print({0}, {1})", "t.add_({0})", "param({0}, requires_grad=True)", "f({0}, {1})", "g()", "ones()"),
    *(
        "{0} < {1} < {2}",
        "({0} < {1} >= {2} != y)",
        "not {0}",
        "(not {0}) + {1}",
        "x < y < {0} and {1} < 2 < {2}",
    ),
    *("[{0} < 2 < 3, ({1} in [1, {2}] in [{0}])]", "({0} < {1} if x < y < {2} else x > {1} > {0})", "{{}}"),
    *(
        "{{'a': {0}, 'b': {1}}}",
        "{{1: {0}}}[{2}]",
        "{{{0}: {1}, {2}: 2}}",
        "{{{0}, {1}}}",
        "{{'a': {0}}}['a']",
    ),
    *(
        "t[{0}:]",
        "t[:{0}]",
        "m[:, {0}:{1}]",
        "m[::{0}, 1]",
        "[1, 2, 3][{0}:2:]",
        "t[:]",
        "'abc'[{0}:{1}:{2}]",
    ),
    *("'a' + {0}", "'%s' % {0}", "'{{}}'.format({0})", '"a" * {0}', "{0} in 'abc'", "print('x', {0})", "'b'"),
    *("max({0}, {1})", "float({0}, {1})", "{2}[0]", "t.sum(dim=0, keepdim=True)", "len([])", "{2}.item()"),
)


def program(draw: random.Random) -> str:
    lines = ["t = tensor([1.0, 2.0]); m = tensor([[1.0, 2.0], [3.0, 4.0]])"] if draw.random() < 0.5 else []
    bound = []
    for _ in range(draw.randint(1, 6)):
        kind = draw.random()
        name, value = draw.choice("yzxwab"), expression(draw, 3)
        sign = "="
        if bound and kind < 0.2:
            name, sign = draw.choice(bound), draw.choice(("+=", "*=", "^=", "@="))
        lines.append(f"{name} {sign} {value}" if kind < 0.75 else value)
        if kind < 0.75:
            bound.append(name)
    return draw.choice(("\n", "; ", "\n\n")).join(lines)


def answer(text: str, inputs: dict[str, float], **options: Any) -> Any:
    try:
        found = gradcli.evaluate(text, dict(inputs), **options)
    except gradcli.GradcliError as error:
        return error.code, error.message, error.span, error.hint
    described = {name: (node.grad_fn, node.is_leaf) for name, node in found.nodes.items()}
    values = {name: repr(value) for name, value in found.values.items()}
    grads = {name: repr(value) for name, value in found.grads.items()}
    return values, grads, found.printed, found.notes, found.roots, described


@pytest.mark.parametrize("seed", range(8))
def test_programs_without_a_tree_are_the_programs_with_one(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(seed)
    read = 0
    for _ in range(60):
        text = program(draw)
        inputs = {name: draw.uniform(-2, 2) for name in draw.sample("xyzw", draw.randint(0, 3))}
        options: dict[str, Any] = {"unused_inputs": draw.random() < 0.5}
        options |= draw.choice(
            ({}, {}, {"wrt": ["x"]}, {"roots": ["y"]}, {"freeze": ["x"]}, {"retain_grad": ["y"]})
        )
        monkeypatch.setattr(api, "LONG", 1 << 60)
        expected = answer(text, inputs, **options)
        monkeypatch.setattr(api, "LONG", 0)
        read += arithmetic.read(text) is not None
        assert answer(text, inputs, **options) == expected, text
    assert read > 30


@pytest.mark.parametrize(
    "text",
    [
        *("y +", "(x", "x)", "3 = y", "y = z = 2", "x y", "2x", "", "x[0", "f(x, y]", "f(=2)", "x.2"),
        *(
            "x.sin(",
            "+x",
            "(x\n+ y)",
            "if x: y",
            "x; ; y",
            "y = ",
            "-",
            "x = (y = 2)",
            "9" * 20,
        ),
        *(
            "((x)",
            "x(",
            "a.b = 2",
            "x += 1",
            "x * # no\n2",
            "  x",
            "x =\n2",
            "x @",
            "x not y",
            "[1,]",
            "(x,)",
        ),
        *(
            "f(a=1, 2)",
            "f(a=1, a=2)",
            "f(*x)",
            "x[1:2:3:4]",
            "x[]",
            "f(x)(y)",
            "x.",
            ".x",
            "[x = 2]",
            "f((a)=2)",
        ),
        *(
            "x if y",
            "x if y if z else 2 else 3",
            "x else y",
            "(x if y)",
            "(x if y, 2)",
            "[x else y]",
            "x if else y",
            "x and",
            "(x or)",
            "(x, y = 2)",
            "(x, y]",
            "f(x for x in y)",
            "f(-a=2)",
            "f(a.b=2)",
            "[x)",
            "(x]",
            "x..y",
            *(
                "'a' 'b'",
                "f'{x}'",
                "r'a'",
                "'a\\n'",
                "x = 'a",
                '"""a"""',
                "{1: 2, 3}",
                "{1, 2: 3}",
                "{1:}",
                "{:1}",
            ),
            *(
                "{1: 2: 3}",
                "[1: 2]",
                "(1:2)",
                "f(1:2)",
                "x: 2",
                "x < not y",
                "x + not y",
                "-not x",
                "x is in y",
            ),
            *("{x for x in y}", "lambda x: x", "x < y <", "{1,}", "x[1:2", "x not", "{1: 2}(x)", "'a'(x)"),
        ),
    ],
)
def test_what_is_not_plain_arithmetic_is_for_the_parser(text: str) -> None:
    assert arithmetic.read(text) is None


def test_a_long_program_is_read_so_and_a_wrong_one_has_its_place() -> None:
    text = "y = x\n" + "y = y + x*x\n" * 3000 + "y*2"
    assert arithmetic.read(text) is not None
    found = gradcli.evaluate(text, {"x": 0.5})
    assert (found.values["y"], found.grads["x"]) == (750.5, 6002.0)
    wrong = text + " +"
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(wrong, {"x": 0.5})
    with pytest.raises(gradcli.GradcliError) as expected:
        parser.parse(wrong)
    assert (caught.value.code, caught.value.span) == (expected.value.code, expected.value.span)


def test_texts_are_whole_wherever_a_portion_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    text = """d = {'a b, c': x, "it's": 'x + ] {'}; y = d['a b, c'] + 1.5e-3\ny*2 if "" in 'q' else d"""
    tokens = list(plain_lexer.stream(text, arithmetic._PIECES, arithmetic._KINDS))
    for size in range(1, len(text) + 2):
        monkeypatch.setattr(plain_lexer, "_PORTION", size)
        assert list(plain_lexer.stream(text, arithmetic._PIECES, arithmetic._KINDS)) == tokens, size


@pytest.mark.parametrize(
    "text",
    ["x = log(sin(x(2)))\nx *= exp", "a = m(2)\nb = ( m(2) )", "y = 1\nz = z(y); y", "z = sin(y(2))\ny"],
)
def test_a_name_that_is_called_is_read_there(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "LONG", 1 << 60)
    expected = [answer(text, {name: 1.5}, unused_inputs=True) for name in "xyz"]
    assert {code for code, *_ in expected} & {"unset-input", "bad-argument", "unknown-function"}
    monkeypatch.setattr(api, "LONG", 0)
    assert arithmetic.read(text) is not None
    assert [answer(text, {name: 1.5}, unused_inputs=True) for name in "xyz"] == expected
