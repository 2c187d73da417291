"""An evaluation as an .npz file: every array in full, for what no terminal should show.

The command line writes it for `--out`. The arrays are called `values.x`, `grads.x`, `derivatives.y.x`,
`orders.x.2`, `partials.x,w`, `hessian.x.w`, `jacobian.z.x`, `hvp.x`, `jvp.z`, and of a sparse matrix
`hessian.x.x.rows`, `.cols`, `.values` and `.shape`; `--set y=@FILE.npz:grads.x` reads one back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.derivatives.kinds import KINDS
from gradcli.derivatives.sparse import Sparse
from gradcli.report.whole import fill_whole

if TYPE_CHECKING:
    from gradcli.report.result import Result

PARTS = ("values", "grads", "derivatives", *[kind.part for kind in KINDS])


def write_npz(result: Result, path: str) -> None:
    """Write all arrays to `path`: beside it first, then renamed, so that no half of a file is ever seen.

    Raises:
        GradcliError: `io`, when the file cannot be written.
    """
    arrays = {name: array for part in PARTS for name, array in _named(part, getattr(result, part))}
    fill_whole(path, lambda file: np.savez(file, allow_pickle=False, **arrays))


def _named(name: str, content: Any) -> Iterator[tuple[str, Any]]:
    """The arrays in nested mappings and lists, with the keys on the way, orders counted from 1."""
    if type(content) is Sparse:
        content = content.parts()
    if isinstance(content, Mapping):
        for key, item in content.items():
            yield from _named(f"{name}.{key}", item)
    elif isinstance(content, list | tuple):
        for number, item in enumerate(content, start=1):
            yield from _named(f"{name}.{number}", item)
    else:
        array = np.asarray(content)
        if array.dtype != object:  # None is no array
            yield name, array
