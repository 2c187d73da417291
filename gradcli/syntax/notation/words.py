"""The tables of the notation: characters, words and functions that are read, and what they are read as."""

from __future__ import annotations

CHARACTERS = {
    **dict.fromkeys("×·⋅∗•∙⊙", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
    **dict.fromkeys("∣ǀ", "|"),
    "∥": "‖",
    **dict.fromkeys("−–—‐‑", "-"),
    **dict.fromkeys("“”„«»", '"'),
    **dict.fromkeys("‘’′´`", "'"),
    **dict.fromkeys("\xa0\u3000\u2009\u202f\u2007", " "),
    "∂": "d",
    "⊤": "ᵀ",
}
"""Characters that are another one, each of one character, so that places stay."""

SIGNS = {"≤": "<=", "≥": ">=", "≠": "!=", "∞": "inf", "π": "pi", "τ": "math.tau", "…": "..."}
"""Characters that stand for a sign or a number."""

FRACTIONS = {"½": "(1/2)", "⅓": "(1/3)", "¼": "(1/4)", "¾": "(3/4)", "⅔": "(2/3)", "⅛": "(1/8)"}

SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱˣʸᵏᵐᵀ", "0123456789+-()nixykmT", strict=True))

BRACKETS = {"⌊": ("floor(", "⌋"), "⌈": ("ceil(", "⌉"), "‖": ("norm(", "‖"), "⟨": ("inner(", "⟩")}
"""Brackets that are functions: what each one is when it opens, and what closes it."""

ARROWS = ("->", "→", "↦", "⟼", "=>")
"""Signs of a function without a name: `x ↦ x²`."""

PREFIXES = {"√": "sqrt", "∛": "cbrt", "∑": "sum", "∏": "prod"}
"""Signs before a value that are functions of it."""

NORMS = {"1": "1", "2": "2", "inf": "inf", "F": "'fro'"}
"""What may stand below the second bars of a norm, and what `linalg.norm` has for it."""

KEYWORDS = frozenset(
    (
        *("if", "elif", "else", "while", "for", "with", "def", "class", "return", "assert", "import", "from"),
        *("as", "and", "or", "not", "in", "is", "pass", "break", "continue", "lambda", "try", "except"),
        *("finally", "raise", "global", "nonlocal", "del", "yield", "async", "await"),
    )
)

_PLAIN = frozenset(
    (
        *("sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan", "asinh", "acosh", "atanh"),
        *("arcsin", "arccos", "arctan", "exp", "log", "log2", "log10", "sqrt", "abs", "sign", "sigmoid"),
        *("relu", "sec", "csc", "cosec", "cot", "ctg", "cotg", "sech", "csch", "coth", "cth", "ctgh", "cbrt"),
        *("log_2", "log_10", "Σ", "Π"),
    )
)

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
    **dict.fromkeys(("ln", "loge", "log_e", "logn"), "log"),
    **dict.fromkeys(("lg", "log_10"), "log10"),
    **dict.fromkeys(("ld", "lb", "log_2"), "log2"),
    **dict.fromkeys(("sen", "sinus", "seno"), "sin"),
    **dict.fromkeys(("cosinus", "coseno"), "cos"),
    **dict.fromkeys(("tg", "tangens"), "tan"),
    **dict.fromkeys(("arcsen", "arsen"), "asin"),
    **dict.fromkeys(("arctg", "arctang"), "atan"),
    **dict.fromkeys(("sh", "senh"), "sinh"),
    "ch": "cosh",
    **dict.fromkeys(("th", "tgh"), "tanh"),
    **dict.fromkeys(("arsinh", "arsh", "argsinh", "argsh"), "asinh"),
    **dict.fromkeys(("arcosh", "arch", "argcosh", "argch"), "acosh"),
    **dict.fromkeys(("artanh", "arth", "argtanh", "argth"), "atanh"),
    **dict.fromkeys(("cotg", "cotan", "ctn"), "cot"),
    **dict.fromkeys(("cth", "ctgh"), "coth"),
    **dict.fromkeys(("arcctg", "arccotg", "arccotan", "acot"), "arccot"),
    **dict.fromkeys(("asec",), "arcsec"),
    **dict.fromkeys(("acsc", "arccosec"), "arccsc"),
    "cosech": "csch",
    **dict.fromkeys(("squareroot", "raiz", "racine", "wurzel"), "sqrt"),
    **dict.fromkeys(("cuberoot", "cubicroot", "cubrt"), "cbrt"),
    **dict.fromkeys(("average", "avg"), "mean"),
    **dict.fromkeys(("tr", "Tr"), "trace"),
    "chol": "cholesky",
    "expm": "matrix_exp",
    "mod": "remainder",
    "power": "pow",
    "ceiling": "ceil",
    **dict.fromkeys(("sgn", "signum"), "sign"),
    **dict.fromkeys(("sigma", "σ"), "sigmoid"),
    "Γ": "gamma",
    "Σ": "sum",
    "Π": "prod",
}
"""Functions that have another name here."""

FUNCTIONS = _PLAIN | {name for name, meaning in ALIASES.items() if meaning in _PLAIN}
"""Functions of one number that are written without brackets: `sin x`, `sin²(x)`."""

FORMULAS = {
    "sec": "def sec(x): return 1/cos(x)",
    "csc": "def csc(x): return 1/sin(x)",
    "cosec": "def cosec(x): return 1/sin(x)",
    "arcsec": "def arcsec(x): return acos(1/x)",
    "arccsc": "def arccsc(x): return asin(1/x)",
    "cot": "def cot(x): return 1/tan(x)",
    "ctg": "def ctg(x): return 1/tan(x)",
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
    "binomial": "binomial(n, k) is read as n over k; random numbers come from torch.binomial(count, prob)",
    "average": "average(x) is read as mean(x)",
    "avg": "avg(x) is read as mean(x)",
    "arccot": "arccot(x) is read as the angle between 0 and pi",
    "mod": "mod(a, b) is a % b, with the sign of b",
}
"""What is told of a function that could surprise."""

DEGREES = ("sin", "cos", "tan")
"""Functions of angles, which learners may give in degrees."""

EXTREMES = {"max": "maximum", "min": "minimum"}

DERIVATIVES = frozenset(
    ("grad", "derivative", "diff", "deriv", "derive", "gradient", "differentiate", "slope")
)
"""What a call is named that asks for the derivative of its first argument by the second."""

SETTING_WORDS = frozenset(("at", "where", "for", "when", "with", "if", "given"))

_EQUATIONS = "equations are not solved here"
_NEWTON = "a step of Newton's method towards f(x) = 0 is: f = {0}; x - f/grad(f, x)"
_INTEGRALS = ("integrals are not computed here", "gradcli diff '{0}' gives the derivative")
_LIMITS = ("limits are not computed here", "try a point nearby: {0}, with -s x=1e-6")
_ROOT = ("which root?", "the square root is sqrt({0}), the third root cbrt({0}), the n-th {base}**(1/n)")
_WHICH = ("the n-th root is a power here", "write ({0})**(1/({1})) or ({1})**(1/({0}))")
_NTH = ("the n-th root is a power here", "write ({0})**(1/({1}))")
_LEAST = ("nothing is minimised by itself here", "a step downhill is: y = {0}; x - 0.1*grad(y, x)")
_NORMAL = ("the normal distribution has no name of its own", "write (1 + erf(({0})/sqrt(2)))/2")
_DEGREES = "functions of degrees have no names of their own"
_REARRANGED = ("formulas are rearranged by another command", "gradcli diff '{0}' shows a short derivative")
_SERIES = (
    "series are not written out here",
    "gradcli eval '{0}' --order 3 -s x=0 gives the derivatives, each of which is a coefficient times n!",
)
_BETA = (
    "the beta function has no name of its own",
    "write exp(lgamma({0}) + lgamma({1}) - lgamma({0} + {1}))",
)
_CHOICE = ("a choice by a condition is where", "write where({0}, {1}, {2})")
_ZETA = ("the zeta function is not here", "write its series: sum(1/arange(1.0, 1e6)**({0}))")

HINTS = {
    "root": (_ROOT, _WHICH),
    **dict.fromkeys(("nthroot", "nroot", "nthRoot"), (_ROOT, _NTH)),
    **dict.fromkeys(("sqrt", "squareroot", "cuberoot"), (None, _NTH)),
    **dict.fromkeys(("solve", "roots", "fsolve", "nsolve"), ((_EQUATIONS, _NEWTON),)),
    **dict.fromkeys(("integrate", "integral", "antiderivative"), (_INTEGRALS,)),
    **dict.fromkeys(("limit", "lim"), (_LIMITS,)),
    **dict.fromkeys(("simplify", "factor", "factorize"), (_REARRANGED,)),
    **{
        f"{name}d": ((_DEGREES, f"{name}(deg2rad({{0}})), or {name}(30°)"),) for name in ("sin", "cos", "tan")
    },
    **{
        name: (("it has a short name", f"write {short}({{0}})"),)
        for name, short in {"cosine": "cos", "tangent": "tan", "cotangent": "cot"}.items()
    },
    "sqr": (("sqr may be the square or the root", "write {base}**2 or sqrt({0})"),),
    "d": (("the derivative is written d/dx", "write d/dx ({0})"),),
    "D": (
        ("the derivative is written d/dx", "write d/dx ({0})"),
        ("the derivative is written d/dx", "write d/d{1} ({0})"),
    ),
    "subs": (None, None, ("a value is given behind the line", "write {0} at {1}={2}")),
    **dict.fromkeys(("minimize", "maximize", "minimise"), (_LEAST,)),
    **dict.fromkeys(("taylor", "series", "maclaurin"), (_SERIES,)),
    **dict.fromkeys(
        ("plot", "graph", "draw"),
        (("curves are drawn by another command", "gradcli plot '{0}' --range x=-2:2"),),
    ),
    "hessian": (("a Hessian is by something", "write hessian({0}, x), or give --hessian"), None),
    "jacobian": (("a Jacobian is by something", "write jacobian({0}, x), or give --jacobian"), None),
    "transpose": (("which dims?", "write {base}.T"), None),
    "hess": (("it has another name here", "write hessian({0}, x), or give --hessian"), None),
    "laplacian": (("the Laplacian has no name of its own", "it is a sum of parts such as diff({0}, x, 2)"),),
    "atan": (None, ("the angle of two numbers is atan2", "write atan2({0}, {1})")),
    **dict.fromkeys(("normcdf", "Φ", "phi", "normalcdf"), (_NORMAL,)),
    **dict.fromkeys(("beta", "B", "Beta"), (None, _BETA)),
    **dict.fromkeys(("nCk", "combin"), (None, ("it has another name here", "write choose({0}, {1})"))),
    **dict.fromkeys(("If", "IF", "iif", "ifelse", "piecewise", "Piecewise"), (None, None, _CHOICE)),
    "C": (None, ("it has another name here", "write nCr({0}, {1})")),
    "P": (None, ("it has another name here", "write nPr({0}, {1})")),
    **dict.fromkeys(("zeta", "ζ"), (_ZETA,)),
    **dict.fromkeys(
        ("heaviside", "step", "unitstep", "θ"), (("what is it at 0?", "write where({0} > 0, 1.0, 0.0)"), None)
    ),
}
"""Functions of other calculators: what is wrong and what to type, for each number of arguments.

The last row is also for more of them; `{0}` is the first argument, `{base}` the same in brackets
where signs stand in it.
"""

MEANING = frozenset(
    (
        *ALIASES,
        *(name.upper() for name in (*ALIASES, *FUNCTIONS, *CALLED, *EXTREMES)),
        *(name.capitalize() for name in (*ALIASES, *FUNCTIONS) if name.isascii() and len(name) > 1),
        *FORMULAS,
        *EXTREMES,
        *DERIVATIVES,
        *SETTING_WORDS,
        *(HINTS.keys() - {"sqrt", "atan"}),
        "log",
        "logb",
        "def",
        "lambda",
        "round",
        "limit",
        "integral",
        "then",
        "partial",
        "expand",
        *("Integrate", "NIntegrate", "fnInt", "quad", "Limit", "Solve", "NSolve", "DSolve", "FindRoot"),
        *("fzero", "dsolve", "uniroot", "Sum", "Product", "Table", "seq", "product", "syms", "sym"),
        *("symbols", "Symbol", "Variable", "Derivative", "nDeriv", "nderiv", "nDerivative", "disp"),
        *("printf", "println", "puts", "logbase", "subs"),
    )
)
"""The words that make a line worth a closer look."""
