"""What needs loops of its own in C: sums, products of matrices, softmaxes, decompositions.

Each row writes its loops and gives the name of the number, or of the array, that holds the result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.formula.tree import apply, number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.formula.printers.c_function import CFunction
    from gradcli.formula.tree import Expr

    Row = Callable[[CFunction, Expr], str]


def _dims(tree: Expr) -> list[int]:
    """The dims that a reduction drops, counted from the first."""
    rank = len(tree.args[0].shape)
    given = dict(tree.attrs).get("dim")
    if given is None and len(tree.args) > 1:
        dim = tree.args[1]
        given = [each.attrs[0] for each in dim.args] if dim.op == "tuple" else dim.attrs[0]
    if given is None:
        return list(range(rank))
    listed = given if isinstance(given, (list, tuple)) else [given]
    return [each % rank for each in listed]


def _steps(c: CFunction, tree: Expr, start: str, step: Callable[[str, str], str], end: str = "{0}") -> str:
    """An accumulation over dims: where it starts, what each element does to it, and what is made of it."""
    inner = tree.args[0]
    gone = _dims(tree)
    kept = [dim for dim in range(len(inner.shape)) if dim not in gone]
    name = c.array(tree.shape) if tree.shape else c.temporary()
    indices = {dim: c.loop(inner.shape[dim]) for dim in kept}
    total = c.temporary() if tree.shape else name
    c.say(f"double {total} = {start};")
    indices |= {dim: c.loop(inner.shape[dim]) for dim in gone}
    c.say(step(total, c.element(inner, [indices[dim] for dim in range(len(inner.shape))])))
    c.close(len(gone))
    if tree.shape:
        c.say(f"{name}[{c.place(tree.shape, [indices[dim] for dim in kept])}] = {end.format(total)};")
        c.close(len(kept))
    elif end != "{0}":
        c.say(f"{total} = {end.format(total)};")
    return name


def _sum(c: CFunction, tree: Expr) -> str:
    return _steps(c, tree, "0.0", lambda total, value: f"{total} += {value};")


def _mean(c: CFunction, tree: Expr) -> str:
    count = "*".join(c.size(tree.args[0].shape[dim]) for dim in _dims(tree))
    return _steps(c, tree, "0.0", lambda total, value: f"{total} += {value};", f"{{0}}/(double)({count})")


def _prod(c: CFunction, tree: Expr) -> str:
    return _steps(c, tree, "1.0", lambda total, value: f"{total} *= {value};")


def _norm(c: CFunction, tree: Expr) -> str:
    return _steps(c, tree, "0.0", lambda total, value: f"{total} = hypot({total}, {value});")


def _std(c: CFunction, tree: Expr) -> str:
    mean = _mean(c, tree)
    count = c.size(tree.args[0].shape[0])
    step = "{0} = hypot({0}, {1} - " + mean + ");"
    return _steps(c, tree, "0.0", step.format, f"{{0}}/sqrt((double)({count}) - 1.0)")


def _extreme(function: str, start: str) -> Row:
    def row(c: CFunction, tree: Expr) -> str:
        return _steps(c, tree, start, lambda total, value: f"{total} = {function}({total}, {value});")

    return row


def _logsumexp(c: CFunction, tree: Expr) -> str:
    return _steps(
        c, tree, "-HUGE_VAL", lambda total, value: f"{total} = {c.helper('logaddexp')}({total}, {value});"
    )


def _soft(power: bool) -> Row:
    """exp(x - logsumexp(x)), or its logarithm."""

    def row(c: CFunction, tree: Expr) -> str:
        (inner,) = tree.args
        rank = len(inner.shape)
        dim = dict(tree.attrs).get("dim", -1) % rank
        shape = (*inner.shape[:dim], *inner.shape[dim + 1 :])
        total = _logsumexp(c, apply("logsumexp", inner, number(dim), shape=shape))
        name = c.array(inner.shape)
        indices = [c.loop(size) for size in inner.shape]
        kept = [each for at, each in enumerate(indices) if at != dim]
        below = f"{total}[{c.place(shape, kept)}]" if shape else total
        value = f"{c.element(inner, indices, 2)} - {below}"
        c.say(f"{name}[{c.place(inner.shape, indices)}] = {f'exp({value})' if power else value};")
        c.close(rank)
        return name

    return row


def _matmul(c: CFunction, tree: Expr) -> str:
    left, right = tree.args
    in_front: Sequence[Expr] = ()
    if left.op == "mul" and not any(each.shape for each in left.args[:-1]):
        *in_front, left = left.args  # numbers, with which the sum is multiplied and no matrix
    for each in (left, right):
        if each.op not in ("symbol", "transpose"):
            c.whole(each)
    scale = "".join([c.element(each, [], 3) + "*" for each in in_front])
    name = c.array(tree.shape) if tree.shape else c.temporary()
    indices = [c.loop(size) for size in tree.shape]
    total = c.temporary() if tree.shape else name
    c.say(f"double {total} = 0.0;")
    inner = c.loop(left.shape[-1])
    two = len(left.shape) > 1, len(right.shape) > 1
    outer = indices[: len(indices) - two[0] - two[1]]
    row = [indices[len(outer)]] if two[0] else []
    column = [indices[-1]] if two[1] else []
    one = c.element(left, [*outer, *row, inner] if two[0] else [inner], 3)
    other = c.element(right, [*outer, inner, *column] if two[1] else [inner], 3)
    c.say(f"{total} += {one}*{other};")
    c.close()
    if tree.shape:
        c.say(f"{name}[{c.place(tree.shape, indices)}] = {scale}{total};")
        c.close(len(indices))
    elif scale:
        c.say(f"{name} = {scale}{name};")
    return name


def _einsum(c: CFunction, tree: Expr) -> str:
    equation, *operands = tree.args
    left, _, out = str(equation.attrs[0]).strip("'").partition("->")
    terms = left.split(",")
    sizes = {
        letter: size
        for term, each in zip(terms, operands, strict=True)
        for letter, size in zip(term, each.shape, strict=True)
    }
    name = c.array(tree.shape) if tree.shape else c.temporary()
    indices = {letter: c.loop(sizes[letter]) for letter in out}
    total = c.temporary() if tree.shape else name
    c.say(f"double {total} = 0.0;")
    gone = [letter for letter in sizes if letter not in out]
    indices |= {letter: c.loop(sizes[letter]) for letter in gone}
    factors = [
        c.element(each, [indices[letter] for letter in term], 3)
        for term, each in zip(terms, operands, strict=True)
    ]
    c.say(f"{total} += {'*'.join(factors)};")
    c.close(len(gone))
    if tree.shape:
        c.say(f"{name}[{c.place(tree.shape, [indices[letter] for letter in out])}] = {total};")
        c.close(len(out))
    return name


def _trace(c: CFunction, tree: Expr) -> str:
    name = c.temporary()
    c.say(f"double {name} = 0.0;")
    at = c.loop(tree.args[0].shape[0])
    c.say(f"{name} += {c.element(tree.args[0], [at, at])};")
    c.close()
    return name


def _scan(start: str, step: str, helper: str = "") -> Row:
    """A running accumulation: where it starts, and what each element does to it."""

    def row(c: CFunction, tree: Expr) -> str:
        inner = tree.args[0]
        dim = tree.args[1].attrs[0] % len(inner.shape)
        name = c.array(tree.shape)
        indices = {at: c.loop(size) for at, size in enumerate(tree.shape) if at != dim}
        total = c.temporary()
        c.say(f"double {total} = {start};")
        indices[dim] = c.loop(tree.shape[dim])
        places = [indices[at] for at in range(len(tree.shape))]
        function = c.helper(helper) if helper else ""
        c.say(step.format(total, c.element(inner, places), function))
        c.say(f"{name}[{c.place(tree.shape, places)}] = {total};")
        c.close(len(tree.shape))
        return name

    return row


def _solved(c: CFunction, matrix: Expr, right: Expr, shape: Sequence[int]) -> str:
    """The solution for a right-hand side."""
    left = c.whole(matrix)
    name = c.array(shape)
    c.fill(name, right)
    columns = c.size(shape[1]) if len(shape) > 1 else "1"
    c.say(f"{c.helper('solved')}({c.size(matrix.shape[0])}, {columns}, {left}, {name});")
    return name


def _solve(c: CFunction, tree: Expr) -> str:
    return _solved(c, tree.args[0], tree.args[1], tree.shape)


def _inverse(c: CFunction, tree: Expr) -> str:
    return _solved(c, tree.args[0], apply("eye", number(0), shape=tree.shape), tree.shape)


def _det(c: CFunction, tree: Expr) -> str:
    matrix, size = c.whole(tree.args[0]), c.size(tree.args[0].shape[0])
    name = c.temporary()
    c.say(f"const double {name} = {c.helper('solved')}({size}, 0, {matrix}, NULL);")
    return name


def _logdet(c: CFunction, tree: Expr) -> str:
    determinant = _det(c, tree)
    name = c.temporary()
    c.say(f"const double {name} = log({determinant});")
    return name


def _slogdet(c: CFunction, tree: Expr) -> str:
    determinant = _det(c, tree)
    name = c.array((2,))
    c.say(f"{name}[0] = ({determinant} > 0.0) - ({determinant} < 0.0);")
    c.say(f"{name}[1] = log(fabs({determinant}));")
    return name


def _tensor(c: CFunction, tree: Expr) -> str:
    name = c.temporary()
    items = str(tree.args[0].attrs[0]).replace("[", "").replace("]", "")
    c.say(f"static const double {name}[] = {{{items}}};")
    return name


def _reshape(c: CFunction, tree: Expr) -> str:
    (inner, *_) = tree.args
    if bool(inner.shape) == bool(tree.shape):
        return c.whole(inner)
    if tree.shape:  # a number as an array of one element
        name = c.array(tree.shape)
        c.say(f"{name}[0] = {c.element(inner, [])};")
        return name
    name = c.temporary()
    c.say(f"const double {name} = {c.element(inner, ['0'] * len(inner.shape))};")
    return name


LOOPS: dict[str, Row] = {
    "sum": _sum,
    "mean": _mean,
    "std": _std,
    "prod": _prod,
    "norm": _norm,
    "amax": _extreme("fmax", "-HUGE_VAL"),
    "amin": _extreme("fmin", "HUGE_VAL"),
    "logsumexp": _logsumexp,
    "softmax": _soft(True),
    "log_softmax": _soft(False),
    "matmul": _matmul,
    "einsum": _einsum,
    "trace": _trace,
    "cumsum": _scan("0.0", "{0} += {1};"),
    "cumprod": _scan("1.0", "{0} *= {1};"),
    "logcumsumexp": _scan("-HUGE_VAL", "{0} = {2}({0}, {1});", "logaddexp"),
    "linalg.solve": _solve,
    "inverse": _inverse,
    "det": _det,
    "slogdet": _slogdet,
    "logdet": _logdet,
    "tensor": _tensor,
    "reshape": _reshape,
}
