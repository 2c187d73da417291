"""Turns program text into a syntax tree: `parse(text)`.

A small LALR driver over the tables that Lark made from the grammar. It keeps its own stacks, so nothing
here recurses and the time is linear in the text, however deep it nests.
"""

from __future__ import annotations

from gradcli.errors import GradcliError
from gradcli.language import diagnosis, lexer, placement, plain_lexer
from gradcli.language.automaton import ACCEPT, ROWS, RULES, follow, row
from gradcli.language.limits import rare_collection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gradcli.language import tree

DEEPEST = 20_000
"""How many levels of syntax may nest; the interpreter, which recurses, can follow that far."""


def parse(text: str) -> tree.Module:
    """The syntax tree of `text`.

    An expression in parentheses has them in its span. `Module.depth` is the number of nodes on the longest
    way down.

    Raises:
        GradcliError: `syntax` where the text is not a program, `limit` where it nests too deep.
    """
    with rare_collection(text):
        module = _plain(text) or _read(lexer.tokens(text), text)
    placement.check(module, text)
    return module


def _plain(text: str) -> tree.Module | None:
    """The tree of a plain program; None for one that isn't plain, or is wrong."""
    tokens = plain_lexer.tokens(text)
    if tokens is None:
        return None
    try:
        return _read(tokens, text)
    except GradcliError:
        return None


def _read(tokens: list[lexer.Token], text: str) -> tree.Module:
    """Shift and reduce. A value on the stack has the row behind it, where it starts, and its height."""
    current = row(0)
    rows = [current]
    values: list[Any] = []
    starts: list[int] = []
    heights: list[int] = []
    end = 0  # of the last token on the stack, so of whatever is reduced
    for position, token in enumerate(tokens):
        kind = token[0]
        action: int | None = current.get(kind)
        while action is None or action < 0:
            if action is None:
                raise diagnosis.explain(tokens, position, rows, text)
            length, key, builder, kept, levels = RULES[~action]
            if length == 1:
                if builder is not None:
                    children = values[-1:] if kept is None else _kept(values[-1:], kept)
                    values[-1] = builder((starts[-1], end), children)
                    heights[-1] += levels
                elif levels == 0 and kept is None:
                    values[-1] = values[-1:]
            else:
                children = values[-length:]
                height = max(heights[-length:]) + levels
                del values[1 - length :], starts[1 - length :], rows[1 - length :], heights[1 - length :]
                if kept is not None:
                    children = _kept(children, kept)
                values[-1] = children if builder is None else builder((starts[-1], end), children)
                heights[-1] = height
                if height > DEEPEST:
                    message = f"the program nests more than {DEEPEST} levels deep"
                    raise GradcliError("limit", message, span=(starts[-1], end))
            base = rows[-2]
            current = base.get(key + kind) or follow(base, key + kind)
            rows[-1] = current
            action = current.get(kind)
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


def _kept(values: list[Any], kept: tuple[int, ...]) -> list[Any]:
    """The children among `values`, with runs spread out."""
    first = kept[0] if kept else 0
    if first < 0:
        children: list[Any] = values[~first]  # a run that grows: no copy, so that long ones take linear time
        kept = kept[1:]
    else:
        children = []
    for place in kept:
        if place < 0:
            children.extend(values[~place])
        else:
            children.append(values[place])
    return children
