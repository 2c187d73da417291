"""The tables of the notation: characters, words and functions that are read, and what they are read as."""

from __future__ import annotations

import re

CHARACTERS = {
    **dict.fromkeys("×·⋅∗•∙", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
    **dict.fromkeys("−–—‐", "-"),
    **dict.fromkeys("“”„«»", '"'),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("\xa0\u3000\u2009\u202f\u2007", " "),
    "∂": "d",
}
"""Characters that are another one, each of one character, so that places stay."""

SIGNS = {"≤": "<=", "≥": ">=", "≠": "!=", "∞": "inf", "π": "pi", "τ": "math.tau", "…": "..."}
"""Characters that stand for a sign or a number."""

FRACTIONS = {"½": "(1/2)", "⅓": "(1/3)", "¼": "(1/4)", "¾": "(3/4)", "⅔": "(2/3)", "⅛": "(1/8)"}

SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱˣʸᵏᵐ", "0123456789+-()nixykm", strict=True))

BRACKETS = {"⌊": ("floor(", "⌋"), "⌈": ("ceil(", "⌉"), "‖": ("norm(", "‖")}
"""Brackets that are functions: what each one is when it opens, and what closes it."""

ARROWS = ("->", "→", "↦", "⟼", "=>")
"""Signs of a function without a name: `x ↦ x²`."""

PREFIXES = {"√": "sqrt", "∛": "cbrt", "∑": "sum", "∏": "prod"}
"""Signs before a value that are functions of it."""

KEYWORDS = frozenset(
    (
        *("if", "elif", "else", "while", "for", "with", "def", "class", "return", "assert", "import", "from"),
        *("as", "and", "or", "not", "in", "is", "pass", "break", "continue", "lambda", "try", "except"),
        *("finally", "raise", "global", "nonlocal", "del", "yield", "async", "await"),
    )
)

FUNCTIONS = frozenset(
    (
        *("sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan", "asinh", "acosh", "atanh"),
        *("arcsin", "arccos", "arctan", "exp", "log", "log2", "log10", "sqrt", "abs", "sign", "sigmoid"),
        *("relu", "sec", "csc", "cot", "ln", "lg", "tg", "ctg", "cbrt", "log_2", "log_10", "Σ", "Π"),
    )
)
"""Functions of one number that are written without brackets: `sin x`, `sin²(x)`."""

CALLED = frozenset(
    (
        *(
            "erf",
            "erfc",
            "gamma",
            "lgamma",
            "digamma",
            "floor",
            "ceil",
            "round",
            "softplus",
            "softmax",
            "gelu",
        ),
        *(
            "exp2",
            "expm1",
            "log1p",
            "rsqrt",
            "square",
            "sinc",
            "det",
            "trace",
            "inverse",
            "norm",
            "sum",
            "prod",
        ),
        *("mean", "std", "var", "median", "cumsum", "logsumexp", "transpose", "factorial", "deg2rad", "sgn"),
    )
)
"""Other functions that people write without brackets."""

ALIASES = {
    "ln": "log",
    "lg": "log10",
    "ld": "log2",
    "lb": "log2",
    "log_2": "log2",
    "log_10": "log10",
    "log_e": "log",
    "tg": "tan",
    "arctg": "atan",
    "sh": "sinh",
    "ch": "cosh",
    "th": "tanh",
    "arsinh": "asinh",
    "arcosh": "acosh",
    "artanh": "atanh",
    "average": "mean",
    "avg": "mean",
    "mod": "remainder",
    "power": "pow",
    "ceiling": "ceil",
    "sgn": "sign",
    "sigma": "sigmoid",
    "σ": "sigmoid",
    "Γ": "gamma",
    "Σ": "sum",
    "Π": "prod",
}
"""Functions that have another name here."""

FORMULAS = {
    "sec": "def sec(x): return 1/cos(x)",
    "csc": "def csc(x): return 1/sin(x)",
    "cosec": "def cosec(x): return 1/sin(x)",
    "cot": "def cot(x): return 1/tan(x)",
    "ctg": "def ctg(x): return 1/tan(x)",
    "cotan": "def cotan(x): return 1/tan(x)",
    "sech": "def sech(x): return 1/cosh(x)",
    "csch": "def csch(x): return 1/sinh(x)",
    "coth": "def coth(x): return 1/tanh(x)",
    "arccot": "def arccot(x): return atan2(1.0, x)",
    "cbrt": "def cbrt(x): return where(sign(x) < 0, -pow(neg(x), 1/3), pow(x, 1/3))",
    "factorial": "def factorial(x): return gamma(x + 1)",
    **{
        name: f"def {name}(n, k): return gamma(n + 1)/(gamma(k + 1)*gamma(n - k + 1))"
        for name in ("binom", "binomial", "choose", "comb", "nCr")
    },
    "nPr": "def nPr(n, k): return gamma(n + 1)/gamma(n - k + 1)",
}
"""Functions that a line in the language defines."""

NOTES = {
    "sigma": "sigma(x) is read as sigmoid(x); for the standard deviation write std(x)",
    "σ": "σ(x) is read as sigmoid(x)",
    "factorial": "factorial(x), or x!, is gamma(x + 1), which has a derivative",
    "average": "average(x) is read as mean(x)",
    "avg": "avg(x) is read as mean(x)",
    "arccot": "arccot(x) is read as the angle between 0 and pi",
    "mod": "mod(a, b) is a % b, with the sign of b",
}
"""What is told of a function that could surprise."""

EXTREMES = {"max": "maximum", "min": "minimum"}

DERIVATIVES = frozenset(("grad", "derivative", "diff", "deriv", "gradient", "differentiate"))
"""What a call is named that asks for the derivative of its first argument by the second."""

SETTING_WORDS = frozenset(("at", "where", "for", "when", "with", "if", "given"))

HINTS = {
    "root": ("which root?", "the square root is sqrt({0}), the third root cbrt({0}), the n-th {0}**(1/n)"),
    "solve": (
        "equations are not solved here",
        "a step of Newton's method towards f(x) = 0 is: f = {0}; x - f/grad(f, x)",
    ),
    "integrate": ("integrals are not computed here", "gradcli diff '{0}' gives the derivative"),
    "integral": ("integrals are not computed here", "gradcli diff '{0}' gives the derivative"),
    "limit": ("limits are not computed here", "try a point nearby: {0}, with -s x=1e-6"),
    "lim": ("limits are not computed here", "try a point nearby: {0}, with -s x=1e-6"),
    "simplify": ("formulas are simplified by another command", "gradcli diff '{0}' shows a short derivative"),
    "sind": ("functions of degrees have no names of their own", "sin(deg2rad({0})), or sin(30°)"),
    "cosd": ("functions of degrees have no names of their own", "cos(deg2rad({0})), or cos(30°)"),
    "tand": ("functions of degrees have no names of their own", "tan(deg2rad({0})), or tan(30°)"),
    "sqr": ("sqr may be the square or the root", "write {0}**2 or sqrt({0})"),
}
"""Functions of other calculators: what is wrong, and what to type; `{0}` is the first argument."""

PHRASES = (
    (
        r"[∫∬∭∮]|\b(?:integral|integrate)\b(?!\s*\()",
        "integrals are not computed here",
        "gradcli diff 'x^2' gives the derivative",
    ),
    (
        r"(?<=[\w)\]])\s*\^\s*(?:T|\{\s*(?:T|\\top)\s*\}|\\top)\s+(?=[^\W\d])(?!(?:at|where|if|and|or)\b)",
        "a transpose is no power here",
        "write x.T @ A @ x: .T transposes, @ multiplies matrices",
    ),
    (r"\blim(?:it)?\b(?!\s*\()", "limits are not computed here", "try a point nearby: 'sin(x)/x' -s x=1e-6"),
    (
        r"(?:^|;)\s*(?:let|const|var|set|define)\s+[^\W\d]\w*\s*:?=(?!=)",
        "no word stands before a name that is assigned",
        "write x = 3; x^2, or x^2 at x=3",
    ),
    (
        r"(?:^|;)\s*[^\W\d]\w*\s*<-\s*[\w.]+\s*(?:;|$)|(?:^|;)\s*[^\W\d]\w*\s*:=",
        "a name is assigned with =",
        "write x = 3; x^2, or x^2 at x=3",
    ),
    (r"\bif\b.*\bthen\b", "a choice is written otherwise here", "write x^2 if x > 0 else 0"),
    (
        r"(?<=[\w)\]])\s+(?:deg|degrees?)\b",
        "angles are in radians here",
        "write deg2rad(x), or 30° behind a number",
    ),
    (
        r"\bsolve\b(?!\s*\()",
        "equations are not solved here",
        "a step of Newton's method towards f(x) = 0 is: f = x^2 - 4; x - f/grad(f, x)",
    ),
    (r"[\w)]\s+choose\s+[\w(]", "choose is a function here", "write choose(n, k)"),
    (r"^\s*partial\s+(?!derivative)[\w(]", "how far does it reach?", "write d/dx (x^2*y)"),
    (
        r"^\s*(?:help|quit|exit|\?)\s*(?:\(\s*\))?\s*$",
        "this is a program of one line, and no prompt",
        "gradcli eval --help tells how it is called, gradcli functions what there is",
    ),
)
"""What is asked for in words that no reading has: a pattern, what is wrong, and what to type."""

PREFIX = re.compile(
    r"\s*(?:(?:the\s+)?(?:derivative|gradient|slope|diff|grad)\s+of\b|differentiate\b|∇|grad\b(?=\s+[\w(]))\s*"
)
"""Words before a line that ask for what is shown of it anyway: its derivatives by everything."""

SUFFIX = re.compile(r"(?<![=!<>:+\-*/%^@])=\s*\??\s*$")
"""The sign behind a line that asks for its value, as on a pocket calculator."""

MEANING = frozenset(
    (
        *ALIASES,
        *FORMULAS,
        *EXTREMES,
        *DERIVATIVES,
        *SETTING_WORDS,
        *HINTS,
        "log",
        "def",
        "lambda",
        "round",
        "limit",
        "integral",
        "then",
        "partial",
    )
)
"""The words that make a line worth a closer look."""
