"""Values from outside: what `--set x=VALUE`, `--weights VALUE` and their like stand for.

`read(VALUE)` gives an array for `@FILE` and `@-`, and a `Binding` for anything else, which the
evaluator reads in the language. The command line calls this. NumPy is loaded when a file is read.
"""

from __future__ import annotations

from gradcli.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO

    import numpy as np

    from gradcli.limits import Ledger

    Array = np.ndarray[Any, np.dtype[Any]]


class Binding(Record):
    """A value written in the language, with no free names: `2`, `[1, 2]`, `ones(2, 2)`."""

    text: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Binding) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


def read(
    value: str, stdin: BinaryIO | None = None, *, ledger: Ledger | None = None, header: bool = False
) -> Binding | Array:
    """What a VALUE of the command line stands for.

    `@FILE` is read by its suffix: `.npy`, `.npz` (`@FILE.npz:key`), `.csv`, `.json`; `@-` reads
    `stdin` as JSON, `@-:csv` and `@-:npy` as those. JSON and CSV become float64 (a JSON array of
    booleans stays one), NumPy's files keep their dtype.

    `ledger` is asked for the memory of what is read before it is read; by default there is as much as for a
    program. What was read counts as memory of each program that runs while it is there.
    With `header` the first row of a CSV file may name its columns.

    Raises:
        GradcliError: `io`, when the file cannot be read or holds something else; `limit`.
    """
    if not value.startswith("@"):
        return Binding(value)
    from gradcli.evaluation.files import load

    return load(value[1:], stdin, ledger, header)


def reads_stdin(value: str) -> bool:
    """Whether this VALUE is taken from standard input."""
    return value == "@-" or value.startswith("@-:")
