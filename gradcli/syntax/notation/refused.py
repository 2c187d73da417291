"""What stands in no other reading, and its hint: roots of an order, other brackets, decimal commas.

`gradcli.syntax.notation.expressions` asks on its way; each function raises, or finds nothing.
"""

from __future__ import annotations

import re

from gradcli.errors import GradcliError
from gradcli.syntax.notation import words
from gradcli.syntax.notation.passes import POWERS
from gradcli.syntax.notation.pieces import (
    NUMBER,
    POWER,
    Bracket,
    Item,
    Lexeme,
    correction,
    ends_value,
    is_name,
    is_sign,
    made,
    primary_end,
    split,
    text_of,
)


def refuse_root(items: list[Item], at: int, found: list[Item], own: frozenset[str]) -> None:
    """Raises what `³√8`, `√[3]{8}`, `∜16` and `x√2` are; `found` stands behind the sign at `at`."""
    item = items[at]
    before = items[at - 1] if at else None
    if is_sign(item, "∜"):
        raise nth_root([item], made("4", item), found)
    if not is_sign(item, *words.PREFIXES):
        return
    raised = before is not None and before.kind == POWER and not (at > 1 and ends_value(items[at - 2]))
    if is_sign(item, "√") and raised and before is not None:
        raise nth_root([before, item], before, found)
    if is_sign(item, "√") and len(found) > 1 and found[0].kind == "[":
        raise nth_root([item, found[0]], found[0], found[1:])
    if (
        type(before) is Lexeme
        and is_name(before)
        and (before.text in own or before.text not in words.FUNCTIONS)
    ):
        operand = found[: primary_end(found, 0)] if found else []
        shown = f"{before.text}*{text_of([item, *operand])}"
        raise correction("there is no sign between these two", [before, item, *operand], shown)


def nth_root(sign: list[Item], order: Item, rest: list[Item]) -> GradcliError:
    """What the root of an order is in the language."""
    operand = rest[: primary_end(rest, 0)] if rest else []
    only = operand[0] if len(operand) == 1 else None
    inner = only.items if type(only) is Bracket else operand
    base = text_of(inner) if len(inner) == 1 else f"({text_of(inner)})"
    number = text_of(order.items) if type(order) is Bracket else order.text  # type: ignore[union-attr]
    shown = raised(f"{base}^(1/{number})", rest[len(operand) :])
    return correction("the n-th root is a power here", [*sign, *operand], shown)


def raised(text: str, rest: list[Item]) -> str:
    """A text with signs in it, in brackets where a power stands behind it."""
    power = bool(rest) and (rest[0].kind == POWER or is_sign(rest[0], *POWERS, "."))
    return f"({text})" if power and not re.fullmatch(r"\w+\([^()]*\)", text) else text


def refuse_brackets(items: list[Item], at: int) -> None:
    """Raises what `{x+1}` and `[x+1][x-1]` are: brackets of other kinds are no groups here."""
    item, before = items[at], items[at - 1] if at else None
    if type(item) is not Bracket or item.kind not in "[{" or not item.items:
        return
    if item.kind == "{":
        group = [] if any(is_sign(each, ":", ",", "=") for each in item.items) else [item]
    else:  # behind a list of one value that is no item of another one
        row = type(before) is Bracket and before.kind == "[" and not (at > 1 and ends_value(items[at - 2]))
        index = len(item.items) == 1 or any(is_sign(each, ":", ",") for each in item.items)
        single = type(before) is Bracket and not any(is_sign(each, ",") for each in before.items)
        group = [before, item] if type(before) is Bracket and row and single and not index else []
    if group:
        shown = "*".join(f"({text_of(each.items)})" for each in group)
        raise correction("values are grouped by round brackets", group, shown)


def refuse_call_brackets(items: list[Item], at: int) -> None:
    """Raises what `sin[x]`, `max{x, 0}` and `sqrt[3](8)` are, for a function at `at`."""
    name, after = items[at], items[at + 1] if at + 1 < len(items) else None
    if type(name) is not Lexeme or type(after) is not Bracket or after.kind not in "[{":
        return
    text = name.text.lower()
    if text == "sqrt" and text_of(items[at + 2 : at + 3]).startswith("("):
        raise nth_root([name, after], after, items[at + 2 :])
    if text in words.FUNCTIONS or text in words.CALLED or text in words.EXTREMES:
        given = split(after.items, ",")
        turned = name.text == "Log" and len(given) == 2  # of another system, where the base stands first
        shown = f"{text}({', '.join(map(text_of, given[::-1])) if turned else text_of(after.items)})"
        raise correction("what a function is given stands in round brackets", [name, after], shown)


def refuse_comma(name: Lexeme, bracket: Bracket) -> None:
    """Raises what `sin(0,5)` is with a decimal point."""
    arguments = split(bracket.items, ",")
    if len(arguments) != 2 or not all(arguments) or name.text not in words.FUNCTIONS:
        return
    whole, part = map(text_of, arguments)
    digits = whole.lstrip("-").isdecimal() and part.isdecimal() and arguments[1][0].gap == ""
    if digits and words.ALIASES.get(name.text, name.text) != "log":
        shown = f"{name.text}({whole}.{part})"
        raise correction(f"{name.text} is given one number", [name, bracket], shown)


def refuse_capitals(name: Lexeme, bracket: Bracket) -> None:
    """Raises what `=SUM(1, 2)` is: the functions of spreadsheets, of which many are here in small letters."""
    small = name.text.lower()
    known = any(small in table for table in (words.FUNCTIONS, words.CALLED, words.ALIASES, words.EXTREMES))
    if len(small) > 1 and (name.text.isupper() or name.text.istitle()) and known:
        several = len(split(bracket.items, ",")) > 1
        given = text_of(bracket.items)
        called = words.ALIASES.get(small, small)
        if several and called in ("sum", "prod", "mean", "median", "std", "var"):
            given = f"[{given}]"
        two = name.text == "LOG" and not several
        shown = [f"log10({given})", f"ln({given})"] if two else [f"{called}({given})"]
        raise correction("functions are written in small letters", [name, bracket], *shown)


def refuse_mixed(before: Item, item: Item) -> None:
    """Raises what `1½` is."""
    fraction = item.kind == NUMBER and text_of([item]).startswith("(")
    if fraction and before.kind == NUMBER and text_of([before]).isdecimal():
        shown = f"({text_of([before])} + {text_of([item]).strip('()')})"
        raise correction("a whole number and a fraction are a sum", [before, item], shown)
