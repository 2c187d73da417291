"""What a formula in LaTeX is in the language, as a hint gives it to type."""

from __future__ import annotations

import re

_FUNCTIONS = "sin|cos|tan|sinh|cosh|tanh|exp|log|ln|sqrt|max|min|det|arcsin|arccos|arctan"
_ARGUMENT = r"\{([^{}]*)\}"
_RULES = (
    (r"\$|\\left|\\right|\\[,;!: ]|\\displaystyle", ""),
    (r"\\(?:cdot|times|ast)\b", "*"),
    (r"\\div\b", "/"),
    (rf"\\[dt]?frac\s*{_ARGUMENT}\s*{_ARGUMENT}", r"(\1)/(\2)"),
    (rf"\\sqrt\s*\[3\]\s*{_ARGUMENT}", r"cbrt(\1)"),
    (rf"\\sqrt\s*{_ARGUMENT}", r"sqrt(\1)"),
    (rf"\^\s*{_ARGUMENT}", r"^(\1)"),
    (rf"_\s*{_ARGUMENT}", r"_\1"),
    (rf"\\(?:mathrm|text|operatorname)\s*{_ARGUMENT}", r"\1"),
    (rf"\\({_FUNCTIONS})\b\s*{_ARGUMENT}", r"\1(\2)"),
    (rf"\\({_FUNCTIONS})\b\s*(\w+)", r"\1(\2)"),
    (rf"\\({_FUNCTIONS})\b", r"\1"),
    (r"\\infty\b", "inf"),
    (r"\\(pi|alpha|beta|gamma|delta|epsilon|theta|mu|sigma|tau|phi|omega|eta|rho)\b", r"\1"),
    (r"\((\w+)\)(?=/)", r"\1"),
    (r"(?<=/)\((\w+)\)", r"\1"),
    (r"\^\((\w)\)", r"^\1"),
)
_MOST = 20


def plain(text: str) -> str | None:
    """The formula as the language has it; None where something is left that is not known here."""
    for _ in range(_MOST):  # from the inside out
        before = text
        for pattern, meaning in _RULES:
            text = re.sub(pattern, meaning, text)
        if text == before:
            break
    text = text.strip()
    return None if not text or "\\" in text or "{" in text else text
