"""One use of a function that states its own gradient, remembered so that it can be called again.

`gradcli.checking.session` makes them while a program runs; the tapes of `replay` compute through them, and
`own_gradients` compares what they state with differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcli.autograd import Session, Tensor
from gradcli.errors import Span
from gradcli.tape.node import leaf


class OwnCall:
    """One use of a function that states its own gradient.

    Attributes:
        function: its name, where its gradient stands, and how to call it again.
        inputs: the tensors it was called with.
        count: how many there are.
        results: what it returned.
    """

    def __init__(
        self, session: Session, function: Any, inputs: Sequence[Tensor], results: Sequence[Tensor]
    ) -> None:
        self.session = session
        self.function = function
        self.inputs = [each.node for each in inputs]
        self.count = len(inputs)
        self.several = len(results) > 1
        self.results = [each.node for each in results]

    @property
    def name(self) -> str:
        """The function's name."""
        return str(self.function.name)

    @property
    def span(self) -> Span:
        """Where the function that is the gradient stands."""
        span: Span = self.function.gradient_span
        return span

    def again(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """Its results for other tensors, recorded."""
        found = self.function.again(list(tensors))
        return list(found) if isinstance(found, (list, tuple)) else [found]

    def forward(self, *arrays: Any) -> Any:
        """The values of its results for these arrays, which is what numerical differentiation sees."""
        tensors = [Tensor(leaf(np.asarray(array))) for array in arrays]
        recording = self.session.recording
        self.session.recording = False
        try:
            values = [self.session.numpy(each) for each in self.again(tensors)]
        finally:
            self.session.recording = recording
        return tuple(values) if self.several else values[0]
