"""Functions of two and three tensors, element by element: broadcasting, plain numbers, ties and zeros."""

from __future__ import annotations

from golden.operations import Row

NAN, INF = float("nan"), float("inf")
SHAPES = [("2,3", "2,3"), ("2,3", "3"), ("2,1", "1,3"), ("", "2,2"), ("0", "1"), ("2,1,3", "2,1")]
BOTH = {"x": "any:2,3", "y": "positive:3"}

ROWS: list[Row] = []
for name in [
    "add",
    "sub",
    "mul",
    "div",
    "true_divide",
    "rsub",
    "atan2",
    "hypot",
    "copysign",
    "maximum",
    "minimum",
    "fmax",
    "fmin",
    "max",
    "min",
    "logaddexp",
    "logaddexp2",
    "fmod",
    "remainder",
    "floor_divide",
]:
    for left, right in SHAPES:
        ROWS.append((name, {"x": f"any:{left}", "y": f"positive:{right}"}, [f"{name}(x, y)"]))
for name in [
    "add",
    "sub",
    "mul",
    "div",
    "true_divide",
    "atan2",
    "hypot",
    "copysign",
    "maximum",
    "minimum",
    "fmax",
    "fmin",
    "max",
    "min",
    "logaddexp",
    "logaddexp2",
    "fmod",
    "remainder",
    "floor_divide",
]:
    ROWS.append((name, BOTH, [f"x.{name}(y)"]))
for name in ["pow", "float_power", "xlogy"]:
    for left, right in SHAPES:
        ROWS.append(
            (
                name,
                {"x": f"positive:{left}", "y": f"any:{right}"},
                [f"{name}(x, y)" if name != "xlogy" else "xlogy(y, x)"],
            )
        )
TIED = {"x": [1.0, 2.0, 0.0, -1.0, 0.0, 3.0], "y": [1.0, 1.0, -0.0, -1.0, 0.0, 4.0]}
STRANGE = {"x": [NAN, 1.0, INF, -INF, NAN, 0.0], "y": [1.0, NAN, INF, 2.0, NAN, -INF]}
for name in [
    "maximum",
    "minimum",
    "fmax",
    "fmin",
    "max",
    "min",
    "hypot",
    "atan2",
    "logaddexp",
    "logaddexp2",
    "copysign",
]:
    ROWS.append((name, TIED, [f"{name}(x, y)"]))
    ROWS.append((name, STRANGE, [f"{name}(x, y)"]))
    ROWS.append((name, {"x": "any:4"}, [f"{name}(x, x)"]))
for name in ["hypot", "logaddexp", "logaddexp2", "atan2", "maximum"]:
    ROWS.append(
        (name, {"x": "huge:8", "y": [1e150, 0.0, -1e5, 745.0, 31.0, 1e10, 1e150, -36.0]}, [f"{name}(x, y)"])
    )
    ROWS.append(
        (name, {"x": "tiny:7", "y": [1e-20, 0.0, 1e-12, 2e-9, -5e-30, 1e-8, 1e-170]}, [f"{name}(x, y)"])
    )
for name, symbol in {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}.items():
    ROWS += [
        (
            name,
            {"x": "whole:2,3", "y": "whole:3"},
            [f"{name}(x, y)", f"x.{name}(y)", f"x {symbol} y", f"x {symbol} 1", f"1 {symbol} x"],
        ),
        (name, STRANGE, [f"{name}(x, y)"]),
        (name, {"x": "ints:4", "y": "whole:4"}, [f"x {symbol} y", f"{name}(x, 2.5)"]),
    ]
for name in ["logical_and", "logical_or", "logical_xor"]:
    ROWS += [
        (name, {"x": "mask:2,3", "y": "mask:3"}, [f"{name}(x, y)", f"x.{name}(y)"]),
        (name, {"x": "zeros:7", "y": "mask:7"}, [f"{name}(x, y)"]),
    ]

ROWS += [
    ("logical_not", {"x": "mask:4"}, ["logical_not(x)", "x.logical_not()", "~x"]),
    ("logical_not", {"x": "zeros:7"}, ["logical_not(x)"]),
    ("logical_and", {"x": "mask:4", "y": "mask:4"}, ["x & y", "x | y", "~(x & y) | y"]),
    (
        "operators",
        {"x": "any:2,3", "y": "positive:3"},
        ["x + y", "x - y", "x * y", "x / y", "x // y", "x % y", "y ** x", "-x + +y"],
    ),
    (
        "operators",
        {"x": "positive:2,3"},
        [
            "2 + x",
            "2 - x",
            "2 * x",
            "2 / x",
            "2 ** x",
            "7 // x",
            "7 % x",
            "x + 2",
            "x - 0.5",
            "x * 3",
            "x / 4",
            "x ** 2",
            "x ** 0.5",
            "x ** -1",
            "x // 0.4",
            "x % 0.7",
            "x ^ 2",
            "x ** 3 ** 0.5",
            "-x ** 2",
            "x ** -2 + 1 / x",
            "(x > 1) * x",
            "x * (x < 1.5)",
        ],
    ),
    (
        "operators",
        {"x": "any:", "y": "any:"},
        ["x*x*y + y", "(x + y) * (x - y)", "x / (1 + y * y)", "x if x > 5 else y"],
    ),
    ("operators", {"x": "any:3,4", "y": "any:4,2"}, ["x @ y", "(x @ y) * 2 - 1"]),
    (
        "add",
        BOTH,
        [
            "add(x, y, alpha=2)",
            "x.add(y, alpha=-0.5)",
            "add(x, 2)",
            "add(x, 2.5, alpha=3)",
            "torch.add(x, other=y)",
        ],
    ),
    ("sub", BOTH, ["sub(x, y, alpha=3)", "subtract(x, y)", "x.sub(1.5)", "sub(x, 2, alpha=0.5)"]),
    ("rsub", BOTH, ["rsub(x, y, alpha=2)", "rsub(x, 3)"]),
    ("mul", BOTH, ["multiply(x, y)", "mul(x, 2)", "x.mul(-1.5)", "x * x * y"]),
    (
        "div",
        BOTH,
        [
            "divide(x, y)",
            "div(x, y, rounding_mode='floor')",
            "div(x, y, rounding_mode='trunc')",
            "div(x, 2)",
            "x.div(y, rounding_mode=None)",
        ],
    ),
    (
        "div",
        {"x": [1.0, 0.0, -1.0, INF], "y": [0.0, 0.0, 0.0, INF]},
        ["x / y", "div(x, y)", "floor_divide(x, y)", "fmod(x, y)", "remainder(x, y)"],
    ),
    (
        "floor_divide",
        {"x": "wide:6", "y": "nonzero:6"},
        ["floor_divide(x, y)", "x // y", "floor_divide(x, 2)", "x // -1.5"],
    ),
    (
        "floor_divide",
        {"x": "ints:6", "y": "nonzero:6"},
        ["x // y", "x % y", "floor_divide(x, 2)", "fmod(x, y)", "remainder(x, -3)"],
    ),
    ("fmod", {"x": "wide:6", "y": "any:6"}, ["fmod(x, y)", "fmod(x, 1.5)", "fmod(x, -2)", "x.fmod(2)"]),
    (
        "remainder",
        {"x": "wide:6", "y": "any:6"},
        ["remainder(x, y)", "remainder(x, 1.5)", "remainder(x, -2)", "remainder(5, y)", "x % 2", "5.5 % y"],
    ),
    (
        "pow",
        {"x": "any:2,3"},
        [
            "pow(x, 2)",
            "x.pow(3)",
            "x ** 2",
            "x ** 0",
            "x ** 1",
            "x ** 4",
            "pow(x, -2)",
            "pow(x, 0)",
            "x ** 2.0",
            "float_power(x, 2)",
            "float_power(x, 3.0)",
        ],
    ),
    (
        "pow",
        {"x": "positive:2,3"},
        [
            "pow(x, 0.5)",
            "pow(x, -1.5)",
            "pow(2, x)",
            "2.5 ** x",
            "pow(0.5, x)",
            "0 ** x",
            "1 ** x",
            "x.float_power(0.5)",
            "float_power(2.0, x)",
        ],
    ),
    (
        "pow",
        {"x": "zeros:7"},
        ["x ** 2", "x ** 0", "x ** 1", "x ** 3", "x ** 1.5", "x ** 0.5", "x ** -1", "pow(x, 2.0)", "2 ** x"],
    ),
    (
        "pow",
        {"x": [0.0, 0.0, 0.0, 0.0, 2.0, -2.0, -2.0, 1.0], "y": [0.0, 1.0, 2.0, -1.0, 0.0, 3.0, 0.5, 100.0]},
        ["x ** y", "pow(x, y)", "float_power(x, y)"],
    ),
    ("pow", {"x": "any:3", "n": [2, 3, 0]}, ["x ** n", "pow(x, n)"]),
    ("pow", {"n": "ints:4"}, ["n ** 2", "pow(n, 3)", "n ** 0", "n ** 0.5", "2 ** abs(n)", "n * 2 - 1"]),
    ("heaviside", {"x": "zeros:7", "y": "any:7"}, ["heaviside(x, y)", "x.heaviside(y)"]),
    ("heaviside", {"x": "any:2,3", "y": "any:"}, ["heaviside(x, y)"]),
    (
        "copysign",
        {"x": [1.0, -1.0, 0.0, -0.0, 2.0], "y": [-0.0, 0.0, -1.0, 1.0, NAN]},
        ["copysign(x, y)", "copysign(x, -2.0)", "copysign(x, 1)"],
    ),
    (
        "xlogy",
        {"x": [0.0, 0.0, 1.0, 0.0, 2.0, 0.0], "y": [0.0, 3.0, 0.0, NAN, 1.0, -1.0]},
        ["xlogy(x, y)", "special.xlogy(x, y)", "x.xlogy(y)"],
    ),
    ("xlogy", {"x": "any:2,3", "y": "positive:3"}, ["xlogy(x, y)", "xlogy(x, 2.0)", "xlogy(2.0, y)"]),
    (
        "lerp",
        {"x": "any:2,3", "y": "any:3", "z": "prob:2,1"},
        [
            "lerp(x, y, z)",
            "lerp(x, y, 0.3)",
            "x.lerp(y, 0.8)",
            "torch.lerp(x, y, weight=0.5)",
            "x.lerp(y, z)",
        ],
    ),
    (
        "addcmul",
        {"x": "any:2,3", "y": "any:3", "z": "any:2,1"},
        ["addcmul(x, y, z)", "addcmul(x, y, z, value=0.5)", "x.addcmul(y, z, value=-2)"],
    ),
    (
        "addcdiv",
        {"x": "any:2,3", "y": "any:3", "z": "positive:2,1"},
        ["addcdiv(x, y, z)", "addcdiv(x, y, z, value=0.5)", "x.addcdiv(y, z, value=-2)"],
    ),
    (
        "clamp",
        {"x": "kinks:11"},
        [
            "clamp(x, -1, 1)",
            "clamp(x, min=0.5)",
            "clamp(x, max=2)",
            "x.clamp(0, 3)",
            "clip(x, -2, 2)",
            "x.clip(max=0)",
            "clamp(x, 2, -2)",
            "clamp(x, min=-3.0, max=None)",
        ],
    ),
    (
        "clamp",
        {"x": "any:2,3", "y": "negative:3", "z": "positive:2,1"},
        ["clamp(x, y, z)", "clamp(x, min=y)", "clamp(x, max=z)", "x.clamp(y, z)"],
    ),
    (
        "clamp",
        {"x": [1.0, 2.0, 3.0, NAN], "y": [1.0, 3.0, 3.5, 0.0], "z": [1.0, 2.0, 3.0, 1.0]},
        ["clamp(x, y, z)", "clamp(x, min=y)", "clamp(x, max=z)", "clamp(x, 1, 2)"],
    ),
    ("clamp_min", {"x": "kinks:11"}, ["clamp_min(x, 1)", "clamp_min(x, -0.5)", "x.clamp_min(0)"]),
    ("clamp_min", {"x": "any:2,3", "y": "any:3"}, ["clamp_min(x, y)"]),
    ("clamp_max", {"x": "kinks:11"}, ["clamp_max(x, 1)", "clamp_max(x, -0.5)", "x.clamp_max(0)"]),
    ("clamp_max", {"x": "any:2,3", "y": "any:3"}, ["clamp_max(x, y)"]),
    (
        "where",
        {"m": "mask:2,3", "x": "any:2,3", "y": "any:3"},
        [
            "where(m, x, y)",
            "where(x > 0, x, y)",
            "where(m, x, 0.0)",
            "where(m, 1.0, y)",
            "x.where(m, y)",
            "where(m, x, -x)",
            "where(m, 2, 3)",
            "where(m, x, 5)",
        ],
    ),
    (
        "where",
        {"x": "zeros:7"},
        [
            "where(x > 0, x, x * 2)",
            "where(x == 0, 1.0, x)",
            "where(x != 0, x * x, 0.0)",
            "where(x > 0, exp(x), zeros_like(x))",
        ],
    ),
    ("where", {"m": [True], "x": "any:", "y": "any:0"}, ["where(m, x, 1)"]),
    ("maximum", {"x": "any:2,3"}, ["maximum(x, tensor(0.5))", "minimum(x, zeros(3))", "maximum(x, x * x)"]),
    ("max", {"x": "ints:5", "y": "ints:5"}, ["max(x, y)", "maximum(x, y)", "min(x, y)"]),
    ("hypot", {"x": [3.0, 0.0, 1e200, 1e-200], "y": [4.0, 0.0, 1e200, 1e-200]}, ["hypot(x, y)"]),
    (
        "logaddexp",
        {"x": [-INF, 0.0, 1000.0, -1000.0], "y": [-INF, -INF, 1000.0, -1001.0]},
        ["logaddexp(x, y)", "logaddexp2(x, y)"],
    ),
]
