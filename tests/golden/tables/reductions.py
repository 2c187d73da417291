"""Reductions and scans: dims, keepdim, ties, zeros, empty tensors, exactness for huge arguments."""

from __future__ import annotations

from golden.operations import Row

NAN, INF = float("nan"), float("inf")
DIMS = ["0", "1", "-1", "dim=0", "dim=-2", "dim=1, keepdim=True"]

ROWS: list[Row] = []
for name in ["sum", "nansum", "mean", "nanmean", "prod", "var", "std", "norm"]:
    ROWS += [
        (name, {"x": "any:2,3"}, [f"{name}(x)", f"x.{name}()"]),
        (
            name,
            {"x": "any:2,3"},
            [
                f"{name}(x, {dim})"
                if name != "norm"
                else f"norm(x, {'dim=' + dim if '=' not in dim else dim})"
                for dim in DIMS
            ],
        ),
        (name, {"x": "any:"}, [f"{name}(x)"] if name not in ("var", "std") else [f"{name}(x, correction=0)"]),
        (
            name,
            {"x": "any:2,3,2"},
            [f"x.{name}(dim=1)", f"x.{name}(dim=2)", f"{name}(x, dim=0, keepdim=True)"],
        ),
        (name, {"x": "zeros:7"}, [f"{name}(x)"]),
        (
            name,
            {"x": [[0.0, 0.0], [1.0, 0.0], [2.0, 3.0]]},
            [f"{name}(x, dim=1)", f"{name}(x, dim=0)", f"{name}(x)"],
        ),
        (name, {"x": [0.0, 0.0]}, [f"{name}(x)"]),
    ]
for name in ["sum", "nansum", "mean", "var", "std", "norm"]:
    ROWS.append(
        (
            name,
            {"x": "any:2,3,2"},
            [f"{name}(x, dim=(0, 2))", f"{name}(x, dim=[-1, 0], keepdim=True)", f"x.{name}(dim=(1, 2))"],
        )
    )
for name in ["sum", "nansum", "prod", "norm", "mean", "logsumexp"]:
    ROWS.append(
        (name, {"x": "any:0,3"}, [f"{name}(x, dim=0)"] + ([f"{name}(x, dim=1)"] if name != "mean" else []))
    )
    if name != "logsumexp":
        ROWS.append((name, {"x": "any:0"}, [f"{name}(x)"]))
for name in ["max", "min", "median", "nanmedian", "cummax", "cummin"]:
    part = "" if name in ("cummax", "cummin") else ", keepdim=True"
    ROWS += [
        (
            name,
            {"x": "any:3,4"},
            [
                f"{name}(x, 0)[0]",
                f"{name}(x, 1)[1]",
                f"{name}(x, dim=-1).values",
                f"x.{name}(dim=0).indices",
                f"{name}(x, dim=1{part})[0]",
                f"{name}(x, -2)[0]",
            ],
        ),
        (name, {"x": "any:2,3,2"}, [f"{name}(x, 1).values", f"{name}(x, 2).values * 2"]),
        (name, {"x": [[1.0, NAN, 2.0], [3.0, 0.0, NAN]]}, [f"{name}(x, 1).values", f"{name}(x, 0).values"]),
    ]
    if name not in ("median", "nanmedian"):
        ROWS.append(
            (
                name,
                {"x": [[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]},
                [f"{name}(x, 1)[0]", f"{name}(x, 1)[1]", f"{name}(x, 0)[1]"],
            )
        )
for name in ["max", "min", "median", "nanmedian"]:
    ROWS += [
        (name, {"x": "any:2,3"}, [f"{name}(x)", f"x.{name}()"]),
        (name, {"x": "any:"}, [f"{name}(x)"]),
        (name, {"x": "ties:8"}, [f"{name}(x)"]),
        (name, {"x": [2.0, 2.0, 1.0, 1.0]}, [f"{name}(x)", f"{name}(x) ** 2"]),
        (name, {"x": "any:5"}, [f"{name}(x)", f"{name}(x, 0)[0]"]),
        (name, {"x": [1.0, NAN, 3.0]}, [f"{name}(x)"]),
        (name, {"x": "ints:5"}, [f"{name}(x)"]),
    ]
for name in ["amax", "amin"]:
    ROWS += [
        (
            name,
            {"x": "any:2,3,2"},
            [
                f"{name}(x)",
                f"{name}(x, 1)",
                f"{name}(x, dim=(0, 2))",
                f"x.{name}(dim=-1, keepdim=True)",
                f"x.{name}((0, 1))",
            ],
        ),
        (
            name,
            {"x": "ties:2,4"},
            [f"{name}(x)", f"{name}(x, 1)", f"{name}(x, 0)", f"{name}(x, dim=1, keepdim=True)"],
        ),
        (name, {"x": "any:"}, [f"{name}(x)"]),
    ]
for name in ["var_mean", "std_mean"]:
    ROWS += [
        (
            name,
            {"x": "any:3,4"},
            [
                f"{name}(x)[0]",
                f"{name}(x)[1]",
                f"{name}(x, 0)[0]",
                f"{name}(x, dim=1, keepdim=True)[1]",
                f"{name}(x, dim=1, correction=0)[0]",
                f"{name}(x, 0)[0] + {name}(x, 0)[1]",
            ],
        )
    ]
for name in ["var", "std"]:
    ROWS += [
        (
            name,
            {"x": "any:3,4"},
            [
                f"{name}(x, correction=0)",
                f"{name}(x, 0, correction=2)",
                f"{name}(x, unbiased=False)",
                f"{name}(x, 1, False)",
                f"x.{name}(unbiased=True)",
                f"x.{name}(0, unbiased=False, keepdim=True)",
            ],
        ),
        (name, {"x": [2.0, 2.0, 2.0]}, [f"{name}(x)", f"{name}(x, correction=0)"]),
        (name, {"x": [1e8, 1e8 + 1, 1e8 + 2]}, [f"{name}(x)"]),
    ]
ROWS += [
    (
        "sum",
        {"x": "ints:2,3"},
        ["sum(x)", "sum(x, 0)", "x.sum(dim=1, keepdim=True)", "sum(x, keepdims=True, axis=0)"],
    ),
    ("sum", {"x": "mask:2,3"}, ["sum(x)", "x.sum(1)"]),
    (
        "sum",
        {"x": "any:2,3"},
        [
            "mean(x, axis=0)",
            "prod(x, axis=1)",
            "amax(x, axis=1)",
            "sum(x, keepdims=True, axis=1)",
            "np.sum(x, axis=0)",
            "torch.sum(x)",
            "x.sum(axis=1)",
            "sum(x * x)",
            "sum(x, (0, 1))",
            "sum(x, dim=None)",
        ],
    ),
    (
        "nansum",
        {"x": [[1.0, NAN, 2.0], [NAN, 3.0, 4.0]]},
        ["nansum(x)", "nansum(x, 1)", "x.nansum(0, keepdim=True)"],
    ),
    (
        "nanmean",
        {"x": [[1.0, NAN, 2.0], [NAN, 3.0, 4.0]]},
        ["nanmean(x)", "nanmean(x, 1)", "x.nanmean(0, keepdim=True)"],
    ),
    ("mean", {"x": "mask:4"}, ["mean(where(x, 1.0, 0.0))"]),
    ("prod", {"x": [2.0, 0.0, 3.0]}, ["prod(x)", "prod(x, 0)", "prod(x) * 2"]),
    ("prod", {"x": [2.0, 0.0, 0.0, 3.0]}, ["prod(x)", "prod(x, dim=0, keepdim=True)"]),
    (
        "prod",
        {"x": [[2.0, 0.0, 3.0], [0.0, 0.0, 1.5], [1.0, 2.0, -1.0]]},
        ["prod(x, 1)", "prod(x, 0)", "prod(x)"],
    ),
    ("prod", {"x": "ints:4"}, ["prod(x)"]),
    (
        "norm",
        {"x": "any:2,3"},
        [
            "norm(x, 1)",
            "norm(x, p=2)",
            "norm(x, 3)",
            "norm(x, inf)",
            "norm(x, -inf)",
            "norm(x, 0)",
            "norm(x, p='fro')",
            "x.norm(p=1, dim=1)",
            "norm(x, p=inf, dim=0)",
            "norm(x, 2.5, 1)",
            "norm(x, p=3, dim=(0, 1))",
            "norm(x, 0.5)",
        ],
    ),
    (
        "norm",
        {"x": [0.0, 0.0, 0.0]},
        ["norm(x)", "norm(x, 1)", "norm(x, 3)", "norm(x, inf)", "norm(x, 1.5)", "norm(x, dim=0)"],
    ),
    (
        "norm",
        {"x": [[0.0, 0.0], [3.0, 4.0]]},
        ["norm(x, dim=1)", "norm(x, p=3, dim=1)", "norm(x, inf, 1)", "norm(x, p=1, dim=0)"],
    ),
    ("norm", {"x": [3.0, -3.0, 1.0]}, ["norm(x, inf)", "norm(x, -inf)"]),
    ("norm", {"x": "nonzero:4"}, ["norm(x * 1.0)"]),
    (
        "logsumexp",
        {"x": "any:2,3"},
        [
            "logsumexp(x, 0)",
            "logsumexp(x, dim=1, keepdim=True)",
            "x.logsumexp(-1)",
            "logsumexp(x, (0, 1))",
            "logsumexp(x, dim=[0])",
            "special.logsumexp(x, 1)",
        ],
    ),
    (
        "logsumexp",
        {"x": [[1000.0, 1001.0, -1000.0], [-1e5, -1e5, -INF], [1e300, 0.0, 1.0]]},
        ["logsumexp(x, 1)"],
    ),
    ("logsumexp", {"x": [[-INF, -INF], [INF, 1.0]]}, ["logsumexp(x, 1)"]),
    ("logsumexp", {"x": "any:"}, ["logsumexp(x, 0)"]),
]
for name in ["cumsum", "cumprod", "logcumsumexp"]:
    ROWS += [
        (name, {"x": "any:2,3"}, [f"{name}(x, 0)", f"{name}(x, dim=1)", f"x.{name}(-1)", f"x.{name}(dim=0)"]),
        (name, {"x": "any:"}, [f"{name}(x, 0)"]),
        (name, {"x": "any:0"}, [f"{name}(x, 0)"]),
        (name, {"x": "any:2,3,2"}, [f"{name}(x, 1)"]),
    ]
ROWS += [
    ("cumsum", {"x": "ints:4"}, ["cumsum(x, 0)", "cumprod(x, 0)"]),
    ("cumsum", {"x": "mask:4"}, ["cumsum(x, 0)"]),
    ("cumprod", {"x": [2.0, 0.0, 3.0, 4.0]}, ["cumprod(x, 0)"]),
    (
        "cumprod",
        {"x": [[2.0, 0.0, 3.0, 0.0, 1.0], [1.0, 2.0, 3.0, 0.5, 0.0]]},
        ["cumprod(x, 1)", "cumprod(x, 0)"],
    ),
    ("logcumsumexp", {"x": [1000.0, 1001.0, -1000.0, 1e4]}, ["logcumsumexp(x, 0)"]),
    ("logcumsumexp", {"x": [-INF, 1.0, 2.0]}, ["logcumsumexp(x, 0)"]),
    ("cummax", {"x": [1.0, 3.0, 3.0, 2.0, 5.0]}, ["cummax(x, 0)[0]", "cummax(x, 0)[1]", "cummin(x, 0)[1]"]),
    ("cummax", {"x": "any:"}, ["cummax(x, 0)[0]"]),
]
for name in ["softmax", "log_softmax", "softmin"]:
    ROWS += [
        (
            name,
            {"x": "any:2,3"},
            [f"{name}(x, 0)", f"{name}(x, dim=1)", f"{name}(x, -1)", f"F.{name}(x, dim=0)"],
        ),
        (name, {"x": "any:"}, [f"{name}(x, 0)"]),
        (name, {"x": "any:0,3"}, [f"{name}(x, 0)", f"{name}(x, 1)"]),
        (name, {"x": "any:2,3,2"}, [f"{name}(x, 1)"]),
        (name, {"x": [[1000.0, 1001.0, 999.0], [-1e5, 0.0, 1e5], [-INF, 0.0, 1.0]]}, [f"{name}(x, 1)"]),
    ]
ROWS += [
    (
        "softmax",
        {"x": "any:2,3"},
        ["x.softmax(1)", "torch.softmax(x, dim=0)", "special.softmax(x, 1)", "log(softmax(x, 1))"],
    ),
    (
        "log_softmax",
        {"x": "any:2,3"},
        ["x.log_softmax(1)", "special.log_softmax(x, 0)", "exp(log_softmax(x, 1))"],
    ),
    (
        "diff",
        {"x": "any:2,5"},
        ["diff(x)", "diff(x, n=2)", "diff(x, dim=0)", "x.diff(n=3)", "diff(x, n=0)", "diff(x, 1, 1)"],
    ),
    (
        "diff",
        {"x": "any:2,3", "y": "any:2,1"},
        ["diff(x, prepend=y)", "diff(x, append=y)", "diff(x, prepend=y, append=y, dim=1)"],
    ),
    ("diff", {"x": "ints:4"}, ["diff(x)"]),
    ("trace", {"x": "any:3,3"}, ["trace(x)", "x.trace()", "trace(x @ x)"]),
    ("trace", {"x": "any:2,3"}, ["trace(x)"]),
    ("trace", {"x": "any:3,2"}, ["trace(x)"]),
]
for name in ["all", "any"]:
    ROWS += [
        (
            name,
            {"x": "mask:2,3"},
            [f"{name}(x)", f"{name}(x, 0)", f"x.{name}(dim=1, keepdim=True)", f"x.{name}()"],
        ),
        (name, {"x": "zeros:7"}, [f"{name}(x)", f"{name}(x > -10)"]),
        (name, {"x": "mask:0"}, [f"{name}(x)"]),
        (name, {"x": "mask:2,3,2"}, [f"{name}(x, (0, 2))"]),
    ]
for name in ["argmax", "argmin"]:
    ROWS += [
        (
            name,
            {"x": "any:2,3"},
            [
                f"{name}(x)",
                f"{name}(x, 0)",
                f"{name}(x, dim=1)",
                f"x.{name}(dim=-1, keepdim=True)",
                f"x.{name}()",
            ],
        ),
        (name, {"x": "ties:8"}, [f"{name}(x)"]),
        (name, {"x": [[1.0, NAN, 2.0], [3.0, 3.0, 0.0]]}, [f"{name}(x)", f"{name}(x, 1)"]),
    ]
ROWS += [
    ("count_nonzero", {"x": "zeros:7"}, ["count_nonzero(x)", "x.count_nonzero()"]),
    (
        "count_nonzero",
        {"x": "whole:3,4"},
        [
            "count_nonzero(x)",
            "count_nonzero(x, dim=0)",
            "count_nonzero(x, dim=(0, 1))",
            "count_nonzero(x > 0, 1)",
        ],
    ),
    (
        "trapezoid",
        {"x": "any:2,4"},
        ["trapezoid(x)", "trapezoid(x, dx=0.5)", "trapezoid(x, dim=0)", "trapezoid(x, dx=2, dim=-2)"],
    ),
    (
        "trapezoid",
        {"x": "any:2,4", "y": "any:4"},
        ["trapezoid(x, y)", "trapezoid(x, y, dim=1)", "trapz(x, y)"],
    ),
    (
        "cumulative_trapezoid",
        {"x": "any:2,4"},
        ["cumulative_trapezoid(x)", "cumulative_trapezoid(x, dx=0.5)", "cumulative_trapezoid(x, dim=0)"],
    ),
    (
        "cumulative_trapezoid",
        {"x": "any:2,4", "y": "any:4"},
        ["cumulative_trapezoid(x, y)", "cumulative_trapezoid(x, y, dim=-1)"],
    ),
    ("cov", {"x": "any:3,4"}, ["cov(x)", "x.cov()", "cov(x, correction=0)"]),
    ("cov", {"x": "any:5"}, ["cov(x)"]),
    (
        "cov",
        {"x": "any:2,4", "f": [1, 2, 1, 3], "a": "positive:4"},
        ["cov(x, fweights=f)", "cov(x, aweights=a)", "cov(x, fweights=f, aweights=a)"],
    ),
    ("corrcoef", {"x": "any:3,4"}, ["corrcoef(x)", "x.corrcoef()"]),
    ("corrcoef", {"x": "any:5"}, ["corrcoef(x)"]),
]
