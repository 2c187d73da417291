"""How the derivatives of an evaluation are called in a report.

The writers of plain text and of tables ask for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcli.report.result import Result
    from gradcli.text.numbers import Value


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
    if result.hessian or result.jacobian:
        yield from _matrices(result)
    for kind in ("hvp", "jvp"):
        for name, value in (getattr(result, kind) or {}).items():
            yield f"{kind}[{name}]", value


def _matrices(result: Result) -> Iterator[tuple[str, Value]]:
    from gradcli.derivatives.sparse import Sparse

    for kind in ("hessian", "jacobian"):
        for above, row in (getattr(result, kind) or {}).items():
            for name, value in row.items():
                label = f"{kind}[{above},{name}]"
                if isinstance(value, Sparse):
                    yield from ((f"{label}.{part}", each) for part, each in value.parts().items())
                else:
                    yield label, value
