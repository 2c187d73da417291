"""C99: a function over doubles. Matrices are row-major; what is elementwise is one loop.

An expression is written element by element. What needs loops of its own (`c_loops`) is computed first and has
a name by then, and so has what is used twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.formula.printers.c_elements import MOVED
from gradcli.formula.printers.c_function import CFunction
from gradcli.formula.printers.c_loops import LOOPS

if TYPE_CHECKING:
    from gradcli.formula.tree import Formula


def program(formula: Formula) -> str:
    """A function `derivative`, behind the helpers that it calls."""
    return CFunction(formula, MOVED, LOOPS).text()
