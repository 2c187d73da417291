"""Checks that the grammar cannot make: `break`, `continue` only in loops, `return`, `yield` in functions."""

from __future__ import annotations

from gradcli.errors import GradcliError, syntax_error
from gradcli.syntax import tree


def check(module: tree.Module) -> None:
    """Raise the syntax error of the first misplaced statement, if there is one."""
    # (statements, in a loop, in a function), the next to look at last
    pending: list[tuple[tuple[tree.Statement, ...], bool, bool]] = [(module.body, False, False)]
    wrong: GradcliError | None = None
    while pending:
        body, loop, function = pending.pop()
        for statement in body:
            if statement.opens_scope:
                inside = (False, isinstance(statement, tree.FunctionDefinition))
            else:
                inside = (loop or statement.loops, function)
            pending.extend((block, *inside) for block in statement.blocks)
            match statement:
                case tree.Break() | tree.Continue() if not loop:
                    word = "break" if isinstance(statement, tree.Break) else "continue"
                    wrong = _earlier(wrong, f"'{word}' stands outside a loop", statement)
                case tree.Return() | tree.Yield() if not function:
                    word = "return" if isinstance(statement, tree.Return) else "yield"
                    wrong = _earlier(wrong, f"'{word}' stands outside a function", statement)
    if wrong is not None:
        raise wrong


def _earlier(known: GradcliError | None, message: str, statement: tree.Statement) -> GradcliError:
    """The error that comes first in the text."""
    if known is not None and known.span is not None and known.span < statement.span:
        return known
    return syntax_error(message, statement.span)
