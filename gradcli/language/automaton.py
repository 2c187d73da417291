"""The tables of the grammar, ready for the lexer and the parser.

They come from the committed `tables.py`, or from Lark when the grammar was edited since that was
written. Rows are decoded when a program first reaches their state, so that start-up costs little.
"""

from __future__ import annotations

import os
import zlib

from gradcli.language import build, tables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gradcli.errors import Span

    Row = dict[int, Any]
    Builder = Callable[[Span, list[Any]], Any]
    Rule = tuple[int, int, Builder | None, tuple[int, ...] | None, int]

TERMINAL_BITS = 7
"""Keys for a nonterminal and a lookahead together: the nonterminal above this many bits of terminal."""

ACCEPT = 1 << 20
"""The action for the end of a whole program."""

STATE = -1
"""The key under which a row keeps its own number."""

# A row says what to do in a state. Terminal: the next state if >= 0, else `~rule` to reduce. A nonterminal's key
# plus a lookahead: the row that follows, with reductions that build nothing already done (filled by `follow`).
#
# A rule is (length, key of its nonterminal, builder, kept, levels). Without a builder the children go up, as a list
# (a run) or, if `levels` is negative, as the one child itself. `kept` says which symbols are children, if not all;
# runs as `~place`. `levels` is what the rule adds to the height of the tree.


def grammar_path() -> str:
    """Where the grammar is: inside the package once installed, beside the package in a checkout."""
    package = os.path.dirname(os.path.dirname(__file__))
    installed = os.path.join(package, "grammar", "gradcli.lark")
    return installed if os.path.exists(installed) else os.path.join(os.path.dirname(package), "grammar", "gradcli.lark")


def digest(grammar: bytes) -> int:
    """A number that changes with the grammar, whatever its line endings."""
    return zlib.crc32(grammar.replace(b"\r\n", b"\n"))


def _load() -> tuple[int, str, str, str, str]:
    """The tables for the grammar as it is."""
    committed = (tables.START, tables.TERMINALS, tables.RULES, tables.LOOKAHEADS, tables.STATES)
    try:
        with open(grammar_path(), "rb") as file:
            grammar = file.read()
    except OSError:
        return committed
    if digest(grammar) == tables.DIGEST:
        return committed
    from gradcli.language import tables_build

    fresh = tables_build.build(grammar)
    return fresh.start, fresh.terminals, fresh.rules, fresh.lookaheads, fresh.states


_FLAT = ("group", "suite", "two_words", "decorator", "annotation")
"""Builders that make no node of their own."""


def _rules(text: str) -> list[Rule]:
    """Read `nonterminal length builder place place* …`, one production a line."""
    rules: list[Rule] = []
    for line in text.splitlines():
        nonterminal, length, name, *places = line.split()
        kept = tuple(~int(place[:-1]) if place[-1] == "*" else int(place) for place in places)
        builder: Builder | None = None if name in ("+", ".") else getattr(build, name)
        simple = kept == tuple(range(int(length)))
        key = (int(nonterminal) + 1) << TERMINAL_BITS
        levels = -1 if name == "." else int(builder is not None and name not in _FLAT)
        rules.append((int(length), key, builder, None if simple else kept, levels))
    return rules


_START, _TERMINALS, _RULES, _LOOKAHEADS, _STATES = _load()

TERMINALS = tuple(line.partition(" ")[0] for line in _TERMINALS.splitlines())
"""The names of the terminals; a token's kind is its place here."""

SPELLED = {
    spelling: kind for kind, line in enumerate(_TERMINALS.splitlines()) if (spelling := line.partition(" ")[2])
}
"""The kinds of the words and signs that stand in quotes in the grammar."""

RULES = _rules(_RULES)
"""The productions by number."""

_lookaheads = _LOOKAHEADS.splitlines()
_states = _STATES.splitlines()
_gotos: dict[int, dict[int, int]] = {}

ROWS: list[Row | None] = [None] * len(_states)
"""The rows that were decoded so far, by state."""


def kind(name: str) -> int:
    """The number of the terminal `name`."""
    return TERMINALS.index(name)


def row(state: int) -> Row:
    """The row of `state`, decoded when it is first wanted."""
    known = ROWS[state]
    if known is not None:
        return known
    shifts, reductions, gotos = (list(map(int, part.split())) for part in _states[state].lstrip("!").split(","))
    made: Row = dict(zip(shifts[::2], shifts[1::2], strict=True))
    for rule, lookahead in zip(reductions[::2], reductions[1::2], strict=True):
        for terminal in _lookaheads[lookahead].split():
            made[int(terminal)] = ~rule
    if _states[state].startswith("!"):
        made[0] = ACCEPT
    made[STATE] = state
    _gotos[state] = dict(zip(gotos[::2], gotos[1::2], strict=True))
    ROWS[state] = made
    return made


def start() -> Row:
    """The row a program starts in."""
    return row(_START)


def follow(base: Row, key: int) -> Row:
    """The row after a nonterminal in the state of `base`, remembered under `key` (nonterminal and lookahead).

    Twelve levels of precedence would otherwise make a lone `x` pass through a dozen reductions that build nothing.
    """
    lookahead = key & ((1 << TERMINAL_BITS) - 1)
    nonterminal = (key >> TERMINAL_BITS) - 1
    gotos = _gotos[base[STATE]]
    while True:
        after = row(gotos[nonterminal])
        action = after.get(lookahead, 0)
        if action < 0:
            _, above, _, _, levels = RULES[~action]
            if levels < 0:
                nonterminal = (above >> TERMINAL_BITS) - 1
                continue
        base[key] = after
        return after
