"""Formulas of distributions as they are written on paper: tensors whose operators are functions of the table.

A row says `lambda d, x: -((x - d.loc) / d.scale) ** 2`, where `d` has the parameters; what comes of it are
the calls that PyTorch's own formula makes.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.tape.custom import detached

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.neural.distributions import Formula, Get, Op


def _operator(name: str) -> Callable[..., Quantity]:
    return lambda term, *others: term.call(name, *others)


class Quantity:
    """A tensor of a formula; what has a name in the table is a method of it."""

    __slots__ = ("op", "tensor")

    def __init__(self, op: Op, tensor: Any) -> None:
        self.op = op
        self.tensor = tensor

    def call(self, name: str, *given: Any, **named: Any) -> Quantity:
        """A function of the table, of this and of what follows."""
        return Quantity(self.op, self.op(name, self.tensor, *map(plain, given), **named))

    def detach(self) -> Quantity:
        """The same numbers without a history."""
        return Quantity(self.op, Tensor(detached(self.tensor.node)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.tensor, name) if name in ("shape", "dtype") else partial(self.call, name)

    __add__ = __radd__ = _operator("add")
    __sub__ = _operator("sub")
    __rsub__ = _operator("rsub")
    __mul__ = __rmul__ = _operator("mul")
    __truediv__ = _operator("div")
    __pow__ = _operator("pow")
    __neg__ = _operator("neg")
    __gt__ = _operator("gt")
    __ge__ = _operator("ge")
    __le__ = _operator("le")
    __and__ = _operator("logical_and")

    def __rtruediv__(self, number: Any) -> Quantity:
        return self.reciprocal() * number  # type: ignore[no-any-return]


class Parameters:
    """What a distribution has by name, as terms; and functions of the table that are of no term."""

    __slots__ = ("get", "op")

    def __init__(self, op: Op, get: Get) -> None:
        self.op = op
        self.get = get

    def __getattr__(self, name: str) -> Any:
        found = self.get(name)
        return Quantity(self.op, found) if type(found) is Tensor else found

    def made(self, name: str, *given: Any, **named: Any) -> Quantity:
        """A function of the table."""
        return Quantity(self.op, self.op(name, *map(plain, given), **named))


def plain(value: Any) -> Any:
    """The tensor of a term; anything else as it is."""
    return value.tensor if type(value) is Quantity else value


def formula(written: Callable[..., Any]) -> Formula:
    """A formula in terms, as distributions call theirs: tensors come and go."""

    def run(op: Op, get: Get, *given: Any) -> Any:
        terms = [Quantity(op, each) if type(each) is Tensor else each for each in given]
        return plain(written(Parameters(op, get), *terms))

    return run


def of_two(written: Callable[..., Any]) -> Formula:
    """A formula in terms of the parameters of two distributions."""
    return lambda op, p, q: plain(written(Parameters(op, p), Parameters(op, q)))
