"""What `diff` answers: formulas that can be read, printed and called."""

from __future__ import annotations

from typing import Any

from gradcli.formula.tree import Formula, Label


class Derivative:
    """The derivatives of a program: formulas that can be read, printed and called.

    Attributes:
        formula: the lines.
        notes: what a reader should know: a simplification that was not proved, an input that was assumed.
        source: the program.
        steps: how the formula came about, if that was asked for.
    """

    def __init__(self, formula: Formula, notes: tuple[str, ...], source: str) -> None:
        self.formula = formula
        self.notes = notes
        self.source = source
        self.steps: tuple[str, ...] = ()

    def write(self, syntax: str) -> str:
        """The formula in a syntax: `gradcli`, `latex`, `numpy` …"""
        from gradcli.formula.printers import write

        return write(self.formula, syntax)

    @property
    def text(self) -> str:
        """In the language."""
        return self.write("gradcli")

    @property
    def latex(self) -> str:
        """For a paper."""
        return self.write("latex")

    @property
    def tree(self) -> Any:
        """The expression of the one result, or those of several by label."""
        results = self.formula.results
        if len(results) == 1:
            return results[0].value
        return {line.name.text: line.value for line in results if isinstance(line.name, Label)}

    def __call__(self, **inputs: Any) -> Any:
        """The values at inputs given by name: an array for one result, else arrays by label."""
        from gradcli.formula.points import values

        sizes: dict[str, int] = {}
        for name, shape in self.formula.inputs.items():
            if name in inputs:
                import numpy as np

                for stand_in, size in zip(shape, np.shape(inputs[name]), strict=False):
                    if stand_in in self.formula.sizes:
                        sizes[self.formula.sizes[stand_in]] = size
        found = values(self.formula, {**sizes, **inputs})
        return next(iter(found.values())) if len(found) == 1 else found

    def __repr__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"
