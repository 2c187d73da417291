"""Says what is wrong with a program at the token where the parser got stuck."""

from __future__ import annotations

from gradcli.errors import GradcliError
from gradcli.language import lexer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gradcli.language.automaton import Row


def explain(tokens: list[lexer.Token], position: int, row: Row, text: str) -> GradcliError:
    kind, start, end, value = tokens[position]
    if kind == lexer.ERROR:
        return value
    return GradcliError("syntax", f"unexpected {value!r}", span=(start, end))
