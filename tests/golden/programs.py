"""A seeded generator of straight-line programs over the functions of the language.

`record_programs.py` grows programs with it, one statement at a time, and keeps only statements whose
values are tame; `test_programs.py` replays them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

Shape = tuple[int, ...]
LEAF_SHAPES: tuple[Shape, ...] = ((), (3,), (2, 3), (4, 3, 2), (1, 3), (2, 1), (3, 2))

SMOOTH = (
    "sin({a})",
    "cos({a})",
    "tan({a} * 0.3)",
    "tanh({a})",
    "sinh({a} * 0.5)",
    "cosh({a} * 0.5)",
    "exp({a} * 0.4)",
    "exp2({a} * 0.5)",
    "expm1({a} * 0.5)",
    "log(abs({a}) + 0.7)",
    "log2({a} ** 2 + 1)",
    "log10({a} ** 2 + 0.5)",
    "log1p({a} ** 2)",
    "sqrt({a} ** 2 + 0.3)",
    "rsqrt({a} ** 2 + 0.8)",
    "square({a})",
    "asin(tanh({a}) * 0.9)",
    "acos(tanh({a}) * 0.8)",
    "atan({a})",
    "asinh({a})",
    "acosh({a} ** 2 + 1.4)",
    "atanh(tanh({a}) * 0.7)",
    "sigmoid({a})",
    "silu({a})",
    "gelu({a})",
    "softplus({a})",
    "erf({a})",
    "-{a}",
    "neg({a}) * 0.5",
    "{a} ** 2",
    "{a} ** 3 * 0.2",
    "2 ** {a}",
    "1 / ({a} ** 2 + 1)",
    "{a} * 1.5 - 0.25",
    "3 - {a} / 2",
    "(2 + {a}) * {a}",
    "pow(abs({a}) + 0.5, 1.5)",
    "{a} / (1 + abs({a}))",
)
KINKED = (
    "abs({a})",
    "relu({a})",
    "sign({a}) * {a}",
    "floor({a}) + {a}",
    "clamp({a}, -1, 1)",
    "clamp({a}, min=-0.5)",
    "where({a} > 0, {a}, {a} * 0.1)",
    "where({a} < 0.5, sin({a}), {a} ** 2)",
    "({a} > 0) * {a}",
    "{a}.clamp(max=0.8)",
)
REDUCTIONS = (
    "sum({a}{d})",
    "mean({a}{d})",
    "{a}.sum({k})",
    "{a}.mean({k})",
    "prod({a} * 0.6)",
    "max({a})",
    "min({a})",
    "max({a}, {i})[0]",
    "min({a}, dim={i}).values",
    "var({a}, correction=0{c})",
    "std({a} * 2 + cumsum({a} * 0 + 1, {i}), dim={i}, correction=0)",
    "norm({a} + 0.1)",
    "norm({a} + 0.3, dim={i})",
    "logsumexp({a}, {i})",
    "logsumexp({a}, dim={i}, keepdim=True)",
    "softmax({a}, {i})",
    "log_softmax({a}, dim={i})",
    "cumsum({a}, {i})",
)
SHAPERS = (
    "{a}.reshape(-1)",
    "flatten({a})",
    "{a}.view({n})",
    "unsqueeze({a}, 0)",
    "squeeze({a})",
    "transpose({a}, 0, -1)",
    "stack([{a}, {a} * 2])",
    "stack([{a}, sin({a})], dim=-1)",
    "cat([{a}, {a} ** 2], {i})",
    "{a}[0]",
    "{a}[..., -1]",
    "{a}[None]",
    "{a}[1:]",
    "{a}.expand(2, {s})",
    "detach({a}) * {a}",
    "{a} + zeros_like({a})",
    "{a} * ones_like({a}) * 0.5",
)
PAIRS = (
    "{a} + {b}",
    "{a} - {b}",
    "{a} * {b}",
    "{a} / ({b} ** 2 + 1)",
    "{a} + 2 * {b}",
    "(abs({a}) + 0.4) ** ({b} * 0.3)",
    "maximum({a}, {b})",
    "minimum({a}, {b})",
    "hypot({a} + 0.05, {b})",
    "atan2({a}, {b} ** 2 + 0.5)",
    "logaddexp({a}, {b})",
    "where({a} > {b}, {a}, {b})",
    "where({a} > 0, {b}, {a} * {b})",
    "{a} * sigmoid({b})",
)
PRODUCTS = (
    "{a} @ {b}",
    "matmul({a}, {b}) * 0.5",
    "{a} @ {b}.T",
    "dot({a}, {b})",
    "outer({a}, {b})",
    "linear({a}, {b})",
    "einsum('ij,jk->ik', {a}, {b})",
    "einsum('i,i->', {a}, {b})",
    "einsum('ij,ij->i', {a}, {b})",
    "einsum('...i,i->...', {a}, {b})",
)
KINDS = (
    (SMOOTH, 8),
    (PAIRS, 8),
    (PRODUCTS, 4),
    (KINKED, 3),
    (REDUCTIONS, 3),
    (SHAPERS, 3),
)


@dataclass
class Grower:
    """Proposes statements for a program; the recorder tells which names it kept, and their shapes."""

    draw: random.Random
    shapes: dict[str, Shape]

    def proposal(self) -> str:
        """The right-hand side of a next statement, over the names so far; it may turn out not to fit."""
        templates = self.draw.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])[0]
        template = self.draw.choice(templates)
        names = list(self.shapes)
        a, b = self.draw.choice(names[-8:]), self.draw.choice(names)
        shape = self.shapes[a]
        count = 1
        for size in shape:
            count *= size
        dim = self.draw.randrange(-len(shape), len(shape)) if shape else 0
        return template.format(
            a=a,
            b=b,
            i=dim,
            n=count,
            s=", ".join(map(str, shape)),
            d=self.draw.choice(["", f", {dim}", f", dim={dim}, keepdim=True"]),
            k=self.draw.choice(["", f"{dim}", f"dim={dim}, keepdim=True"]),
            c=self.draw.choice(["", f", dim={dim}"]),
        )
