"""NumPy, with SciPy's special functions where NumPy has none: a function that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.formula.printers.arrays import ArrayLibrary, axis, function, plain

if TYPE_CHECKING:
    from gradcli.formula.printers.arrays import Row
    from gradcli.formula.tree import Formula

SPECIAL = {
    "sigmoid": "expit",
    "lgamma": "gammaln",
    **{
        name: name
        for name in (
            *("erf", "erfc", "erfcx", "erfinv", "ndtr", "ndtri", "log_ndtr", "digamma", "polygamma", "entr"),
            *("xlogy", "xlog1py", "logit", "gamma"),
        )
    },
}
"""The functions that `scipy.special` has, by their names there."""


def _pad(x: str, widths: str) -> str:
    # The language counts the dims to pad from the last, NumPy wants all of them.
    amounts = [each.strip() for each in widths.strip("()").split(",") if each.strip()]
    pairs = list(zip(amounts[::2], amounts[1::2], strict=True))[::-1]
    return f"np.pad({x}, [{', '.join(f'({before}, {after})' for before, after in pairs)}])"


FUNCTIONS: dict[str, Row] = {
    **plain("np"),
    **{name: f"special.{other}" for name, other in SPECIAL.items()},
    **{f"a{each}": f"np.arc{each}" for each in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "tan2")},
    "cbrt": "np.cbrt",
    "rsqrt": lambda x: f"(1/np.sqrt({x}))",
    "relu": lambda x: f"np.maximum({x}, 0)",
    "silu": lambda x: f"(({x})*special.expit({x}))",
    "sgn": lambda x: f"np.sign({x})",
    "softplus": lambda x, beta=1, threshold=20: (
        f"np.logaddexp(0, {x})" if beta == 1 else f"(np.logaddexp(0, {beta}*({x}))/{beta})"
    ),
    "clamp": lambda x, low="None", high="None": f"np.clip({x}, {low}, {high})",
    "det": "np.linalg.det",
    "inverse": "np.linalg.inv",
    "slogdet": "np.linalg.slogdet",
    "logdet": lambda x: f"np.linalg.slogdet({x})[1]",
    "sinc": "np.sinc",
    "floor_divide": "np.floor_divide",
    "i0": "special.i0",
    "i0e": "special.i0e",
    "i1": "special.i1",
    "i1e": "special.i1e",
    "gather": lambda x, dim, index: f"np.take_along_axis({x}, {index}, axis={dim})",
    "scatter_add": lambda into, dim, index, x: (
        f"np.einsum('...k,...kj->...j', {x}, np.eye({_last(into)})[{index}])"
    ),
    "index_add": lambda into, dim, index, x: (
        f"np.moveaxis(np.tensordot(np.eye({_sizes(into)[int(dim)]})[:, {index}], {x}, (1, {dim})), 0, {dim})"
    ),
    "linalg.eigh": "np.linalg.eigh",
    "linalg.svd": "np.linalg.svd",
    "linalg.qr": "np.linalg.qr",
    "linalg.pinv": "np.linalg.pinv",
    "linalg.solve_triangular": lambda a, b, upper, unitriangular: (
        f"linalg.solve_triangular({a}, {b}, lower={not upper}, unit_diagonal={unitriangular})"
    ),
    "argsort": lambda x, dim=-1, descending=False: f"np.argsort({'-' if descending else ''}{x}, axis={dim})",
    "argmax": lambda x, dim=-1: f"np.argmax({x}, axis={dim})",
    "argmin": lambda x, dim=-1: f"np.argmin({x}, axis={dim})",
    "linalg.solve": "np.linalg.solve",
    "cholesky": "np.linalg.cholesky",
    "matrix_exp": "linalg.expm",
    "ones": lambda *sizes: f"np.ones({_shape(sizes)})",
    "zeros": lambda *sizes: f"np.zeros({_shape(sizes)})",
    "eye": lambda size: f"np.eye({size})",
    "arange": lambda *sizes: f"np.arange({', '.join(sizes)})",
    "tensor": lambda items: f"np.array({items})",
    "one_hot": lambda index, size: f"np.eye({size})[{index}]",
    "diagonal": lambda x, dim1=0, dim2=1: f"np.diagonal({x}, axis1={dim1}, axis2={dim2})",
    "permute": lambda x, *order: f"np.transpose({x}, ({', '.join(order)}))",
    "reshape": lambda x, shape: f"np.reshape({x}, {shape})",
    "flip": lambda x, *dims: f"np.flip({x}, {dims[0] if len(dims) == 1 else _tuple(dims)})",
    "roll": lambda x, shift, dim=None: f"np.roll({x}, {shift}{axis(dim)})",
    "cat": lambda parts, dim="0": f"np.concatenate({parts}, axis={dim})",
    "pad": _pad,
    "sum": lambda x, dim=None: f"np.sum({x}{axis(dim)})",
    "mean": lambda x, dim=None: f"np.mean({x}{axis(dim)})",
    "std": lambda x: f"np.std({x}, ddof=1)",
    "prod": lambda x, dim=None: f"np.prod({x}{axis(dim)})",
    "amax": lambda x, dim=None: f"np.max({x}{axis(dim)})",
    "amin": lambda x, dim=None: f"np.min({x}{axis(dim)})",
    "norm": lambda x, dim=None: f"np.linalg.norm({x}{axis(dim)})",
    "cumsum": lambda x, dim: f"np.cumsum({x}, axis={dim})",
    "cumprod": lambda x, dim: f"np.cumprod({x}, axis={dim})",
    "logcumsumexp": lambda x, dim: f"np.logaddexp.accumulate({x}, axis={dim})",
    "logsumexp": lambda x, dim=None: f"special.logsumexp({x}{axis(dim)})",
    "softmax": lambda x, dim=None: f"special.softmax({x}{axis(dim)})",
    "log_softmax": lambda x, dim=None: f"special.log_softmax({x}{axis(dim)})",
}


def _sizes(zeros: str) -> list[str]:
    """The sizes of an array of zeros, from its text."""
    inside = zeros.partition("(")[2].rpartition(")")[0]
    return [each.strip() for each in inside.strip("()").split(",")]


def _last(zeros: str) -> str:
    return _sizes(zeros)[-1]


def _tuple(items: tuple[str, ...]) -> str:
    return f"({', '.join(items)})"


def _shape(sizes: tuple[str, ...]) -> str:
    return sizes[0] if len(sizes) == 1 else _tuple(sizes)


class NumPy(ArrayLibrary):
    """Writes expressions for NumPy."""

    module = "np"
    imports = {  # noqa: RUF012
        "np": "import numpy as np",
        "special": "from scipy import special",
        "linalg": "from scipy import linalg",
    }
    functions = FUNCTIONS


def program(formula: Formula) -> str:
    """A function of the inputs."""
    return function(formula, NumPy)
