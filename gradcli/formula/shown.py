"""The backward rules of the primitives as formulas: what `gradcli functions` shows of one.

A row says a call of the primitive; the rule is the derivative of that call with the cotangent g as weights,
found and printed as any other.
"""

from __future__ import annotations

from typing import NamedTuple

from gradcli.formula.asked import Asked
from gradcli.formula.naming import replaced
from gradcli.formula.printers.gradcli import expression
from gradcli.formula.tree import symbol


class PrimitiveCall(NamedTuple):
    """How a primitive is called, for its rule: the program assigns y, which the rule may read."""

    program: str
    shapes: dict[str, str]


_X, _A, _AB = {"x": "n"}, {"A": "n,n"}, {"A": "n,m", "B": "m,k"}
INDICES = {"i": (4,), "I": (9, 4)}
"""The shapes of what is a whole number in a call."""

CALLS: dict[str, PrimitiveCall] = {
    "sum": PrimitiveCall("sum(X, 0)", {"X": "n,m"}),
    "matmul": PrimitiveCall("A @ B", _AB),
    "einsum": PrimitiveCall("einsum('ij,jk->ik', A, B)", _AB),
    "cumsum": PrimitiveCall("cumsum(x, 0)", _X),
    "permute": PrimitiveCall("X.T", {"X": "n,m"}),
    "pick": PrimitiveCall("x[1:]", _X),
    "place": PrimitiveCall("pad(x, (1, 1))", _X),
    "cat": PrimitiveCall("cat((a, b), 0)", {"a": "3", "b": "4"}),
    "band": PrimitiveCall("triu(X)", {"X": "n,m"}),
    "take": PrimitiveCall("x[i]", {"x": "9"}),
    "put": PrimitiveCall("index_add(zeros(9), 0, i, x)", {"x": "4"}),
    "along": PrimitiveCall("gather(X, 1, I)", {"X": "9,9"}),
    "scatter": PrimitiveCall("scatter_add(zeros(9, 9), 1, I, X)", {"X": "9,4"}),
    "amax": PrimitiveCall("amax(X, 1)", {"X": "n,m"}),
    "amin": PrimitiveCall("amin(X, 1)", {"X": "n,m"}),
    "prod": PrimitiveCall("prod(x, 0)", _X),
    "cumprod": PrimitiveCall("cumprod(x, 0)", _X),
    "logcumsumexp": PrimitiveCall("logcumsumexp(x, 0)", _X),
    "norm": PrimitiveCall("norm(x)", _X),
    "logsumexp": PrimitiveCall("logsumexp(x, 0)", _X),
    "log_softmax": PrimitiveCall("log_softmax(x, 0)", _X),
    "solve": PrimitiveCall("linalg.solve(A, B)", {"A": "n,n", "B": "n,m"}),
    "solve_triangular": PrimitiveCall("linalg.solve_triangular(A, B, upper=True)", {"A": "n,n", "B": "n,m"}),
    "inv": PrimitiveCall("inverse(A)", _A),
    "pinv": PrimitiveCall("linalg.pinv(A)", {"A": "n,m"}),
    "det": PrimitiveCall("det(A)", _A),
    "slogdet": PrimitiveCall("linalg.slogdet(A)[1]", _A),
    "cholesky": PrimitiveCall("cholesky(A)", _A),
    "eigh": PrimitiveCall("linalg.eigh(A)[0]", _A),
    "svd": PrimitiveCall("linalg.svdvals(A)", {"A": "n,m"}),
    "qr": PrimitiveCall("linalg.qr(A)[1]", _A),
    "matrix_exp": PrimitiveCall("matrix_exp(A)", _A),
    "softmax": PrimitiveCall("softmax(x, 0)", _X),
    "mean": PrimitiveCall("mean(x)", _X),
    "var": PrimitiveCall("var(x)", _X),
    "std": PrimitiveCall("std(x)", _X),
    "trace": PrimitiveCall("trace(A)", _A),
    "outer": PrimitiveCall("outer(a, b)", {"a": "n", "b": "m"}),
    "dot": PrimitiveCall("dot(a, b)", {"a": "n", "b": "n"}),
    "diag": PrimitiveCall("diag(x)", _X),
    "linalg.solve": PrimitiveCall("linalg.solve(A, B)", {"A": "n,n", "B": "n,m"}),
    "linalg.inv": PrimitiveCall("inverse(A)", _A),
    "logdet": PrimitiveCall("logdet(A)", _A),
    "flip": PrimitiveCall("flip(x, 0)", _X),
    "median": PrimitiveCall("median(x)", _X),
    "nanmedian": PrimitiveCall("nanmedian(x)", _X),
}
"""A call of each primitive that has inputs to be differentiated, and of functions that people look up."""

SAID = {
    "windows": "backward adds every window up where it was taken",
    "overlap_add": "backward takes the windows again",
    "recurrence": "backward is the recurrence from the end",
    "bernoulli": "random: no derivative",
    "normal": "random: dmean = g, dstd = g*(y - mean)/std",
    "running index of maximum": "indices: no derivative",
    "running index of minimum": "indices: no derivative",
    **dict.fromkeys(("argmax", "argmin", "argsort", "any", "all", "rank", "ravel", "index"), "no derivative"),
    "class_index": "no derivative",
}
"""Rules that no formula of the language says, in words."""


def rule(name: str) -> list[tuple[str, str]]:
    """For each input of a primitive its cotangent, `("dA", "g @ B.T")`; nothing if it has no row."""
    call = CALLS.get(name)
    if call is None:
        return []
    import numpy as np

    indices = {name: np.arange(np.prod(shape)).reshape(shape) % 9 for name, shape in INDICES.items()}
    given = {
        name: array
        for name, array in indices.items()
        if f" {name}" in call.program or f"[{name}]" in call.program
    }
    shapes = call.shapes
    asked = Asked(f"y = {call.program}", list(shapes), dict(shapes), given, {}, "g")
    lines = asked.gradients(1)
    (root,) = asked.run.program.values()
    own = asked.run.recording.read(asked.run.recording.of(root.node))
    found = []
    for wrt, line in zip(shapes, lines, strict=True):
        value = line.value if own.op == "symbol" else replaced(line.value, {own: symbol("y", own.shape)})
        found.append((f"d{wrt}", expression(value)))
    return found


def told(
    name: str, kind: str, partials: tuple[tuple[str, str], ...]
) -> tuple[tuple[tuple[str, str], ...], str]:
    """The partials of a primitive, and what is said in their place: one of the two is empty."""
    if partials:
        return partials, ""
    shown = tuple(rule(name)) if kind != "elementwise" else ()
    if shown:
        return shown, ""
    return (), SAID.get(name, "no derivative")


__all__ = ["CALLS", "SAID", "rule", "told"]
