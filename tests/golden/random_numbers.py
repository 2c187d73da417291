"""Programs that draw random numbers in many sizes, dtypes and orders, and what is kept of their answers.

`record_random.py` asks PyTorch, `test_random.py` asks gradcli. The programs begin with a seed and
assign tensors to `a`, `b`, `c` … in the order of the draws.
"""

from __future__ import annotations

import hashlib
import random
from pathlib import Path
from typing import Any

import numpy as np

RECORDED = Path(__file__).with_name("random_numbers.json")
SIZES = (1, 2, 3, 5, 7, 15, 16, 17, 31, 32, 33, 64, 100, 1000)
DTYPES = ("torch.float32", "torch.float64")
CALLS = (
    "torch.rand({n}, dtype={d})",
    "torch.randn({n}, dtype={d})",
    "torch.randn({n}, 3)",
    "torch.randn(2, {n})",
    "torch.rand_like(torch.ones({n}, dtype={d}))",
    "torch.randn_like(torch.ones({n}, dtype={d}))",
    "torch.randint(3, 10, ({n},))",
    "torch.randint(2, ({n},), dtype={d})",
    "torch.randint(0, 2**28, ({n},))",
    "torch.randint(-2**40, 2**40, ({n},))",
    "torch.randint_like(torch.ones({n}, dtype={d}), 5)",
    "torch.randperm({n})",
    "torch.normal(0.3, 1.7, ({n},))",
    "torch.normal((torch.arange(1, {n} + 1) / {n}), 1.5)",
    "torch.normal(0.25, (torch.arange({n}) / {n} + 1))",
    "torch.normal((torch.arange(1, {n} + 1) / {n}), (torch.arange({n}) / {n} + 1))",
    "torch.bernoulli((torch.arange(1, {n} + 1, dtype={d}) / {n}))",
    "torch.bernoulli(torch.ones({n}, dtype={d}), 0.3)",
    "torch.multinomial((torch.arange(1, {n} + 1, dtype={d}) / {n}), 1)",
    "torch.multinomial((torch.arange(1, {n} + 1) / {n}), 5, replacement=True)",
    "torch.multinomial((torch.arange(1, {n} + 1) / {n}).repeat(3, 1), 1)",
    "F.dropout((torch.arange({n}, dtype={d}) / {n} + 1), 0.3)",
    "F.dropout((torch.arange({n}) / {n} + 1), 0.5)",
    "torch.zeros({n}, dtype={d}).uniform_(-0.3, 1.7)",
    "torch.zeros({n}).uniform_(-0.57735, 0.57735)",
    "torch.zeros({n}, dtype={d}).normal_(0.5, 0.02)",
    "torch.zeros({n}).log_normal_(1, 0.5)",
    "torch.zeros({n}, dtype={d}).exponential_(2.0)",
    "torch.zeros({n}).cauchy_()",
    "torch.zeros({n}, dtype={d}).geometric_(0.3)",
    "torch.zeros({n}, dtype={d}).bernoulli_(0.7)",
    "torch.zeros({n}).bernoulli_((torch.arange(1, {n} + 1) / {n}))",
    "torch.zeros({n}, dtype={d}).random_()",
    "torch.zeros({n}, dtype=torch.int64).random_()",
    "torch.zeros({n}, dtype=torch.uint8).random_()",
    "torch.zeros({n}).random_(7)",
    "torch.zeros({n}, dtype=torch.int64).random_(-3, 7)",
    "torch.randn({n}, generator=g)",
    "torch.rand({n}, dtype={d}, generator=g)",
    "torch.randperm({n}, generator=g)",
)


def _program(number: int) -> str:
    draw = random.Random(number)
    seed = draw.choice((0, 1, 42, 10000, 2**33 + 5, -1))
    lines = [
        "import torch",
        "import torch.nn.functional as F",
        f"torch.manual_seed({seed})",
        "g = torch.Generator().manual_seed(7)",
    ]
    for name in "abcdef":
        call = draw.choice(CALLS).format(n=draw.choice(SIZES), d=draw.choice(DTYPES))
        lines.append(f"{name} = {call}")
        if draw.random() < 0.15:
            lines.append(f"torch.manual_seed({draw.choice((0, 3))})")
    return "\n".join(lines) + "\n"


def _each_call() -> list[str]:
    """Every call alone, just below, at and above the size from which PyTorch draws in groups."""
    head = "import torch\nimport torch.nn.functional as F\ntorch.manual_seed(0)\n"
    head += "g = torch.Generator().manual_seed(7)\n"
    return [
        head + "".join(f"{name} = {call.format(n=n, d=d)}\n" for name, n in zip("abc", sizes, strict=True))
        for call in CALLS
        for d in DTYPES[: 1 + ("{d}" in call)]
        for sizes in ((4, 15, 16), (21, 1, 400))
    ]


PROGRAMS = [*_each_call(), *map(_program, range(120))]


def kept(array: Any) -> list[Any]:
    """Of a draw: dtype, shape, the first numbers, and a checksum of all but float64."""
    values = np.asarray(array)
    flat = values.reshape(-1)
    summed = hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()[:12]
    return [
        values.dtype.name,
        list(values.shape),
        flat[:6].tolist(),
        "" if values.dtype == "float64" else summed,
    ]
