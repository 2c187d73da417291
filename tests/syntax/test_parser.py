"""What the parser makes of programs: exact trees, exact spans, and time and depth that grow linearly."""

from __future__ import annotations

import gc
from collections.abc import Callable

import pytest

from gradcli.errors import GradcliError
from gradcli.syntax import tree
from gradcli.syntax.parser import DEEPEST, parse
from rows import by_rows
from syntax.dump import dump


def value(text: str) -> tree.Expression:
    """The expression of the last line."""
    statement = parse(text).body[-1]
    assert isinstance(statement, tree.ExpressionStatement)
    return statement.value


EXPRESSIONS = [
    # atoms
    ("x", "x"),
    ("1", "1"),
    ("1.5", "1.5"),
    ("True", "True"),
    ("None", "None"),
    ("...", "..."),
    ("'a'", "'a'"),
    ("(x)", "x"),
    ("((x))", "x"),
    ("()", "(tuple)"),
    ("(x,)", "(tuple x)"),
    ("x, y", "(tuple x y)"),
    ("(x, y,)", "(tuple x y)"),
    ("x,", "(tuple x)"),
    ("[]", "(list)"),
    ("[x]", "(list x)"),
    ("[x, [y],]", "(list x (list y))"),
    # a level of operators is one flat chain
    ("a + b - c + d", "(chain a + b - c + d)"),
    ("a * b / c // d % e @ f", "(chain a * b / c // d % e @ f)"),
    ("a & b & c", "(chain a & b & c)"),
    ("a | b | c", "(chain a | b | c)"),
    # precedence
    ("a + b * c", "(chain a + (chain b * c))"),
    ("(a + b) * c", "(chain (chain a + b) * c)"),
    ("a - (b - c)", "(chain a - (chain b - c))"),
    ("a | b & c + d", "(chain a | (chain b & (chain c + d)))"),
    ("-x**2", "(- (chain x ** 2))"),
    ("2**-x", "(chain 2 ** (- x))"),
    ("-x * y", "(chain (- x) * y)"),
    ("~a & b", "(chain (~ a) & b)"),
    ("+-~x", "(+ (- (~ x)))"),
    ("a**b**c", "(chain a ** (chain b ** c))"),
    ("a^b^c", "(chain a ^ (chain b ^ c))"),
    ("a^b**c", "(chain a ^ (chain b ** c))"),
    ("a*b^2", "(chain a * (chain b ^ 2))"),
    ("-a^2", "(- (chain a ^ 2))"),
    ("x.T**2", "(chain (. x T) ** 2)"),
    # comparisons, logic, choice
    ("a < b <= c", "(compare a < b <= c)"),
    ("a == b != c > d >= e", "(compare a == b != c > d >= e)"),
    ("a in b", "(compare a in b)"),
    ("a not in b", "(compare a not in b)"),
    ("a is None", "(compare a is None)"),
    ("a is not None", "(compare a is not None)"),
    ("a is (not b)", "(compare a is (not b))"),
    ("(a < b) < c", "(compare (compare a < b) < c)"),
    ("not a < b", "(not (compare a < b))"),
    ("not not a", "(not (not a))"),
    ("a and b and c", "(and a b c)"),
    ("a or b and not c", "(or a (and b (not c)))"),
    ("(a or b) or c", "(or (or a b) c)"),
    ("a if b else c", "(if b a c)"),
    ("a if b else c if d else e", "(if b a (if d c e))"),
    ("a or b if c else d", "(if c (or a b) d)"),
    # calls, attributes, indices
    ("f()", "(call f)"),
    ("f(x, y=1, *z, )", "(call f x (* z) y=1)"),
    ("f(x)(y)", "(call (call f x) y)"),
    ("f((x, y))", "(call f (tuple x y))"),
    ("a.b.c(d).e", "(. (call (. (. a b) c) d) e)"),
    ("x[0]", "(index x 0)"),
    ("x[0, 1]", "(index x (tuple 0 1))"),
    ("x[0,]", "(index x (tuple 0))"),
    ("x[:]", "(index x (slice _ _ _))"),
    ("x[1:]", "(index x (slice 1 _ _))"),
    ("x[:2]", "(index x (slice _ 2 _))"),
    ("x[::3]", "(index x (slice _ _ 3))"),
    ("x[1:2:3]", "(index x (slice 1 2 3))"),
    ("x[1::]", "(index x (slice 1 _ _))"),
    ("x[0, 1:3, ..., None]", "(index x (tuple 0 (slice 1 3 _) ... None))"),
    ("x[[0, 2]][m > 0]", "(index (index x (list 0 2)) (compare m > 0))"),
    # f-strings
    ("f''", "(f)"),
    ("f'a'", "(f 'a')"),
    ("f'{x}'", "(f {x})"),
    ("f'a{x}b{y}'", "(f 'a' {x} 'b' {y})"),
    ("f'{x!r}'", "(f {x!r})"),
    ("f'{x:.4f}'", "(f {x:(f '.4f')})"),
    ("f'{x!s:>{w}.{n}}'", "(f {x!s:(f '>' {w} '.' {n})})"),
    ("f'{x = }'", "(f {x='x = '})"),
    ("f'{x+1=:.2f}'", "(f {(chain x + 1)='x+1=':(f '.2f')})"),
    ("f'{x == y}'", "(f {(compare x == y)})"),
    ("f'{x != y}'", "(f {(compare x != y)})"),
    ("f'{{{x}}}'", "(f '{' {x} '}')"),
    ("f'{x[1:2]}'", "(f {(index x (slice 1 2 _))})"),
    ("f'{f(a=1)}'", "(f {(call f a=1)})"),
    ("f'{a, b}'", "(f {(tuple a b)})"),
    ("f'{x:{{}}'", None),
    ("f'''a\n{\nx}'''", "(f 'a\\n' {x})"),
    ('f"{d["k"]}"', "(f {(index d 'k')})"),
    ("f\"{f'{x}'}\"", "(f {(f {x})})"),
    ("'a' f'{x}' 'b' 'c'", "(f 'a' {x} 'bc')"),
    ("rf'\\n{x}'", "(f '\\\\n' {x})"),
    ("f'\\x41{x}\\n'", "(f 'A' {x} '\\n')"),
    ("'a' 'b'", "'ab'"),
    ("('a'\n 'b')", "'ab'"),
]


@by_rows("text, expected", EXPRESSIONS)
def test_expression(text: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(GradcliError):
            parse(text)
    else:
        assert dump(value(text)) == expected


STATEMENTS = [
    ("x = 1", "(= x 1)"),
    ("x = y = z", "(= x y z)"),
    ("a, b = b, a", "(= (tuple a b) (tuple b a))"),
    ("(a, b), [c] = d", "(= (tuple (tuple a b) (list c)) d)"),
    ("(x) = 1", "(= x 1)"),
    ("x.grad = None", "(= (. x grad) None)"),
    ("x[0] = 1", "(= (index x 0) 1)"),
    ("x: float = 1.0", "(= x 1.0)"),
    ("x: float", "(pass)"),
    *(
        (f"x {sign}= 2", f"({sign}= x 2)")
        for sign in ("+", "-", "*", "/", "//", "%", "@", "**", "^", "&", "|")
    ),
    ("x.data -= g", "(-= (. x data) g)"),
    ("x -= 1, 2", "(-= x (tuple 1 2))"),
    ("pass", "(pass)"),
    ("x; y;", "x y"),
    ("if a: b", "(if a (b))"),
    ("if a: b; c\nelse: d", "(if a (b c) else (d))"),
    ("if a:\n  b\nelif c:\n  d\nelif e: f\nelse:\n  g", "(if a (b) c (d) e (f) else (g))"),
    ("if a:\n  if b:\n    c\n  else:\n    d\nelse:\n  e", "(if a ((if b (c) else (d))) else (e))"),
    ("while a: break", "(while a ((break)))"),
    ("while a:\n  if b: continue\n  c", "(while a ((if b ((continue))) c))"),
    ("for i in x: i", "(for i x (i))"),
    ("for a, b in x, y: c", "(for (tuple a b) (tuple x y) (c))"),
    ("for (a, b), c in x: d", "(for (tuple (tuple a b) c) x (d))"),
    ("for a, in x: d", "(for (tuple a) x (d))"),
    ("def f(): pass", "(def f () ((pass)))"),
    ("def f(a, b=1, *, c, d=2): return", "(def f (a b=1 |c |d=2) ((return)))"),
    ("def f(*a, b): return a, b", "(def f (*a |b) ((return (tuple a b))))"),
    ("def f(x: torch.Tensor, y: int = 1) -> torch.Tensor: return x", "(def f (x y=1) ((return x)))"),
    ("@backward(f)\n@g.h\ndef d(x,): return x", "(@ (call backward f) (. g h) (def d (x) ((return x))))"),
    ("class A: pass", "(class A () ((pass)))"),
    (
        "class E(torch.autograd.Function):\n  @staticmethod\n  def forward(ctx, x): return x",
        "(class E ((. (. torch autograd) Function)) ((@ staticmethod (def forward (ctx x) ((return x))))))",
    ),
    ("def f():\n  'doc'\n  return 1", "(def f () ('doc' (return 1)))"),
    ("assert x", "(assert x)"),
    ("assert x > 1, 'no'", "(assert (compare x > 1) 'no')"),
    ("with no_grad(): x", "(with ((call no_grad)) (x))"),
    ("with a, b: x", "(with (a b) (x))"),
    ("with (a, b): x", "(with (a b) (x))"),
    ("with (a): x", "(with (a) (x))"),
    ("import a.b as c, d", "(import a.b=c d)"),
    ("from a.b import c", "(from a.b c)"),
    ("from a import b as c, d", "(from a b=c d)"),
    ("from a import (b as c, d,)", "(from a b=c d)"),
    # layout
    ("\n\n# a comment\nx # more\n\n  # less\ny\n", "x y"),
    ("if a:\n\n  # c\n  b\n # d\n  c\n\nd", "(if a (b c)) d"),
    ("if a:\n\tb\n\tc\nd", "(if a (b c)) d"),
    ("if a:\n    b\n    if c:\n        d\ne", "(if a (b (if c (d)))) e"),
    ("f(a,\n  b # c\n\n ,\nc)\nd", "(call f a b c) d"),
    ("x = 1 + \\\n  2", "(= x (chain 1 + 2))"),
    ("if a: \\\n  b", "(if a (b))"),
    ("x\r\ny\r\nif a:\r\n  b\r\nc", "x y (if a (b)) c"),
    ("\ufeffx = 1", "(= x 1)"),
    ("\ufeffif a:\n  b", "(if a (b))"),
    ("x\n\fy", "x y"),
    ("   x + 1  ", "(chain x + 1)"),
    ("if a:\n  b\n  # the end", "(if a (b))"),
    ("if a:\n  b\n      ", "(if a (b))"),
    ('x = """a\n  b"""\ny', "(= x 'a\\n  b') y"),
]


@by_rows("text, expected", STATEMENTS)
def test_statements(text: str, expected: str) -> None:
    assert " ".join(map(dump, parse(text).body)) == expected


# The text of every node of the kind that a program has, in reading order.
SPANS = [
    ("y = 2*x + 1", tree.Name, ["y", "x"]),
    ("y = 2*x + 1", tree.Literal, ["2", "1"]),
    ("y = 2*x + 1", tree.Chain, ["2*x + 1", "2*x"]),
    ("y = 2*x + 1 - z", tree.Link, ["*x", "+ 1", "- z"]),
    ("a*(b + c) # d", tree.Chain, ["a*(b + c)", "(b + c)"]),
    ("a*( b + c )", tree.Link, ["*( b + c )", "+ c"]),
    ("((x))", tree.Name, ["((x))"]),
    ("( a, b )", tree.TupleDisplay, ["( a, b )"]),
    ("x = a, b", tree.TupleDisplay, ["a, b"]),
    ("x = a,", tree.TupleDisplay, ["a,"]),
    ("[a, [b] ]", tree.ListDisplay, ["[a, [b] ]", "[b]"]),
    ("-x ** - y", tree.Unary, ["-x ** - y", "- y"]),
    ("not  a", tree.Unary, ["not  a"]),
    ("f(a).b[c](d=e)", tree.Call, ["f(a).b[c](d=e)", "f(a)"]),
    ("f(a).b [c](d=e)", tree.Index, ["f(a).b [c]"]),
    ("f(a).b[c](d=e)", tree.Attribute, ["f(a).b"]),
    ("f(a).b[c](d = e)", tree.Keyword, ["d = e"]),
    ("f( *a )", tree.Starred, ["*a"]),
    ("x[1:2 , ::a]", tree.Slice, ["1:2", "::a"]),
    ("a < b not  in c", tree.Link, ["< b", "not  in c"]),
    ("a < b not in c", tree.Comparison, ["a < b not in c"]),
    ("x = a and b or c", tree.Logical, ["a and b or c", "a and b"]),
    ("(a if b else c)", tree.Conditional, ["(a if b else c)"]),
    ("x = 'a' \"b\" ", tree.Literal, ["'a' \"b\""]),
    ("f'a{ x !r:{w}}' 'b'", tree.FString, ["f'a{ x !r:{w}}' 'b'", ":{w}"]),
    ("f'a{ x !r:{w}}' 'b'", tree.Field, ["{ x !r:{w}}", "{w}"]),
    ("f'a{ x !r:{w}}' 'b'", tree.Name, ["x", "w"]),
    ("x = 1 ; y\nz", tree.Statement, ["x = 1", "y", "z"]),
    ("a = b = 1 # c", tree.Assignment, ["a = b = 1"]),
    ("a += 1", tree.AugmentedAssignment, ["a += 1"]),
    ("if a:\n  b\n\n# c\nelse:\n  c\n\nd", tree.If, ["if a:\n  b\n\n# c\nelse:\n  c"]),
    ("while a:\n  b\n  c\nd", tree.While, ["while a:\n  b\n  c"]),
    ("for a in b: c\nd", tree.For, ["for a in b: c"]),
    (
        "@a\ndef f(x, *, y = 1):\n  return x \nd",
        tree.FunctionDefinition,
        ["@a\ndef f(x, *, y = 1):\n  return x"],
    ),
    ("def f(x, *a, y: t = 1): return x", tree.DefParameter, ["x", "*a", "y: t = 1"]),
    ("def f(x): return x ; pass", tree.Return, ["return x"]),
    ("class A(B):\n  pass\n", tree.ClassDefinition, ["class A(B):\n  pass"]),
    ("assert a, b\n", tree.Assert, ["assert a, b"]),
    ("with a:\n  b\nc", tree.With, ["with a:\n  b"]),
    ("import a.b as c\n", tree.Import, ["import a.b as c"]),
    ("from a import (b,\n c)\nd", tree.FromImport, ["from a import (b,\n c)"]),
    ("while a: break ; continue", tree.Break, ["break"]),
    ("while a: break ; continue", tree.Continue, ["continue"]),
    ("\ufeff  # c\nx\n", tree.Module, ["\ufeff  # c\nx\n"]),
]


def nodes(root: tree.Syntax) -> list[tree.Syntax]:
    """`root` and what is below it, in the order of the fields."""
    found = [root]
    pending: list[object] = [getattr(root, field) for field in reversed(root.fields)]
    while pending:
        part = pending.pop()
        if isinstance(part, tree.Syntax):
            found.append(part)
            pending.extend(getattr(part, field) for field in reversed(part.fields))
        elif isinstance(part, tuple):
            pending.extend(reversed(part))
    return found


@by_rows("text, kind, expected", SPANS)
def test_spans(text: str, kind: type[tree.Syntax], expected: list[str]) -> None:
    found = [node for node in nodes(parse(text)) if isinstance(node, kind)]
    assert [text[slice(*node.span)] for node in found] == expected


def test_link_and_name_spans() -> None:
    text = "a.bc // d is  not e"
    found = {type(node): node for node in nodes(parse(text))}
    attribute = found[tree.Attribute]
    assert isinstance(attribute, tree.Attribute)
    assert text[slice(*attribute.name_span)] == "bc"
    links = [text[slice(*node.span)] for node in nodes(parse(text)) if isinstance(node, tree.Link)]
    assert links == ["// d", "is  not e"]


Maker = Callable[[int], str]

LONG: list[tuple[str, Maker, int]] = [
    ("brackets", lambda n: "(" * n + "x" + ")" * n, 5_000),
    ("calls", lambda n: "f(" * n + "x" + ")" * n, 5_000),
    ("lists", lambda n: "[" * n + "]" * n, 5_000),
    ("a sum", lambda n: " + ".join(["x"] * n), 30_000),
    ("a product in brackets", lambda n: "(" + "*".join(["x"] * n) + ")", 20_000),
    ("statements", lambda n: "x = x + 1\n" * n, 25_000),
    ("small statements", lambda n: "x;" * n, 20_000),
    ("signs", lambda n: "-" * n + "x", 10_000),
    ("powers", lambda n: "**".join(["2"] * n), 10_000),
    ("attributes", lambda n: "x" + ".a" * n, 10_000),
    ("choices", lambda n: "a if b else " * n + "c", 10_000),
    ("comparisons", lambda n: " < ".join(["x"] * n), 20_000),
    ("a list", lambda n: "[" + "1, " * n + "]", 50_000),
    ("elifs", lambda n: "if a: b\n" + "elif c: d\n" * n, 10_000),
    ("blocks", lambda n: "".join("  " * i + "if a:\n" for i in range(n)) + "  " * n + "b", 400),
    ("fields", lambda n: "f'" + "{x}" * n + "'", 10_000),
    ("a string", lambda n: "'" + "\\n" * n + "'", 100_000),
    ("empty lines", lambda n: "x" + "\n" * n + "y", 100_000),
]


@pytest.mark.parametrize(("text", "size"), [case[1:] for case in LONG], ids=[case[0] for case in LONG])
def test_long_and_deep_programs_parse(text: Maker, size: int) -> None:
    collecting = gc.isenabled()
    assert parse(text(size)).body
    assert gc.isenabled() == collecting


def test_a_sum_is_one_chain() -> None:
    found = value("+".join(["x"] * 1000))
    assert isinstance(found, tree.Chain)
    assert len(found.links) == 999


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("x", 3),
        ("(((x)))", 3),
        ("x + y + z", 4),
        ("-" * 50 + "x", 53),
        ("x" + ".a" * 50, 53),
        ("f(" * 20 + "x" + ")" * 20, 23),
        ("if a:\n  x", 4),
    ],
)
def test_depth_counts_the_nodes_on_the_longest_way_down(text: str, depth: int) -> None:
    assert parse(text).depth == depth


DEEP = {"signs": "-" * 30_000 + "x", "attributes": "x" + ".a" * 30_000, "lists": "[" * 30_000 + "]" * 30_000}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_nesting_has_a_limit(text: str) -> None:
    with pytest.raises(GradcliError) as caught:
        parse(text)
    assert caught.value.code == "limit"
    assert str(DEEPEST) in caught.value.message
    assert caught.value.span is not None
