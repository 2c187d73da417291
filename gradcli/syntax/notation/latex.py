"""What a formula in LaTeX is in the language, as a hint gives it to type."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

_FUNCTIONS = (
    "sinh|cosh|tanh|coth|sin|cos|tan|cot|sec|csc|exp|log|ln|lg|sqrt|max|min|det|arcsin|arccos|arctan|gcd|tr"
)
_LETTERS = dict(
    zip(
        "αβγδεζηθκλμνξρστφχψωπ",
        (
            *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu"),
            *("nu", "xi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega", "pi"),
        ),
        strict=True,
    )
)
_GREEK = "|".join(_LETTERS.values()) + "|varepsilon|varphi|Delta|Sigma|Phi|Psi|Omega|Gamma|Theta"
_ARGUMENT = r"\{([^{}]*)\}"
_NAMED = {"lambda": "lam", "varphi": "phi", "varepsilon": "epsilon", "gamma": "gam", "beta": "beta"}
_ORDER = r"(?:\s*\^\s*\(?\d\)?|[²³])?"
_QUOTIENT = re.compile(rf"[d∂]{_ORDER}\s*\w?|(?:[d∂]\s*[^\W\d](?:_?\d)?{_ORDER}\s*)+")
"""What stands above and below the line of a derivative."""

_RULES = (
    (
        r"\\begin\{cases\}\s*(.*?)\s*(?:\\\\\s*)?\\end\{cases\}",
        lambda found: "{" + _cells(found[1], "; ", ", ") + "}",
    ),
    (
        r"\\begin\{([bpv]?)(?:matrix|array)\}(?:\{[lcr|]*\})?\s*(.*?)\s*(?:\\\\\s*)?\\end\{\w+\}",
        lambda found: "[" + ", ".join([f"[{_cells(row, '', ', ')}]" for row in found[2].split(r"\\")]) + "]",
    ),
    (r"\\(?:left|right|[bB]igg?[lr]?)\s*\|\s*_", " | "),
    (r"\\left\s*\.|\\right\s*\.", ""),
    (
        r"\$|\\left|\\right|\\[bB]igg?[lr]?(?![a-z])|\\displaystyle|\\limits|\\[()\[\]](?!\w*\s*[({])|\\[()\[\]]",
        "",
    ),
    (r"\\[,;!: ]|~|\\quad", " "),
    (r"\\\||\\[lr]Vert\b", "‖"),
    (r"\\[lr]vert\b|\\mid\b", "|"),
    (r"\\lfloor\b", "⌊"),
    (r"\\rfloor\b", "⌋"),
    (r"\\lceil\b", "⌈"),
    (r"\\rceil\b", "⌉"),
    (r"\\partial\b\s*", "∂"),
    (r"\\nabla\b\s*", "∇"),
    (
        r"\\(?:vec|mathbf|mathrm|mathit|mathsf|boldsymbol|bm|text|operatorname|hat|bar|tilde|overline)\*?\s*"
        + _ARGUMENT,
        r" \1",
    ),
    (r"\^\s*\{?\\circ\}?", "°"),
    (r"\^\s*\{?\\(?:top|intercal)\}?|\^\s*\{\s*T\s*\}|\^\s*\{\\mathsf\{?T\}?\}", "ᵀ"),
    (r"\\sum\b\s*", "Σ"),
    (r"\\prod\b\s*", "Π"),
    (r"\\i+nt\b\s*", "∫"),
    (r"\\lim\b\s*", "lim"),
    (r"\\(?:to|rightarrow|mapsto)\b", "->"),
    (r"\\(?:cdot|times|ast)\b", "*"),
    (r"\\div\b", "/"),
    (r"\\leq?\b|\\leqslant\b", "<="),
    (r"\\geq?\b|\\geqslant\b", ">="),
    (r"\\neq?\b", "!="),
    (r"\\log\s*_\s*\{?\s*(\w+)\s*\}?", r"\\log_\1 "),
    (rf"\\log_(\w+)\s*{_ARGUMENT}", r"log_\1(\2)"),
    (r"\\log_(\w+)\s*\(", r"log_\1("),
    (r"\\log_(\w+)\s+(\w+)", r"log_\1(\2)"),
    (
        rf"\\[dtc]?frac\s*{_ARGUMENT}\s*{_ARGUMENT}\s*(\S?)",
        lambda found: _fraction(found[1], found[2], found[3]),
    ),
    (r"\\[dtc]?frac\s*(\d)\s*(\d)\s*(\S?)", lambda found: _fraction(found[1], found[2], found[3])),
    (rf"\\[dt]?binom\s*{_ARGUMENT}\s*{_ARGUMENT}", r"binom(\1, \2)"),
    (rf"\\sqrt\s*\[3\]\s*{_ARGUMENT}", r"cbrt(\1)"),
    (rf"\\sqrt\s*\[([^\[\]]*)\]\s*{_ARGUMENT}", r"(\2)^(1/\1)"),
    (rf"\\sqrt\s*{_ARGUMENT}", r"sqrt(\1)"),
    (r"\\sqrt\s*(\w)", r"sqrt(\1)"),
    (
        rf"(?<![ΣΠ∫mu|])\^\s*{_ARGUMENT}",
        lambda found: (
            f"^{found[1]}"
            if (found[1].isalnum() and len(found[1]) == 1) or found[1].isdecimal()
            else f"^({found[1]})"
        ),
    ),
    (rf"(?<![ΣΠ∫m| ])_\s*{_ARGUMENT}(?=\s*[^\W\d])", r"_\1 "),
    (rf"(?<![ΣΠ∫m| ])_\s*{_ARGUMENT}", r"_\1"),
    (rf"\\({_FUNCTIONS})\b\s*{_ARGUMENT}", r"\1(\2)"),
    (rf"\\({_FUNCTIONS})\b\s*(\w+(?:\^\w+)?)", r"\1(\2)"),
    (rf"\\({_FUNCTIONS})\b\s*", r"\1"),
    (r"\\infty\b", "inf"),
    (
        rf"\\({_GREEK})\b(?=\s*[^\W\d_]|\s*\()",
        lambda found: _NAMED.get(found[1], found[1]) + ("" if found[1] in ("sigma", "phi") else " "),
    ),
    (rf"\\({_GREEK})\b", lambda found: _NAMED.get(found[1], found[1])),
)
_MOST = 20


def plain(text: str, taken: Collection[str]) -> str | None:
    """The formula as the language has it; None where something is left that is not known here.

    Args:
        taken: names that are set from outside; a Greek letter that is one of them, or stands in the text
            as such, is written so.
    """
    for letter, name in _LETTERS.items():
        if letter in taken or letter in text:
            text = re.sub(rf"\\{name}\b", letter, text)
    for _ in range(_MOST):  # from the inside out
        before = text
        for pattern, meaning in _RULES:
            text = re.sub(pattern, meaning, text)
        if text == before:
            break
    text = re.sub(r"\|\s*\{([^{}]*)\}", r"| \1", text)
    text = re.sub(r"  +", " ", text).strip()
    return None if not text or "\\" in text else text


def _fraction(above: str, below: str, following: str) -> str:
    """A quotient, in brackets where something stands right behind it that would be taken for a part of it."""
    if _QUOTIENT.fullmatch(above.strip()) and _QUOTIENT.fullmatch(below.strip()):
        return f"{''.join(above.split())}/{''.join(below.split())} {following}"
    written = "/".join(
        [each if re.fullmatch(r"\w+|\w*\([^()]*\)", each) else f"({each})" for each in (above, below)]
    )
    return (
        f"({written})" if following and (following.isalnum() or following in "\\(∂") else written
    ) + following


def _cells(text: str, rows: str, columns: str) -> str:
    parts = [columns.join([cell.strip(" ,") for cell in row.split("&")]) for row in text.split(r"\\")]
    return rows.join([part for part in parts if part])
