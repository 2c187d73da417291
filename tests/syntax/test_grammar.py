"""The grammar file is the language: the committed tables are its own, and Lark alone reads it the same."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import lark
import pytest

import gradcli
from gradcli.errors import GradcliError
from gradcli.syntax import build, kinds, lexer, tables, tables_build
from gradcli.syntax.automaton import TERMINALS
from gradcli.syntax.grammar import digest, grammar_path
from gradcli.syntax.parser import parse
from rows import by_rows

GRAMMAR = Path(grammar_path())


def test_the_committed_tables_are_those_of_the_grammar() -> None:
    grammar = GRAMMAR.read_bytes()
    assert digest(grammar) == tables.DIGEST
    assert tables_build.source(tables_build.build(grammar)) == tables_build.TABLES.read_text(encoding="utf-8")


def test_the_digest_ignores_line_ends() -> None:
    assert digest(b"a\r\nb") == digest(b"a\nb") != digest(b"a\nc")


def test_the_grammar_has_no_conflicts(monkeypatch: pytest.MonkeyPatch) -> None:
    # Lark settles a shift-reduce conflict by shifting, and says so only in its debug log.
    told: list[str] = []
    monkeypatch.setattr(lark.logger, "level", logging.DEBUG)
    monkeypatch.setattr(lark.logger, "handle", lambda record: told.append(record.getMessage()))
    lark.Lark(GRAMMAR.read_text(encoding="utf-8"), parser="lalr", lexer="basic", debug=True)
    assert not any("conflict" in each.lower() for each in told)


def test_every_rule_and_alias_names_a_builder() -> None:
    names = {line.split()[2] for line in tables.RULES.splitlines()} - {"+", "."}
    assert len(names) > 40
    assert {name for name in names if not callable(getattr(build, name, None))} == set()


def _run(package: Path, code: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(package.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=package.parent,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the part of the package that parses, with the grammar beside it."""
    package = tmp_path / "gradcli"
    source = Path(gradcli.__file__).parent
    (package / "syntax").mkdir(parents=True)
    (tmp_path / "grammar").mkdir()
    for path in [
        *(source / name for name in ("errors.py", "interrupts.py", "limits.py", "process.py", "record.py")),
        *(source / "syntax").glob("*.py"),
    ]:
        target = package / path.relative_to(source)
        target.write_bytes(path.read_bytes())
    (package / "__init__.py").touch()
    (tmp_path / "grammar" / "gradcli.lark").write_bytes(GRAMMAR.read_bytes())
    return package


def test_an_edited_grammar_takes_effect_at_once(copy: Path) -> None:
    grammar = copy.parent / "grammar" / "gradcli.lark"
    text = grammar.read_text(encoding="utf-8")
    assert '| "pass" -> pass_statement' in text
    grammar.write_text(
        text.replace('| "pass" -> pass_statement', '| "skip" -> pass_statement'), encoding="utf-8"
    )
    assert "Pass" in _run(copy, "from gradcli.syntax.parser import parse; print(parse('skip'))")


@pytest.mark.parametrize("place", ["beside", "inside", "missing"])
def test_an_unchanged_grammar_needs_no_lark(copy: Path, place: str) -> None:
    beside = copy.parent / "grammar"
    if place == "inside":
        beside.rename(copy / "grammar")
    elif place == "missing":
        (beside / "gradcli.lark").unlink()
    code = "import sys; from gradcli.syntax.parser import parse; parse('x + 1'); print('lark' in sys.modules)"
    assert _run(copy, code) == "False\n"


class _Line:
    """Stands in for the layout of a single line where Lark's own lexer reads the text."""

    always_accept = ()

    def process(self, stream: Iterator[lark.Token]) -> Iterator[lark.Token]:
        yield from stream
        yield lark.Token("_NEWLINE", "")


LINES = r"""
x
2*x
x = y = 1; z
x -= 1.5e-3
x **= 0xff
f(x, k=1, *a)
x[1:2, ..., None]
-x**2 if a else b
a < b <= c
a not in b is not c
'a' "b" r'\n'
'''a'''
(a, b), [c] = d
if a: b; c
for a, b in c: d
def f(a, b=1, *, c: int = 2) -> d: return a, b
class A(b.c): pass
import a.b as c, d
from a import (b, c,)
with a(): b
while True: break
assert a, 'b'
a @ b // c % d | e & ~f ^ g
x.T.sum()
x # c
not a and b or c
x y
2x
f(x
a =
= a
def f(): a; def g(): b
x[
a b = c
if a b
f(a=)
x +
()()()
from a import *
a, b += c d
with a as b: c
f(**k)
x[1:2:3:4]
a if b
1 = = 2
return return
""".strip().splitlines()


@cache
def _alone() -> lark.Lark:
    return lark.Lark(GRAMMAR.read_text(encoding="utf-8"), parser="lalr", lexer="basic", postlex=_Line())


@by_rows("line", [(each,) for each in LINES])
def test_lark_alone_reads_the_same_lines(line: str) -> None:
    """The terminals at the end of the grammar say what our lexer does, and its rules what our driver does."""
    alone = _alone()
    tokens = [token for token in lexer.tokens(line) if token[0] not in (kinds.END, kinds.NEWLINE)]
    if all(token[0] < len(TERMINALS) for token in tokens):
        expected = [(TERMINALS[kind], start, end) for kind, start, end, _ in tokens]
        assert [(token.type, token.start_pos, token.end_pos) for token in alone.lex(line)][:-1] == expected
    try:
        alone.parse(line)
    except lark.exceptions.UnexpectedInput:
        with pytest.raises(GradcliError):
            parse(line)
    else:
        assert parse(line).body
