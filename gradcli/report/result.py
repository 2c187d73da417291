"""What a report needs to know of an evaluation, and how a derivative is called in it.

`gradcli.evaluate` returns an object of this shape; the writers of plain text, JSON, CSV and tables read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from gradcli.derivatives.sparse import Sparse

if TYPE_CHECKING:
    from gradcli.text.numbers import Value


class Node(Protocol):
    """What is known of a named tensor beside its elements; `dtype` is the bare name, `float64`."""

    @property
    def shape(self) -> Sequence[int]: ...
    @property
    def dtype(self) -> str: ...
    @property
    def requires_grad(self) -> bool: ...
    @property
    def is_leaf(self) -> bool: ...
    @property
    def grad_fn(self) -> str | None: ...


class Result(Protocol):
    """An evaluation as the reports see it. A part that wasn't asked for is None."""

    @property
    def roots(self) -> Sequence[str]: ...
    @property
    def values(self) -> Mapping[str, Value]: ...
    @property
    def grads(self) -> Mapping[str, Value] | None: ...
    @property
    def orders(self) -> Mapping[str, Sequence[Value]] | None:
        """For each leaf its first, second, … N-th derivative."""

    @property
    def partials(self) -> Mapping[str, Value] | None:
        """Mixed derivatives, keyed by the names in order: `x,x,w`."""

    @property
    def hessian(self) -> Mapping[str, Mapping[str, Value | Sparse]] | None: ...
    @property
    def jacobian(self) -> Mapping[str, Mapping[str, Value | Sparse]] | None:
        """For each root, for each leaf."""

    @property
    def hvp(self) -> Mapping[str, Value] | None: ...
    @property
    def jvp(self) -> Mapping[str, Value] | None:
        """For each root."""

    @property
    def nodes(self) -> Mapping[str, Node]: ...
    @property
    def printed(self) -> Sequence[str]:
        """The lines that the program printed."""

    @property
    def weighted(self) -> bool:
        """Whether gradient weights were given."""

    @property
    def own_backward(self) -> bool:
        """Whether the program called backward itself."""


def derivatives(result: Result) -> Iterator[tuple[str, Value]]:
    """Every derivative with its label, in the order of the report.

    One root without weights gives `dz/dx`, `d2z/dx2` and, for partials, `d3z/dxdxdw`. With several
    roots, with weights or after the program's own backward no single quotient is meant: `x.grad`,
    `x.grad2`, `partial[x,x,w]`. Matrices and products are `hessian[x,w]`, `jacobian[z,x]`, `hvp[x]`,
    `jvp[z]`, and a sparse matrix is told by its parts, `hessian[x,w].rows`. The first order is not
    repeated where the gradient already says it.
    """
    single = len(result.roots) == 1 and not result.weighted and not result.own_backward
    root = result.roots[0] if single else ""
    grads = result.grads or {}
    for name, value in grads.items():
        yield (f"d{root}/d{name}" if single else f"{name}.grad"), value
    for name, series in (result.orders or {}).items():
        for order, value in enumerate(series, 1):
            if order > 1:
                yield (f"d{order}{root}/d{name}{order}" if single else f"{name}.grad{order}"), value
            elif name not in grads:
                yield (f"d{root}/d{name}" if single else f"{name}.grad"), value
    for key, value in (result.partials or {}).items():
        names = key.split(",")
        order_text = str(len(names)) if len(names) > 1 else ""
        below = "".join(f"d{name}" for name in names)
        yield (f"d{order_text}{root}/{below}" if single else f"partial[{key}]"), value
    for kind in ("hessian", "jacobian"):
        for above, row in (getattr(result, kind) or {}).items():
            for name, value in row.items():
                label = f"{kind}[{above},{name}]"
                if type(value) is Sparse:
                    yield from ((f"{label}.{part}", each) for part, each in value.parts().items())
                else:
                    yield label, value
    for kind in ("hvp", "jvp"):
        for name, value in (getattr(result, kind) or {}).items():
            yield f"{kind}[{name}]", value
