"""MathML for web pages: presentation markup that is valid XML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from gradcli.formula.printers.notation import ATOM, BOLD, GREEK, POWER, Notation, Set, split_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.formula.tree import Expr, Formula

MARKS = {"hat": "^", "bar": "¯", "dot": "˙", "tilde": "~", "vec": "→"}
THIN = '<mspace width="0.17em"/>'
FIRST = re.compile(r"(<m(row|sup|sub|over)>)*<mi>[^<]{2,}</mi>")
LAST = re.compile(r"<mi>[^<]{2,}</mi>(<m[in]>[^<]*</m[in]>)?(</m(row|sup|sub)>)*$")
"""A name of several letters where a factor begins, or ends, which would run into the one beside it."""
INVISIBLE = "<mo>&#x2062;</mo>"
"""The sign of a product that isn't written."""


def program(formula: Formula) -> str:
    """A `math` element: a table with a row for each line."""
    lines = MathML().lines(formula)
    right, left = [f'<mtd style="text-align: {side}">' for side in ("right", "left")]
    rows = "".join(
        f"<mtr>{right}{name}</mtd><mtd><mo>=</mo></mtd>{left}{value}</mtd></mtr>" for name, value in lines
    )
    inner = f'<mtable displaystyle="true">{rows}</mtable>'
    if len(lines) == 1:
        inner = f"<mrow>{lines[0][0]}<mo>=</mo>{lines[0][1]}</mrow>"
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{inner}</math>'


class MathML(Notation):
    """Sets formulas as elements; each text is one element."""

    space = INVISIBLE

    def _between(self, left: Expr, right: Expr) -> str:
        sign = super()._between(left, right)
        words = LAST.search(self.texts[left][0]) or FIRST.match(self.texts[right][0])
        return sign + THIN if sign == INVISIBLE and words else sign

    def digits(self, text: str) -> str:
        return f"<mn>{escape(text)}</mn>"

    def name(self, name: str) -> str:
        base, accent, below = split_name(name)
        text = f"<mi>{escape(GREEK.get(base, base))}</mi>"
        if accent:
            text = f'<mover accent="true">{text}<mo>{MARKS[accent]}</mo></mover>'
        if not below:
            return text
        kind = "mn" if below.isdigit() else "mi"
        inside = ",".join(GREEK.get(each, each) for each in below.split(","))
        return f"<msub>{text}<{kind}>{escape(inside)}</{kind}></msub>"

    def word(self, text: str) -> str:
        return f"<mi>{escape(text)}</mi>"

    def sign(self, sign: str) -> str:
        return f"<mo>{escape('−' if sign == '-' else sign)}</mo>"

    def _spaced(self, text: str) -> str:
        return text

    def row(self, parts: Sequence[str]) -> str:
        return f"<mrow>{''.join(each for each in parts if each.strip())}</mrow>"

    def unsigned(self, text: str) -> str | None:
        rows, found, rest = text.partition(self.sign("-"))
        return rows + rest if found and not rows.replace("<mrow>", "") else None

    def fence(self, left: str, text: str, right: str) -> str:
        return f"<mrow><mo>{left}</mo>{text}<mo>{right}</mo></mrow>"

    def fraction(self, top: Set, bottom: Set) -> Set:
        return f"<mfrac>{top[0]}{bottom[0]}</mfrac>", POWER

    def above(self, base: str, exponent: Set) -> Set:
        return f"<msup>{base}{exponent[0]}</msup>", POWER

    def below(self, base: str, index: str) -> str:
        return f"<msub>{base}{index}</msub>"

    def root(self, inner: Set) -> Set:
        return f"<msqrt>{inner[0]}</msqrt>", ATOM

    def exponential(self, inner: Set) -> Set:
        return f"<msup><mi>e</mi>{inner[0]}</msup>", POWER

    def choice(self, cases: Sequence[tuple[str, str]], other: str) -> Set:
        rows = [(one, f"<mtext>if\u00a0</mtext>{condition}") for one, condition in cases]
        rows.append((other, "<mtext>otherwise</mtext>"))
        table = "".join(f"<mtr><mtd>{value}</mtd><mtd>{when}</mtd></mtr>" for value, when in rows)
        return f"<mrow><mo>{{</mo><mtable>{table}</mtable></mrow>", POWER

    def bold(self, digit: str) -> str:
        return f"<mn>{BOLD[digit]}</mn>"
