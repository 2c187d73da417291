"""Functions of one tensor, element by element: their domains, their kinks, huge and tiny arguments."""

from __future__ import annotations

from golden.operations import Row

DOMAINS = {
    "any": "abs asinh atan ceil cos cosh deg2rad erf erfc exp exp2 expm1 floor frac i0 neg positive rad2deg"
    " reciprocal round sigmoid sign sgn sin sinc sinh square tanh trunc tan nan_to_num",
    "unit": "acos asin atanh erfinv",
    "above1": "acosh",
    "positive": "digamma lgamma log log10 log2 rsqrt sqrt log1p",
    "prob": "logit",
}
SPECIAL = {
    "positive": "entr",
    "any": "erfcx i0e i1 i1e log_ndtr ndtr",
    "prob": "ndtri",
}

ROWS: list[Row] = []
for domain, names in DOMAINS.items():
    for name in names.split():
        call, method = f"{name}(x)", f"x.{name}()"
        ROWS += [
            (name, {"x": f"{domain}:2,3"}, [call, method]),
            (name, {"x": f"{domain}:"}, [call]),
            (name, {"x": f"{domain}:0"}, [call]),
            (name, {"x": f"{domain}:2,1,2"}, [method]),
            (name, {"x": "odd:9"}, [call]),
            (name, {"x": "tiny:7"}, [call]),
            (name, {"x": "huge:8"}, [call]),
            (name, {"x": "zeros:7"}, [f"{name}(x * x)"]),
        ]
for domain, names in SPECIAL.items():
    for name in names.split():
        ROWS += [
            (name, {"x": f"{domain}:2,3"}, [f"special.{name}(x)", f"{name}(x)"]),
            (name, {"x": f"{domain}:"}, [f"special.{name}(x)"]),
            (name, {"x": f"{domain}:0"}, [f"special.{name}(x)"]),
            (name, {"x": "odd:9"}, [f"special.{name}(x)"]),
            (name, {"x": "tiny:7"}, [f"special.{name}(x)"]),
            (name, {"x": "huge:8"}, [f"special.{name}(x)"]),
            (name, {"x": "wide:8"}, [f"special.{name}(x)"]),
        ]
for name in [
    "abs",
    "neg",
    "sign",
    "sgn",
    "ceil",
    "floor",
    "round",
    "trunc",
    "positive",
    "square",
    "exp",
    "sin",
    "sqrt",
    "sigmoid",
    "reciprocal",
]:
    ROWS.append((name, {"x": "ints:5"}, [f"{name}(x)"]))
    ROWS.append((name, {"x": "kinks:11"}, [f"{name}(x)"]))
for name in ["lgamma", "digamma", "i0", "sinc", "erf", "erfc", "log1p", "tanh", "sigmoid"]:
    ROWS.append((name, {"x": "wide:8"}, [f"{name}(x)"]))

ROWS += [
    (
        "round",
        {"x": [0.5, 1.5, 2.5, -0.5, -1.5, 2.345, -7.891]},
        ["round(x)", "round(x, decimals=2)", "x.round(decimals=1)"],
    ),
    ("round", {"x": [123.4, 155.0, -250.0]}, ["round(x, decimals=-1)", "round(x, decimals=-2)"]),
    ("sinc", {"x": [0.0, 1.0, -2.0, 0.5, 1e-9]}, ["sinc(x)"]),
    (
        "logit",
        {"x": [0.0, 1.0, 0.5, 0.001, 0.999, -0.5, 1.5]},
        ["logit(x)", "logit(x, eps=0.01)", "x.logit(0.1)"],
    ),
    ("erfinv", {"x": [-1.0, 1.0, 0.0, 0.999999, -1.5]}, ["erfinv(x)"]),
    ("lgamma", {"x": [1.0, 2.0, 0.5, 100.5, 1e-5, -0.5, -2.5, 171.5]}, ["lgamma(x)"]),
    ("digamma", {"x": [1.0, 2.0, 0.5, 100.5, 1e-5, -0.5, -2.5]}, ["digamma(x)"]),
    ("acosh", {"x": [1.0, 1e5, 1.0000001, 0.5]}, ["acosh(x)"]),
    ("log1p", {"x": [-1.0, -0.9999, 1e-18, 1e300, -2.0]}, ["log1p(x)"]),
    ("expm1", {"x": [1e-18, -1e-18, 710.0, -50.0]}, ["expm1(x)"]),
    (
        "nan_to_num",
        {"x": "odd:9"},
        [
            "nan_to_num(x, nan=1.5)",
            "nan_to_num(x, 0.0, 10.0, -10.0)",
            "x.nan_to_num(posinf=3.0)",
            "nan_to_num(x, neginf=-7.0)",
        ],
    ),
    ("xlog1py", {"x": "any:2,3", "y": "positive:2,3"}, ["special.xlog1py(x, y)", "xlog1py(x, y)"]),
    (
        "xlog1py",
        {"x": "any:2,3", "y": "positive:3"},
        ["special.xlog1py(x, y)", "special.xlog1py(2.0, y)", "special.xlog1py(x, 0.5)"],
    ),
    (
        "xlog1py",
        {"x": [0.0, 0.0, 1.0, 0.0, 2.0], "y": [-1.0, 3.0, -1.0, float("nan"), 0.0]},
        ["special.xlog1py(x, y)"],
    ),
    (
        "polygamma",
        {"x": "positive:2,3"},
        [
            "polygamma(0, x)",
            "polygamma(1, x)",
            "polygamma(2, x)",
            "polygamma(5, x)",
            "special.polygamma(3, x)",
            "x.polygamma(1)",
        ],
    ),
    ("polygamma", {"x": [0.1, 20.0, 1.0]}, ["polygamma(1, x)", "polygamma(4, x)"]),
    (
        "mvlgamma",
        {"x": "above3:2,3"},
        ["mvlgamma(x, 1)", "mvlgamma(x, 2)", "mvlgamma(x, p=3)", "x.mvlgamma(2)"],
    ),
    ("erf", {"x": "any:2,3"}, ["special.erf(x)"]),
    ("expm1", {"x": "any:2,3"}, ["special.expm1(x)", "torch.expm1(x)"]),
    ("exp", {"x": "any:2,3"}, ["torch.exp(x)", "np.exp(x)", "exp(input=x)"]),
    ("sigmoid", {"x": "any:2,3"}, ["torch.sigmoid(x)", "special.expit(x)", "F.sigmoid(x)"]),
    ("digamma", {"x": "positive:2,3"}, ["special.psi(x)", "special.digamma(x)"]),
    ("lgamma", {"x": "positive:2,3"}, ["special.gammaln(x)"]),
    ("neg", {"x": "any:2,3"}, ["-x", "negative(x)", "+x"]),
    ("abs", {"x": "any:2,3"}, ["absolute(x)", "abs(-x)"]),
    ("abs", {"x": "zeros:7"}, ["abs(x)", "abs(x) * x"]),
    ("acos", {"x": "unit:2,3"}, ["arccos(x)"]),
    ("asin", {"x": "unit:2,3"}, ["arcsin(x)"]),
    ("atan", {"x": "any:2,3"}, ["arctan(x)"]),
    ("acosh", {"x": "above1:2,3"}, ["arccosh(x)"]),
    ("asinh", {"x": "any:2,3"}, ["arcsinh(x)"]),
    ("atanh", {"x": "unit:2,3"}, ["arctanh(x)"]),
    ("trunc", {"x": "any:2,3"}, ["fix(x)"]),
    ("sqrt", {"x": [0.0, 1.0, 4.0, -1.0]}, ["sqrt(x)", "sqrt(x) ** 2"]),
    ("exp", {"x": "any:2,3"}, ["exp(sin(x) * x)", "log(exp(x) + 1)", "exp(-x ** 2 / 2) / (2 * pi) ** 0.5"]),
]
