"""What `latex`, `unicode` and `mathml` have in common: a formula as mathematicians write it.

`Notation` decides what stands where: fractions, powers, subscripts, brackets, which products have a sign. A
syntax is a class of it that says how each of these few is set.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from gradcli.formula.printers.infix import numeral
from gradcli.formula.tree import Label, apply, number, walk
from gradcli.formula.turning import negative, opposite, squared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.formula.tree import Expr, Formula, Line

RELATION, SUM, PRODUCT, SIGNED, POWER, ATOM = range(6)
"""How tightly what was written binds."""

Set = tuple[str, int]
"""A text and how tightly it binds."""

GREEK = {
    name: chr(code)
    for first, letters in (
        (0x3B1, "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho"),
        (0x3C3, "sigma tau upsilon phi chi psi omega"),
    )
    for code, name in enumerate(letters.split(), first)
}
CAPITALS = ("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega")
GREEK |= {name: chr(ord(GREEK[name.lower()]) - 0x20) for name in CAPITALS}
GREEK["infty"] = "∞"
BOLD = {"1": "𝟏", "0": "𝟎"}
"""The vectors of ones and of zeros."""
OTHERS = {"inf": "infty", "lam": "lambda", "lamda": "lambda", "eps": "epsilon"}
"""What people write for a letter that is a word of Python, or long; and infinity."""

ACCENTS = ("hat", "bar", "dot", "tilde", "vec")

POWERED = ("sin", "cos", "tan", "sinh", "cosh", "tanh", "log")
"""Functions whose powers are written at their name."""

WORDS = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arsinh", "acosh": "arcosh",
    "atanh": "artanh", "trace": "tr", "amax": "max", "amin": "min", "maximum": "max", "minimum": "min",
    "lgamma": "log Γ", "log_softmax": "log softmax", "sign": "sgn", "linalg.solve": "solve",
    "clamp": "clip", "matrix_exp": "expm",
}  # fmt: skip
LETTERS = {"sigmoid": "sigma", "digamma": "psi", "gamma": "Gamma"}
"""Functions that have a Greek letter."""

SIGNS = {
    "eq": "=",
    "ne": "≠",
    "lt": "<",
    "le": "≤",
    "gt": ">",
    "ge": "≥",
    **dict.fromkeys(("and", "logical_and"), "∧"),
    **dict.fromkeys(("or", "logical_or"), "∨"),
}


INDICATORS = [(1,), (0,)], [(1.0,), (0.0,)]
"""The numbers of a choice that is 1 where its condition holds, and else 0."""


def _of_number(tree: Expr) -> bool:
    """Whether something is a power of a number."""
    return tree.op == "pow" and tree.args[0].op == "number"


def _sides(tree: Expr) -> Expr:
    """What the square of a hypotenuse is."""
    squares = [each.args[0] if each.op == "sqrt" else squared(each) for each in tree.args]
    return apply("add", *squares, shape=tree.shape)


LOGARITHMS = ("xlogy", "xlog1py")


def _as_product(tree: Expr) -> Expr:
    """xlogy(x, y) as x*log(y), and xlog1py(x, y) as x*log(1 + y)."""
    factor, of = tree.args
    if tree.op == "xlog1py":
        of = apply("add", number(1), of, shape=of.shape)
    return apply("mul", *_factors(factor), apply("log", of, shape=of.shape), shape=tree.shape)


def _factors(tree: Expr) -> tuple[Expr, ...]:
    """What a factor of a product is made of."""
    return _as_product(tree).args if tree.op in LOGARITHMS else (tree,)


def _to_power(tree: Expr, count: int) -> Expr:
    """A factor that stands so many times in a product."""
    return tree if count == 1 else apply("pow", tree, number(count), shape=tree.shape)


def split_name(name: str) -> tuple[str, str, str]:
    """A name as its base, an accent, and what is set below: theta_1, x_hat, w12."""
    base, _, below = name.strip("_").partition("_")
    accent = ""
    if below.split("_")[0] in ACCENTS:
        accent, _, below = below.partition("_")
    digits = re.fullmatch(r"([^\W\d]+?)(\d+)", base)
    if digits and not below:
        base, below = digits.groups()
    return OTHERS.get(base, base), accent, below.replace("_", ",")


class Notation:
    """Writes expressions; the texts of shared parts are made once."""

    space = " "

    def __init__(self) -> None:
        self.texts: dict[Expr, Set] = {}

    # ---- how a syntax sets it ----

    def digits(self, text: str) -> str:
        """A number."""
        raise NotImplementedError

    def name(self, name: str) -> str:
        """The name of an input."""
        raise NotImplementedError

    def word(self, text: str) -> str:
        """The name of a function, upright."""
        raise NotImplementedError

    def sign(self, sign: str) -> str:
        """An operator, without the space around it."""
        raise NotImplementedError

    def row(self, parts: Sequence[str]) -> str:
        """One after the other."""
        return "".join(parts)

    def unsigned(self, text: str) -> str | None:
        """What begins with a minus, without it; None for anything else."""
        sign = self.sign("-")
        return text[len(sign) :] if text.startswith(sign) else None

    def fence(self, left: str, text: str, right: str) -> str:
        """In brackets."""
        raise NotImplementedError

    def fraction(self, top: Set, bottom: Set) -> Set:
        """One over the other."""
        raise NotImplementedError

    def above(self, base: str, exponent: Set) -> Set:
        """To a power, or with a mark above."""
        raise NotImplementedError

    def below(self, base: str, index: str) -> str:
        """With an index."""
        raise NotImplementedError

    def root(self, inner: Set) -> Set:
        """The square root."""
        raise NotImplementedError

    def exponential(self, inner: Set) -> Set:
        """e to a power."""
        raise NotImplementedError

    def choice(self, cases: Sequence[tuple[str, str]], other: str) -> Set:
        """The first of some things whose condition holds, each with its condition; else the other."""
        raise NotImplementedError

    def bold(self, digit: str) -> str:
        """The vector of ones, or of zeros."""
        raise NotImplementedError

    # ---- expressions ----

    def text(self, tree: Expr) -> str:
        """An expression."""
        for each in walk([tree]):
            if each not in self.texts:
                self.texts[each] = self._written(each)
        return self.texts[tree][0]

    def inside(self, tree: Expr, least: int) -> str:
        """An operand, in brackets where it binds less tightly than asked for."""
        return self.bracketed(self.texts[tree], least)

    def bracketed(self, piece: Set, least: int) -> str:
        """In brackets where it binds less tightly than asked for."""
        return piece[0] if piece[1] >= least else self.fence("(", piece[0], ")")

    def _written(self, tree: Expr) -> Set:
        op, args = tree.op, tree.args
        if op == "number":
            return self._number(tree.attrs[0])
        if op == "symbol":
            return self._symbol(str(tree.attrs[0])), ATOM
        own = getattr(self, f"_set_{op}", None)
        if own is not None:
            found: Set = own(tree)
            return found
        if op in SIGNS:
            sign = self._spaced(self.sign(SIGNS[op]))
            return self.row([self.inside(args[0], SUM), sign, self.inside(args[1], SUM)]), RELATION
        return self._call(tree)

    def _spaced(self, text: str) -> str:
        return f" {text} "

    def _number(self, value: int | float | Fraction) -> Set:
        if type(value) is Fraction:
            top = self._number(abs(value.numerator))
            piece = self.fraction(top, self._number(value.denominator))
            return (self.row([self.sign("-"), piece[0]]), SIGNED) if value < 0 else piece
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            value = int(value)  # which is a float for the sake of programs
        text = {"inf": "∞", "-inf": "-∞"}.get(numeral(value), numeral(value))
        mantissa, _, exponent = text.partition("e")
        if text.startswith("-"):
            inner = self._number(-value)
            return self.row([self.sign("-"), inner[0]]), SIGNED
        if exponent:
            power = self.above(self.digits("10"), self._number(int(exponent)))
            return self.row([self.digits(mantissa), self.sign("·"), power[0]]), PRODUCT
        return self.digits(text), ATOM

    def _symbol(self, name: str) -> str:
        if name == "None":
            return self.sign("∗")
        return self.name(name) if name.isidentifier() else self.word(name.strip("'"))

    def _set_add(self, tree: Expr) -> Set:
        parts = [self.inside(tree.args[0], SUM)]
        for each in tree.args[1:]:
            minus = each.op == "neg"
            inner = each.args[0] if minus else each
            value = self.texts[inner]
            text = self.bracketed(value, PRODUCT)
            if not minus and (unsigned := self.unsigned(text)) is not None:
                minus, text = True, unsigned
            parts += [self._spaced(self.sign("-" if minus else "+")), text]
        return self.row(parts), SUM

    def _set_neg(self, tree: Expr) -> Set:
        return self.row([self.sign("-"), self.inside(tree.args[0], PRODUCT)]), PRODUCT

    def _set_not(self, tree: Expr) -> Set:
        return self.row([self.sign("¬"), self.inside(tree.args[0], SIGNED)]), SIGNED

    _set_logical_not = _set_not

    def _set_mul(self, tree: Expr) -> Set:
        args = [one for each in tree.args for one in _factors(each)]
        args = [_to_power(each, args.count(each)) for each in dict.fromkeys(args)]
        self.text(apply("tuple", *args))
        # 2**x*log(2): a power of a number stands behind the number that is in front.
        factors = sorted(args, key=lambda each: 0 if each.op == "number" else 2 - _of_number(each))
        parts: list[str] = []
        before: Expr | None = None
        for at, each in enumerate(factors):
            if before is not None:
                parts.append(self._between(before, each))
            last = at == len(factors) - 1 and each.op in ("matmul", "outer")
            bare = before is None or (last and not any(other.shape for other in factors[:at]))
            parts.append(self.inside(each, PRODUCT if bare else POWER))
            before = each
        return self.row(parts), PRODUCT

    def _between(self, left: Expr, right: Expr) -> str:
        if left.shape and right.shape:
            return self._spaced(self.sign("⊙"))
        if right.op == "number" or _of_number(right):
            return self._spaced(self.sign("·"))
        return self.space

    def _set_div(self, tree: Expr) -> Set:
        top, bottom = tree.args
        first = top.args[0] if top.op == "mul" else top
        if negative(first):
            self.text(turned := opposite(top))
            piece = self.fraction(self.texts[turned], self.texts[bottom])
            return self.row([self.sign("-"), piece[0]]), PRODUCT
        return self.fraction(self.texts[top], self.texts[bottom])

    def _set_matmul(self, tree: Expr) -> Set:
        left, right = tree.args
        first = self._factor(left)
        if len(left.shape) == 1 and not (left.op == "matmul" and len(left.args[0].shape) == 1):  # a row
            first = self.above(self.inside(left, ATOM), (self.sign("⊤"), ATOM))[0]
        return self.row([first, self.space, self._factor(right, True)]), PRODUCT

    def _factor(self, tree: Expr, last: bool = False) -> str:
        """A factor of a product of matrices; a number in front needs no brackets."""
        if tree.op == "mul" and (last or sum(bool(each.shape) for each in tree.args) > 1):
            return self.fence("(", self.texts[tree][0], ")")
        if tree.op == "div" and tree.args[1].shape:  # element by element
            return self.inside(tree, POWER)
        if tree.op == "matmul" and last:
            return self.fence("(", self.texts[tree][0], ")")
        return self.inside(tree, POWER if last else PRODUCT)

    def _set_pow(self, tree: Expr) -> Set:
        base, exponent = tree.args
        while (
            base.op in ("sqrt", "hypot") and exponent.op == "number" and type(exponent.attrs[0]) is not float
        ):
            base = base.args[0] if base.op == "sqrt" else _sides(base)
            exponent = number(Fraction(exponent.attrs[0], 2))
        self.text(base)
        if exponent is number(1):
            return self.texts[base]
        if base.op in POWERED and exponent.op == "number" and exponent.attrs[0] == 2 and not base.attrs:
            name = self.above(self.word(base.op), self.texts[exponent])[0]
            return self.row([name, self.fence("(", self.texts[base.args[0]][0], ")")]), POWER
        return self.above(self.inside(base, ATOM), self._exponent(exponent))

    def _exponent(self, tree: Expr) -> Set:
        """What is above, with fractions of numbers in one line."""
        if tree.op != "number" or type(value := tree.attrs[0]) is not Fraction:
            return self._number(tree.attrs[0]) if tree.op == "number" else self.texts[tree]
        parts = [self.digits(str(abs(value.numerator))), self.sign("/"), self.digits(str(value.denominator))]
        return self.row([self.sign("-"), *parts] if value < 0 else parts), SIGNED if value < 0 else PRODUCT

    def _set_transpose(self, tree: Expr) -> Set:
        (inner,) = tree.args
        if inner.op == "inverse":
            mark = self.row([self.sign("-"), self.sign("⊤")])
            return self.above(self.inside(inner.args[0], ATOM), (mark, SIGNED))
        return self.above(self.inside(inner, ATOM), (self.sign("⊤"), ATOM))

    def _set_inverse(self, tree: Expr) -> Set:
        return self.above(self.inside(tree.args[0], ATOM), self._number(-1))

    def _set_outer(self, tree: Expr) -> Set:
        left, right = tree.args
        row = self.above(self.inside(right, ATOM), (self.sign("⊤"), ATOM))[0]
        return self.row([self._factor(left), self.space, row]), PRODUCT

    def _set_exp(self, tree: Expr) -> Set:
        return self.exponential(self.texts[tree.args[0]])

    def _set_hypot(self, tree: Expr) -> Set:
        total = _sides(tree)
        self.text(total)
        return self.root(self.texts[total])

    def _set_sqrt(self, tree: Expr) -> Set:
        return self.root(self.texts[tree.args[0]])

    def _set_ceil(self, tree: Expr) -> Set:
        return self.fence("⌈", self.texts[tree.args[0]][0], "⌉"), ATOM

    def _set_floor(self, tree: Expr) -> Set:
        return self.fence("⌊", self.texts[tree.args[0]][0], "⌋"), ATOM

    def _set_abs(self, tree: Expr) -> Set:
        return self.fence("|", self.texts[tree.args[0]][0], "|"), ATOM

    def _set_norm(self, tree: Expr) -> Set:
        if tree.attrs:
            return self._call(tree)
        return self.fence("‖", self.texts[tree.args[0]][0], "‖"), ATOM

    def _set_index(self, tree: Expr) -> Set:
        keys = [self.texts[each][0] for each in tree.args[1:]]
        index = self.row(
            [each for at, key in enumerate(keys) for each in ([self.sign(","), key] if at else [key])]
        )
        return self.below(self.inside(tree.args[0], ATOM), index), ATOM

    def _set_slice(self, tree: Expr) -> Set:
        parts = ["" if each.attrs == ("None",) else self.texts[each][0] for each in tree.args]
        shown = parts if parts[2] else parts[:2]
        return self.row(
            [each for at, key in enumerate(shown) for each in ([self.sign(":"), key] if at else [key])]
        ), ATOM

    def _set_tuple(self, tree: Expr) -> Set:
        return self.fence("(", self._listed(tree.args), ")"), ATOM

    def _set_where(self, tree: Expr) -> Set:
        if [each.attrs for each in tree.args[1:]] in INDICATORS:
            return self.row([self.bold("1"), self.fence("[", self.texts[tree.args[0]][0], "]")]), ATOM
        return self._cases(tree)

    def _cases(self, tree: Expr) -> Set:
        cases: list[tuple[str, str]] = []
        while tree.op == "where":
            condition, one, tree = tree.args
            cases.append((self.texts[one][0], self.texts[condition][0]))
        return self.choice(cases, self.texts[tree][0])

    def _set_xlogy(self, tree: Expr) -> Set:
        whole = _as_product(tree)
        self.text(whole)
        return self.texts[whole]

    _set_xlog1py = _set_xlogy

    def _set_ones(self, tree: Expr) -> Set:
        return self.below(self.bold("1"), self._sizes(tree.args)), ATOM

    def _set_zeros(self, tree: Expr) -> Set:
        return self.below(self.bold("0"), self._sizes(tree.args)), ATOM

    def _set_eye(self, tree: Expr) -> Set:
        return self.below(self.name("I"), self._sizes(tree.args)), ATOM

    def _set_one_hot(self, tree: Expr) -> Set:
        return self.below(self.name("e"), self.texts[tree.args[0]][0]), ATOM

    def _set_polygamma(self, tree: Expr) -> Set:
        order = self.fence("(", self.texts[tree.args[0]][0], ")")
        name = self.above(self.name("psi"), (order, ATOM))[0]
        return self.row([name, self.fence("(", self.texts[tree.args[1]][0], ")")]), ATOM

    def _sizes(self, args: Sequence[Expr]) -> str:
        parts = [self.texts[each][0] for each in args]
        return self.row(
            [each for at, key in enumerate(parts) for each in ([self.sign("×"), key] if at else [key])]
        )

    def _listed(self, args: Sequence[Expr]) -> str:
        parts = [self.texts[each][0] for each in args]
        return self.row(
            [each for at, key in enumerate(parts) for each in ([self.sign(","), " ", key] if at else [key])]
        )

    def _call(self, tree: Expr) -> Set:
        op = tree.op
        name = self.name(LETTERS[op]) if op in LETTERS else self.word(WORDS.get(op, op))
        args = tree.args
        if op in ("sum", "mean", "prod", "cumsum", "cumprod", "logsumexp", "flip") and len(args) > 1:
            name, args = self.below(name, self._listed(args[1:])), args[:1]
        elif tree.attrs:
            values = [self.digits(str(value)) for _, value in tree.attrs]
            name = self.below(name, self.row(values))
        return self.row([name, self.fence("(", self._listed(args), ")")]), ATOM

    # ---- lines ----

    def label(self, label: Label) -> str:
        """What a line is the derivative of."""
        of = self._named(label.of)
        if label.kind == "hvp":
            nabla = self.above(self.sign("∇"), self._number(2))[0]
            return self.row([nabla, of, self.space, self.name(label.wrt[-1])])
        if label.kind == "jvp":
            return self.row([self.below(self.name("J"), of), self.space, self.name(label.wrt[-1])])
        if label.kind == "grad":
            return self.below(self.sign("∇"), self.name(label.wrt[0]))
        if label.kind:
            return of
        if not label.wrt:
            return of
        order = len(label.wrt)
        d = self.sign("∂")
        above = self.above(d, self._number(order))[0] if order > 1 else d
        below: list[str] = []
        for name in dict.fromkeys(label.wrt):
            times = label.wrt.count(name)
            own = self.name(name)
            below += [d, self.above(own, self._number(times))[0] if times > 1 else own]
        return self.fraction((self.row([above, of]), ATOM), (self.row(below), ATOM))[0]

    def _with_remainder(self, line: Line) -> str:
        text = self.text(line.value)
        if line.value.op == "where":  # by itself in two lines, also if it is 1 or 0
            text = self._cases(line.value)[0]
        if line.remainder is None:
            return text
        order = self.row([self.name("O"), self.fence("(", self.text(line.remainder), ")")])
        return self.row([text, self._spaced(self.sign("+")), order])

    def _named(self, of: str) -> str:
        return self.name(of) if of.isidentifier() else self.fence("(", self.word(of), ")")

    def lines(self, formula: Formula) -> list[tuple[str, str]]:
        """What is defined, and as what, for every line."""
        return [
            (
                self.name(line.name) if isinstance(line.name, str) else self.label(line.name),
                self._with_remainder(line),
            )
            for line in formula.lines
        ]
