"""The table of operations whose answers PyTorch gave: each case is an expression and its inputs.

`record_operations.py` evaluates each case with PyTorch and writes `operations/<family>.json`;
`test_operations.py` replays them. The rows stand in `tables/`, one file for each family.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Number = float | int | bool
Nested = Number | list["Nested"]
Recipe = str | list
"""How an input is made: `"domain:shape"` such as `"positive:2,3"`, or the nested list itself.

`"const positive:2,3"` is the same numbers, where PyTorch has no gradient for that argument.
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One expression to be evaluated on named inputs."""

    family: str
    name: str
    expression: str
    inputs: Mapping[str, Recipe]

    @property
    def key(self) -> str:
        """What tells this case from all others: the expression and how its inputs are made."""
        made = ", ".join(f"{name}={recipe}" for name, recipe in self.inputs.items())
        return f"{self.expression}  [{made}]"


Row = tuple[str, Mapping[str, Recipe], Sequence[str]]
"""Function name, inputs, and the expressions that use them."""

POOLS: dict[str, list[Number]] = {
    "zeros": [0.0, 1.5, 0.0, -2.0, 0.75, 0.0, 3.0],
    "ties": [1.0, -1.0, 1.0, 2.5, 2.5, -1.0, 2.5, 0.5],
    "huge": [800.0, -1000.0, 1e5, -745.5, 30.5, -1e10, 1e150, -36.5],
    "tiny": [1e-20, -3e-17, 2e-12, -1e-9, 5e-30, 4e-8, -1e-160],
    "odd": [float("nan"), float("inf"), float("-inf"), 0.0, -0.0, 1.0, -1.0, 0.5, 2.0],
    "kinks": [0.0, 1.0, -1.0, 3.0, -3.0, 6.0, 0.5, -0.5, 2.0, -2.0, 20.0],
}
"""Domains that walk through fixed values."""

RANGES: dict[str, tuple[float, float]] = {
    "any": (-2.0, 2.0),
    "wide": (-8.0, 8.0),
    "positive": (0.2, 3.0),
    "negative": (-3.0, -0.2),
    "unit": (-0.95, 0.95),
    "prob": (0.05, 0.95),
    "above1": (1.1, 4.0),
    "above3": (3.1, 6.0),
}
"""Domains that draw uniformly, rounded to three digits so that the files stay small."""


def _flat(domain: str, count: int, draw: random.Random) -> list[Number]:
    """`count` numbers of a domain."""
    if domain in POOLS:
        pool = POOLS[domain]
        return [pool[i % len(pool)] for i in range(count)]
    if domain in RANGES:
        low, high = RANGES[domain]
        numbers: list[Number] = []
        while len(numbers) < count:  # distinct and off zero: kinks and ties have their own domains
            number = round(draw.uniform(low, high), 3)
            if number not in numbers and abs(number) > 0.02:
                numbers.append(number)
        return numbers
    if domain == "whole":
        return [float(draw.randint(-3, 3)) for _ in range(count)]
    if domain == "ints":
        return [draw.randint(-5, 5) for _ in range(count)]
    if domain == "nonzero":
        return [draw.choice([-3, -2, -1, 1, 2, 3]) for _ in range(count)]
    if domain == "mask":
        return [draw.random() < 0.5 for _ in range(count)]
    if domain.startswith("index"):
        return [draw.randrange(int(domain[5:])) for _ in range(count)]
    if domain == "sign":
        return [draw.choice([-1.0, 1.0]) for _ in range(count)]
    raise ValueError(f"unknown domain {domain}")


def _nest(flat: list[Number], shape: Sequence[int]) -> Nested:
    """A flat list as nested lists of a shape."""
    if not shape:
        return flat[0]
    step = len(flat) // shape[0] if shape[0] else 0
    return [_nest(flat[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]


def _matrix(domain: str, shape: Sequence[int], draw: random.Random) -> list[Number]:
    """Square matrices (the last two dims) of a kind, as a flat list."""
    n = shape[-1]
    count = 1
    for size in shape[:-2]:
        count *= size
    out: list[Number] = []
    for _ in range(count):
        a = [[round(draw.uniform(-1, 1), 2) for _ in range(n)] for _ in range(n)]
        for i in range(n):
            for j in range(n):
                if domain == "spd":  # symmetric, and its diagonal dominates
                    entry = a[i][j] + a[j][i] + (2.0 * n + i if i == j else 0.0)
                elif domain == "symmetric":
                    entry = a[i][j] + a[j][i] + (1.5 * i if i == j else 0.0)
                elif domain == "regular":
                    entry = a[i][j] + (2.0 + i if i == j else 0.0)
                elif domain == "lower":
                    entry = a[i][j] + (2.0 if i == j else 0.0) if j <= i else 0.0
                else:
                    entry = a[i][j] + (2.0 if i == j else 0.0) if j >= i else 0.0
                out.append(round(entry, 3))
    return out


MATRICES = ("spd", "symmetric", "regular", "lower", "upper")


def shape_of(recipe: str) -> tuple[int, ...]:
    """The shape that a `"domain:shape"` recipe asks for."""
    return tuple(int(size) for size in recipe.partition(":")[2].split(",") if size)


def make(recipe: Recipe) -> Nested:
    """The input that a recipe describes, as nested lists; the same each time."""
    if not isinstance(recipe, str):
        return recipe
    recipe = recipe.removeprefix("const ")
    domain = recipe.partition(":")[0]
    shape = shape_of(recipe)
    draw = random.Random(recipe)
    count = 1
    for size in shape:
        count *= size
    flat = _matrix(domain, shape, draw) if domain in MATRICES else _flat(domain, count, draw)
    return _nest(flat, shape)


def dtype_of(recipe: Recipe) -> str:
    """The dtype of the input that a recipe makes."""
    if isinstance(recipe, str):
        domain = recipe.removeprefix("const ").partition(":")[0]
        if domain in ("ints", "nonzero") or domain.startswith("index"):
            return "int64"
        return "bool" if domain == "mask" else "float64"
    first: object = recipe
    while isinstance(first, list):
        first = first[0] if first else 0.0
    if isinstance(first, bool):
        return "bool"
    return "int64" if isinstance(first, int) else "float64"


def families() -> dict[str, Sequence[Row]]:
    """The rows of every family."""
    from golden.tables import (
        binary,
        creation,
        indexing,
        linear_algebra,
        losses,
        networks,
        reductions,
        shapes,
        unary,
    )

    return {
        "unary": unary.ROWS,
        "binary": binary.ROWS,
        "reductions": reductions.ROWS,
        "shapes": [*shapes.ROWS, *indexing.ROWS],
        "linear_algebra": linear_algebra.ROWS,
        "networks": networks.ROWS,
        "losses": losses.ROWS,
        "creation": creation.ROWS,
    }


def cases(family: str) -> Iterator[Case]:
    """The cases of a family, each once."""
    seen = set()
    for name, inputs, expressions in families()[family]:
        for expression in expressions:
            read = set(re.findall(r"\w+", expression))
            used = {key: recipe for key, recipe in inputs.items() if key in read}
            case = Case(family, name, expression, used)
            if case.key not in seen:
                seen.add(case.key)
                yield case


ROUGH: dict[tuple[str, str], str] = {
    ("hardshrink", "odd:9"): "the gradient at nan is 0 for eight numbers at once, and what comes for one",
    ("softshrink", "odd:9"): "the gradient at nan is 0 for eight numbers at once, and what comes for one",
    ("hardtanh", "odd:9"): "the gradient at nan is 0 for eight numbers at once, and what comes for one",
    ("relu6", "odd:9"): "the gradient at nan is 0 for eight numbers at once, and what comes for one",
    ("sinc", "tiny:7"): "the gradient is cut off to 0 near 0",
    ("sinc", "[0.0, 1.0, -2.0, 0.5, 1e-09]"): "the gradient is cut off to 0 near 0",
    ("digamma", "odd:9"): "trigamma at the pole 0 is a large finite number",
    ("digamma", "huge:8"): "trigamma at negative whole numbers is a large finite number",
    ("i1", "odd:9"): "the gradient at nan is finite",
    ("i1", "huge:8"): "the gradient overflows to nan instead of inf",
    ("i1", "tiny:7"): "the second gradient cancels to noise",
    ("i1e", "odd:9"): "the gradient at nan is finite",
    ("i1e", "tiny:7"): "the second gradient cancels to noise",
    ("erfcx", "odd:9"): "the gradient at inf is nan, though the true one is 0",
    ("log_ndtr", "odd:9"): "the gradient at -inf is nan",
    ("log_ndtr", "huge:8"): "the gradient at -1e10 overflows",
    ("atan2", "tiny:7"): "x*x + y*y underflows",
    ("logcumsumexp", "[-inf, 1.0, 2.0]"): "the gradient at -inf is nan, though the true one is 0",
    ("poisson_nll_loss", "any:2,3"): "the gradient by a target of 0 is nan with full=True",
    ("hardsigmoid", ""): "1/6 has float32 precision in the gradient",
}
"""Function and first input where PyTorch's own gradient is inexact: there only the value is compared."""

PROMISED: dict[str, str] = {
    "unary": (
        "abs acos acosh asin asinh atan atanh ceil cos cosh deg2rad digamma erf erfc erfinv exp "
        "exp2 expm1 floor frac i0 lgamma log log10 log1p log2 logit nan_to_num neg positive rad2deg "
        "reciprocal round rsqrt sigmoid sign sgn sin sinc sinh sqrt square tan tanh trunc entr "
        "erfcx i0e i1 i1e log_ndtr ndtr ndtri xlog1py polygamma mvlgamma"
    ),
    "binary": (
        "add sub mul div true_divide rsub pow float_power floor_divide fmod remainder atan2 hypot "
        "copysign maximum minimum fmax fmin max min logaddexp logaddexp2 xlogy heaviside lerp "
        "addcmul addcdiv clamp clamp_min clamp_max where eq ne lt le gt ge logical_and logical_or "
        "logical_xor logical_not operators"
    ),
    "reductions": (
        "sum nansum mean nanmean prod max min amax amin median nanmedian var std var_mean std_mean "
        "norm logsumexp cumsum cumprod cummax cummin logcumsumexp softmax log_softmax softmin diff "
        "trace all any argmax argmin count_nonzero trapezoid cumulative_trapezoid cov corrcoef"
    ),
    "shapes": (
        "reshape view ravel flatten unflatten squeeze unsqueeze transpose permute t T mT movedim "
        "expand expand_as broadcast_to repeat tile flip fliplr flipud roll rot90 stack cat hstack "
        "vstack dstack split chunk unbind narrow select index_select gather take take_along_dim "
        "scatter_add masked_fill masked_select diag diag_embed diagonal tril triu meshgrid pad sort "
        "topk one_hot index"
    ),
    "linear_algebra": (
        "matmul mm mv bmm dot vdot inner outer kron cross einsum tensordot addmm addmv addbmm "
        "baddbmm addr dist cdist linalg.norm linalg.vector_norm linalg.matrix_norm linalg.inv "
        "linalg.pinv linalg.det linalg.slogdet logdet linalg.solve linalg.solve_triangular "
        "linalg.lstsq linalg.cholesky linalg.eigh linalg.eigvalsh linalg.svd linalg.svdvals "
        "linalg.qr linalg.matrix_power linalg.matrix_exp linalg.multi_dot linalg.cross "
        "linalg.vecdot linalg.vander"
    ),
    "networks": (
        "batch_norm group_norm instance_norm rms_norm embedding conv3d conv_transpose1d adaptive_avg_pool1d "
        "linear bilinear relu relu6 leaky_relu prelu elu selu celu gelu glu silu mish hardtanh "
        "hardsigmoid hardswish hardshrink softshrink softsign tanhshrink threshold softplus "
        "logsigmoid normalize layer_norm scaled_dot_product_attention conv1d conv2d avg_pool1d "
        "avg_pool2d max_pool1d max_pool2d"
    ),
    "losses": (
        "triplet_margin_loss "
        "mse_loss l1_loss smooth_l1_loss huber_loss cross_entropy nll_loss binary_cross_entropy "
        "binary_cross_entropy_with_logits kl_div cosine_similarity pairwise_distance "
        "soft_margin_loss poisson_nll_loss gaussian_nll_loss hinge_embedding_loss "
        "margin_ranking_loss"
    ),
    "creation": (
        "tensor param zeros ones full empty eye arange linspace logspace rand randn randint normal "
        "bernoulli zeros_like ones_like full_like empty_like rand_like randn_like randint_like "
        "detach"
    ),
}
"""Every function that the program promises, by family."""
