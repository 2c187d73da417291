"""PyTorch: the language's functions by their full names, and numbers that take the dtype of the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.formula.printers.arrays import INDEXED, SAME, ArrayLibrary, function, plain
from gradcli.formula.printers.signature import constant
from gradcli.formula.tree import walk

if TYPE_CHECKING:
    from gradcli.formula.printers.arrays import Row
    from gradcli.formula.tree import Expr, Formula

OWN = (
    *("asin", "acos", "atan", "asinh", "acosh", "atanh", "atan2", "sigmoid", "relu", "rsqrt", "lgamma"),
    *("softmax", "log_softmax", "logsumexp", "amax", "amin", "prod", "sum", "mean", "std", "clamp", "cumsum"),
    *("cumprod", "logcumsumexp", "roll", "inverse", "slogdet", "diagonal", "reshape", "cat", "det"),
    *("digamma", "sgn"),
    *("erf", "erfc", "erfinv", "logit", "logdet", "sinc", "i0", "argsort", "argmax", "argmin"),
)
SPECIAL = ("i0e", "i1", "i1e", *("erfcx", "ndtr", "ndtri", "log_ndtr", "entr", "xlogy", "xlog1py"))
MATH = ("sin", "cos", "tan", "exp", "log", "log2", "log10", "log1p", "sqrt", "sinh", "cosh", "tanh", "hypot")
"""What Python itself has for numbers, by the same name."""
ELEMENTWISE = (
    *(*SAME[:19], *SPECIAL),
    *("asin", "acos", "atan", "asinh", "acosh", "atanh", "erfinv", "logit"),
    *("sigmoid", "relu", "silu", "rsqrt", "softplus", "lgamma", "digamma", "erf", "erfc"),
    *("sinc", "sgn", "i0"),
)
"""Functions of one array that take no Python number."""
TENSORS = ("hypot", "maximum", "minimum", "fmax", "fmin", "atan2", "copysign", "logaddexp", "where", "outer")
"""Functions that take no Python numbers."""

COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not")
"""What gives a truth value, which is Python's own where it compares numbers."""

LIKE = "<like>"
"""Stands for the input whose dtype is taken."""


FUNCTIONS: dict[str, Row] = {
    **plain("torch"),
    **{name: f"torch.{name}" for name in OWN},
    **{name: f"torch.special.{name}" for name in SPECIAL},
    "polygamma": lambda order, x: (  # PyTorch's own of order 1 has ten digits only
        f"torch.special.zeta(2, {x})" if order == "1" else f"torch.polygamma({order}, {x})"
    ),
    "gamma": lambda x: (  # PyTorch has the logarithm of its magnitude alone
        f"(torch.exp(torch.lgamma({x}))*torch.where(({x} < 0) & (torch.floor({x}) % 2 != 0), -1, 1))"
    ),
    "floor_divide": "torch.floor_divide",
    "softplus": "functional.softplus",
    "silu": "functional.silu",
    "softmax": lambda x, dim=-1: f"torch.softmax({x}, {dim})",
    "log_softmax": lambda x, dim=-1: f"torch.log_softmax({x}, {dim})",
    "det": "torch.linalg.det",
    "inverse": "torch.linalg.inv",
    "linalg.solve": "torch.linalg.solve",
    "cholesky": "torch.linalg.cholesky",
    "matrix_exp": "torch.linalg.matrix_exp",
    "norm": lambda x, dim=None: (
        f"torch.linalg.vector_norm({x})" if dim is None else f"torch.linalg.vector_norm({x}, dim={dim})"
    ),
    "ones": lambda *sizes: f"torch.ones({', '.join(sizes)}, dtype={LIKE})",
    "zeros": lambda *sizes: f"torch.zeros({', '.join(sizes)}, dtype={LIKE})",
    "eye": lambda size: f"torch.eye({size}, dtype={LIKE})",
    "arange": lambda *sizes: f"torch.arange({', '.join(sizes)}, dtype={LIKE})",
    "tensor": lambda items: f"torch.tensor({items}, dtype={LIKE})",
    "one_hot": lambda index, size: f"torch.eye({size}, dtype={LIKE})[{index}]",
    "permute": lambda x, *order: f"torch.permute({x}, ({', '.join(order)}))",
    "flip": lambda x, *dims: f"torch.flip({x}, ({', '.join(dims)},))",
    "linalg.eigh": "torch.linalg.eigh",
    "linalg.svd": "torch.linalg.svd",
    "linalg.qr": "torch.linalg.qr",
    "linalg.pinv": "torch.linalg.pinv",
    "linalg.solve_triangular": "torch.linalg.solve_triangular",
    "gather": lambda x, dim, index: f"torch.gather({x}, {dim}, {_integers(index)})",
    "scatter_add": lambda into, dim, index, x: f"torch.scatter_add({into}, {dim}, {_integers(index)}, {x})",
    "index_add": lambda into, dim, index, x: f"torch.index_add({into}, {dim}, {_integers(index)}, {x})",
    "pad": lambda x, widths: f"functional.pad({x}, {widths})",
}


def _integers(text: str) -> str:
    """An array of indices, which has no dtype of the inputs."""
    return text.replace(f", dtype={LIKE}", "")


class Torch(ArrayLibrary):
    """Writes expressions for PyTorch."""

    module = "torch"
    imports = {  # noqa: RUF012
        "math": "import math\n",
        "torch": "import torch",
        "functional": "from torch.nn import functional",
    }
    functions = FUNCTIONS
    whole = "long()"
    array = "tensor"

    def number(self, value: object) -> str:
        return super().number(value).replace("torch.", "math.")  # type: ignore[arg-type]

    def symbol(self, name: str) -> str:
        return super().symbol(name).replace("torch.", "math.")

    def call(self, tree: Expr) -> str:
        if tree.op in MATH and self._fixed(tree):  # a number, which PyTorch's functions refuse
            return f"math.{tree.op}({', '.join(self.texts[each] for each in tree.args)})"
        return self._typed(super().call(tree))

    def _typed(self, text: str) -> str:
        """With the dtype of an input."""
        name = next((each for each in self.signature.names if each), "")
        return text.replace(LIKE, f"{name}.dtype" if name else "torch.float64")

    def named(self, tree: Expr) -> str:
        text = self.text(tree)
        if not self._fixed(tree):
            return text
        if tree.op in COMPARISONS:
            return f"torch.tensor({text})"
        return self._typed(f"torch.tensor({text}, dtype={LIKE})") if _is_number(tree) else text

    def argument(self, op: str, tree: Expr) -> str:
        text = self.texts[tree]
        if op in INDEXED and tree.op == "arange":
            return _integers(ArrayLibrary.call(self, tree))
        if (op in TENSORS or op in ELEMENTWISE) and self._fixed(tree) and _is_number(tree):
            return f"torch.tensor({text}, dtype={LIKE})"
        if op == "where" and tree.op in COMPARISONS and self._fixed(tree):
            return f"torch.tensor({text})"
        return text

    def _fixed(self, tree: Expr) -> bool:
        """Whether an expression is a number that reads no input but for sizes, which are Python's numbers."""
        return not tree.shape and not any(
            each.op == "symbol" and len(each.attrs) == 1 and not constant(each.attrs[0])
            for each in walk([tree])
        )


def _is_number(tree: Expr) -> bool:
    """Whether an expression that reads no input is a number of Python's, and no tensor already."""
    if tree.op in ("add", "mul", "div", "pow", "neg"):
        return all(_is_number(each) for each in tree.args)
    return tree.op in ("number", "symbol", *MATH)


def program(formula: Formula) -> str:
    """A function of the inputs."""
    return function(formula, Torch)
