"""JAX: NumPy's functions under another name, with its own for what NumPy lacks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gradcli.formula.printers.arrays import ArrayLibrary, function
from gradcli.formula.printers.numpy import FUNCTIONS

if TYPE_CHECKING:
    from gradcli.formula.printers.arrays import Row
    from gradcli.formula.tree import Expr, Formula

NEURAL = ("sigmoid", "softplus", "relu", "logsumexp", "softmax", "log_softmax")
"""What `jax.nn` has by the language's own name."""


def _renamed(row: Row) -> Row:
    if isinstance(row, str):
        return _moved(row)
    return lambda *args, **attrs: _moved(row(*args, **attrs))


def _moved(text: str) -> str:
    text = re.sub(r"\bnp\.", "jnp.", text)
    text = re.sub(rf"\bspecial\.({'|'.join(NEURAL)})\b", r"nn.\1", text)
    return re.sub(r"(?<![\w.])linalg\.", "linalg.", text)


class Jax(ArrayLibrary):
    """Writes expressions for JAX."""

    module = "jnp"
    imports = {  # noqa: RUF012
        "jnp": "import jax.numpy as jnp",
        "nn": "from jax import nn",
        "special": "from jax.scipy import special",
        "linalg": "from jax.scipy import linalg",
    }

    def argument(self, op: str, tree: Expr) -> str:
        text = self.texts[tree]
        row = self.functions.get(op)
        if (
            isinstance(row, str)
            and row.startswith("special.")
            and text.lstrip("-").isdigit()
            and op != "polygamma"
        ):
            return f"{text}.0"  # its special functions take no whole numbers
        return text

    functions: dict[str, Any] = {name: _renamed(row) for name, row in FUNCTIONS.items()}  # noqa: RUF012


def program(formula: Formula) -> str:
    """A function of the inputs."""
    return function(formula, Jax)
