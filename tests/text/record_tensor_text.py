"""Record what PyTorch prints, for `test_tensor_text` to replay without it.

Run with a Python that has PyTorch: `python tests/text/record_tensor_text.py`. It rewrites
`tensor_text.json`, one case on each line; the random cases are seeded, so a second run changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

RECORDED = Path(__file__).with_name("tensor_text.json")
SEED = 20
RANDOM_CASES = 260
INF, NAN = float("inf"), float("nan")

Case = dict[str, Any]

# Small tensors: elements, dtype, default precision.
SMALL: list[tuple[Any, str, str]] = [
    (1.0, "float64", "float64"),
    (0.1, "float32", "float32"),
    (-0.0, "float64", "float64"),
    (1e-5, "float64", "float64"),
    (1e8, "float64", "float64"),
    (123456789.0, "float64", "float64"),
    (12345.678, "float64", "float32"),
    (NAN, "float32", "float32"),
    (-INF, "float32", "float64"),
    (7, "int64", "float64"),
    (-7, "int32", "float64"),
    (True, "bool", "float64"),
    ([], "float64", "float64"),
    ([], "float32", "float64"),
    ([], "int64", "float64"),
    ([], "bool", "float32"),
    ([[], []], "float64", "float64"),
    ([[]], "int64", "float64"),
    ([1.0, 2.0, 3.0], "float64", "float64"),
    ([1.0, 2.5, -3.0], "float64", "float64"),
    ([1.0, NAN, 10.0], "float64", "float64"),
    ([1.0, -INF], "float64", "float64"),
    ([0.0, NAN, INF], "float64", "float64"),
    ([0.0, 0.0], "float64", "float64"),
    ([0.001, 1.0], "float64", "float64"),
    ([0.00099, 1.0], "float64", "float64"),
    ([1.0, 1001.0], "float64", "float64"),
    ([1.0, 1000.0], "float64", "float64"),
    ([0.0, 1e-4], "float64", "float64"),
    ([0.0, 9.9e-5], "float64", "float64"),
    ([1e8, 1e8 + 1], "float64", "float64"),
    ([1e30, -1e-30, 0.0, NAN], "float64", "float64"),
    ([0.1, 0.2], "float16", "float32"),
    ([0.1, 0.2], "float16", "float16"),
    ([60000.0, 0.0001], "float16", "float32"),
    ([True, False], "bool", "float32"),
    ([1, -20, 300], "int64", "float32"),
    ([1, 255], "uint8", "float32"),
    ([-(2**63), 2**63 - 1], "int64", "float32"),
    ([[3.0, 3.0], [3.0, 3.0]], "float64", "float64"),
    ([[[1.0], [2.0]], [[3.0], [4.0]]], "float64", "float64"),
    ([[[[1, 2]], [[3, 4]]], [[[5, 6]], [[7, 8]]]], "int64", "float64"),
]
# Larger ones, by shape: elements multiples of `step`, see `array_of`.
LARGE: list[tuple[tuple[int, ...], str, float]] = [
    ((1000,), "float64", 1.0),
    ((1001,), "float64", 1.0),
    ((1001,), "float32", 0.001),
    ((1001,), "int64", 1.0),
    ((1001,), "bool", 1.0),
    ((2000,), "float64", 1e-7),
    ((3, 400), "float64", 0.25),
    ((400, 3), "float64", 0.25),
    ((6, 167), "float64", 1.0),
    ((7, 143), "float64", 1.0),
    ((40, 40), "float32", 1e5),
    ((2, 600), "int32", 3.0),
    ((10, 10, 11), "float64", 0.5),
    ((2, 2, 300), "float64", 0.5),
    ((300, 2, 2), "float64", 0.5),
    ((7, 2, 8, 10), "int64", 1.0),
    ((0, 2000), "float64", 1.0),
]
ENDINGS = ("", "leaf", "CloneBackward0", "MaskedFillBackward0")
"""A leaf says `requires_grad=True`, a result names its operation; these two keep the elements."""


def array_of(case: Case) -> np.ndarray[Any, Any]:
    """The tensor of a case: its `data`, or so many numbers made of `step`, in an order that isn't sorted."""
    dtype = np.dtype(case["dtype"])
    if "data" in case:
        return np.array(case["data"], dtype=dtype).reshape(case["shape"])
    count = int(np.prod(case["shape"]))
    return ((np.arange(count) * 7919 % 1009 - 300) * case["step"]).astype(dtype).reshape(case["shape"])


def cases() -> Iterator[Case]:
    """All cases without their texts."""
    for data, dtype, default in SMALL:
        yield {"dtype": dtype, "default": default, "shape": np.array(data).shape, "data": data}
    for shape, dtype, step in LARGE:
        yield {"dtype": dtype, "default": "float64", "shape": shape, "step": step}
    random = np.random.default_rng(SEED)
    for number in range(RANDOM_CASES):
        rank = number % 5
        shape = tuple(int(n) for n in random.integers(1, (2, 40, 10, 4, 3)[rank] + 1, size=rank))
        dtype = str(random.choice(["float64", "float32", "float16", "float64", "int64", "uint8", "bool"]))
        default = str(random.choice(["float64", "float32"]))
        case = {"dtype": dtype, "default": default, "shape": shape}
        yield case | {"data": _data(random, dtype, shape)}


def _data(random: np.random.Generator, dtype: str, shape: tuple[int, ...]) -> list[Any]:
    """Elements of few digits, so that the file stays small; magnitudes and oddities of all kinds."""
    digits = random.integers(-99, 100, size=shape).ravel()
    if dtype == "bool":
        return [bool(n > 0) for n in digits]
    if dtype == "uint8":
        return [abs(int(n)) for n in digits]
    if dtype == "int64":
        return [int(n) * 10 ** int(random.integers(0, 15)) for n in digits]
    most = 2 if dtype == "float16" else random.choice([5, 30])
    middle = random.integers(-most, 1 if dtype == "float16" else most + 1)
    spread = random.choice([0, 0, 1, 2])
    exponents = middle + random.integers(-spread, spread + 1, size=digits.size)
    odd = random.random(digits.size) < random.choice([0, 0, 0.2, 0.9])
    oddities = random.choice([NAN, INF, -INF, 0.0], size=digits.size)
    exact = [float(f"{n}e{exponent}") for n, exponent in zip(digits, exponents, strict=True)]
    return [float(oddities[at]) if odd[at] else number for at, number in enumerate(exact)]


def main() -> None:
    """Print every case with PyTorch, with an ending in turn, and write them all."""
    import torch

    lines = []
    for number, case in enumerate(cases()):
        torch.set_default_dtype(getattr(torch, case["default"]))
        array = array_of(case)
        tensor = torch.from_numpy(array.copy()).reshape(case["shape"])
        ending = ENDINGS[number // 2 % len(ENDINGS)] if tensor.is_floating_point() else ""
        if ending:
            tensor.requires_grad_()
        if ending == "CloneBackward0":
            tensor = tensor.clone()
        elif ending == "MaskedFillBackward0":
            tensor = tensor.masked_fill(torch.tensor(False), 0)
        text = str(tensor)
        lines.append(json.dumps(case | {"ending": ending, "text": text}, separators=(",", ":")))
    RECORDED.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    print(f"{len(lines)} cases, {RECORDED.stat().st_size} bytes")


if __name__ == "__main__":
    main()
