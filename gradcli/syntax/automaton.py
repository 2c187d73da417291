"""The tables of the grammar, ready for the lexer and the parser.

They come from the committed `tables.py`, or from Lark when the grammar was edited since that was
written. Rows are decoded when a program first reaches their state, so that start-up costs little.
"""

from __future__ import annotations

from gradcli.syntax import build, tables
from gradcli.syntax.grammar import digest, grammar_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gradcli.errors import Span

    Row = dict[int, Any]
    Builder = Callable[[Span, Any], Any]
    Pick = Callable[[list[Any]], Any]
    Rule = tuple[int, int, Builder | None, Pick | None, int]

TERMINAL_BITS = 7
"""Keys for a nonterminal and a lookahead together: the nonterminal above this many bits of terminal."""

ACCEPT = 1 << 20
"""The action for the end of a whole program."""

STATE = -1
"""The key under which a row keeps its own number."""

# A row says what to do in a state. For a terminal: the next state if >= 0, else `~rule` to reduce. For the
# key of a nonterminal plus a lookahead: the row that follows, with the reductions that build nothing already
# done; `follow` fills these in.
#
# A rule is (length, key of its nonterminal, builder, pick, levels). Without a builder the children go up, as
# a list (a run) or, if `levels` is negative, as the one child itself. `pick` takes the children out of the
# symbols, if not all are; it is `value_of` where the one symbol is a token, whose value the builder is given.
# `levels` is what the rule adds to the height of the tree.

_FLAT = ("group", "suite", "two_words", "decorator", "annotation", "context", "else_suite", "finally_suite")
"""Builders that make no node of their own."""

_LEAVES = ("name", "literal")
"""Builders that take the value of a token: half of what a program is made of."""


def _load() -> tuple[str, str, str, str]:
    """The tables for the grammar as it is."""
    committed = (tables.TERMINALS, tables.RULES, tables.LOOKAHEADS, tables.STATES)
    try:
        with open(grammar_path(), "rb") as file:
            grammar = file.read()
    except OSError:
        return committed
    if digest(grammar) == tables.DIGEST:
        return committed
    from gradcli.syntax import tables_build

    fresh = tables_build.build(grammar)
    return fresh.terminals, fresh.rules, fresh.lookaheads, fresh.states


def _rule(line: str) -> Rule:
    """Read `nonterminal length builder place place* …`."""
    nonterminal, length, name, *places = line.split()
    kept = tuple(~int(place[:-1]) if place[-1] == "*" else int(place) for place in places)
    builder: Builder | None = None if name in ("+", ".") else getattr(build, name)
    levels = -1 if name == "." else int(builder is not None and name not in _FLAT)
    everything = kept == tuple(range(int(length)))
    key = (int(nonterminal) + 1) << TERMINAL_BITS
    if name in _LEAVES:
        return int(length), key, builder, value_of, levels
    return int(length), key, builder, None if everything else _picking(kept), levels


def value_of(symbols: list[Any]) -> Any:
    """What is picked for a leaf of the tree: the value of the one token."""
    return symbols[0][3]


def _picking(kept: tuple[int, ...]) -> Pick:
    """What takes the symbols at these places, and the items of runs, which stand as `~place`."""
    match kept:
        case (at,) if at >= 0:
            return lambda values: [values[at]]
        case (at, run) if at >= 0 > run:
            return lambda values: [values[at], *values[~run]]
        case (-1, *rest) if rest == list(range(1, len(kept))):
            return _grown
    return lambda values: _spread(values, kept)


def _grown(values: list[Any]) -> list[Any]:
    """A run and all that comes behind it: no copy, so that long ones take linear time."""
    run: list[Any] = values[0]
    run += values[1:]
    return run


def _spread(values: list[Any], kept: tuple[int, ...]) -> list[Any]:
    first = kept[0] if kept else 0
    if first < 0:
        children: list[Any] = values[~first]  # it grows, as in `_grown`
        kept = kept[1:]
    else:
        children = []
    for place in kept:
        if place < 0:
            children.extend(values[~place])
        else:
            children.append(values[place])
    return children


_terminals, _rules, _lookaheads, _states = map(str.splitlines, _load())

TERMINALS = tuple(line.partition(" ")[0] for line in _terminals)
"""The names of the terminals; a token's kind is its place here."""

SPELLED = {line.partition(" ")[2]: kind for kind, line in enumerate(_terminals) if " " in line}
"""The kinds of the words and signs that stand in quotes in the grammar."""

RULES: list[Any] = [None] * len(_rules)
"""The productions by number, each a `Rule` from when a row that reduces by it is decoded."""

ROWS: list[Row | None] = [None] * len(_states)
"""The rows that were decoded so far, by state."""

_GOTOS: dict[int, dict[int, int]] = {}
"""The states after nonterminals, of the rows that were decoded."""


def kind(name: str) -> int:
    """The number of the terminal `name`."""
    return TERMINALS.index(name)


def row(state: int) -> Row:
    """The row of `state`, decoded when it is first wanted. A program starts in state 0."""
    known = ROWS[state]
    if known is not None:
        return known
    text = _states[state]
    shifts, reductions, gotos = (list(map(int, part.split())) for part in text.lstrip("!").split(","))
    made: Row = dict(zip(shifts[::2], shifts[1::2], strict=True))
    for rule, lookahead in zip(reductions[::2], reductions[1::2], strict=True):
        if RULES[rule] is None:
            RULES[rule] = _rule(_rules[rule])
        made.update(dict.fromkeys(map(int, _lookaheads[lookahead].split()), ~rule))
    if text.startswith("!"):
        made[0] = ACCEPT
    made[STATE] = state
    _GOTOS[state] = dict(zip(gotos[::2], gotos[1::2], strict=True))
    ROWS[state] = made
    return made


def follow(base: Row, key: int) -> Row:
    """The row after a nonterminal in the state of `base`; `key` is of that nonterminal and the lookahead.

    It is remembered: a lone `x` would otherwise pass through a dozen reductions that build nothing, one for
    each level of precedence.
    """
    lookahead = key & ((1 << TERMINAL_BITS) - 1)
    nonterminal = (key >> TERMINAL_BITS) - 1
    gotos = _GOTOS[base[STATE]]
    while True:
        after = row(gotos[nonterminal])
        action = after.get(lookahead, 0)
        if action < 0 and RULES[~action][4] < 0:
            nonterminal = (RULES[~action][1] >> TERMINAL_BITS) - 1
            continue
        base[key] = after
        return after
