"""Reads a whole line: what it sets (`at x=3`), what it defines (`f(x) = x^2`), what it asks for (`dy/dx`)."""

from __future__ import annotations

import re
from itertools import pairwise

from gradcli.errors import GradcliError
from gradcli.syntax.notation import words
from gradcli.syntax.notation.derivatives import Derivatives
from gradcli.syntax.notation.expressions import Expressions
from gradcli.syntax.notation.pieces import (
    NAME,
    NUMBER,
    PRIME,
    STRING,
    WORD,
    Bracket,
    GiveUp,
    Item,
    Lexeme,
    assigns,
    begins_value,
    call_of,
    correction,
    cut,
    definition,
    ends_value,
    fault,
    flat,
    grouped,
    is_name,
    is_sign,
    made,
    span_of,
    split,
    text_of,
)
from gradcli.syntax.notation.settings import LineSettings, refuse_decimal, statements
from gradcli.syntax.notation.spoken import Spoken
from gradcli.syntax.reading import Reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

_FUNCTION = re.compile(
    r"(?:\bdef\s+)?([^\W\d]\w*)\s*(?:\([\w\s,]*\)\s*(?:=(?!=)|:)"
    rf"|[:=]{{1,2}}\s*(?:lambda\b|(?:\w+|\([\w\s,]*\))\s*(?:{'|'.join(words.ARROWS)})))"
)

_FORMULA = re.compile(r"[\w)]\s*(?:[-+*/^=]|\*\*)\s*[\w(]|\w\(|[²³√]")
"""What a text has that was to be a formula."""

_END = re.compile(r"(?<=[^;\s])\s*;\s*$")
"""A line may end with a `;`, which separates nothing."""


def read_line(line: str, taken: frozenset[str]) -> Reading | None:
    """The reading of a line, or None where it says the same in the language, or is wrong in any reading."""
    line = _END.sub("", line)
    try:
        return read(line, taken)
    except GradcliError as error:
        error.locate(line)
        raise


def read(line: str, taken: frozenset[str], correcting: bool = False) -> Reading | None:
    """The reading of a line; what is wrong with it has no place yet.

    Args:
        correcting: what is wrong is known, and a line is looked for that would be right.
    """
    try:
        spoken = Spoken(line, taken)
        items = cut(spoken.line, frozenset(_FUNCTION.findall(line)))
        return _Line(line, items, taken, spoken, correcting).reading() if items else None
    except GiveUp:
        return None


def read_expression(text: str) -> str:
    """A value as the language has it."""
    expressions = Expressions(text)
    try:
        cut_up = cut(text)
        if any(is_name(each) and each.text in words.SETTING_WORDS for each in flat(cut_up)):
            return text  # 6 at x=3, which is no value
        items = expressions.read(cut_up)
    except (GiveUp, GradcliError):
        return text  # it is read as it stands, and refused with its place
    return text_of(_inlined(items, expressions.definitions))


def _inlined(items: list[Item], functions: Collection[str]) -> list[Item]:
    """The items with what `words.FORMULAS` says of these functions in the place of their calls."""
    found: list[Item] = []
    for item in items:
        name = found[-1] if found else None
        if type(item) is Bracket:
            item.items = _inlined(item.items, functions)
        if type(item) is Bracket and is_name(name) and name.text in functions:
            head, _, body = words.FORMULAS[name.text].partition("): return ")
            parameters = head.partition("(")[2].split(", ")
            given = dict(zip(parameters, split(item.items, ","), strict=False))
            parts = re.split(rf"\b({'|'.join(parameters)})\b", body)
            for at, part in enumerate(parts):
                value = given.get(part, ())
                parts[at] = text_of([grouped(value, item)] if len(value) > 1 else value) or part
            found[-1] = grouped([made("".join(parts), name)], name, name.gap)
        else:
            found.append(item)
    return found


class _Line:
    """One line on its way into the language."""

    def __init__(
        self, line: str, items: list[Item], taken: frozenset[str], spoken: Spoken, correcting: bool
    ) -> None:
        self.line = line
        settings = LineSettings(line, items, taken, _assigned(items), spoken.point)
        items, self.settings = settings.items, settings.found
        self.given = taken | {name for name, _ in self.settings}
        self.own = self.given | _assigned(items)
        self.expressions = Expressions(line, self.own, correcting)
        self.statements = statements(items)
        functions = [_function(_arrow(statement)) for statement in self.statements]
        self.functions = {each[0].text: each[1] for each in functions if each is not None}
        self.derivatives = Derivatives(self.expressions, self.functions, spoken.asked, spoken.point)

    def reading(self) -> Reading | None:
        for statement in self.statements:
            self._refuse(statement)
        for statement in self.statements[:-1]:
            refuse_decimal(statement)
        if not all(self.statements):
            return None  # ;; is a mistake, which the parser names
        self._quoted()
        separated: list[Item] = []
        last = len(self.statements) - 1
        functions = []
        for at, statement in enumerate(self.statements):
            read, function = self._statement(statement, at == last)
            functions.append(function)
            if at:
                own_line = functions[at - 1] or function
                separated.append(made("\n" if own_line else ";", statement[0]))
            if at and read and (functions[at - 1] or function):
                read[0].gap = ""
            separated += read
        derivatives = self.derivatives
        if derivatives.wanted and not derivatives.valued:  # derivative of sin(x), which has one input
            applied = [derivatives.applied(each) for each in self.statements]
            names = _inputs(applied, functions, self.own - self.given)
            if len(names) == 1:
                derivatives.asked.setdefault("wrt", names)
        before: list[Item] = []
        for name, call in self.expressions.definitions.items():
            before.append(made(words.FORMULAS[name] + "\n", call))
        if before:  # which makes a line of its own of what stood behind words
            separated[0].gap = ""
        return self._made([*before, *separated])

    def _made(self, items: list[Item]) -> Reading | None:
        text = ""
        segments = []
        for piece in flat(items):
            text += piece.gap
            segments.append((len(text), piece.start, piece.end))
            text += piece.text
        expressions = self.expressions
        asked = self.derivatives.asked
        if text.strip() == self.line.strip() and not (self.settings or asked or expressions.notes):
            return None
        return Reading(
            text, self.line, tuple(self.settings), asked, tuple(expressions.notes), tuple(segments)
        )

    # ---- statements -----------------------------------------------------------------------------

    def _refuse(self, statement: list[Item]) -> None:
        """Raises what is missing in a statement, or a word in it that cannot be a name: `lambda*x`."""
        self._refuse_joined(statement)
        self._refuse_partial(statement)
        self._refuse_called(statement)
        for at, item in enumerate(statement):
            if (
                type(item) is Lexeme
                and item.text == "lambda"
                and not any(is_sign(each, ":") for each in statement[at:])
            ):
                shown = "".join(
                    each.gap + ("lam" if each.text == "lambda" else each.text) for each in flat(statement)
                )
                raise fault(
                    "'lambda' is a word of the language and cannot be a name",
                    [item],
                    f"call it lam: {shown.strip()}",
                )

    def _quoted(self) -> None:
        """Tells of a formula in quotes, which is a text; raises where something is set for it."""
        (first, *more), *others = self.statements
        if more or others or first.kind != STRING:
            return
        formula = text_of([first]).strip("'\"")
        if not _FORMULA.search(formula):
            return
        if self.own:
            raise correction("this is a text, and no formula", [first], formula)
        self.expressions.note(f"this is a text; as a formula it has no quotes: {formula}")

    def _refuse_joined(self, statement: list[Item]) -> None:
        """Raises what has no `;` between statements: `y = x^2, dy/dx`, `x=3 y=2 x*y`."""
        first, *others = split(statement, ",")
        function = _function(first)
        name = first[0] if len(first) > 1 and is_sign(first[1], "=") else function and function[0]
        meant = (name.text, f"d{name.text}") if type(name) is Lexeme and name.kind == NAME else ()
        reads = any(each.text in meant for part in others for each in flat(part))
        bound = any(len(each) > 2 and is_name(each[0]) and is_sign(each[1], "=") for each in others)
        if meant and (bound or (reads and not any(map(assigns, others)))):
            shown = "; ".join([self.line[slice(*span_of(part))] for part in (first, *others) if part])
            raise correction("a , makes a list here, and ; ends a statement", statement, shown)
        if len(others) or sum(is_sign(item, "=") for item in statement) < 2:
            return
        shown = ""
        for at, item in enumerate(statement):
            begins = is_name(item) and at + 1 < len(statement) and is_sign(statement[at + 1], "=")
            ends = (
                at > 1 and statement[at - 1].kind == NUMBER and is_sign(statement[at - 2], "=") and item.gap
            )
            apart = at > 0 and ends_value(statement[at - 1]) and (begins or (ends and begins_value(item)))
            shown += ("; " if apart else item.gap) + text_of([item])
        if "; " in shown:
            raise correction("statements stand apart by ;", statement, shown.strip())

    def _refuse_partial(self, statement: list[Item]) -> None:
        """Raises what `f_x` is, for a function of the line by one of its parameters."""
        for item in flat(statement):
            name, _, by = item.text.partition("_")
            function = (
                self.functions.get(name) if by and is_name(item) and item.text not in self.own else None
            )
            if function is None:
                continue
            parameters = {each.text for each in flat(function.items)}
            names = [by] if by in parameters else [*by]
            if parameters.issuperset(names):
                order = f"^{len(names)}" if len(names) > 1 else ""
                shown = f"∂{order}{name}/{''.join([f'∂{each}' for each in names])}"
                raise fault(f"{item.text} is a name of its own here", [item], f"write {shown}")

    def _refuse_called(self, statement: list[Item]) -> None:
        """Raises what calls a name that the line gives a formula and no parameters: `f = x^2; f(3)`."""
        for name, bracket in pairwise(statement):
            called = type(bracket) is Bracket and bracket.kind == "(" and bracket.gap == ""
            if not (called and is_name(name)):
                continue
            text = text_of([name])
            for each in self.statements:
                value = each[2:]
                formula = len(value) > 1 and text_of(each[:1]) == text and is_sign(each[1], "=")
                kinds = {item.kind for item in flat(value)}
                if (
                    formula
                    and WORD not in kinds
                    and _arrow(each) is each
                    and not any(type(item) is Bracket for item in value)
                ):
                    shown = "; ".join(map(text_of, self.statements))
                    shown = shown.replace(text_of(each), f"{text}(x) = {text_of(value)}", 1)
                    raise fault(f"{text} has no parameters", [name, bracket], f"write {shown}")

    def _statement(self, items: list[Item], last: bool) -> tuple[list[Item], bool]:
        """A statement in the language, and whether it stands on a line of its own."""
        items = _arrow(items)
        function = _function(items)
        if function is not None:
            name, parameters, body = function
            self._note_joined({each.text for each in flat(parameters.items)}, body)
            read = self.expressions.read(self.derivatives.inside(self._primes(body)))
            name.gap = ""
            head: list[Item] = [made("def ", name), name, parameters, made(": return ", name)]
            call = [made("\n", name), *call_of(name, parameters)] if last else []
            if read:
                read[0].gap = ""
            return [*head, *read, *call], True
        if items and type(items[0]) is Lexeme and items[0].text == "def":
            return [*self.expressions.read(items), *(_called(items) if last else ())], True
        items = self._primes(items)
        if last:
            items = self.derivatives.asked_by(items)
        return self.expressions.read(self.derivatives.inside(items)), False

    def _note_joined(self, parameters: set[str], body: list[Item]) -> None:
        """Tells of a name in a function that is written of its parameters: `f(u, v) = uv`."""
        for each in flat(body):
            several = each.kind == NAME and len(each.text) > 1 and parameters.issuperset(each.text)
            if several and each.text not in self.own | parameters:
                product = "*".join(each.text)
                self.expressions.note(f"{each.text} is one name; if that is not meant, write {product}")

    def _primes(self, items: list[Item]) -> list[Item]:
        """`f'` as `f'(x)`, for a function of the line."""
        found: list[Item] = []
        for at, item in enumerate(items):
            found.append(item)
            if item.kind == PRIME and not (at + 1 < len(items) and type(items[at + 1]) is Bracket):
                parameters = self.functions.get(items[at - 1].text) if at else None  # type: ignore[union-attr]
                if parameters is not None:
                    found += call_of(item, parameters)[1:]
        return found


def _assigned(items: list[Item]) -> frozenset[str]:
    """The names that the line assigns, its functions included."""
    found = set()
    for at, item in enumerate(items):
        if not is_name(item):
            continue
        before = items[at - 1] if at else None
        after, then = [*items[at + 1 : at + 3], None, None][:2]
        assigned = is_sign(after, "=", "+=", "-=", "*=", "/=")
        bound = type(before) is Lexeme and before.text in ("def", "for")
        begins = before is None or is_sign(before, ";") or text_of([before]) in ("function", "func", "fn")
        function = type(after) is Bracket and is_sign(then, "=", ":=") and begins
        if assigned or bound or function:
            found.add(item.text)
    return frozenset(found)


def _inputs(statements: list[list[Item]], functions: list[bool], assigned: Collection[str]) -> list[str]:
    """The names that statements read outside functions and the line assigns nothing to, each once."""
    outside = [each for each, function in zip(statements, functions, strict=True) if not function]
    pieces = flat([item for statement in outside for item in statement])
    found = dict.fromkeys(
        piece.text
        for at, piece in enumerate(pieces)
        if piece.kind == NAME
        and not (at and pieces[at - 1].text == ".")
        and not (at + 1 < len(pieces) and pieces[at + 1].text == "(")
    )
    return [name for name in found if name not in assigned and name not in ("e", "pi")]


def _function(items: list[Item]) -> tuple[Lexeme, Bracket, list[Item]] | None:
    """Name, parameters and body of `f(x) = x^2`, with or without a word that says what it is."""
    word = items[0] if items else None
    if type(word) is Lexeme and word.text in ("def", "function", "func", "fn") and len(items) > 3:
        items = items[1:]
    return definition(items)


def _called(items: list[Item]) -> list[Item]:
    """The call of a `def` with those of its own parameters that have no value, on the next line."""
    name, parameters = [*items[1:3], None, None][:2]
    if not is_name(name) or type(parameters) is not Bracket:
        return []
    needed = [text_of(each) for each in split(parameters.items, ",") if not assigns(each)]
    return [made(f"\n{name.text}({', '.join(needed)})", name)] if all(map(str.isidentifier, needed)) else []


def _arrow(items: list[Item]) -> list[Item]:
    """`x ↦ x^2` and `lambda x: x^2` as their value, and `f: x -> x^2` as `f(x) = x^2`."""
    first = items[0] if items else None
    if type(first) is Lexeme and first.text == "lambda":
        colon = next((at for at, item in enumerate(items) if is_sign(item, ":")), 0)
        body = items[colon + 1 :]
        if colon and body and not assigns(items[:colon]):
            body[0].gap = ""
            return body
    at = 2 if len(items) > 4 and is_name(items[0]) and is_sign(items[1], ":", "=", ":=") else 0
    if len(items) < at + 3 or not is_sign(items[at + 1], *words.ARROWS):
        return items
    parameters, arrow, body = items[at], items[at + 1], items[at + 2 :]
    if at == 0:
        body[0].gap = ""
        return body
    if is_name(parameters):
        parameters.gap = ""
        parameters = grouped([parameters], parameters)
    return [items[0], parameters, made("=", arrow), *body]
