r"""LaTeX for papers and notebooks: fractions, `\odot`, `^{\top}`, `theta_1` as \theta_{1}."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.formula.printers.notation import ATOM, GREEK, POWER, Notation, Set, split_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.formula.tree import Expr, Formula

SIGNS = {
    "⊙": r"\odot", "·": r"\cdot", "⊤": r"\top", "∂": r"\partial ", "∇": r"\nabla", "≠": r"\ne", "≤": r"\le",
    "≥": r"\ge", "∧": r"\land", "∨": r"\lor", "¬": r"\lnot ", "∗": r"\ast", "×": r"\times ",
}  # fmt: skip
KNOWN = (
    *("sin", "cos", "tan", "sinh", "cosh", "tanh", "log", "exp", "arcsin", "arccos", "arctan", "det"),
    *("max", "min"),
)
"""Functions that LaTeX knows."""


def program(formula: Formula) -> str:
    """One line as an equation, several aligned."""
    lines = Latex().lines(formula)
    if len(lines) == 1:
        return f"{lines[0][0]} = {lines[0][1]}"
    rows = " \\\\\n".join(f"{name} &= {value}" for name, value in lines)
    return f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}"


FENCES = {"|": "vert", "‖": "Vert", "⌈": "ceil", "⌊": "floor"}
"""What stands on both sides of something, by the name that is left of it after its l or r."""


class Latex(Notation):
    """Sets formulas for LaTeX with amsmath."""

    space = " "

    def _between(self, left: Expr, right: Expr) -> str:
        text = super()._between(left, right)
        return r" \, " if text == self.space and (_is_word(left) or _is_word(right)) else text

    def digits(self, text: str) -> str:
        return {"∞": r"\infty", "nan": r"\mathrm{nan}"}.get(text, text)

    def name(self, name: str) -> str:
        base, accent, below = split_name(name)
        text = _letters(base)
        if accent:
            text = rf"\{accent}{{{text}}}"
        inside = ",".join(_letters(each) for each in below.split(","))
        return f"{text}_{{{inside}}}" if below else text

    def word(self, text: str) -> str:
        words = text.replace("Γ", r"\Gamma").split()
        return r" ".join(
            each if each.startswith("\\") else rf"\{each}" if each in KNOWN else _operator(each)
            for each in words
        )

    def sign(self, sign: str) -> str:
        return SIGNS.get(sign, sign)

    def fence(self, left: str, text: str, right: str) -> str:
        if left in ("(", "["):
            return rf"\left{left}{text}\right{right}"
        name = FENCES[left]
        return rf"\left\l{name} {text} \right\r{name}"

    def fraction(self, top: Set, bottom: Set) -> Set:
        return rf"\frac{{{top[0]}}}{{{bottom[0]}}}", POWER

    def above(self, base: str, exponent: Set) -> Set:
        return f"{base.strip()}^{{{exponent[0].strip()}}}", POWER

    def below(self, base: str, index: str) -> str:
        return (
            f"{base}_{{{index}}}" if not base.endswith("}") or "_" not in base else f"{{{base}}}_{{{index}}}"
        )

    def root(self, inner: Set) -> Set:
        return rf"\sqrt{{{inner[0]}}}", ATOM

    def exponential(self, inner: Set) -> Set:
        return f"e^{{{inner[0]}}}", POWER

    def choice(self, cases: Sequence[tuple[str, str]], other: str) -> Set:
        rows = [rf"{one} & \text{{if }} {condition}" for one, condition in cases]
        text = r" \\ ".join([*rows, rf"{other} & \text{{otherwise}}"])
        return rf"\begin{{cases}} {text} \end{{cases}}", POWER

    def bold(self, digit: str) -> str:
        return rf"\mathbf{{{digit}}}"


def _is_word(tree: Expr) -> bool:
    """Whether a factor is a name of several letters, or a power of one, which would run into another name."""
    tree = tree.args[0] if tree.op == "pow" else tree
    return tree.op == "symbol" and _letters(split_name(str(tree.attrs[0]))[0]).startswith(r"\mathrm")


def _operator(name: str) -> str:
    escaped = name.replace("_", r"\_")
    return rf"\operatorname{{{escaped}}}"


def _letters(text: str) -> str:
    if text in GREEK:
        return "o" if text == "omicron" else rf"\{text}"
    return text if len(text) == 1 or text.isdigit() else rf"\mathrm{{{text}}}"
