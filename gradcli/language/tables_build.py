"""Makes the parser's tables from the grammar, with Lark.

`python -m gradcli.language.tables_build` writes `tables.py`, which is committed, so that a run needs
neither Lark nor the time to build tables. `automaton` calls `build` when the grammar was edited since.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import NamedTuple

TABLES = Path(__file__).with_name("tables.py")


class Tables(NamedTuple):
    """The tables as text, one record a line; `automaton` explains how they are read."""

    digest: int
    start: int
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
    spelling = {t.name: t.pattern.value for t in lark.terminals if isinstance(t.pattern, PatternStr)}
    terminals = sorted({s.name for rule in lark.rules for s in rule.expansion if s.is_term})
    terminal_number = {name: number for number, name in enumerate(["$END", *terminals])}
    nonterminals = sorted({rule.origin.name for rule in lark.rules})
    nonterminal_number = {name: number for number, name in enumerate(nonterminals)}

    rules: list[str] = []
    rule_number = {}
    for number, rule in enumerate(lark.rules):
        rule_number[rule] = number
        kept: list[str] = []
        for place, symbol in enumerate(rule.expansion):
            if symbol.is_term and symbol.filter_out:
                continue
            spread = not symbol.is_term and symbol.name.startswith("_")
            kept.append(f"{place}*" if spread else str(place))
        name = rule.origin.name
        if name.startswith("_"):
            builder = "+"  # a run of children, which goes into the rule that holds it
        elif rule.alias is None and rule.options.expand1 and len(kept) == 1:
            assert len(rule.expansion) == 1, f"name the alternative of {name} that drops its brackets"
            builder = "."
        else:
            builder = rule.alias or name
        rules.append(" ".join([str(nonterminal_number[name]), str(len(rule.expansion)), builder, *kept]))

    lookaheads: dict[str, int] = {}
    states: list[str] = []
    for number in range(len(table.states)):
        shifts: list[str] = []
        gotos: list[str] = []
        reductions: dict[int, list[int]] = {}
        for symbol, (action, argument) in table.states[number].items():
            if action is not Shift:
                reductions.setdefault(rule_number[argument], []).append(terminal_number[symbol])
            elif symbol in nonterminal_number:
                gotos.append(f"{nonterminal_number[symbol]} {argument}")
            elif symbol != "$END":
                shifts.append(f"{terminal_number[symbol]} {argument}")
        by_rule: list[str] = []
        for rule_index, symbols in sorted(reductions.items()):
            text = " ".join(map(str, sorted(symbols)))
            by_rule.append(f"{rule_index} {lookaheads.setdefault(text, len(lookaheads))}")
        accepts = "!" if number == table.end_states["start"] else ""
        states.append(accepts + ",".join(" ".join(part) for part in (sorted(shifts), by_rule, sorted(gotos))))

    return Tables(
        digest=zlib.crc32(grammar.replace(b"\r\n", b"\n")),
        start=table.start_states["start"],
        terminals="\n".join(f"{name} {spelling.get(name, '')}".rstrip() for name in terminal_number),
        rules="\n".join(rules),
        lookaheads="\n".join(lookaheads),
        states="\n".join(states),
    )


def source(tables: Tables) -> str:
    """The text of `tables.py`."""
    records = "".join(
        f'\n{name.upper()} = """\\\n{value}\n"""\n' for name, value in tables._asdict().items() if isinstance(value, str)
    )
    return (
        '"""The parser\'s tables. Generated from grammar/gradcli.lark: do not edit.\n\n'
        "`python -m gradcli.language.tables_build` writes this file; `automaton` reads it.\n"
        f'"""\n\nDIGEST = {tables.digest}\nSTART = {tables.start}\n{records}'
    )


if __name__ == "__main__":
    grammar = Path(__file__).parents[2] / "grammar" / "gradcli.lark"
    TABLES.write_text(source(build(grammar.read_bytes())), encoding="utf-8")
