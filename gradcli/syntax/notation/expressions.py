"""Reads the notation inside an expression: bars, powers above the line, roots, marks behind a value, products
without a sign, and functions under other names. Each pass takes items and gives items.
"""

from __future__ import annotations

from itertools import pairwise, takewhile

from gradcli.errors import GradcliError
from gradcli.syntax.notation import words
from gradcli.syntax.notation.pieces import (
    NAME,
    NUMBER,
    POWER,
    PRIME,
    SIGN,
    Bracket,
    GiveUp,
    Item,
    Lexeme,
    begins_value,
    called,
    ends_value,
    flat,
    is_call,
    is_name,
    is_sign,
    made,
    primary_end,
    primary_start,
    split,
    text_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gradcli.errors import Span

POWERS = ("^", "**")
TIGHTER = ("/", "//", "%", "@", *POWERS)
"""Signs behind which `2x` can be read in two ways."""


class Expressions:
    """Reads the expressions of one line.

    Attributes:
        line: the text that is read.
        own: names that the line or the caller gives a meaning, so that they have no other.
        notes: what could surprise.
        definitions: the functions to be defined before the line, and where each is called first.
    """

    def __init__(self, line: str, own: frozenset[str] = frozenset()) -> None:
        self.line = line
        self.own = own
        self.notes: list[str] = []
        self.definitions: dict[str, Item] = {}

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def read(self, items: list[Item]) -> list[Item]:
        """The items as the language has them."""
        items = _bars(items)
        for item in items:
            if type(item) is Bracket:
                _rows(item)
                item.items = self.read(item.items)
        for each in (_braces, _dots, self._function_powers, self._roots, self._marks, self._words, _primes):
            items = each(items)
        return _powers(self._calls(self._products(items)))

    # ---- powers and marks -----------------------------------------------------------------------

    def _function_powers(self, items: list[Item]) -> list[Item]:
        """`sin²(x)` and `sin^2(x)` as `sin(x)^2`; `log₂(x)` as `log2(x)`."""
        found: list[Item] = []
        at = 0
        while at < len(items):
            item = items[at]
            at += 1
            found.append(item)
            if not (is_name(item) and item.text in words.FUNCTIONS and item.text not in self.own):  # type: ignore[union-attr]
                continue
            end = at + 1 if at < len(items) and _kind(items[at]) == POWER else at
            if at + 1 < len(items) and is_sign(items[at], *POWERS):
                end = at + 2 + is_sign(items[at + 1], "-")
            exponent = items[at:end]
            if not exponent or end > len(items):
                continue
            if _kind(exponent[-1]) not in (POWER, NUMBER) and not _holds_number(exponent[-1]):
                continue
            if end == len(items) or not begins_value(items[end]):
                continue
            self._function_power(found, exponent, items[end:])
            found += [items[end], *exponent]
            at = end + 1
        return found

    def _function_power(self, found: list[Item], exponent: list[Item], rest: list[Item]) -> None:
        """Raises what `sin^-1(x)` and `sin^2 x` could mean."""
        name, operand = found[-1].text, _until_sign(rest)  # type: ignore[union-attr]
        inner = text_of(rest[0].items) if type(rest[0]) is Bracket else text_of(self.read(operand))
        if text_of(exponent).replace(" ", "").lstrip("^*") in ("-1", "(-1)"):
            inverse = f"a{name}" if name in ("sin", "cos", "tan", "sinh", "cosh", "tanh") else f"1/{name}"
            raise self._two_ways([found[-1], *exponent, rest[0]], f"{inverse}({inner})", f"1/{name}({inner})")
        if type(rest[0]) is not Bracket:
            power = text_of(_powers(list(exponent)))
            raise _error(
                f"{name} needs brackets around what it is given",
                [found[-1], *operand],
                f"{name}({inner}){power}",
            )

    def _roots(self, items: list[Item]) -> list[Item]:
        """`√x` as `sqrt(x)`."""
        found: list[Item] = []
        for item in reversed(items):
            if not is_sign(item, *words.PREFIXES):
                found.insert(0, item)
                continue
            assert type(item) is Lexeme
            if not found or not begins_value(found[0]):
                raise GiveUp
            end = primary_end(found, 0)
            operand, rest = found[:end], found[end:]
            name = words.PREFIXES[item.text]
            _set_gap(operand[0], "")
            if rest and (
                begins_value(rest[0]) or _kind(rest[0]) == POWER or is_sign(rest[0], *POWERS, "!", "°")
            ):
                more = _until_sign(rest)
                times = [made("*", item)] if begins_value(rest[0]) else []
                root = Bracket("(", made("(", item), list(operand), made(")", item))
                inner = text_of(self.read([*operand, *times, *more]))
                outer = text_of(self.read([made(name, item, NAME), root, *times, *more]))
                raise self._two_ways([item, *operand, *more], f"{name}({inner})", outer)
            first = operand[0]
            if type(first) is Bracket and len(operand) == 1 and first.kind == "(":
                operand = first.items
            found = [*called(name, operand, item, item.gap), *rest]
        return found

    def _two_ways(self, items: list[Item], one: str, other: str) -> GradcliError:
        start, end = _span(items)
        return _error(f"'{self.line[start:end]}' can be read in two ways", items, f"write {one} or {other}")

    def _marks(self, items: list[Item]) -> list[Item]:
        """`x!`, `30°` and `50%` behind a value."""
        found: list[Item] = []
        for at, item in enumerate(items):
            after = items[at + 1] if at + 1 < len(items) else None
            if not is_sign(item, "!", "°", "%") or not found or not ends_value(found[-1]):
                found.append(item)
                continue
            assert type(item) is Lexeme
            if item.text == "%" and not _is_percent(after):
                if is_sign(after, "+", "-") and item.gap == "" and after.gap and _kind(found[-1]) == NUMBER:  # type: ignore[union-attr]
                    self.note("% between two values is the remainder; for percent write (50%)")
                found.append(item)
                continue
            start = primary_start(found, len(found) - 1)
            operand = found[start:]
            gap = operand[0].gap
            _set_gap(operand[0], "")
            if is_sign(item, "%"):
                self.note(f"{text_of(operand)}% is read as {text_of(operand)}/100")
                inner = [*operand, made("/", item), made("100", item, NUMBER)]
                found[start:] = [Bracket("(", made("(", operand[0], gap=gap), inner, made(")", item))]
                continue
            name = "factorial" if is_sign(item, "!") else "deg2rad"
            if name == "deg2rad":
                self.note(f"{text_of(operand)}° is read in radians, as {text_of(operand)}*pi/180")
            found[start:] = called(name, operand, operand[0], gap)
        return found

    def _words(self, items: list[Item]) -> list[Item]:
        """`x mod 3` as `x % 3`, and `50% of x` as a product."""
        found: list[Item] = []
        for at, item in enumerate(items):
            between = 0 < at < len(items) - 1 and ends_value(items[at - 1]) and ends_value(items[at + 1])
            if is_name(item) and between and item.text == "mod":  # type: ignore[union-attr]
                found.append(made("%", item, gap=" "))
            elif is_name(item) and between and item.text == "of" and type(items[at - 1]) is Bracket:  # type: ignore[union-attr]
                found.append(made("*", item, gap=" "))
            else:
                found.append(item)
        return found

    def _is_function(self, name: str) -> bool:
        """Whether a name is one of a function, and of nothing that the line or its settings have."""
        return name not in self.own and (name in words.FUNCTIONS or name in words.CALLED)

    # ---- products -------------------------------------------------------------------------------

    def _products(self, items: list[Item]) -> list[Item]:
        """`2x`, `2 sin(x)`, `(x+1)(x-1)`, `x²y` with their sign, where they can be read in one way only."""
        found: list[Item] = []
        for at, item in enumerate(items):
            if found and begins_value(item) and ends_value(found[-1]):
                self._product(found, item, items[at:])
            found.append(item)
        return found

    def _product(self, found: list[Item], item: Item, rest: list[Item]) -> None:
        """Puts a `*` between the last of `found` and `item`, if one is meant there."""
        before = found[-1]
        kind = _kind(before)
        if is_name(before):
            bars = type(item) is Bracket and item.kind == "|"
            if (bars or type(item) is not Bracket) and self._is_function(before.text):  # type: ignore[union-attr]
                inner = text_of([item] if bars else self.read(_until_sign(rest)))
                raise _error(
                    f"{before.text} needs brackets around what it is given",  # type: ignore[union-attr]
                    [before, *_until_sign(rest)],
                    f"{before.text}({inner})",  # type: ignore[union-attr]
                )
            return
        if kind == NUMBER and _kind(item) == NAME and item.gap == "" and _one_word(before, item):
            return
        if _kind(before) == _kind(item) == NUMBER and text_of([before]).isdecimal():
            groups = [each.text for each in takewhile(_is_digits, rest)]  # type: ignore[union-attr]
            if groups and all(len(each) == 3 for each in groups):
                number = "".join([text_of([before]), *groups])
                raise _error("a number has no blanks", [before, *rest[: len(groups)]], f"write {number}")
        if _kind(item) in (NUMBER, "string") and not _is_constant(item):
            return
        if type(before) is Bracket and (before.kind == "[" or type(item) is not Bracket):
            if before.kind in "(|" and is_name(item):
                start, end = primary_start(found, len(found) - 1), primary_end(rest, 0)
                shown = f"{text_of(found[start:])}*{text_of(rest[:end])}"
                raise _error(
                    "there is no sign between these two", [*found[start:], *rest[:end]], f"write {shown}"
                )
            return
        if type(before) is Bracket and before.kind == "(":
            bare = len(before.items) == 1 and is_name(before.items[0])
            if (
                is_call(found, len(found) - 1)
                or bare
                or len(split(before.items, ",")) > 1
                or not before.items
            ):
                return  # a call of what a call gave
        start = primary_start(found, len(found) - 1 - (kind == POWER))
        if start > 0 and is_sign(found[start - 1], *TIGHTER):
            self._ambiguous(found, start, rest)
        _set_gap(item, "")
        found.append(made("*", item))

    def _ambiguous(self, found: list[Item], start: int, rest: list[Item]) -> None:
        """Raises the two readings of `1/2x`."""
        sign = found[start - 1]
        left = primary_start(found, start - 2)
        base, middle = text_of(found[left : start - 1]), text_of(_powers(found[start:]))
        end = primary_end(rest, 0)
        right = text_of(rest[:end])
        above = f"{base}{sign.text}"  # type: ignore[union-attr]
        raise self._two_ways(
            [*found[left:], *rest[:end]], f"{above}({middle}*{right})", f"{above}{middle}*{right}"
        )

    # ---- calls ----------------------------------------------------------------------------------

    def _calls(self, items: list[Item]) -> list[Item]:
        """Functions under other names, and those that are defined for the line."""
        for at, item in enumerate(items):
            if not is_name(item) or item.text in self.own or (at and is_sign(items[at - 1], ".")):  # type: ignore[union-attr]
                continue
            after = items[at + 1] if at + 1 < len(items) else None
            if type(after) is Bracket and after.kind == "(":
                self._call(item, after, items[at + 2 :])  # type: ignore[arg-type]
        return items

    def _call(self, name: Lexeme, bracket: Bracket, rest: list[Item]) -> None:
        arguments = split(bracket.items, ",")
        plain = all(arguments) and not any(is_sign(item, "=") for item in bracket.items)
        if name.text in words.HINTS and bracket.items:
            message, hint = words.HINTS[name.text]
            left, equals, right = text_of(arguments[0]).partition("=")
            shown = f"{left.strip()} - ({right.strip()})" if equals else left  # an equation
            raise _error(message, [name, bracket], hint.format(shown))
        if name.text in words.NOTES:
            self.note(words.NOTES[name.text])
        if name.text in words.ALIASES:
            name.text = words.ALIASES[name.text]
        if name.text in ("log", "ln") and len(arguments) == 2 and plain:
            _logarithm(name, bracket, arguments)
        elif name.text == "round" and len(arguments) == 2 and plain and _is_number(arguments[1]):
            bracket.items = [*arguments[0], made(",", name), made("decimals=", name, gap=" "), *arguments[1]]
        elif name.text in words.EXTREMES and len(arguments) == 2 and plain:
            wanted = [each for each in arguments if _is_number(each)]
            if wanted and not (rest and (is_sign(rest[0], ".") or _kind(rest[0]) == "[")):
                if arguments[1] in wanted and "." not in text_of(arguments[1]):
                    shown = f"{name.text}({text_of(arguments[0])}, {text_of(arguments[1])})"
                    dim = f"{name.text}({text_of(arguments[0])}, dim={text_of(arguments[1])})"
                    larger = "larger" if name.text == "max" else "smaller"
                    self.note(f"{shown} is the {larger} of the two; along a dim it is {dim}")
                name.text = words.EXTREMES[name.text]
        elif name.text in words.FORMULAS:
            self.definitions.setdefault(name.text, name)


def _logarithm(name: Lexeme, bracket: Bracket, arguments: list[list[Item]]) -> None:
    """`log(x, 10)` as `log10(x)`, any other base as a quotient."""
    base = text_of(arguments[1])
    if base in ("2", "10", "e"):
        name.text = {"2": "log2", "10": "log10", "e": "log"}[base]
        bracket.items = arguments[0]
        return
    inner = called("log", arguments[0], name)
    _set_gap(arguments[1][0], "")
    bracket.items = [*inner, made("/", name), *called("log", arguments[1], name)]
    name.text = ""


# ---- passes that need no state --------------------------------------------------------------------


def _bars(items: list[Item]) -> list[Item]:
    """`|x|` as a bracket, where bars cannot be operators."""
    if not any(is_sign(item, "|") for item in items):
        return items
    levels: list[list[Item]] = [[]]
    bars: list[Lexeme] = []
    for at, item in enumerate(items):
        if not is_sign(item, "|"):
            levels[-1].append(item)
            continue
        assert type(item) is Lexeme
        value_before = bool(levels[-1]) and ends_value(levels[-1][-1])
        if bars and value_before:
            opened = bars.pop()
            inner = levels.pop()
            item.text, opened.text = ")", "abs("
            only = inner[0] if len(inner) == 1 else None
            if (
                type(only) is Bracket
                and only.kind == "|"
                and (only.start, only.end) == (opened.end, item.start)
            ):
                only.open.text, only.open.gap = "norm(", opened.gap  # ||x||
                levels[-1].append(only)
            else:
                levels[-1].append(Bracket("|", opened, inner, item))
        elif not value_before or _opens_behind_value(levels[-1][-1], items[at + 1 :]):
            bars.append(item)
            levels.append([])
        else:
            levels[-1].append(item)
    if bars:
        raise GiveUp
    return levels[0]


def _opens_behind_value(before: Item, rest: list[Item]) -> bool:
    """Whether the bar in `2|x|` opens, and is no operator as in `2|4`."""
    others = [at for at, item in enumerate(rest) if is_sign(item, "|")]
    function = type(before) is Lexeme and before.text in words.FUNCTIONS  # ln|x|
    if len(others) % 2 == 0 or not (function or _kind(before) in (NUMBER, POWER, "|")):
        return False
    closing = others[0]
    return closing + 1 == len(rest) or not begins_value(rest[closing + 1])


def _rows(bracket: Bracket) -> None:
    """Raises what `[1; 2; 3]` and `[1 2 3]` are here."""
    if bracket.kind != "[":
        return
    rows = [
        [each for part in split(row, ",") for each in _apart(part)]
        for row in split(bracket.items, ";")
        if row
    ]
    several = any(is_sign(each, ";") for each in bracket.items)
    if several or (len(rows) == 1 and len(rows[0]) > len(split(bracket.items, ","))):
        shown = [f"[{', '.join(map(text_of, row))}]" for row in rows]
        raise _error(
            "the rows of a matrix are lists, and entries stand between commas",
            [bracket],
            f"write [{', '.join(shown)}]" if several else f"write {shown[0]}",
        )


def _apart(items: list[Item]) -> list[list[Item]]:
    """`1 2 3` and `x -1` as values by themselves; anything else as one."""
    found: list[list[Item]] = []
    for item in items:
        sign = bool(found) and is_sign(found[-1][-1], "-", "+") and len(found[-1]) == 1
        if sign:
            found[-1].append(item)
        elif begins_value(item) or (is_sign(item, "-") and item.gap):
            found.append([item])
        else:
            return [items]
        if len(found) > 1 and not found[-1][0].gap:
            return [items]
    bare = any(is_sign(each[-1], "-", "+") for each in found)
    return [items] if bare else found


def _braces(items: list[Item]) -> list[Item]:
    """`x^{2}` as `x^(2)`."""
    for before, item in pairwise(items):
        if type(item) is Bracket and item.kind == "{" and is_sign(before, *POWERS):
            item.kind, item.open.text, item.close.text = "(", "(", ")"
    return items


def _dots(items: list[Item]) -> list[Item]:
    """`x.^2`, `x.*y` and `x./y`: all operators work on each element here."""
    return [
        item
        for at, item in enumerate(items)
        if not (is_sign(item, ".") and at + 1 < len(items) and is_sign(items[at + 1], "^", "*", "/", "**"))
    ]


def _primes(items: list[Item]) -> list[Item]:
    """`f'(x)` as a derivative of the function."""
    found: list[Item] = []
    for item in items:
        if _kind(item) != PRIME:
            found.append(item)
            continue
        assert type(item) is Lexeme
        inner: list[Item] = [found.pop()]
        gap = inner[0].gap
        _set_gap(inner[0], "")
        for _ in item.text:
            inner = called("torch.func.grad", inner, item)
        _set_gap(inner[0], gap)
        found += inner
    for at, item in enumerate(found):
        if type(item) is Bracket and at > 1 and text_of(found[at - 2 : at]).startswith("torch.func.grad("):
            item.items = [made("1.0*(", item), *item.items, made(")", item)]  # a whole number has no gradient
    return found


def _powers(items: list[Item]) -> list[Item]:
    """Powers above the line."""
    for item in items:
        if type(item) is Lexeme and item.kind == POWER:
            plain = item.text.isalnum()
            item.kind, item.text = SIGN, f"**{item.text}" if plain else f"**({item.text})"
    return items


# ---- small questions ------------------------------------------------------------------------------


def _kind(item: Item | None) -> str:
    return item.kind if item is not None else ""


def _set_gap(item: Item, gap: str) -> None:
    (item if type(item) is Lexeme else item.open).gap = gap  # type: ignore[union-attr]


def _is_constant(item: Item) -> bool:
    return type(item) is Lexeme and item.kind == NUMBER and item.text in ("pi", "math.tau", "inf")


def _is_number(items: list[Item]) -> bool:
    """Whether these items are a number, with or without a sign."""
    return bool(items) and _kind(items[-1]) == NUMBER and all(is_sign(each, "-", "+") for each in items[:-1])


def _holds_number(item: Item) -> bool:
    """Whether an item is a number in brackets."""
    return type(item) is Bracket and item.kind == "(" and _is_number(item.items)


def _is_digits(item: Item) -> bool:
    return _kind(item) == NUMBER and text_of([item]).isdecimal()


def _is_percent(after: Item | None) -> bool:
    """Whether a `%` behind a value is percent: no value follows that it could divide."""
    if after is None:
        return True
    if isinstance(after, Bracket) or after.kind == POWER:
        return False
    if after.kind == NAME:
        return after.text == "of"
    return is_sign(after, ",", ";", "*", "/", "^", "**", "==", "<", ">", "<=", ">=", "!=", "%", ":", "]")


def _one_word(number: Item, name: Item) -> bool:
    """Whether a number and a name were to be a number in another base, or with `_` in it."""
    assert type(number) is Lexeme
    assert type(name) is Lexeme
    return name.text[0] == "_" or (number.text == "0" and name.text[0] in "xXbBoO")


def _until_sign(items: list[Item]) -> list[Item]:
    """The items up to the next sign."""
    found: list[Item] = []
    for item in items:
        if (
            type(item) is Lexeme
            and item.kind in (SIGN, "word")
            and not is_sign(item, ".", "^", "**", "!", "°")
        ):
            break
        found.append(item)
    return found


def _span(items: list[Item]) -> Span:
    pieces = flat(items)
    return min(each.start for each in pieces), max(each.end for each in pieces)


def _error(message: str, items: list[Item], hint: str) -> GradcliError:
    return GradcliError("syntax", message, span=_span(items), hint=hint)
