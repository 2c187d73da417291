"""What a function needs to be told to compute a formula: its inputs with their shapes, and named sizes.

For the printers that write functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcli.formula.tree import Label, walk

if TYPE_CHECKING:
    from gradcli.formula.tree import Formula

CONSTANTS = ("pi", "e", "inf", "nan")
WORDS = ("None", "True", "False")


def constant(name: str) -> bool:
    """Whether a symbol is a number that everybody knows, unless an input has that name."""
    return name in CONSTANTS


@dataclass(frozen=True, slots=True)
class Signature:
    """The inputs and the results of a formula.

    Attributes:
        shapes: each input and its dims, as text, in the order of the program.
        sizes: the named sizes that the formula reads, and the input and dim where each is found.
        results: the labels of the results, and their dims.
    """

    shapes: dict[str, tuple[str, ...]]
    sizes: dict[str, tuple[str, int]]
    results: dict[str, tuple[str, ...]]

    @property
    def names(self) -> list[str]:
        """The names of the inputs."""
        return list(self.shapes)

    @classmethod
    def of(cls, formula: Formula) -> Signature:
        """Reads it off a formula."""
        shapes = {name: named_dims(formula, shape) for name, shape in formula.inputs.items()}
        known = {*shapes, *[line.name for line in formula.lines if isinstance(line.name, str)]}
        read = {
            str(each.attrs[0]): each.shape
            for each in walk([line.value for line in formula.lines])
            if each.op == "symbol"
        }
        sizes: dict[str, tuple[str, int]] = {}
        for size, name in formula.sizes.items():
            places = [(each, shape.index(size)) for each, shape in formula.inputs.items() if size in shape]
            if name in read and name not in known and places:
                sizes[name] = places[0]
        for name, shape in read.items():  # whole numbers that only index
            if name.isidentifier() and not (name in known or name in sizes or name in (*CONSTANTS, *WORDS)):
                shapes[name] = named_dims(formula, shape)
        results = {
            line.name.text: named_dims(formula, line.value.shape)
            for line in formula.lines
            if isinstance(line.name, Label)
        }
        return cls(shapes, sizes, results)


def named_dims(formula: Formula, shape: tuple[int, ...]) -> tuple[str, ...]:
    """A shape as people wrote it."""
    return tuple([size_text(formula, size) for size in shape])


def size_text(formula: Formula, size: int) -> str:
    """A size: a number, a name, or a few of them."""
    from gradcli.formula.printers.infix import Infix
    from gradcli.formula.sizes import Sizes

    return Infix().text(Sizes(formula.sizes).of(size))
