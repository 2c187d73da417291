"""For a terminal: powers as superscripts, `∂f/∂w`, Greek letters, everything on one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.formula.printers.notation import (
    ATOM,
    BOLD,
    GREEK,
    POWER,
    PRODUCT,
    SUM,
    Notation,
    Set,
    split_name,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.formula.tree import Formula

ABOVE = str.maketrans(
    "0123456789+-−=()nixyzabcdefghjklmoprstuvwT⊤", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱˣʸᶻᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷᵀᵀ"
)
BELOW = str.maketrans("0123456789+-−=()aehijklmnoprstuvx,", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ,")
MARKS = {"hat": "\u0302", "bar": "\u0304", "dot": "\u0307", "tilde": "\u0303", "vec": "\u20d7"}


def program(formula: Formula) -> str:
    """Every line as `name = expression`."""
    return "\n".join(f"{name} = {value}" for name, value in Unicode().lines(formula))


class Unicode(Notation):
    """Sets formulas in one line of Unicode."""

    space = "·"

    def digits(self, text: str) -> str:
        return text

    def name(self, name: str) -> str:
        base, accent, below = split_name(name)
        text = GREEK.get(base, base) + (MARKS[accent] if accent else "")
        return (
            text + self._low(",".join(GREEK.get(each, each) for each in below.split(","))) if below else text
        )

    def _low(self, text: str) -> str:
        low = text.translate(BELOW)
        return low if all(ord(each) not in BELOW and not each.isascii() for each in low) else f"_{text}"

    def word(self, text: str) -> str:
        return text

    def sign(self, sign: str) -> str:
        return "−" if sign == "-" else sign

    def fence(self, left: str, text: str, right: str) -> str:
        return f"{left}{text}{right}"

    def fraction(self, top: Set, bottom: Set) -> Set:
        return f"{self.bracketed(top, PRODUCT)}/{self.bracketed(bottom, POWER)}", PRODUCT

    def above(self, base: str, exponent: Set) -> Set:
        text = exponent[0]
        if " " not in text and all(ord(each) in ABOVE for each in text):
            return base + text.translate(ABOVE), POWER
        return f"{base}^{self.bracketed(exponent, ATOM)}", POWER

    def below(self, base: str, index: str) -> str:
        low = self._low(index)
        return base + low if not low.startswith("_") else f"{base}[{index}]"

    def root(self, inner: Set) -> Set:
        return f"√{self.bracketed(inner, ATOM)}", POWER

    def exponential(self, inner: Set) -> Set:
        if all(ord(each) in ABOVE for each in inner[0]):
            return f"e{inner[0].translate(ABOVE)}", POWER
        return f"exp({inner[0]})", ATOM

    def choice(self, cases: Sequence[tuple[str, str]], other: str) -> Set:
        rows = [f"{one} if {condition}" for one, condition in cases]
        return f"{{{', '.join([*rows, f'else {other}'])}}}", ATOM

    def bold(self, digit: str) -> str:
        return BOLD[digit]


__all__ = ["SUM", "Unicode", "program"]
