"""Quotients of products as expressions: a number in front, means of sums, roots of numbers as one."""

from __future__ import annotations

from gradcli.formula.coefficients import terminates
from gradcli.formula.constants import constant, root_of_double
from gradcli.formula.contraction import floating, is_column
from gradcli.formula.sizes import Sizes
from gradcli.formula.terms import Coefficient
from gradcli.formula.tree import Expr, Shape, apply, number
from gradcli.formula.turning import opposite
from gradcli.tape.promote import broadcast


def averaged(sizes: Sizes, above: list[Expr], below: list[Expr]) -> tuple[list[Expr], list[Expr]]:
    """A sum over the named size of what is summed is a mean."""
    for at, factor in enumerate(above):
        column = is_column(factor)  # of means, where it is one of sums
        tree = factor.args[0] if column else factor
        dot = tree.op == "matmul" and not tree.shape and len(tree.args[0].shape) == 1
        if not dot and (tree.op != "sum" or len(tree.args[0].shape) - len(tree.shape) != 1):
            continue
        inner = _elementwise(*tree.args) if dot else tree.args[0]
        dim = tree.args[1].attrs[0] if len(tree.args) > 1 and not dot else 0
        size = sizes.of(inner.shape[dim])
        place = next((i for i, each in enumerate(below) if each is size or _power_of(each, size)), None)
        if size.op != "number" and place is not None:
            rest = [*below[:place], *_one_less(below[place], size), *below[place + 1 :]]
            mean = apply("mean", floating(inner), *([] if dot else tree.args[1:]), shape=tree.shape)
            if column:
                mean = apply("index", mean, *factor.args[1:], shape=factor.shape)
            found = [*above[:at], mean, *above[at + 1 :]]
            shape = broadcast_all([each.shape for each in (*above, *below)])
            if not dot or quotient(found, rest, shape).cost < quotient(above, below, shape).cost:
                return found, rest
    return above, below


def one_column(above: list[Expr], below: list[Expr]) -> tuple[list[Expr], list[Expr]]:
    """u[:, None]/v[:, None] as (u/v)[:, None], and with a row beside it as outer(u/v, row)."""
    columns = [[each for each in side if is_column(_base(each))] for side in (above, below)]
    rows = [each for each in above if len(each.shape) == 1]
    if len(columns[0]) + len(columns[1]) < 2 and not (columns[0] and rows):
        return above, below
    tops, bottoms = [[_as_vector(each) for each in side] for side in columns]
    like = _base((columns[0] or columns[1])[0])
    left, right = [
        [each for each in side if each not in own] for side, own in zip((above, below), columns, strict=True)
    ]
    if not tops:
        whole = apply("index", _product(bottoms), *like.args[1:], shape=like.shape)
        return left, [*right, whole]
    whole = quotient(tops, bottoms, like.args[0].shape)
    if not rows:
        return [*left, apply("index", whole, *like.args[1:], shape=like.shape)], right
    row = _product(rows)
    whole = apply("outer", whole, row, shape=(*whole.shape, *row.shape))
    return [*[each for each in left if each not in rows], whole], right


def _base(tree: Expr) -> Expr:
    return tree.args[0] if tree.op == "pow" and tree.args[1].op == "number" else tree


def _as_vector(tree: Expr) -> Expr:
    """What a column, or a power of one, is made of."""
    (vector, *_) = _base(tree).args
    return vector if tree.op != "pow" else apply("pow", vector, tree.args[1], shape=vector.shape)


def _elementwise(left: Expr, right: Expr) -> Expr:
    """The product of two vectors, element by element."""
    if left is right:
        return apply("pow", left, number(2), shape=left.shape)
    return apply("mul", left, right, shape=left.shape)


def weighted(coefficient: Coefficient, above: list[Expr], below: list[Expr]) -> Expr:
    """A number times products over products."""
    if isinstance(coefficient, float):
        top, bottom = constant(coefficient) or ([number(coefficient)], [])
        above, below = [*top, *above], [*bottom, *below]
    elif coefficient != 1:
        numerator, denominator = coefficient.numerator, coefficient.denominator
        if numerator == 2 and (root := next(filter(root_of_double, below), None)) is not None:
            inside = root.args[0]  # 2/sqrt(2*pi) is sqrt(2/pi)
            above = [apply("sqrt", apply("div", *inside.args, shape=inside.shape), shape=root.shape), *above]
            below, numerator = [each for each in below if each is not root], 1
        if denominator > 12 and denominator % 5 == 0 and terminates(denominator):
            above = [number(float(coefficient)), *above]
        else:
            above = [number(numerator), *above] if numerator != 1 else above
            below = [number(denominator), *below] if denominator != 1 else below
    return quotient(above, below, broadcast_all([each.shape for each in (*above, *below)]) if below else ())


def one_power(above: list[Expr], below: list[Expr]) -> tuple[list[Expr], list[Expr]]:
    """a**2*b**2/c**2 as (a*b/c)**2, where that is shorter."""
    powers = [each for each in (*above, *below) if each.op == "pow"]
    exponents = [each.args[1] for each in powers if _may_join(each)] if len(powers) > 1 else []
    for exponent in dict.fromkeys(exponents):
        if exponents.count(exponent) < 2:
            continue
        tops, bottoms = [
            [each for each in side if _may_join(each) and each.args[1] is exponent] for side in (above, below)
        ]
        shape = broadcast_all([each.shape for each in (*tops, *bottoms)])
        base = quotient([each.args[0] for each in tops], [each.args[0] for each in bottoms], shape)
        joined = [apply("pow", base, exponent, shape=shape), *[each for each in above if each not in tops]]
        left = [each for each in below if each not in bottoms]
        whole = broadcast_all([each.shape for each in (*above, *below)])
        if quotient(joined, left, whole).cost < quotient(above, below, whole).cost:
            above, below = joined, left
    return above, below


def taken(above: list[Expr], below: list[Expr]) -> tuple[list[Expr], list[Expr]]:
    """where(c, 1, 0)*u as where(c, u, 0), and where(c, 0, 1)*u as where(c, 0, u)."""
    chosen = next((each for each in above if each.op == "where" and each.args[1:] in GATES), None)
    rest = [each for each in above if each is not chosen]
    if chosen is None or not (rest or below):
        return above, below
    whole = quotient(rest, below, broadcast_all([each.shape for each in (*rest, *below)]))
    sides = [whole if each is ONE else each for each in chosen.args[1:]]
    shape = broadcast_all([chosen.shape, whole.shape])
    return [apply("where", chosen.args[0], *sides, shape=shape)], []


ZERO, ONE = number(0), number(1)
GATES = (ONE, ZERO), (ZERO, ONE)


def _may_join(tree: Expr) -> bool:
    """Whether something is a power of what may be a factor with others."""
    if tree.op != "pow" or tree.args[0].op == "add":
        return False
    return tree.args[1].op == "number" and bool(tree.args[1].attrs[0] > 1)


def quotient(above: list[Expr], below: list[Expr], shape: Shape) -> Expr:
    """Products over products."""
    top = _product(above)
    if not below:
        return top
    if not above and len(below) == 1 and below[0].op == "exp":
        return apply("exp", opposite(below[0].args[0]), shape=shape)
    return apply("div", top, _product(below), shape=shape)


def _product(factors: list[Expr]) -> Expr:
    if not factors:
        return number(1)
    if len(factors) == 1:
        return factors[0]
    for each in factors:
        if each.shape or each.op == "matmul":
            break
    else:
        return apply("mul", *factors)
    chain = [each for each in factors if each.op == "matmul"]
    others = [each for each in factors if each.op != "matmul"]
    if len(chain) == 1 and all(not each.shape for each in others):
        return _into_chain(others, chain[0])
    return apply("mul", *factors, shape=broadcast_all([each.shape for each in factors]))


def _power_of(tree: Expr, base: Expr) -> bool:
    return (
        tree.op == "pow"
        and tree.args[0] is base
        and tree.args[1].op == "number"
        and isinstance(tree.args[1].attrs[0], int)
    )


def _one_less(tree: Expr, base: Expr) -> list[Expr]:
    """A power of the base, divided by it once."""
    if tree is base:
        return []
    exponent = tree.args[1].attrs[0] - 1
    return [base if exponent == 1 else apply("pow", base, number(exponent))]


def _into_chain(scalars: list[Expr], chain: Expr) -> Expr:
    """Numbers in front of the first matrix: 2*A.T @ b."""
    left, right = chain.args
    if left.op == "matmul":
        left = _into_chain(scalars, left)
    else:
        left = apply("mul", *scalars, left, shape=left.shape)
    return apply("matmul", left, right, shape=chain.shape)


def broadcast_all(shapes: list[Shape]) -> Shape:
    """The shape that several broadcast to."""
    for each in shapes:
        if each:
            return broadcast(*shapes)
    return ()
