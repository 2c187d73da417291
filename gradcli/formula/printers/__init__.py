"""One printer for each syntax, all over one tree, behind one table.

A printer is a module with `program(formula) -> str` that writes all lines of a `tree.Formula`: parts
first (`line.name` is a string), then results (`line.name` is a `tree.Label`; `.text` is our way to write it,
`.of` and `.wrt` are what it is made of). It holds

- a precedence table, as `printers.gradcli.PRECEDENCE`: an operand's text is put in parentheses where it
  binds less tightly than its place asks for. Operators of one level are read from the left, powers from the
  right;
- a functions table: the language's name of a function and how the syntax writes it; what it doesn't list is
  written by its own name, or is an error that names the function where the syntax has none;
- one function for each op of the tree that isn't a function (the table in `tree`'s docstring).

Walk with `tree.walk`, which gives every node once, arguments first, without recursion. The row here makes it
reachable by `--as NAME`; modules are imported when they are asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from gradcli.errors import GradcliError, suggestion

if TYPE_CHECKING:
    from gradcli.formula.tree import Formula

SYNTAXES = {
    name: f"gradcli.formula.printers.{name}"
    for name in ("gradcli", "latex", "unicode", "mathml", "numpy", "torch", "jax", "c", "json")
}
"""Each syntax and the module that writes it."""


def known(syntax: str) -> None:
    """Raises `bad-argument` for an unknown syntax."""
    if syntax not in SYNTAXES:
        raise GradcliError(
            "bad-argument",
            f"there is no syntax {syntax}",
            hint=suggestion(syntax, SYNTAXES) or f"the syntaxes are {', '.join(SYNTAXES)}",
        )


def write(formula: Formula, syntax: str) -> str:
    """The formula in a syntax.

    Raises:
        GradcliError: `bad-argument`, for an unknown syntax or a function that it cannot say.
    """
    known(syntax)
    text: str = import_module(SYNTAXES[syntax]).program(formula)
    return text
