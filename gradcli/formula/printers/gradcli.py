"""The language itself, the default syntax. What is printed is a program that evaluates to the gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.formula.printers.infix import Infix

if TYPE_CHECKING:
    from gradcli.formula.tree import Expr, Formula


def program(formula: Formula) -> str:
    """Every line as `name = expression`."""
    writer = Infix(formula.texts)
    lines = []
    for line in formula.lines:
        name = line.name if isinstance(line.name, str) else line.name.text
        rest = f"  # + O({writer.text(line.remainder)})" if line.remainder is not None else ""
        lines.append(f"{name} = {writer.text(line.value)}{rest}")
    return "\n".join(lines)


def expression(tree: Expr) -> str:
    """An expression as text."""
    return Infix().text(tree)
