"""Makes the parser's tables from the grammar, with Lark.

`python -m gradcli.syntax.tables_build` writes `tables.py`, which is committed, so that a run needs
neither Lark nor the time to build tables. `automaton` calls `build` when the grammar was edited since.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from gradcli.syntax.grammar import digest, grammar_path

TABLES = Path(__file__).with_name("tables.py")


class Tables(NamedTuple):
    """The tables as text, one record a line; `automaton` reads them."""

    digest: int
    terminals: str
    rules: str
    lookaheads: str
    states: str


def build(grammar: bytes) -> Tables:
    """Let Lark make the LALR tables of `grammar`, and write them down as text."""
    from lark import Lark
    from lark.lexer import PatternStr
    from lark.parsers.lalr_analysis import Shift

    lark = Lark(grammar.decode(), parser="lalr", lexer="basic", maybe_placeholders=False)
    table = lark.parser.parser._parse_table
    start, end = table.start_states["start"], table.end_states["start"]
    spelling = {t.name: t.pattern.value for t in lark.terminals if isinstance(t.pattern, PatternStr)}
    terminals = sorted({s.name for rule in lark.rules for s in rule.expansion if s.is_term})
    nonterminals = sorted({rule.origin.name for rule in lark.rules})
    terminal_number = {name: number for number, name in enumerate(["$END", *terminals])}
    nonterminal_number = {name: number for number, name in enumerate(nonterminals)}
    assert len(terminal_number) < 100, "the lexer and the parser keep room for a hundred terminals"

    # Lark's numbers change from run to run: ours follow from the grammar.
    rules = sorted(lark.rules, key=lambda rule: (rule.origin.name, [s.name for s in rule.expansion]))
    rule_number = {rule: number for number, rule in enumerate(rules)}
    state_number = {start: 0}
    reached = [start]
    for state in reached:
        for _, (action, target) in sorted(table.states[state].items()):
            if action is Shift and target not in state_number:
                state_number[target] = len(reached)
                reached.append(target)

    lookaheads: dict[str, int] = {}
    states: list[str] = []
    for state in reached:
        shifts: list[tuple[int, int]] = []
        gotos: list[tuple[int, int]] = []
        reductions: dict[int, list[int]] = {}
        for symbol, (action, argument) in table.states[state].items():
            if action is not Shift:
                reductions.setdefault(rule_number[argument], []).append(terminal_number[symbol])
            elif symbol in nonterminal_number:
                gotos.append((nonterminal_number[symbol], state_number[argument]))
            elif symbol != "$END":
                shifts.append((terminal_number[symbol], state_number[argument]))
        reduces: list[tuple[int, int]] = []
        for rule, symbols in sorted(reductions.items()):
            lookahead = " ".join(map(str, sorted(symbols)))
            reduces.append((rule, lookaheads.setdefault(lookahead, len(lookaheads))))
        parts = (" ".join(f"{a} {b}" for a, b in sorted(pairs)) for pairs in (shifts, reduces, gotos))
        states.append(("!" if state == end else "") + ",".join(parts))

    return Tables(
        digest=digest(grammar),
        terminals="\n".join(f"{name} {spelling.get(name, '')}".rstrip() for name in terminal_number),
        rules="\n".join(_rule_text(rule, nonterminal_number) for rule in rules),
        lookaheads="\n".join(lookaheads),
        states="\n".join(states),
    )


def _rule_text(rule: Any, nonterminal_number: dict[str, int]) -> str:
    """`nonterminal length builder place place* …`: where the children are, starred where they are a run."""
    kept: list[str] = []
    for place, symbol in enumerate(rule.expansion):
        if not (symbol.is_term and symbol.filter_out):
            spread = not symbol.is_term and symbol.name.startswith("_")
            kept.append(f"{place}*" if spread else str(place))
    name = rule.origin.name
    if name.startswith("_"):
        builder = "+"  # a run of children, which goes into the rule that holds it
    elif rule.alias is None and rule.options.expand1 and len(kept) == 1:
        assert len(rule.expansion) == 1, f"an alternative of {name} that leaves out signs needs an alias"
        builder = "."
    else:
        builder = rule.alias or name
    return " ".join([str(nonterminal_number[name]), str(len(rule.expansion)), builder, *kept])


def source(tables: Tables) -> str:
    """The text of `tables.py`."""
    texts = "".join(
        f'\n{name.upper()} = """\\\n{value}\n"""\n'
        for name, value in zip(tables._fields[1:], tables[1:], strict=True)
    )
    return (
        '"""The parser\'s tables. Generated from grammar/gradcli.lark: do not edit.\n\n'
        "`python -m gradcli.syntax.tables_build` writes this file; `automaton` reads it.\n"
        f'"""\n\n# ruff: noqa: E501\n\nDIGEST = {tables.digest}\n{texts}'
    )


if __name__ == "__main__":
    TABLES.write_text(source(build(Path(grammar_path()).read_bytes())), encoding="utf-8")
