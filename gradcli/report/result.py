"""What a report needs to know of an evaluation: types, which nothing imports while it runs.

`gradcli.evaluate` returns an object of this shape; the writers of plain text, JSON, CSV and tables read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gradcli.derivatives.sparse import Sparse
    from gradcli.text.numbers import Value


class TensorFacts(Protocol):
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
    """An evaluation as the reports see it. A part that wasn't asked for is empty."""

    @property
    def roots(self) -> Sequence[str]: ...
    @property
    def values(self) -> Mapping[str, Value]: ...
    @property
    def grads(self) -> Mapping[str, Value]: ...
    @property
    def derivatives(self) -> Mapping[str, Mapping[str, Value]]:
        """For each of several roots, for each leaf."""

    @property
    def orders(self) -> Mapping[str, Sequence[Value]]:
        """For each leaf its first, second, … N-th derivative."""

    @property
    def partials(self) -> Mapping[str, Value]:
        """Mixed derivatives, keyed by the names in order: `x,x,w`."""

    @property
    def hessian(self) -> Mapping[str, Mapping[str, Value | Sparse]]: ...
    @property
    def jacobian(self) -> Mapping[str, Mapping[str, Value | Sparse]]:
        """For each root, for each leaf."""

    @property
    def hvp(self) -> Mapping[str, Value]: ...
    @property
    def jvp(self) -> Mapping[str, Value]:
        """For each root."""

    @property
    def nodes(self) -> Mapping[str, TensorFacts]: ...
    @property
    def printed(self) -> Sequence[str]:
        """The lines that the program printed."""

    @property
    def notes(self) -> Sequence[str]:
        """What could surprise, a sentence each."""

    @property
    def weighted(self) -> bool:
        """Whether gradient weights were given."""

    @property
    def own_backward(self) -> bool:
        """Whether the program called backward itself."""
