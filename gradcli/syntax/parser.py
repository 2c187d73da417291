"""Turns program text into a syntax tree: `parse(text)`.

A small LALR driver over the tables that Lark made from the grammar. It keeps its own stacks, so nothing
here recurses and the time is linear in the text, however deep it nests.
"""

from __future__ import annotations

from gradcli.errors import GradcliError
from gradcli.process import rare_collection
from gradcli.syntax import plain_lexer
from gradcli.syntax.automaton import ACCEPT, ROWS, RULES, follow, row, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gradcli.errors import Span
    from gradcli.syntax import tree
    from gradcli.syntax.automaton import Row
    from gradcli.syntax.kinds import Token

DEEPEST = 20_000
"""How many levels of syntax may nest; the interpreter, which recurses, can follow that far."""

_TALLEST = 6 * DEEPEST
"""More symbols than wait for the end of so many levels: a text is not read to its end to be refused."""


def parse(text: str) -> tree.Module:
    """The syntax tree of `text`.

    An expression in parentheses has them in its span. `Module.depth` is the number of nodes on the longest
    way down.

    Raises:
        GradcliError: `syntax` where the text is not a program, `limit` where it nests too deep; located.
    """
    try:
        with rare_collection(text):
            module = _plain(text) or _exact(text)
        if any(word in text for word in ("break", "continue", "return", "yield")):
            from gradcli.syntax import placement

            placement.check(module)
    except GradcliError as error:
        error.locate(text)
        raise
    return module


def _plain(text: str) -> tree.Module | None:
    """The tree of a plain program; None for one that isn't plain, or is wrong."""
    try:
        return _read(plain_lexer.stream(text), text)
    except (plain_lexer.NotPlain, _Stuck):
        return None
    except GradcliError as error:
        if error.code == "limit":  # which no other tokens would change
            raise
        return None


def _exact(text: str) -> tree.Module:
    from gradcli.syntax import lexer

    tokens = lexer.tokens(text)
    try:
        return _read(tokens, text)
    except _Stuck as stuck:
        from gradcli.syntax import diagnosis

        raise diagnosis.explain(tokens, stuck.position, stuck.rows, text) from None


class _Stuck(Exception):
    """The token at `position` cannot follow what stands before it, which led to `rows`."""

    def __init__(self, position: int, rows: list[Row]) -> None:
        self.position = position
        self.rows = rows


def _too_deep(span: Span) -> GradcliError:
    return GradcliError("limit", f"the program nests more than {DEEPEST} levels deep", span=span)


def _read(tokens: Iterable[Token], text: str) -> tree.Module:
    """Shift and reduce. A symbol has a value, a place where it starts, a height, and the row that follows it.

    The last one is in variables of its own, those below it on stacks.
    """
    # Most of the time of reading goes by in here: hence the cases, and `try` where `get` would ask first.
    rules, known, of_token = RULES, ROWS, value_of
    current = row(0)
    value: Any = None
    start = end = height = 0
    rows: list[Row] = []
    values: list[Any] = []
    starts: list[int] = []
    heights: list[int] = []
    for position, token in enumerate(tokens):
        kind = token[0]
        while True:
            try:
                action = current[kind]
            except KeyError:
                raise _Stuck(position, [*rows, current]) from None
            if action >= 0:
                break
            length, key, builder, picked, levels = rules[~action]
            if picked is of_token:
                value = builder((start, end), value[3])
                height = 1
            else:
                if length == 1:
                    children = [value]
                elif length == 2:
                    children = [values.pop(), value]
                    start = starts.pop()
                    below = heights.pop()
                    if below > height:
                        height = below
                    rows.pop()
                else:
                    first = 1 - length
                    children = [*values[first:], value]
                    start = starts[first]
                    height = max(height, *heights[first:])
                    del values[first:], starts[first:], heights[first:], rows[first:]
                if picked is not None:
                    children = picked(children)
                if builder is not None:
                    value = builder((start, end), children)
                    height += levels
                    if height > DEEPEST:
                        raise _too_deep((start, end))
                elif levels == 0:
                    value = children
            try:
                current = rows[-1][key + kind]
            except KeyError:
                current = follow(rows[-1], key + kind)
        if action == ACCEPT:
            break
        rows.append(current)
        if len(rows) > _TALLEST:
            raise _too_deep((start, end))
        values.append(value)
        starts.append(start)
        heights.append(height)
        current = known[action] or row(action)
        value = token
        _, start, end, _ = token
        height = 0
    module: tree.Module = value
    module.span = (0, len(text))
    module.depth = height
    return module
