"""Turns program text into a syntax tree: `parse(text)`.

A small LALR driver over the tables that Lark made from the grammar. It keeps its own stacks, so nothing
here recurses and the time is linear in the text, however deep it nests.
"""

from __future__ import annotations

from gradcli.errors import GradcliError
from gradcli.process import rare_collection
from gradcli.syntax import plain_lexer
from gradcli.syntax.automaton import ACCEPT, ROWS, RULES, follow, row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gradcli.syntax import tree
    from gradcli.syntax.automaton import Row
    from gradcli.syntax.kinds import Token

DEEPEST = 20_000
"""How many levels of syntax may nest; the interpreter, which recurses, can follow that far."""


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
        if any(word in text for word in ("break", "continue", "return")):
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
    except (plain_lexer.NotPlain, _Stuck, GradcliError):
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


def _read(tokens: Iterable[Token], text: str) -> tree.Module:
    """Shift and reduce. A value on the stack has the row behind it, where it starts, and its height."""
    # Most of the time of reading goes by in here: hence the cases, and `try` where `get` would ask first.
    current = row(0)
    rows = [current]
    values: list[Any] = []
    starts: list[int] = []
    heights: list[int] = []
    end = 0  # of the last token on the stack, so of whatever is reduced
    for position, token in enumerate(tokens):
        kind = token[0]
        while True:
            try:
                action = current[kind]
            except KeyError:
                raise _Stuck(position, rows) from None
            if action >= 0:
                break
            length, key, builder, picked, levels = RULES[~action]
            if length == 1:
                children = values[-1:]
            elif length == 2:
                right = values.pop()
                children = [values[-1], right]
                height = heights.pop()
                if height > heights[-1]:
                    heights[-1] = height
                del starts[-1], rows[-1]
            else:
                children = values[-length:]
                heights[-length] = max(heights[-length:])
                del values[1 - length :], starts[1 - length :], rows[1 - length :], heights[1 - length :]
            if picked is not None:
                children = picked(children)
            if builder is not None:
                values[-1] = builder((starts[-1], end), children)
                heights[-1] += levels
                if heights[-1] > DEEPEST:
                    message = f"the program nests more than {DEEPEST} levels deep"
                    raise GradcliError("limit", message, span=(starts[-1], end))
            elif levels == 0:
                values[-1] = children
            base = rows[-2]
            try:
                current = base[key + kind]
            except KeyError:
                current = follow(base, key + kind)
            rows[-1] = current
        if action == ACCEPT:
            break
        current = ROWS[action] or row(action)
        rows.append(current)
        values.append(token)
        starts.append(token[1])
        heights.append(0)
        end = token[2]
    module: tree.Module = values[0]
    module.span = (0, len(text))
    module.depth = heights[0]
    return module
