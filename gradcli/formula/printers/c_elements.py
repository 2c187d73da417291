"""What only moves or chooses elements, as C reads one element of it.

Each row gets the function being written, the expression, and the indices of the element.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.formula.printers.c_function import CFunction
    from gradcli.formula.tree import Expr

    Row = Callable[[CFunction, Expr, Sequence[str]], str]


def _transpose(c: CFunction, tree: Expr, at: Sequence[str]) -> str:
    return c.element(tree.args[0], [*at[:-2], at[-1], at[-2]], 4)


def _permute(c: CFunction, tree: Expr, at: Sequence[str]) -> str:
    order = [each.attrs[0] for each in tree.args[1:]]
    return c.element(tree.args[0], [at[order.index(dim)] for dim in range(len(order))], 4)


def _same(c: CFunction, tree: Expr, at: Sequence[str]) -> str:
    return c.element(tree.args[0], at, 4)


def _index(c: CFunction, tree: Expr, at: Sequence[str]) -> str:
    source, *keys = tree.args
    if source.op == "slogdet":
        return f"{c.known[source]}[{c.integer(keys[0], 2)}]"
    taken: list[str] = []
    place = 0
    dims = iter(source.shape)
    for key in keys:
        if key.op == "slice":
            start = key.args[0]
            offset = c.integer(start, next(dims)) if start.attrs != ("None",) else ""
            if key.args[2].attrs not in (("None",), (1,)):
                raise GradcliError("bad-argument", "C is not written for slices with a step yet")
            taken.append(f"({at[place]} + {offset})" if offset else at[place])
            place += 1
        elif key.attrs == ("None",):
            place += 1
        elif key.shape:
            raise GradcliError("bad-argument", "C is not written for arrays as indices yet")
        else:
            taken.append(c.integer(key, next(dims)))
    return c.element(source, [*taken, *at[place:]], 4)


def _where(c: CFunction, tree: Expr, at: Sequence[str]) -> str:
    condition, one, other = [c.element(each, at) for each in tree.args]
    return f"({condition} ? {one} : {other})"


def _logic(sign: str) -> Row:
    def row(c: CFunction, tree: Expr, at: Sequence[str]) -> str:
        return f"({f' {sign} '.join(c.element(each, at, 4) for each in tree.args)})"

    return row


def _not(c: CFunction, tree: Expr, at: Sequence[str]) -> str:
    return f"!{c.element(tree.args[0], at, 4)}"


def _eye(c: CFunction, tree: Expr, at: Sequence[str]) -> str:
    return f"({at[0]} == {at[1]} ? 1.0 : 0.0)"


def _diag(c: CFunction, tree: Expr, at: Sequence[str]) -> str:
    (inner,) = tree.args
    if len(inner.shape) == 2:
        return c.element(inner, [at[0], at[0]], 4)
    return f"({at[0]} == {at[1]} ? {c.element(inner, [at[0]])} : 0.0)"


def _diagonal(c: CFunction, tree: Expr, at: Sequence[str]) -> str:
    attrs = dict(tree.attrs)
    first, second = attrs.get("dim1", 0), attrs.get("dim2", 1)
    places = list(at[:-1])
    for dim in sorted((first, second)):
        places.insert(dim, at[-1])
    return c.element(tree.args[0], places, 4)


def _one_hot(c: CFunction, tree: Expr, at: Sequence[str]) -> str:
    index = c.integer(tree.args[0], tree.shape[-1], at[:-1])
    return f"({at[-1]} == {index} ? 1.0 : 0.0)"


def _outer(c: CFunction, tree: Expr, at: Sequence[str]) -> str:
    left, right = tree.args
    return f"({c.element(left, [at[0]], 3)}*{c.element(right, [at[1]], 3)})"


def _triangle(sign: str) -> Row:
    def row(c: CFunction, tree: Expr, at: Sequence[str]) -> str:
        shift = tree.args[1].attrs[0] if len(tree.args) > 1 else 0
        left = f"(double){at[-1]} - (double){at[-2]}"
        return f"({left} {sign} {shift}.0 ? {c.element(tree.args[0], at)} : 0.0)"

    return row


def _flip(c: CFunction, tree: Expr, at: Sequence[str]) -> str:
    dims = {each.attrs[0] % len(tree.shape) for each in tree.args[1:]}
    places = [
        f"({c.size(size)} - 1 - {each})" if dim in dims else each
        for dim, (size, each) in enumerate(zip(tree.shape, at, strict=True))
    ]
    return c.element(tree.args[0], places, 4)


def _roll(c: CFunction, tree: Expr, at: Sequence[str]) -> str:
    inner, shift, *dims = tree.args
    dim = dims[0].attrs[0] if dims else 0
    size, step = c.size(tree.shape[dim]), -shift.attrs[0]
    ahead = str(step) if step > 0 else f"{size} - {-step}%{size}"
    places = [*at[:dim], f"({at[dim]} + {ahead})%{size}", *at[dim + 1 :]]
    return c.element(inner, places, 4)


def _pad(c: CFunction, tree: Expr, at: Sequence[str]) -> str:
    inner, widths = tree.args
    places, tests = list(at), []
    for back, each in enumerate(widths.args[::2], 1):
        size, width = inner.shape[-back], c.integer(each, tree.shape[-back])
        if (width, size) != ("0", tree.shape[-back]):
            places[-back] = f"({at[-back]} - {width})" if width != "0" else at[-back]
            low = f"{at[-back]} >= {width} && " if width != "0" else ""
            tests.append(f"{low}{places[-back]} < {c.size(size)}")
    value = c.element(inner, places)
    return f"({' && '.join(tests)} ? {value} : 0.0)" if tests else f"({value})"


def _cat(c: CFunction, tree: Expr, at: Sequence[str]) -> str:
    parts = tree.args[0].args
    dim = tree.args[1].attrs[0] % len(tree.shape) if len(tree.args) > 1 else 0
    text, start = "", ""
    for part in parts[:-1]:
        places = [*at[:dim], f"({at[dim]}{start})", *at[dim + 1 :]]
        text += f"{places[dim]} < {c.size(part.shape[dim])} ? {c.element(part, places)} : "
        start += f" - {c.size(part.shape[dim])}"
    places = [*at[:dim], f"({at[dim]}{start})", *at[dim + 1 :]]
    return f"({text}{c.element(parts[-1], places)})"


def _clamp(c: CFunction, tree: Expr, at: Sequence[str]) -> str:
    value, low, high = [*tree.args, None, None][:3]
    assert value is not None
    text = c.element(value, at)
    for name, bound in (("fmax", low), ("fmin", high)):
        if bound is not None and bound.attrs != ("None",):
            text = f"{name}({text}, {c.element(bound, at)})"
    return text


MOVED: dict[str, Row] = {
    "transpose": _transpose,
    "permute": _permute,
    "broadcast_to": _same,
    "index": _index,
    "where": _where,
    "logical_and": _logic("&&"),
    "logical_or": _logic("||"),
    "logical_xor": _logic("!="),
    "logical_not": _not,
    "ones": lambda c, tree, at: "1.0",
    "zeros": lambda c, tree, at: "0.0",
    "eye": _eye,
    "diag": _diag,
    "diagonal": _diagonal,
    "one_hot": _one_hot,
    "outer": _outer,
    "arange": lambda c, tree, at: f"(double){at[0]}",
    "triu": _triangle(">="),
    "tril": _triangle("<="),
    "flip": _flip,
    "roll": _roll,
    "pad": _pad,
    "cat": _cat,
    "clamp": _clamp,
}
