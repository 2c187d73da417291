"""What is said of texts that are not programs: the sentence, the place, the hint; and never a traceback."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli.errors import GradcliError
from gradcli.syntax.parser import parse
from rows import by_rows


def failure(text: str) -> GradcliError:
    """The error of `text`."""
    with pytest.raises(GradcliError) as caught:
        parse(text)
    caught.value.text = text
    return caught.value


# text, line, column, end column, message, hint
LAMBDA = "'lambda' begins a function, lambda x: x**2, and cannot be a name"
ERRORS: list[tuple[str, int, int, int, str, str | None]] = [
    ("2x", 1, 2, 3, "expected an operator between '2' and 'x'", "2*x"),
    ("2(x)", 1, 2, 5, "expected an operator between '2' and '(x)'", "2*(x)"),
    ("x = 1.{2}", 1, 7, 8, "expected an operator or the end of the line, found '{'", None),
    ("2(x+1)**2", 1, 2, 7, "expected an operator between '2' and '(x+1)'", "2*(x+1)"),
    ("y = 2sin(x) + 1", 1, 6, 9, "expected an operator between '2' and 'sin'", "2*sin(x)"),
    ("x y", 1, 3, 4, "expected an operator between 'x' and 'y'", "x*y multiplies, x(y) calls"),
    ("print x", 1, 7, 8, "'print' needs brackets around what it is given", "print(x)"),
    ('print "a"', 1, 7, 10, "'print' needs brackets around what it is given", 'print("a")'),
    ("(a+b)c", 1, 6, 7, "expected an operator between ')' and 'c'", "write * to multiply"),
    ("x = 2 y", 1, 7, 8, "expected an operator between '2' and 'y'", "2*y"),
    (")", 1, 1, 2, "')' closes nothing", None),
    ("f(x", 1, 2, 3, "'(' is never closed", None),
    ("f(x\ny = 2", 1, 2, 3, "'(' is never closed", None),
    ("x = (1 + 2\ny = 3", 1, 5, 6, "'(' is never closed", None),
    ("f(x]", 1, 4, 5, "']' cannot close the '(' of line 1", None),
    ("'abc", 1, 1, 5, "the string has no closing '", None),
    ('"""abc', 1, 1, 4, 'the string has no closing """', None),
    ('f"{x"', 1, 3, 4, "'{' is never closed", None),
    ('f"{}"', 1, 4, 5, "expected an expression between '{' and '}'", "write {{ and }} for the characters"),
    ('f"a}"', 1, 4, 5, "a single '}' in an f-string", "write }} for the character"),
    ('f"{x!}"', 1, 5, 6, "unexpected character '!'", "write not x, or != to compare"),
    ("", 1, 1, 1, "there is nothing to evaluate", "give an expression such as x**2"),
    ("# only", 1, 1, 1, "there is nothing to evaluate", "give an expression such as x**2"),
    ("if x\n  y", 1, 5, 5, "expected ':' after 'if', found the end of the line", None),
    ("if x: ", 1, 6, 6, "expected an indented block after 'if'", "indent the lines that belong to it"),
    ("if x:\ny", 2, 1, 2, "expected an indented block after 'if'", "indent the lines that belong to it"),
    (
        "def f():\n  if x:\ny=1",
        3,
        1,
        2,
        "expected an indented block after 'if'",
        "indent the lines that belong to it",
    ),
    ("if x = 1: y", 1, 6, 7, "'=' assigns a value and cannot stand in an expression", "compare with =="),
    ("while x = 1: y", 1, 9, 10, "'=' assigns a value and cannot stand in an expression", "compare with =="),
    ("return 1", 1, 1, 9, "'return' stands outside a function", None),
    ("break", 1, 1, 6, "'break' stands outside a loop", None),
    ("for i in x:\n  def f(): break", 2, 12, 17, "'break' stands outside a loop", None),
    ("  x\n  y", 1, 1, 3, "unexpected indentation: no block begins here", "align it with the line before"),
    ("x\n  y", 2, 1, 3, "unexpected indentation: no block begins here", "align it with the line before"),
    ("if x:\n    y\n  z", 3, 1, 3, "the indentation matches no block that is open here", None),
    ("if x:\n\ty\n        z", 3, 1, 9, "the indentation mixes tabs and spaces", "indent with spaces only"),
    ("a && b", 1, 3, 5, "'&&' is not an operator here", "write and"),
    ("a || b", 1, 3, 5, "'||' is not an operator here", "write or"),
    ("!x", 1, 1, 2, "unexpected character '!'", "write not x, or != to compare"),
    ("x++", 1, 2, 4, "'++' is not an operator here", "write += 1"),
    ("x++ + ", 1, 6, 6, "expected an expression, found the end of the line", None),
    ("a ? b : c", 1, 3, 4, "unexpected character '?'", "a choice is written: a if condition else b"),
    ("a === b", 1, 3, 6, "'===' is not an operator here", "compare with =="),
    ("a <> b", 1, 3, 5, "'<>' is not an operator here", "compare with !="),
    ("x := 2", 1, 3, 5, "':=' assigns in the test of an if or a while", "write x = …"),
    ("[x := 2]", 1, 4, 6, "':=' assigns in the test of an if or a while", "write x = …"),
    ("match x:\n  case 1: y", 1, 1, 6, "match is not in the language", "use if and elif"),
    ("match(x):\n  case 1: y", 1, 1, 6, "match is not in the language", "use if and elif"),
    ("yield x", 1, 1, 8, "'yield' stands outside a function", None),
    (
        "def f():\n  x = yield",
        2,
        7,
        12,
        "expected an expression, found 'yield'",
        "yield begins a line of its own: yield value",
    ),
    ("async def f(): pass", 1, 1, 6, "async is not in the language", "write a plain def, for or with"),
    ("else: x", 1, 1, 5, "'else' has no 'if' before it", None),
    (
        "from a import *",
        1,
        15,
        16,
        "'import *' is not in the language",
        "name what you need: from module import name",
    ),
    ("def f(x, /): pass", 1, 10, 11, "'/' among parameters is not in the language", "leave it out"),
    (
        "def f(x=1, y): pass",
        1,
        12,
        13,
        "parameter y without a default stands behind one with a default",
        None,
    ),
    ("def f(x, x): pass", 1, 10, 11, "two parameters are called x", None),
    ("def f(*): pass", 1, 7, 8, "named parameters must follow a bare '*'", None),
    ("f(a=1, 2)", 1, 8, 9, "an argument without a name stands behind one with a name", None),
    ("f(a=1, a=2)", 1, 8, 11, "argument a is given twice", None),
    ("f(x) = 1", 1, 1, 5, "cannot assign to the result of a call", "compare with =="),
    ("2 = x", 1, 1, 2, "cannot assign to a literal", "compare with =="),
    (
        "x + 1 = 2",
        1,
        1,
        6,
        "cannot assign to an expression",
        "compare with ==; an equation is written as a difference: left - (right)",
    ),
    (
        "x = y + 1 = 2",
        1,
        5,
        10,
        "cannot assign to an expression",
        "compare with ==; an equation is written as a difference: left - (right)",
    ),
    ("a, f(x) = 1, 2", 1, 4, 8, "cannot assign to the result of a call", None),
    (
        "-x = 2",
        1,
        1,
        3,
        "cannot assign to an expression",
        "compare with ==; an equation is written as a difference: left - (right)",
    ),
    ("x += y = 2", 1, 8, 9, "'=' assigns a value and cannot stand in an expression", "compare with =="),
    ("(a, b) += 1", 1, 1, 7, "'+=' changes one target, not several", None),
    ("x ×y", 1, 3, 4, "unexpected character '×'", "multiply with *"),
    ("x − 1", 1, 3, 4, "unexpected character '−'", "subtract with -"),
    ("“a”", 1, 1, 2, "unexpected character '“'", 'quote with "'),
    ("x²", 1, 2, 3, "unexpected character '²'", "write **2"),
    ("π²", 1, 2, 3, "unexpected character '²'", "write **2"),
    ("x = ", 1, 4, 4, "expected an expression, found the end of the line", None),
    ("x = 1 +", 1, 8, 8, "expected an expression, found the end of the line", None),
    ("f(x=)", 1, 5, 6, "expected an expression, found ')'", None),
    ("x.", 1, 3, 3, "expected a name, found the end of the line", None),
    ("x.2", 1, 2, 4, "expected an operator between 'x' and '.2'", "x*.2"),
    ("x..y", 1, 3, 4, "expected a name, found '.'", None),
    (
        "99999999999999999999",
        1,
        1,
        21,
        "the whole number does not fit into 64 bits",
        "as a float it is 99999999999999999999.0",
    ),
    ("007", 1, 1, 4, "a whole number has no leading zeros", "write 7"),
    ("0x", 1, 1, 3, "'0x' is not a number", None),
    ("1_", 1, 1, 3, "'1_' is not a number", None),
    ("1__0", 1, 1, 5, "'1__0' is not a number", None),
    ("b'abc'", 1, 1, 3, "byte strings are not in the language", "leave out the b"),
    ("x[1:2:3:4]", 1, 8, 9, "expected ',' or ']', found ':'", None),
    ("x[]", 1, 3, 4, "expected an expression, found ']'", None),
    ("if", 1, 3, 3, "expected an expression, found the end of the line", None),
    ("class A(B, metaclass=C): pass", 1, 12, 23, "a class takes plain base classes only", None),
    ("for x: y", 1, 6, 7, "expected ',' or 'in', found ':'", None),
    ("for f(x) in y: z", 1, 5, 9, "cannot assign to the result of a call", "compare with =="),
    ("for x in: y", 1, 9, 10, "expected an expression, found ':'", None),
    ("import", 1, 7, 7, "expected a name, found the end of the line", None),
    ("import a.", 1, 10, 10, "expected a name, found the end of the line", None),
    ("from a import", 1, 14, 14, "expected a name, found the end of the line", None),
    ("from . import a", 1, 6, 7, "expected a name, found '.'", None),
    ("import a as b.c", 1, 14, 15, "expected ',', ';' or the end of the line, found '.'", None),
    (
        "@f\nx",
        2,
        1,
        2,
        "expected 'def' or 'class' after the decorator, found 'x'",
        "@backward(f) stands above a def",
    ),
    (
        "@f",
        1,
        3,
        3,
        "expected 'def' or 'class' after the decorator, found the end of the program",
        "@backward(f) stands above a def",
    ),
    ("x if y", 1, 7, 7, "expected 'else', found the end of the line", None),
    ("x = 1; if a: b", 1, 8, 10, "'if' begins a line of its own", "put it on a new line"),
    ("if a: if b: c", 1, 7, 9, "'if' begins a line of its own", "put it on a new line"),
    ("def 2(): pass", 1, 5, 6, "expected a name, found '2'", None),
    ("def f(2): pass", 1, 7, 8, "expected a name, found '2'", None),
    ("def if(): pass", 1, 5, 7, "'if' is a word of the language and cannot be a name", None),
    ("is = 2", 1, 1, 3, "'is' is a word of the language and cannot be a name", None),
    ("class = 2", 1, 7, 8, "expected a name, found '='", None),
    ("in", 1, 1, 3, "expected a statement, found 'in'", None),
    ("not", 1, 4, 4, "expected an expression, found the end of the line", None),
    ("x not y", 1, 7, 8, "expected 'in', found 'y'", None),
    ("x is", 1, 5, 5, "expected an expression, found the end of the line", None),
    ("\x00", 1, 1, 2, "unexpected character U+0000", None),
    ("x \\ y", 1, 3, 4, "a '\\' continues a line only as its last character", None),
    ("x = 5 $", 1, 7, 8, "unexpected character '$'", "names have letters, digits and _"),
    ("a: int: 3", 1, 7, 8, "expected ';', '=' or the end of the line, found ':'", None),
    ('"\\xz"', 1, 2, 4, "'\\x' needs the digits of a character", None),
    ("f'{x", 1, 3, 4, "'{' is never closed", None),
    ("1 = ", 1, 4, 4, "expected an expression, found the end of the line", None),
    (
        "f(a.b=1)",
        1,
        6,
        7,
        "'=' cannot stand in this expression",
        "compare with ==; an argument's name is a plain name",
    ),
    ("f(x for)", 1, 8, 9, "expected an expression, found ')'", None),
    ("None = 1", 1, 1, 5, "cannot assign to a literal", "compare with =="),
    ("assert x = 1", 1, 10, 11, "'=' assigns a value and cannot stand in an expression", "compare with =="),
    ("x == = 2", 1, 6, 7, "expected an expression, found '='", None),
    ("a b c", 1, 3, 4, "expected an operator between 'a' and 'b'", "a*b multiplies, a(b) calls"),
    ("sin x", 1, 5, 6, "expected an operator between 'sin' and 'x'", "sin*x multiplies, sin(x) calls"),
    ("3 4", 1, 3, 4, "expected an operator between '3' and '4'", "3*4"),
    ("x 3", 1, 3, 4, "expected an operator between 'x' and '3'", "x*3"),
    ("except: x", 1, 1, 7, "'except' has no 'try' before it", None),
    ("finally: x", 1, 1, 8, "'finally' has no 'try' before it", None),
    ("try: x", 1, 7, 7, "expected 'except' or 'finally', found the end of the program", None),
    ("try: x\nexcept: y\nexcept E: z", 2, 1, 10, "an except without a kind must be the last", None),
    ("lambda*x", 1, 1, 7, LAMBDA, "call it lam or lambda_"),
    ("y = 2*lambda", 1, 7, 13, LAMBDA, "call it lam or lambda_"),
    ("{**a for a in b}", 1, 2, 5, "** has no place in a comprehension", None),
    ("*a, *b = c", 1, 5, 7, "an assignment has at most one starred target", None),
    (
        "*a = c",
        1,
        1,
        3,
        "cannot assign to an expression",
        "compare with ==; an equation is written as a difference: left - (right)",
    ),
    ("def f(**k, a): pass", 1, 7, 10, "**k is the last parameter", None),
    ("[x for 2 in y]", 1, 8, 9, "cannot assign to a literal", "compare with =="),
    ("f(**a, 2)", 1, 8, 9, "an argument without a name stands behind one with a name", None),
    ("[1, 2", 1, 1, 2, "'[' is never closed", None),
    ("[1, 2)", 1, 6, 7, "')' cannot close the '[' of line 1", None),
    ("x!", 1, 2, 3, "unexpected character '!'", "write not x, or != to compare"),
    ("x != ", 1, 5, 5, "expected an expression, found the end of the line", None),
    ("return", 1, 1, 7, "'return' stands outside a function", None),
]


@by_rows("text, line, column, end_column, message, hint", ERRORS)
def test_syntax_error(
    text: str, line: int, column: int, end_column: int, message: str, hint: str | None
) -> None:
    error = failure(text)
    assert error.code == "syntax"
    assert (error.message, error.hint) == (message, hint)
    location = error.location
    assert location is not None
    assert (location.line, location.column, location.end_column) == (line, column, end_column)


@pytest.mark.parametrize("character", ["\0", "\x01", "\x7f", "\ud800", "\ufffe", "€", "😀", "$", "`"])
def test_characters_of_no_token_are_named(character: str) -> None:
    error = failure(f"x = {character} 1")
    assert error.span == (4, 5)
    assert error.message.startswith("unexpected character")


def test_the_first_fault_in_reading_order_is_reported() -> None:
    assert failure("x = = 1\n'abc").span == (4, 5)
    assert failure("'abc\nx = = 1").span == (0, 4)


def test_an_unclosed_bracket_far_above_is_still_found() -> None:
    text = "x = f(1,\n" + "y = 1\n" * 1000
    assert failure(text).span == (5, 6)


WORDS = """
x y f 1 2.5 'a' " ' ( ) [ ] { } , : ; . = == ! != < > + - * ** / // % @ & | ~ ^ -> := ... \\
if elif else for in while def class return break continue pass import from as with assert
and or not is None True lambda try del yield async f' f" {x} {{ r' b' ×  ² é =} !r '(' f'( f'+ print match
"""
LAYOUT = ("", " ", "\n", "\n  ", "\n    ", "\n\t", "\r\n", "\f", "# c", "\0", "\ufeff", "'''")
PIECES = [*WORDS.split(), *LAYOUT]


@settings(max_examples=250, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25), st.sampled_from(["", " "]))
def test_scraps_of_programs_parse_or_fail_cleanly(pieces: list[str], between: str) -> None:
    _parses_or_fails(between.join(pieces))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
def test_any_text_parses_or_fails_cleanly(text: str) -> None:
    _parses_or_fails(text)


def _parses_or_fails(text: str) -> None:
    found = _error_of(text)
    if found is not None:
        assert found.code == "syntax"
        assert found.message
        assert "\n" not in found.message
        assert found.span is not None
        assert 0 <= found.span[0] <= found.span[1] <= len(text)


def _error_of(text: str) -> GradcliError | None:
    try:
        parse(text)
    except GradcliError as error:
        return error
    return None
