"""What code in postfix order does with its last values, beside numbers, names and operators: the marks in it.

`syntax.arithmetic` writes them and `interpreter.straight` runs them: they are loaded for long programs alone.
"""

from __future__ import annotations

from gradcli.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Marked(Record):
    """The base of what is done with the last values."""

    name: Any


class Stored(Marked):
    """Assigns the last value to a name."""


class Updated(Marked):
    """Does what `+=` does to a name, with the value that it had and the one that was made after it."""

    operator: str


class Invoked(Marked):
    """Calls the method below so many arguments, of which the last ones have names."""

    count: int
    keywords: tuple[str, ...]


class Applied(Invoked):
    """Calls what a name stands for with so many arguments."""


class Member(Marked):
    """Takes the attribute of that name, a text."""


class Fetched(Member):
    """Takes the attribute of that name, to be called: beside the value, which stays."""


class Related(Marked):
    """Compares the last two values; the name is the sign."""


class Linked(Related):
    """Compares the last two values, and leaves the right one below what came of it."""


class Carried(Marked):
    """Goes on to `Unlinked` with the last value, if that does not hold; else drops it."""


class CarriedAgain(Carried):
    """The same of the comparisons between."""


class Unlinked(Marked):
    """Where a chain of comparisons has its value."""


class Negated(Marked):
    """`not` of the last value."""


class Quoted(Marked):
    """A text, which is the name."""


class Raised(Marked):
    """`^` of the last two values."""


class Gathered(Marked):
    """Makes a list of the last values, `name` of them."""


class Tupled(Gathered):
    """Makes a tuple of the last values."""


class Bagged(Gathered):
    """Makes a set of the last values."""


class Paired(Gathered):
    """Makes a dict of the last values, `name` pairs of them."""


class Keyed(Marked):
    """Sees that the last value may be a key."""


class Bounded(Marked):
    """Makes a bound of a slice of the last value."""


class Sliced(Gathered):
    """Makes a slice of the last values."""


class Decided(Marked):
    """Goes on to `Joined` with the last value, if that decides an `and` or an `or`; else drops it."""


class DecidedAgain(Decided):
    """The same of the operands between."""


class Joined(Marked):
    """Where an `and` or an `or` has its value."""


class Tested(Marked):
    """Takes the test of a conditional; if it does not hold, goes on behind `Otherwise`."""


class Otherwise(Marked):
    """Goes on to `Chosen`: what stands between is for a test that does not hold."""


class Chosen(Marked):
    """Where a conditional has its value."""


class Indexed(Marked):
    """Takes what stands in brackets, of `name` indices, from the value below them."""
