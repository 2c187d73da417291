"""What a line sets: `x^2 at x=3`, `x^2 | x=3`, `x*y (x=3, y=2)`, `x^2; x=3`, and `x^2 at 3` of one name."""

from __future__ import annotations

import re
from itertools import pairwise

from gradcli.errors import GradcliError
from gradcli.syntax.notation import words
from gradcli.syntax.notation.expressions import Expressions
from gradcli.syntax.notation.passes import POWERS
from gradcli.syntax.notation.pieces import (
    NAME,
    NUMBER,
    POWER,
    SIGN,
    WORD,
    Bracket,
    Item,
    Lexeme,
    assigns,
    call_of,
    correction,
    definition,
    ends_value,
    fault,
    flat,
    is_call,
    is_name,
    is_sign,
    made,
    split,
    text_of,
)

_CONSTANTS = frozenset(("e", "pi", "inf", "nan", "math", "tau"))
_DIFFERENTIAL = re.compile(r"d\d?|d[^\W\d]\d?")
_EQUALS = ("is", "equals", "->", "→", ":=", ":")
"""What stands for `=` behind a word such as `at`."""


class LineSettings:
    """The settings of one line.

    Attributes:
        items: the line without them.
        found: names and values.
    """

    def __init__(
        self, line: str, items: list[Item], taken: frozenset[str], assigned: frozenset[str], point: bool
    ) -> None:
        self._line = line
        self._taken = taken
        self._own = taken | assigned
        self.found: list[tuple[str, str]] = []
        self.items = self._behind(items)
        if not self.found:
            self.items = self._last_statements(self.items)
        if not self.found and point:
            self.items = self._point(self.items)

    def _behind(self, items: list[Item]) -> list[Item]:
        """The items without `at x=3, y=2` behind them."""
        last = max((at for at, item in enumerate(items) if is_sign(item, ";")), default=0)
        for at in range(last + 1, len(items)):
            item, rest = items[at], items[at:]
            word = type(item) is Lexeme and item.text in words.SETTING_WORDS and item.text not in self._own
            if word and len(rest) > 1 and (rest[1].kind == POWER or is_sign(rest[1], *POWERS, "*", "/", "+")):
                continue  # the name in at²
            sign = is_sign(item, "|", "@")
            number = is_sign(item, "@") and len(rest) == 2 and rest[1].kind == NUMBER  # no matrix product
            if number and self._nameless(items, at):
                return items[:at]
            if word or sign or is_sign(item, ","):
                if word and definition(rest[1:]) is not None:  # f(3) where f(x) = x^2
                    return [*self._behind(rest[1:]), made(";", item), *items[:at]]
                if word and (formulas := self._formulas(rest[1:])):  # z^2 where z=2x, x=3
                    return [*formulas, *items[:at]]
                if is_sign(item, ",") and assigns(items[:at]) and (at < 4 or _reads_assigned(items, at)):
                    continue  # x=3, y=2 and y=x^2, z=3*y
                if word and item.text == "at" and self._nameless(items, at):  # type: ignore[union-attr]
                    return items[:at]
                found = self._bindings(_below(rest[1:]) if is_sign(item, "|") else rest[1:], word)
            elif not ends_value(items[at - 1]):
                continue
            elif type(item) is Bracket and len(rest) == 1 and not (is_call(items, at) and item.gap == ""):
                found = self._bindings(item.items, False)  # x^2 (x=3)
            elif type(item) is Lexeme and item.text == "_" and len(rest) == 2 and type(rest[1]) is Bracket:
                found = self._bindings(rest[1].items, False)  # [x^2]_{x=3}
            elif is_name(item) and len(rest) > 2 and is_sign(rest[1], "=") and item.gap:
                found = self._bindings(rest, False) if self._awaits(items[:at], item) else []  # x^2 x=3
            else:
                continue
            if found:
                self.found = found
                return items[: at - 1] if is_sign(items[at - 1], ",") else items[:at]  # x^2, where x=3
            if word and is_name(item) and ends_value(items[at - 1]) and len(rest) > 1:
                shown = text_of(items[:at])
                raise fault(f"what is set behind '{item.text}'?", rest, f"write {shown} at x=3")
        return items

    def _formulas(self, items: list[Item]) -> list[Item]:
        """The statements among `z=2x, x=3`: what has names in its value; the others are found as settings."""
        pairs = _pairs(items, True)
        if not pairs or not all(len(value) and len(split(value, ",")) == 1 for _, value in pairs):
            return []
        formulas = [pair for pair in pairs if not _is_constant(pair[1])]
        if formulas:
            constants = [pair for pair in pairs if pair not in formulas]
            self.found = [(name.text, self._value(value)) for name, value in constants]
        return [
            each for name, value in formulas for each in (name, made("=", name), *value, made(";", value[-1]))
        ]

    def _awaits(self, left: list[Item], name: Item) -> bool:
        """Whether what stands before `x=3` reads that name, and assigns nothing."""
        read = [each.text for each in flat(left) if each.kind == NAME]
        return not assigns(left) and text_of([name]) in read

    def _nameless(self, items: list[Item], at: int) -> bool:
        """`x^2 at 3`, which is of the only name that is free; raises where there are others."""
        left, word, rest = items[:at], items[at], items[at + 1 :]
        several = (
            rest[0].items if len(rest) == 1 and type(rest[0]) is Bracket and rest[0].kind == "(" else rest
        )
        values = split(several, ",")
        if not rest or not all(map(_is_constant, values)) or not ends_value(items[at - 1]):
            return False
        names = self._free(left)
        if len(names) == len(values) == 1:
            self.found = [(names[0], self._value(values[0]))]
            return True
        if len(names) == 1 and len(names[0]) == len(values):
            names = list(names[0])  # xyz at (1, 2, 3)
        if len(values) != len(names):
            names = (names or ["x"])[:1] if len(values) == 1 else []
        shown = ", ".join(f"{name}={text_of(value)}" for name, value in zip(names, values, strict=False))
        error = correction("at which name?", [word, *rest], f"at {shown or 'x=3, y=2'}")
        error.hint = f"write {text_of(left)} {error.instead[0]}"
        raise error

    def _free(self, items: list[Item]) -> list[str]:
        """The names that these items read and nothing gives a value, each once."""
        found: dict[str, None] = {}
        pieces = flat(items)
        for at, piece in enumerate(pieces):
            if piece.kind != NAME or (at and pieces[at - 1].text == "."):
                continue
            called = at + 1 < len(pieces) and pieces[at + 1].text == "("
            known = piece.text in self._own or piece.text in _CONSTANTS or piece.text in words.FUNCTIONS
            if not (called or known or _DIFFERENTIAL.fullmatch(piece.text)):
                found[piece.text] = None
        return list(found)

    def _bindings(self, items: list[Item], word: bool) -> list[tuple[str, str]]:
        """`x=3, y=2` as names and values; none where it is anything else.

        Args:
            word: it stands behind a word, so `x is 3` is meant alike.
        """
        found = []
        for name, value in _pairs(items, word):
            parts = split(value, ",")
            if len(parts) > 1 and all(map(_is_constant, parts)):
                raise _two_or_one(items, name.text, parts)
            if not all(parts) or len(parts) > 1 or any(each.kind == WORD for each in value):
                return []
            found.append((name.text, self._value(value)))
        return found

    def _last_statements(self, items: list[Item]) -> list[Item]:
        """The items without `; x=3`, where x was read before and not assigned."""
        kept: list[list[Item]] = []
        read: set[str] = set()
        assigned = set(self._taken)
        for part in split(items, ";"):
            name = part[0].text if len(part) > 2 and is_name(part[0]) and is_sign(part[1], "=") else ""
            if name in read and name not in assigned and _is_constant(part[2:]):
                self.found.append((name, self._value(part[2:])))
                continue
            kept.append(part)
            pieces = flat(part)
            read |= {each.text for each in pieces if each.kind == NAME} - {name}
            assigned |= {name} if name else set()
        if not self.found:
            return items
        joined: list[Item] = []
        for part in kept:
            joined += [*([made(";", part[0] if part else joined[-1])] if joined else []), *part]
        return joined

    def _point(self, items: list[Item]) -> list[Item]:
        """`∇f(1, 2)` as the gradient of `f(x, y)` at x=1, y=2, for a function of the line."""
        last = statements(items)[-1]
        if len(last) != 2 or not is_name(last[0]) or type(last[1]) is not Bracket:
            return items
        for function in map(definition, statements(items)[:-1]):
            if function is None or function[0].text != last[0].text:
                continue
            names = [each[0].text for each in split(function[1].items, ",")]  # type: ignore[union-attr]
            values = split(last[1].items, ",")
            if len(names) == len(values) and all(map(_is_constant, values)) and self._own.isdisjoint(names):
                self.found = [(name, self._value(value)) for name, value in zip(names, values, strict=True)]
                last[1].items = call_of(last[0], function[1])[1].items  # type: ignore[union-attr]
        return items

    def _value(self, items: list[Item]) -> str:
        return text_of(Expressions(self._line).read(items))


def _reads_assigned(items: list[Item], at: int) -> bool:
    """Whether what stands from a place on reads a name that is assigned before it."""
    assigned = {
        text_of([name]) for name, sign in pairwise(items[:at]) if is_name(name) and is_sign(sign, "=")
    }
    return not assigned.isdisjoint([each.text for each in flat(items[at:]) if each.kind == NAME])


def _pairs(items: list[Item], word: bool) -> list[tuple[Lexeme, list[Item]]]:
    """The names and values of `x=3, y=2` and `x=3 and y=2`; none where it is anything else.

    Args:
        word: it stands behind a word, so `x is 3` is meant alike.
    """
    if len(items) == 1 and type(items[0]) is Bracket and items[0].kind == "{":
        items = items[0].items
    starts = [
        at
        for at, item in enumerate(items[:-2])
        if is_name(item)
        and (is_sign(items[at + 1], "=") or (word and text_of(items[at + 1 : at + 2]) in _EQUALS))
    ]
    if not starts or starts[0] != 0:
        return []
    found: list[tuple[Lexeme, list[Item]]] = []
    for start, end in zip(starts, [*starts[1:], len(items)], strict=True):
        value = items[start + 2 : end]
        if end < len(items) and text_of(value[-1:]) in (",", "&", "and"):
            value = value[:-1]
        found.append((items[start], value))  # type: ignore[arg-type]
    return found


def refuse_decimal(statement: list[Item]) -> None:
    """Raises what `y=2,5` may be that something is to be computed from."""
    if len(statement) == 5 and is_name(statement[0]) and is_sign(statement[1], "="):
        parts = split(statement[2:], ",")
        if all(len(each) == 1 and each[0].kind == NUMBER for each in parts) and parts[-1][0].gap == "":
            raise _two_or_one(statement, statement[0].text, parts)


def _two_or_one(items: list[Item], name: str, parts: list[list[Item]]) -> GradcliError:
    """What `x=1,5` may be: two numbers, or one with a decimal comma."""
    shown = f"{name}=[{', '.join(map(text_of, parts))}]"
    if len(parts) == 2 and len(parts[1]) == 1 and parts[1][0].gap == "":
        shown += f" or {name}={text_of(parts[0])}.{text_of(parts[1])}"
    return fault("two numbers or a decimal comma?", items, f"write {shown}")


def _is_constant(items: list[Item]) -> bool:
    """Whether these items are a value without names but those of constants and functions."""
    names = {each.text for each in flat(items) if each.kind == NAME}
    known = all(name in _CONSTANTS or name in words.FUNCTIONS or name in words.CALLED for name in names)
    begins = bool(items) and (items[0].kind != SIGN or is_sign(items[0], "-", "+", "√", "∛"))
    ends = bool(items) and (ends_value(items[-1]) or is_sign(items[-1], "°", "!", "%"))
    return begins and ends and known and not assigns(items)


def _below(items: list[Item]) -> list[Item]:
    """What stands below a bar: `x=3` of `|_{x=3}` and `|_x=3`."""
    if len(items) == 2 and text_of(items[:1]) == "_" and type(items[1]) is Bracket and items[1].kind == "{":
        return items[1].items
    first = items[0] if items else None
    if type(first) is Lexeme and first.kind == NAME and first.text.strip("_"):
        return [made(first.text.lstrip("_"), first, NAME), *items[1:]]
    return items


def statements(items: list[Item]) -> list[list[Item]]:
    """The statements of a line; what stands behind the `return` of a one-line def is no part of it."""
    found: list[list[Item]] = []
    inside = False
    for statement in split(items, ";"):
        words_of = [each.text for each in statement if type(each) is Lexeme]
        if inside:
            found[-1] += [made(";", statement[0] if statement else found[-1][-1]), *statement]
        else:
            found.append(statement)
        opens = bool(words_of) and words_of[0] == "def" and definition(statement[1:]) is None
        inside = (inside or opens) and "return" not in words_of
    return found
