"""How the derivatives of an evaluation are called in a report.

The writers of plain text and of tables ask for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.derivatives.kinds import found

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gradcli.report.result import Result


def derivatives(result: Result, *, whole: bool = False) -> Iterator[tuple[str, Any]]:
    """Every derivative with its label, in the order of the report.

    One root without weights gives `dz/dx`, `d2z/dx2` and, for partials, `d3z/dxdxdw`, several `dy/dx` and
    `dz/dx`. With weights or after the program's own backward no quotient is meant: `x.grad`, `x.grad2`,
    `partial[x,x,w]`. Matrices and products are `hessian[x,w]`, `jacobian[z,x]`, `hvp[x]`,
    `jvp[z]`, and a sparse matrix is told by its parts, `hessian[x,w].rows`, unless it is wanted `whole`. The
    first order is not repeated where the gradient already says it.
    """
    single = len(result.roots) == 1 and not result.weighted and not result.own_backward
    root = result.roots[0] if single else ""
    grads = result.grads
    for name, value in grads.items():
        yield (f"d{root}/d{name}" if single else f"{name}.grad"), value
    for above, row in result.derivatives.items():
        yield from ((f"d{above}/d{name}", value) for name, value in row.items())
    for kind, keys, value in found(result):
        if keys[-1] == 1 and keys[0] in grads:
            continue
        label = kind.label(kind, root if single else None, keys, getattr(value, "size", 1))
        if hasattr(value, "parts") and not whole:
            yield from ((f"{label}.{part}", each) for part, each in value.parts().items())
        else:
            yield label, value
