"""Reads the notation inside an expression: bars, powers above the line, roots, marks behind a value, products
without a sign, and functions under other names. Each pass takes items and gives items.
"""

from __future__ import annotations

import re
from itertools import takewhile

from gradcli.errors import GradcliError
from gradcli.syntax.notation import matrices, passes, refused, words
from gradcli.syntax.notation.passes import POWERS
from gradcli.syntax.notation.pieces import (
    NAME,
    NUMBER,
    POWER,
    SIGN,
    Bracket,
    GiveUp,
    Item,
    Lexeme,
    assigns,
    begins_value,
    called,
    correction,
    ends_value,
    fault,
    grouped,
    is_call,
    is_name,
    is_sign,
    made,
    primary_end,
    primary_start,
    span_of,
    split,
    text_of,
)

_LOGARITHM = re.compile(r"log_?(?!10?$|2$|1p$)\d+")
"""A logarithm to a base of its own: `log_3`."""

TIGHTER = ("/", "//", "%", "@", *POWERS)
"""Signs behind which `2x` can be read in two ways."""


class Expressions:
    """Reads the expressions of one line.

    Attributes:
        line: the text that is read.
        own: names that the line or the caller gives a meaning, so that they have no other.
        notes: what could surprise.
        definitions: the functions to be defined before the line, and where each is called first.
        correcting: what is wrong is known, and a line is looked for that would be right.
    """

    def __init__(self, line: str, own: frozenset[str] = frozenset(), correcting: bool = False) -> None:
        self.line = line
        self.own = own
        self.correcting = correcting
        self.notes: list[str] = []
        self.definitions: dict[str, Item] = {}

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def read(self, items: list[Item]) -> list[Item]:
        """The items as the language has them."""
        items = passes.bars(items)
        for at, item in enumerate(items):
            if type(item) is Bracket:
                name = items[at - 1] if at and item.gap == "" else None
                if not (is_name(name) and self._is_function(name.text.lower())):  # Exp[x x] is no list
                    passes.rows(item)
                item.items = self.read(item.items)
        for each in (
            passes.braces,
            passes.dots,
            matrices.transposes,
            matrices.norms,
            self._function_powers,
            self._roots,
            self._marks,
            self._words,
            passes.primes,
        ):
            items = each(items)
        return passes.powers(self._calls(self._products(items)))

    # ---- powers and marks -----------------------------------------------------------------------

    def _function_powers(self, items: list[Item]) -> list[Item]:
        """`sin²(x)` and `sin^2(x)` as `sin(x)^2`; `log₂(x)` as `log2(x)`."""
        found: list[Item] = []
        at = 0
        while at < len(items):
            item = items[at]
            at += 1
            found.append(item)
            if not (is_name(item) and item.text in words.FUNCTIONS and item.text not in self.own):
                continue
            end = at + 1 if at < len(items) and items[at].kind == POWER else at
            if at + 1 < len(items) and is_sign(items[at], *POWERS):
                end = at + 2 + is_sign(items[at + 1], "-")
            exponent = items[at:end]
            if not exponent or end > len(items):
                continue
            named = len(exponent) == 2 and is_name(exponent[1]) and end < len(items) and items[end].gap == ""
            if named and type(items[end]) is Bracket and items[end].kind == "(":  # sin^n(x)
                shown = f"{item.text}{text_of(items[end : end + 1])}{text_of(exponent)}"
                raise correction("the power of a function stands behind it", items[at - 1 : end + 1], shown)
            if exponent[-1].kind not in (POWER, NUMBER) and not _holds_number(exponent[-1]):
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
            given = [rest[0]] if type(rest[0]) is Bracket else operand
            raise self._several_ways(
                [found[-1], *exponent, *given], f"{inverse}({inner})", f"1/{name}({inner})"
            )
        if type(rest[0]) is not Bracket:
            power = text_of(passes.powers(list(exponent)))
            message = f"{name} needs brackets around what it is given"
            raise correction(message, [found[-1], *operand], f"{name}({inner}){power}")

    def _roots(self, items: list[Item]) -> list[Item]:
        """`√x` as `sqrt(x)`."""
        found: list[Item] = []
        for at, item in reversed(list(enumerate(items))):
            refused.refuse_root(items, at, found, self.own)
            if not is_sign(item, *words.PREFIXES):
                found.insert(0, item)
                continue
            assert type(item) is Lexeme
            if not found or not begins_value(found[0]):
                raise GiveUp
            end = primary_end(found, 0)
            operand, rest = found[:end], found[end:]
            name = words.PREFIXES[item.text]
            operand[0].gap = ""
            if rest and (
                begins_value(rest[0]) or rest[0].kind == POWER or is_sign(rest[0], *POWERS, "!", "°")
            ):
                more = _until_sign(rest)
                times = [made("*", item)] if begins_value(rest[0]) else []
                root = grouped(list(operand), item)
                inner = text_of(self.read([*operand, *times, *more]))
                outer = text_of(self.read([made(name, item, NAME), root, *times, *more]))
                raise self._several_ways([item, *operand, *more], f"{name}({inner})", outer)
            first = operand[0]
            if type(first) is Bracket and len(operand) == 1 and first.kind == "(":
                operand = first.items
            found = [*called(name, operand, item, item.gap), *rest]
        return found

    def _several_ways(self, items: list[Item], *ways: str) -> GradcliError:
        start, end = span_of(items)
        count = "two" if len(ways) == 2 else "several"
        return correction(f"'{self.line[start:end]}' can be read in {count} ways", items, *ways)

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
                apart = item.gap == "" and after is not None and after.gap and found[-1].kind == NUMBER
                if apart and is_sign(after, "+", "-"):
                    self.note("% between two values is the remainder; for percent write (50%)")
                elif apart:  # 50% x
                    number, other = found[-1], items[at + 1 : primary_end(items, at + 1)]
                    one = f"({text_of([number])}/100)*{text_of(other)}"
                    raise self._several_ways(
                        [number, item, *other], one, f"{text_of([number])} % {text_of(other)}"
                    )
                found.append(item)
                continue
            start = primary_start(found, len(found) - 1)
            operand = found[start:]
            gap = operand[0].gap
            operand[0].gap = ""
            if is_sign(item, "%"):
                self.note(f"{text_of(operand)}% is read as {text_of(operand)}/100")
                sign, one = found[start - 1] if start else None, text_of(found[: start - 1] if start else [])
                if is_sign(sign, "+", "-") and one not in ("", "1"):
                    shown = f"{text_of(operand)}%"
                    self.note(f"a change by {shown} is a product with (1 {sign.text} {shown})")
                inner = [*operand, made("/", item), made("100", item, NUMBER)]
                found[start:] = [Bracket("(", made("(", operand[0], gap=gap), inner, made(")", item))]
                continue
            if after is not None and is_sign(after, "!") and after.gap == "":
                hint = f"write ({text_of(operand)}!)!"
                raise fault("!! is another function than ! of !", [*operand, item, after], hint)
            name = "factorial" if is_sign(item, "!") else "deg2rad"
            if name == "deg2rad":
                self.note(f"{text_of(operand)}° is read in radians, as {text_of(operand)}*pi/180")
            bracket = Bracket("(", made("(", operand[0]), operand, made(")", item))
            marked: list[Item] = [made(name, operand[0], NAME, gap), bracket]
            tight = start > 0 and is_sign(found[start - 1], *TIGHTER)
            if type(after) is Bracket and after.kind in "(|" and not tight:
                marked.append(made("*", item))  # k!(n-k)!, which is no call
            found[start:] = marked
        return found

    def _words(self, items: list[Item]) -> list[Item]:
        """`x mod 3` as `x % 3`, and `50% of x` as a product."""
        found: list[Item] = []
        for at, item in enumerate(items):
            between = 0 < at < len(items) - 1 and ends_value(items[at - 1]) and ends_value(items[at + 1])
            if is_name(item) and between and item.text == "mod":
                found.append(made("%", item, gap=" "))
            elif is_name(item) and between and item.text == "of" and type(items[at - 1]) is Bracket:
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
            elif found and is_sign(item, "-") and at + 1 < len(items) and self._names_function(found[-1]):
                raise self._unbracketed(found[-1], items[at:])
            found.append(item)
        return found

    def _names_function(self, item: Item) -> bool:
        return is_name(item) and self._is_function(item.text)

    def _unbracketed(self, name: Item, rest: list[Item], only: Item | None = None) -> GradcliError:
        """What `sin x` and `abs -3` are."""
        signed = is_sign(rest[0], "-")
        operand = [rest[0], *_until_sign(rest[1:])] if signed else _until_sign(rest)
        if is_name(name) and name.text in ("Σ", "Π"):  # Σ p*log(p) is of the product
            operand = list(takewhile(lambda each: not is_sign(each, "+", "-", ",", "="), rest))
        inner = text_of([only]) if only is not None else text_of(self.read(operand))
        text = text_of([name])
        message = f"{text} needs brackets around what it is given"
        return correction(message, [name, *operand], f"{text}({inner})")

    def _product(self, found: list[Item], item: Item, rest: list[Item]) -> None:
        """Puts a `*` between the last of `found` and `item`, if one is meant there."""
        before = found[-1]
        kind = before.kind
        if is_name(before):
            bars = type(item) is Bracket and item.kind == "|"
            if (bars or type(item) is not Bracket) and self._is_function(before.text):
                raise self._unbracketed(before, rest, item if bars else None)
            if bars:  # λ‖x‖
                raise self._unsigned([before], rest[:1])
            if item.kind == NUMBER and item.gap == "" and before.text not in words.SETTING_WORDS:  # xπ
                if before.text in ("i", "j") and before.text not in self.own:
                    message = "there are no complex numbers here"
                    raise fault(message, [before], "e^(i*x) is written by its parts: write (cos(x), sin(x))")
                raise self._unsigned([before], rest[: primary_end(rest, 0)])
            if self.correcting and item.kind in (NAME, NUMBER):
                self._tight(found, rest, TIGHTER[:-2])
                raise self._unsigned([before], rest[: primary_end(rest, 0)])
            return
        if kind == NUMBER and item.kind == NAME and item.gap == "" and _one_word(before, item):
            return
        if before.kind == item.kind == NUMBER and text_of([before]).isdecimal():
            groups = [each.text for each in takewhile(_is_digits, rest)]  # type: ignore[union-attr]
            if groups and all(len(each) == 3 for each in groups):
                number = "".join([text_of([before]), *groups])
                comma, part = [*rest[len(groups) : len(groups) + 2], None, None][:2]
                if is_sign(comma, ",") and type(part) is Lexeme and part.kind == NUMBER and part.gap == "":
                    number += f".{part.text}"
                raise correction("a number has no blanks", [before, *rest[: len(groups)]], number)
        refused.refuse_mixed(before, item)
        if item.kind in (NUMBER, "string") and not _is_constant(item):
            return
        if type(before) is Bracket and (before.kind == "[" or type(item) is not Bracket):
            if before.kind in "(|" and (is_name(item) or _is_constant(item)):
                self._tight(found, rest)
                raise self._unsigned(
                    found[primary_start(found, len(found) - 1) :], rest[: primary_end(rest, 0)]
                )
            return
        if type(before) is Bracket and before.kind == "(":
            if text_of(before.items[:1]) == "lambda":
                return  # (lambda x: x^2)(3)
            bare = len(before.items) == 1 and is_name(before.items[0])
            if (
                is_call(found, len(found) - 1)
                or bare
                or len(split(before.items, ",")) > 1
                or not before.items
            ):
                return  # a call of what a call gave
        self._tight(found, rest)
        item.gap = ""
        found.append(made("*", item))

    def _tight(self, found: list[Item], rest: list[Item], signs: tuple[str, ...] = TIGHTER) -> None:
        """Raises the two readings of `1/2x`, if a sign before the last value binds as a product does."""
        start = primary_start(found, len(found) - 1 - (found[-1].kind == POWER))
        while start > 1 and is_sign(found[start - 1], "-", "+") and is_sign(found[start - 2], *TIGHTER):
            start -= 1  # x^-2y
        if start > 0 and is_sign(found[start - 1], *signs):
            self._ambiguous(found, start, rest)

    def _unsigned(self, left: list[Item], right: list[Item]) -> GradcliError:
        """What two values beside each other are, of which the second has a name."""
        shown = f"{text_of(left)}*{self.line[slice(*span_of(right))]}"
        return correction("there is no sign between these two", [*left, *right], shown)

    def _ambiguous(self, found: list[Item], start: int, rest: list[Item]) -> None:
        """Raises the two readings of `1/2x`."""
        sign = found[start - 1]
        left = primary_start(found, start - 2)
        base, middle = text_of(found[left : start - 1]), text_of(passes.powers(found[start:]))
        end, factors = 0, []
        while end < len(rest) and begins_value(rest[end]):
            begin, end = end, primary_end(rest, end)
            while end < len(rest) and (rest[end].kind == POWER or is_sign(rest[end], *POWERS)):
                end += 1 + (rest[end].kind != POWER)
            factors.append(text_of(rest[begin:end]))
        right = "*".join(factors)
        above = f"{base}{sign.text}"  # type: ignore[union-attr]
        ways = [f"{above}({middle}*{right})", f"{above}{middle}*{right}"]
        if left == 0 and len(rest) == 1 and rest[0].gap and _holds_number(rest[0]) and not self.own:
            ways.append(f"{text_of(found)} at {text_of(rest[0].items)}")  # type: ignore[union-attr]
        raise self._several_ways([*found[left:], *rest[:end]], *ways)

    # ---- calls ----------------------------------------------------------------------------------

    def _calls(self, items: list[Item]) -> list[Item]:
        """Functions under other names, and those that are defined for the line."""
        for at, item in enumerate(items):
            if type(item) is not Lexeme or item.kind != NAME:
                refused.refuse_brackets(items, at)
                continue
            if item.text in self.own or (at and is_sign(items[at - 1], ".")):
                continue
            refused.refuse_call_brackets(items, at)
            after = items[at + 1] if at + 1 < len(items) else None
            if type(after) is Bracket and after.kind == "(":
                if _LOGARITHM.fullmatch(item.text):
                    base = made(item.text.removeprefix("log").lstrip("_"), item, NUMBER, " ")
                    after.items = [*after.items, made(",", item), base]
                    item.text = "log"
                self._call(item, after, items[at + 2 :])
        return items

    def _call(self, name: Lexeme, bracket: Bracket, rest: list[Item]) -> None:
        arguments = split(bracket.items, ",")
        plain = all(arguments) and not assigns(bracket.items)
        refused.refuse_comma(name, bracket)
        refused.refuse_capitals(name, bracket)
        hints = words.HINTS.get(name.text, ())
        hint = hints[min(len(arguments), len(hints)) - 1] if hints and bracket.items else None
        if hint is not None:
            left, equals, right = text_of(arguments[0]).partition("=")
            shown = f"{left.strip()} - ({right.strip()})" if equals else left  # an equation
            given = [shown, *map(text_of, arguments[1:])]
            base = shown if primary_end(arguments[0], 0) == len(arguments[0]) else f"({shown})"
            message, told = hint
            if told.startswith("write ") and ", or give" not in told and ": " not in told:
                instead = [
                    refused.raised(each.format(*given, base=base), rest) for each in told[6:].split(" or ")
                ]
                raise correction(message, [name, bracket], *instead)
            raise fault(message, [name, bracket], told.format(*given, base=base))
        if name.text in words.NOTES:
            self.note(words.NOTES[name.text])
        if name.text in words.ALIASES:
            name.text = words.ALIASES[name.text]
        if name.text in ("log", "logb") and len(arguments) == 2 and plain:
            _logarithm(name, bracket, arguments)
        elif name.text in words.DEGREES and len(bracket.items) == 1 and _is_digits(bracket.items[0]):
            number = text_of(bracket.items)
            if number.isdecimal() and int(number) and not int(number) % 15:
                self.note(f"{name.text}({number}) is of radians; of degrees it is {name.text}({number}°)")
        elif name.text == "norm" and len(arguments) == 2 and plain and all(map(_is_name, arguments)):
            first, second = map(text_of, arguments)
            self.note(
                f"norm({first}, {second}) is of order {second}; of both it is norm([{first}, {second}])"
            )
        elif name.text == "round" and len(arguments) == 2 and plain and _is_number(arguments[1]):
            bracket.items = [*arguments[0], made(",", name), made("decimals=", name, gap=" "), *arguments[1]]
        elif name.text in words.EXTREMES and len(arguments) > 2 and plain:
            if text_of(arguments[-1]) not in ("True", "False"):  # max(x, 0, 1)
                self._extreme_of_several(name, bracket, arguments)
        elif name.text in words.EXTREMES and len(arguments) == 2 and plain:
            wanted = [each for each in arguments if _is_number(each)]
            if wanted and not (rest and (is_sign(rest[0], ".") or rest[0].kind == "[")):
                if arguments[1] in wanted and "." not in text_of(arguments[1]):
                    shown = f"{name.text}({text_of(arguments[0])}, {text_of(arguments[1])})"
                    dim = f"{name.text}({text_of(arguments[0])}, dim={text_of(arguments[1])})"
                    larger = "larger" if name.text == "max" else "smaller"
                    self.note(f"{shown} is the {larger} of the two; along a dim it is {dim}")
                name.text = words.EXTREMES[name.text]
        elif name.text in words.FORMULAS:
            self.definitions.setdefault(name.text, name)

    def _extreme_of_several(self, name: Lexeme, bracket: Bracket, arguments: list[list[Item]]) -> None:
        """`max(x, 0, 1)` as the largest of the three."""
        shown = f"{name.text}({', '.join(map(text_of, arguments))})"
        self.note(f"{shown} is the {'largest' if name.text == 'max' else 'smallest'} of them")
        name.text = words.EXTREMES[name.text]
        first, *others = arguments
        while len(others) > 1:
            first = called(name.text, [*first, made(",", name), *others.pop(0)], name)
        bracket.items = [*first, made(",", name), *others[0]]


def _logarithm(name: Lexeme, bracket: Bracket, arguments: list[list[Item]]) -> None:
    """`log(x, 10)` as `log10(x)`, any other base as a quotient."""
    base = text_of(arguments[1])
    if base in ("2", "10", "e"):
        name.text = {"2": "log2", "10": "log10", "e": "log"}[base]
        bracket.items = arguments[0]
        return
    inner = called("log", arguments[0], name)
    arguments[1][0].gap = ""
    bracket.items = [*inner, made("/", name), *called("log", arguments[1], name)]
    name.text = ""


# ---- small questions ------------------------------------------------------------------------------


def _is_constant(item: Item) -> bool:
    return type(item) is Lexeme and item.kind == NUMBER and item.text in ("pi", "math.tau", "inf")


def _is_number(items: list[Item]) -> bool:
    """Whether these items are a number, with or without a sign."""
    return bool(items) and items[-1].kind == NUMBER and all(is_sign(each, "-", "+") for each in items[:-1])


def _is_name(items: list[Item]) -> bool:
    """Whether these items are a name."""
    return len(items) == 1 and is_name(items[0])


def _holds_number(item: Item) -> bool:
    """Whether an item is a number in brackets."""
    return type(item) is Bracket and item.kind == "(" and _is_number(item.items)


def _is_digits(item: Item) -> bool:
    return item.kind == NUMBER and text_of([item]).isdecimal()


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
