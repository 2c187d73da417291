"""What `numpy`, `torch` and `jax` have in common: a Python function of the inputs, with its imports.

Each of them is a class of `ArrayLibrary` with a table of functions: the language's name, and either the
library's name or a Python function from the texts of the arguments to the text of the call.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError
from gradcli.formula.printers.infix import ATOM, Infix, numeral
from gradcli.formula.printers.signature import Signature, constant
from gradcli.formula.tree import of_sizes, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from fractions import Fraction

    from gradcli.formula.tree import Expr, Formula

    Row = str | Callable[..., str]

SAME = (
    *("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p"),
    *(
        "sqrt",
        "abs",
        "sign",
        "floor",
        "ceil",
        "trunc",
        "round",
        "where",
        "maximum",
        "minimum",
        "fmax",
        "fmin",
    ),
    *("hypot", "copysign", "logaddexp", "logaddexp2", "logical_and", "logical_or", "logical_xor"),
    *("logical_not", "isinf", "isnan", "isfinite", "outer", "trace", "diag", "einsum", "triu", "tril"),
    *("broadcast_to", "fmod", "remainder", "heaviside", "reciprocal", "cross", "kron"),
)
"""Functions that have one name everywhere."""


INDEXED = {"gather": 2, "scatter_add": 2, "index_add": 2, "one_hot": 0}
"""Which argument of a function is indices."""

FLOATING = ("ones", "zeros", "trunc", "floor", "ceil", "round")
"""What gives floats, of whole numbers too."""


def plain(module: str) -> dict[str, Row]:
    """The functions that a library has by the language's own name."""

    def nan_to_num(x: str, *chosen: str) -> str:
        pairs = zip(("nan", "posinf", "neginf"), chosen, strict=False)
        given = [f"{name}={each}" for name, each in pairs if each != "None"]
        return f"{module}.nan_to_num({', '.join([x, *given])})"

    return {**{name: f"{module}.{name}" for name in SAME}, "nan_to_num": nan_to_num}


def axis(dim: str | int | None) -> str:
    """The further argument that names dims, where there is one."""
    return "" if dim is None else f", axis={dim}"


class ArrayLibrary(Infix):
    """Writes expressions over a library of arrays.

    Attributes:
        module: the prefix of its functions.
        imports: the line that imports each prefix.
        functions: the table.
    """

    module = ""
    imports: Mapping[str, str] = {}
    functions: Mapping[str, Row] = {}
    whole = "astype(int)"
    """The method that makes indices of floats."""
    array = "array"
    """What an input is called in the docstring."""

    def __init__(self, signature: Signature) -> None:
        super().__init__()
        self.signature = signature

    def number(self, value: int | float | Fraction) -> str:
        text = numeral(value)
        return re.sub(r"^(-?)(inf|nan)$", rf"\1{self.module}.\2", text)

    def symbol(self, name: str) -> str:
        return f"{self.module}.{name}" if constant(name) and name not in self.signature.names else name

    def call(self, tree: Expr) -> str:
        if tree.op == "ceil" and of_sizes(tree):  # a dim is a whole number
            top, step = tree.args[0].args
            return f"(-(-{self.inside(top, ATOM)}//{self.texts[step]}))"
        row = self.functions.get(tree.op)
        if row is None:
            raise GradcliError("bad-argument", f"{self.module} has no function {tree.op}")
        texts = [self.argument(tree.op, each) for each in tree.args]
        at = INDEXED.get(tree.op)
        if at is not None and self._is_floating(tree.args[at]):
            texts[at] = f"{self.inside(tree.args[at], ATOM)}.{self.whole}"
        if tree.op == "pad":  # the language counts the dims from the last, and may leave the first ones out
            missing = len(tree.shape) - len(tree.args[1].args) // 2
            texts[1] = f"{texts[1][:-1]}{', 0, 0' * missing})"
        if isinstance(row, str):
            return f"{row}({', '.join([*texts, *[f'{name}={value!r}' for name, value in tree.attrs]])})"
        attrs: dict[str, Any] = dict(tree.attrs)
        return row(*texts, **attrs)

    def _is_floating(self, indices: Expr) -> bool:
        """Whether indices may be an array of floats, which the language takes where they are whole."""
        if indices.op == "symbol" and indices.shape:
            return indices.attrs[0] not in self.signature.names
        return any(each.op in FLOATING for each in walk([indices]))

    def argument(self, op: str, tree: Expr) -> str:
        """An argument of a function as text."""
        return self.texts[tree]

    def named(self, tree: Expr) -> str:
        """What gets a name, as text."""
        return self.text(tree)


def function(formula: Formula, kind: type[ArrayLibrary]) -> str:
    """A Python function `derivative` of the inputs, with what it imports."""
    signature = Signature.of(formula)
    writer = kind(signature)
    body = [f"{name} = {source}.shape[{dim}]" for name, (source, dim) in signature.sizes.items()]
    results: list[str] = []
    for line in formula.lines:
        if isinstance(line.name, str):
            body.append(f"{line.name} = {writer.named(line.value)}")
        else:
            results.append(writer.text(line.value))
    body.append(f"return {', '.join(results)}")
    imports = [
        line for prefix, line in kind.imports.items() if re.search(rf"(?<![\w.]){prefix}\.", "\n".join(body))
    ]
    shapes = [
        f"        {name}: {kind.array} {_dims(shape)}" if name in formula.inputs else f"        {name}: int"
        for name, shape in signature.shapes.items()
    ]
    returns = [f"        {label}: {_dims(shape)}" for label, shape in signature.results.items()]
    lines = [
        *imports,
        *(["", ""] if imports else []),
        f"def derivative({', '.join(signature.names)}):",
        f'    """{", ".join(signature.results)}',
        "",
        *(["    Args:", *shapes, ""] if shapes else []),
        "    Returns:",
        *returns,
        '    """',
        *[f"    {line}" for line in body],
    ]
    return "\n".join(lines)


def _dims(shape: tuple[str, ...]) -> str:
    return f"[{', '.join(shape)}]"
