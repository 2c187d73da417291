"""Passes over the items of an expression that need to know nothing else: bars, rows, dots, primes, powers."""

from __future__ import annotations

from itertools import pairwise

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
    correction,
    ends_value,
    is_sign,
    made,
    split,
    text_of,
)

POWERS = ("^", "**")


def bars(items: list[Item]) -> list[Item]:
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
            norm = bars and bars[-1].end == opened.start and is_sign([*items, None][at + 1], "|")
            if type(only) is Bracket and only.kind in "([" and not norm and len(split(only.items, ",")) > 1:
                given = f"([{text_of(only.items)}])"
                raise correction(
                    "what are bars around several values?", [opened, item], f"norm{given}", f"abs{given}"
                )
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
            if value_before and levels[-1][-1].kind == NAME and levels[-1][-1].text not in words.FUNCTIONS:  # type: ignore[union-attr]
                closing = next(place for place in range(at + 1, len(items)) if is_sign(items[place], "|"))
                shown = text_of(levels[-1][-1:]), text_of(items[at + 1 : closing])
                raise correction(
                    "there is no sign between these two",
                    items[at - 1 : closing + 1],
                    f"{shown[0]}*|{shown[1]}|",
                )
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
    if len(others) % 2 == 0 or before.kind not in (NAME, NUMBER, POWER, "|"):  # ln|x|
        return False
    closing = others[0]
    return closing + 1 == len(rest) or not begins_value(rest[closing + 1])


def rows(bracket: Bracket) -> None:
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
        raise correction(
            "the rows of a matrix are lists, and entries stand between commas",
            [bracket],
            f"[{', '.join(shown)}]" if several else shown[0],
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


def braces(items: list[Item]) -> list[Item]:
    """`x^{2}` as `x^(2)`."""
    for before, item in pairwise(items):
        if type(item) is Bracket and item.kind == "{" and is_sign(before, *POWERS):
            item.kind, item.open.text, item.close.text = "(", "(", ")"
    return items


def dots(items: list[Item]) -> list[Item]:
    """`x.^2`, `x.*y` and `x./y`: all operators work on each element here."""
    return [
        item
        for at, item in enumerate(items)
        if not (is_sign(item, ".") and at + 1 < len(items) and is_sign(items[at + 1], "^", "*", "/", "**"))
    ]


def primes(items: list[Item]) -> list[Item]:
    """`f'(x)` as a derivative of the function."""
    found: list[Item] = []
    for item in items:
        if item.kind != PRIME:
            found.append(item)
            continue
        assert type(item) is Lexeme
        inner: list[Item] = [found.pop()]
        gap = inner[0].gap
        inner[0].gap = ""
        for _ in item.text:
            inner = called("torch.func.grad", inner, item)
        inner[0].gap = gap
        found += inner
    for at, item in enumerate(found):
        if type(item) is Bracket and at > 1 and text_of(found[at - 2 : at]).startswith("torch.func.grad("):
            item.items = [made("1.0*(", item), *item.items, made(")", item)]  # a whole number has no gradient
    return found


def powers(items: list[Item]) -> list[Item]:
    """Powers above the line."""
    for item in items:
        if type(item) is Lexeme and item.kind == POWER:
            plain = item.text.isalnum()
            sign = "^" if item.text.startswith("-") else "**"  # `^` tells that it is no inverse of a matrix
            item.kind, item.text = SIGN, f"{sign}{item.text}" if plain else f"{sign}({item.text})"
    return items
