"""Reads a whole line: what it sets (`at x=3`), what it defines (`f(x) = x^2`), what it asks for (`dy/dx`)."""

from __future__ import annotations

import re

from gradcli.errors import GradcliError
from gradcli.syntax.notation import words
from gradcli.syntax.notation.derivatives import Derivatives
from gradcli.syntax.notation.expressions import Expressions
from gradcli.syntax.notation.pieces import (
    NAME,
    Bracket,
    GiveUp,
    Item,
    Lexeme,
    cut,
    ends_value,
    fault,
    flat,
    is_name,
    is_sign,
    made,
    split,
    text_of,
)
from gradcli.syntax.reading import Reading

_FUNCTION = re.compile(r"(?:\bdef\s+)?([^\W\d]\w*)\s*\([\w\s,]*\)\s*(?:=(?!=)|:)")

_END = re.compile(r"(?<=[^;\s])\s*;\s*$")
"""A line may end with a `;`, which separates nothing."""


def read_line(line: str, taken: frozenset[str]) -> Reading | None:
    """The reading of a line, or None where it says the same in the language, or is wrong in any reading."""
    line = _END.sub("", line)
    try:
        _refuse_phrases(line, taken)
        items = cut(_without_words(line), frozenset(_FUNCTION.findall(line)))
        if not items:
            return None
        return _Line(line, items, taken).reading()
    except GiveUp:
        return None
    except GradcliError as error:
        error.locate(line)
        raise


def _refuse_phrases(line: str, taken: frozenset[str]) -> None:
    """Raises what to do instead of what no reading has."""
    for pattern, message, hint in words.PHRASES:
        found = re.search(pattern, line)
        if found and found[0].strip() not in taken:
            raise GradcliError("syntax", message, span=found.span(), hint=hint)
    if "\\" in line or "$" in line or re.search(r"\w_\{", line):
        from gradcli.syntax.notation.latex import plain

        shown = plain(line)
        if shown is not None:
            raise GradcliError("syntax", "this is LaTeX", span=(0, len(line)), hint=f"write {shown}")


def _without_words(line: str) -> str:
    """The line without what only asks for its value or its derivatives; all else stays in its place."""
    begin = max(line.rfind(";") + 1, 0)
    found = words.PREFIX.match(line, begin) or re.compile(r"\s*=(?!=)\s*").match(line, begin)
    if found:
        line = line[:begin] + " " * (found.end() - begin) + line[found.end() :]
    return words.SUFFIX.sub("", line)


def read_expression(text: str) -> str:
    """A value as the language has it."""
    expressions = Expressions(text)
    try:
        items = expressions.read(cut(text))
    except (GiveUp, GradcliError):
        return text  # it is read as it stands, and refused with its place
    return text if expressions.definitions else text_of(items)


class _Line:
    """One line on its way into the language."""

    def __init__(self, line: str, items: list[Item], taken: frozenset[str]) -> None:
        self.line = line
        self.settings: list[tuple[str, str]] = []
        self.own = taken | _assigned(items)
        items = self._settings(items)
        self.own |= _assigned(items) | {name for name, _ in self.settings}
        self.expressions = Expressions(line, self.own)
        self.derivatives = Derivatives(self.expressions, _assigned(items))
        self.statements = _statements(items)

    def reading(self) -> Reading | None:
        for statement in self.statements:
            self._refuse(statement)
        if not all(self.statements):
            return None  # ;; is a mistake, which the parser names
        separated: list[Item] = []
        last = len(self.statements) - 1
        functions = []
        for at, statement in enumerate(self.statements):
            read, function = self._statement(statement, at == last)
            functions.append(function)
            if at:
                own_line = functions[at - 1] or function
                separated.append(made("\n" if own_line else ";", statement[0]))
            if functions[at - 1] and at and read:
                read[0].gap = ""
            separated += read
        before: list[Item] = []
        for name, call in self.expressions.definitions.items():
            before.append(made(words.FORMULAS[name] + "\n", call))
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
        """`lambda*x`: a word that cannot be a name."""
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

    def _statement(self, items: list[Item], last: bool) -> tuple[list[Item], bool]:
        """A statement in the language, and whether it stands on a line of its own."""
        if items and type(items[0]) is Lexeme and items[0].text == "def":
            return self.expressions.read(items), True
        items = _arrow(items)
        function = _definition(items)
        if function is not None:
            name, parameters, body = function
            read = self.expressions.read(self.derivatives.inside(body))
            name.gap = ""
            head: list[Item] = [made("def ", name), name, parameters, made(": return ", name)]
            call = _call(name, parameters) if last else []
            if read:
                read[0].gap = ""
            return [*head, *read, *call], True
        if last:
            items = self.derivatives.asked_by(items)
        return self.expressions.read(self.derivatives.inside(items)), False

    # ---- settings -------------------------------------------------------------------------------

    def _settings(self, items: list[Item]) -> list[Item]:
        """The items without `at x=3, y=2` behind them."""
        for at, item in enumerate(items):
            word = type(item) is Lexeme and item.text in words.SETTING_WORDS and item.text not in self.own
            bar = is_sign(item, "|")
            if (
                not at
                or not (word or bar or is_sign(item, ","))
                or any(is_sign(each, ";") for each in items[at:])
            ):
                continue
            if word and _definition(items[at + 1 :]) is not None:  # f(3) where f(x) = x^2
                return [*items[at + 1 :], made(";", item), *items[:at]]
            if is_sign(item, ",") and any(is_sign(each, "=") for each in items[:at]) and at < 4:
                continue  # x=3, y=2
            self._refuse_nameless(items, at)
            found = self._bindings(_below(items[at + 1 :]) if bar else items[at + 1 :])
            if found:
                self.settings = found
                return items[:at]
        return items

    def _refuse_nameless(self, items: list[Item], at: int) -> None:
        """`x^2 at 3`: of which name?"""
        word, rest = items[at], items[at + 1 :]
        if type(word) is Lexeme and word.text == "at" and len(rest) == 1 and ends_value(items[at - 1]):
            name = next((each.text for each in flat(items[:at]) if each.kind == NAME), "x")
            shown = f"{text_of(items[:at])} at {name}={text_of(rest)}"
            raise fault("at which name?", [word, *rest], f"write {shown}")

    def _bindings(self, items: list[Item]) -> list[tuple[str, str]]:
        """`x=3, y=2` as names and values; none where it is anything else."""
        found = []
        items = [made(",", each) if type(each) is Lexeme and each.text == "and" else each for each in items]
        for part in split(items, ","):
            if len(part) < 3 or not is_name(part[0]) or not is_sign(part[1], "="):
                return []
            value = text_of(Expressions(self.line).read(part[2:]))
            found.append((part[0].text, value))  # type: ignore[union-attr]
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
        function = type(after) is Bracket and is_sign(then, "=") and (before is None or is_sign(before, ";"))
        if assigned or bound or function:
            found.add(item.text)  # type: ignore[union-attr]
    return frozenset(found)


def _statements(items: list[Item]) -> list[list[Item]]:
    """The statements of the line; what stands behind the `return` of a one-line def is no part of it."""
    found: list[list[Item]] = []
    inside = False
    for statement in split(items, ";"):
        words_of = [each.text for each in statement if type(each) is Lexeme]
        if inside:
            found[-1] += [made(";", statement[0] if statement else found[-1][-1]), *statement]
        else:
            found.append(statement)
        opens = bool(words_of) and words_of[0] == "def"
        inside = (inside or opens) and "return" not in words_of
    return found


def _definition(items: list[Item]) -> tuple[Lexeme, Bracket, list[Item]] | None:
    """Name, parameters and body of `f(x) = x^2`."""
    if len(items) < 4 or not is_name(items[0]) or not is_sign(items[2], "="):
        return None
    name, parameters = items[0], items[1]
    if type(parameters) is not Bracket or parameters.kind != "(" or type(name) is not Lexeme:
        return None
    if not all(len(each) == 1 and is_name(each[0]) for each in split(parameters.items, ",")):
        return None
    return name, parameters, items[3:]


def _arrow(items: list[Item]) -> list[Item]:
    """`x ↦ x^2` as its value, and `f: x -> x^2` as `f(x) = x^2`."""
    at = 2 if len(items) > 4 and is_name(items[0]) and is_sign(items[1], ":") else 0
    if len(items) < at + 3 or not is_sign(items[at + 1], *words.ARROWS):
        return items
    parameters, arrow, body = items[at], items[at + 1], items[at + 2 :]
    if at == 0:
        body[0].gap = ""
        return body
    if is_name(parameters):
        parameters.gap = ""
        parameters = Bracket("(", made("(", parameters), [parameters], made(")", parameters))
    return [items[0], parameters, made("=", arrow), *body]


def _below(items: list[Item]) -> list[Item]:
    """What stands below a bar: `x=3` of `|_{x=3}` and `|_x=3`."""
    if len(items) == 2 and text_of(items[:1]) == "_" and type(items[1]) is Bracket and items[1].kind == "{":
        return items[1].items
    first = items[0] if items else None
    if type(first) is Lexeme and first.kind == NAME and first.text.strip("_"):
        return [made(first.text.lstrip("_"), first, NAME), *items[1:]]
    return items


def _call(name: Lexeme, parameters: Bracket) -> list[Item]:
    """A call of the function with its own parameters, on the next line."""
    copies: list[Item] = [made(each.text, each, each.kind, each.gap) for each in flat(parameters.items)]
    bracket = Bracket("(", made("(", name), copies, made(")", name))
    return [made("\n", name), made(name.text, name, NAME), bracket]
