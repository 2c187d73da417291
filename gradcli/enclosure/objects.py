"""Formulas as elements of NumPy's object arrays: kernels that only add and multiply record what they do."""

from __future__ import annotations

from typing import Any

from gradcli.enclosure.scalars import Formulas


class Scalar:
    """An element of an object array: the number of a formula, with the operators that kernels use."""

    __slots__ = ("formulas", "number")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, formulas: Formulas, number: int) -> None:
        self.formulas = formulas
        self.number = number

    def __add__(self, other: Any) -> Scalar:
        return Scalar(self.formulas, self.formulas.add(self.number, number_of(self.formulas, other)))

    def __sub__(self, other: Any) -> Scalar:
        return Scalar(self.formulas, self.formulas.sub(self.number, number_of(self.formulas, other)))

    def __rsub__(self, other: Any) -> Scalar:
        return Scalar(self.formulas, self.formulas.sub(number_of(self.formulas, other), self.number))

    def __mul__(self, other: Any) -> Scalar:
        return Scalar(self.formulas, self.formulas.mul(self.number, number_of(self.formulas, other)))

    def __truediv__(self, other: Any) -> Scalar:
        inverse = self.formulas.inverse(number_of(self.formulas, other))
        return Scalar(self.formulas, self.formulas.mul(self.number, inverse))

    def __rtruediv__(self, other: Any) -> Scalar:
        inverse = self.formulas.inverse(self.number)
        return Scalar(self.formulas, self.formulas.mul(number_of(self.formulas, other), inverse))

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Scalar:
        return Scalar(self.formulas, self.formulas.scaled(self.number, -1))

    def __bool__(self) -> bool:
        raise TypeError("a kernel asks what a value is")

    def conjugate(self) -> Scalar:
        """Itself."""
        return self


def number_of(formulas: Formulas, value: Any) -> int:
    """The number of a formula, or of the constant that a float is."""
    return value.number if type(value) is Scalar else formulas.constant(value)
