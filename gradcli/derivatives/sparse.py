"""`Sparse`: a matrix of derivatives as the entries that may differ from zero.

`gradcli.derivatives.higher` makes it for `--sparse`, the reports write it, and it is a part of the Python
interface.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.record import Record

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Sparse(Record):
    """Coordinates and values, by row and then by column, each place once.

    What the structure of the program makes zero is left out; an entry that happens to be zero is not.

    Attributes:
        rows, cols: where the entries stand, counted from 0 through the elements in order (as `flatten()`
            counts them) of the tensors above and to the left.
        values: the entries.
        shape: the number of rows and of columns of the whole matrix.
    """

    rows: NDArray[np.int64]
    cols: NDArray[np.int64]
    values: NDArray[Any]
    shape: tuple[int, int]

    def dense(self) -> NDArray[Any]:
        """The whole matrix, of `shape`."""
        matrix = np.zeros(self.shape, self.values.dtype)
        matrix[self.rows, self.cols] = self.values
        return matrix

    def parts(self) -> dict[str, Any]:
        """What a file or a JSON object holds of it."""
        return {"shape": np.array(self.shape), "rows": self.rows, "cols": self.cols, "values": self.values}
