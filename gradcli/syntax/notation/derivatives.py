"""Reads what asks for a derivative: `d/dx x^2`, `dy/dx`, `d²y/dx²`, `d(x^2)/dx`, `grad(z, x)`.

As the last statement of a line it says what is to be differentiated, and by what; inside an expression it is
the value of the derivative.
"""

from __future__ import annotations

import re

from gradcli.record import Record
from gradcli.syntax.notation import words
from gradcli.syntax.notation.expressions import Expressions
from gradcli.syntax.notation.pieces import (
    NAME,
    NUMBER,
    POWER,
    Bracket,
    Item,
    Lexeme,
    begins_value,
    call_of,
    correction,
    fault,
    grouped,
    is_name,
    is_sign,
    made,
    split,
    text_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TOP = re.compile(r"d(\d?)([^\W\d]\w*)?")
_BELOW = re.compile(r"d([^\W\d]\w*?)(\d?)")
_SEVERAL = re.compile(r"(?:d[^\W\d]\d?){2,}")


class _Quotient(Record):
    """`d/dx`, `dy/dx`: what is above (None: what follows), by which names, and where it ends."""

    above: list[Item] | None
    names: list[str]
    end: int


class Derivatives:
    """The derivatives that one line asks for.

    Args:
        functions: the parameters of each function of the line.
        asked: what words before and behind the line ask for.
        wanted: such words ask for a derivative.

    Attributes:
        asked: the keyword arguments of `evaluate` that the last statement stands for.
        valued: the line takes a derivative itself, as a value.
        wanted: it asks for one, and perhaps does not say by what.
    """

    def __init__(
        self, expressions: Expressions, functions: dict[str, Bracket], asked: dict[str, Any], wanted: bool
    ) -> None:
        self.expressions = expressions
        self.functions = functions
        self.asked = asked
        self.valued = False
        self.wanted = wanted

    def asked_by(self, items: list[Item]) -> list[Item]:
        """The last statement, without the derivative that it asks for as a whole."""
        found = self._whole(items)
        if found is None:
            return self.applied(items)
        root, names = found
        root = self.inside(self.applied(root))
        if self.valued:  # `eval` differentiates nothing where the program does so itself
            return [self._value(root, names, items[0])]
        self.wanted = True
        if not names:  # as what is shown of any line
            return root
        if len(names) == 1:
            self.asked = {"wrt": [names[0]]}
        elif len(set(names)) == 1:
            self.asked = {"wrt": [names[0]], "order": len(names)}
        else:
            self.asked = {"wrt": list(dict.fromkeys(names)), "partials": [names]}
        return root

    def inside(self, items: list[Item]) -> list[Item]:
        """The items with derivatives as values."""
        for item in items:
            if type(item) is Bracket:
                item.items = self.inside(item.items)
        equals = [at for at, item in enumerate(items) if is_sign(item, "=")]
        start = equals[-1] + 1 if equals else 0
        if start:
            found = self._whole(items[start:])
            if found is not None:
                return [*items[:start], self._value(*found, items[start])]
        return self._parts(items)

    def _parts(self, items: list[Item]) -> list[Item]:
        found: list[Item] = []
        at = 0
        while at < len(items):
            item = items[at]
            member = bool(found) and is_sign(found[-1], ".")
            call = None if member else self._call(items[at : at + 2])
            # In a longer line `gradient(a)` is that of samples, as NumPy and PyTorch have it.
            if call is not None and (call[1] or item.text != "gradient"):  # type: ignore[union-attr]
                found.append(self._value(*call, item))
                at += 2
                continue
            quotient = self._quotient(items, at)
            divides = bool(found) and is_sign(found[-1], "/", "^", "**", ".")
            if quotient is None or divides:
                found.append(item)
                at += 1
                continue
            above, end = quotient.above, quotient.end
            if above is None:
                above = self._operand(items[at:end], items[end:])
                end = len(items)
            found.append(self._value(above, quotient.names, item))
            at = end
        return found

    def applied(self, items: list[Item]) -> list[Item]:
        """A function of the line that stands by itself, `f`, as its value: `f(x)`."""
        only = items[0] if len(items) == 1 else None
        if type(only) is not Lexeme or only.kind != NAME or only.text not in self.functions:
            return items
        call = call_of(only, self.functions[only.text])
        call[0].gap = only.gap
        return call

    def _value(self, root: list[Item], names: list[str], like: Item) -> Item:
        """The derivative as a value: one bracket."""
        if not names:
            shown = text_of(root)
            function = self.functions.get(shown)
            other = shown if shown not in words.FUNCTIONS or shown in self.expressions.own else f"{shown}(x)"
            hint = f"grad({other}, x)" if function is None else f"{shown}'({text_of(function.items)})"
            raise fault("by which name?", [like, *root], f"write {hint}")
        self.valued = True
        text = text_of(self.expressions.read(self.inside(self.applied(root))))
        for name in names:  # what does not depend on it has a derivative of 0
            text = f"autograd.grad(sum({text}) + 0*sum({name}), {name}, create_graph=True)[0]"
        return grouped([made(text, like)], like, like.gap)

    # ---- what asks for one ----------------------------------------------------------------------

    def _whole(self, items: list[Item]) -> tuple[list[Item], list[str]] | None:
        """Root and names, if the items as a whole ask for a derivative."""
        call = self._call(items)
        if call is not None and len(items) == 2:
            return call
        quotient = self._quotient(items, 0) if items else None
        if quotient is None:
            return None
        if quotient.above is None:
            return self._operand(items[: quotient.end], items[quotient.end :]), quotient.names
        return (quotient.above, quotient.names) if quotient.end == len(items) else None

    def _call(self, items: list[Item]) -> tuple[list[Item], list[str]] | None:
        """`grad(z, x)`, `diff(x^2, x, 2)`, `diff(x*y, x, y)`; `grad(x*y, [x, y])` is by every name."""
        if len(items) < 2 or not is_name(items[0]) or type(items[1]) is not Bracket or items[1].kind != "(":
            return None
        name = items[0].text
        arguments = split(items[1].items, ",")
        if name not in words.DERIVATIVES or name in self.expressions.own or len(arguments) > 3:
            return None
        if len(arguments) == 1:  # diff(x) is the difference of neighbours
            return None if name == "diff" or not arguments[0] else (arguments[0], [])
        root, by, *times = arguments
        if not times and len(by) == 1 and type(by[0]) is Bracket and by[0].kind in "[(":
            several = split(by[0].items, ",")
            return (
                (root, []) if root and all(len(each) == 1 and is_name(each[0]) for each in several) else None
            )
        if len(by) != 1 or not is_name(by[0]) or not root:
            return None
        if times and len(times[0]) == 1 and is_name(times[0][0]):
            return root, [by[0].text, times[0][0].text]
        order = int(text_of(times[0])) if times and text_of(times[0]).isdecimal() else 1
        if times and not (text_of(times[0]).isdecimal() and 1 <= order <= 9):
            return None
        return root, [by[0].text] * order

    def _quotient(self, items: list[Item], at: int) -> _Quotient | None:
        """`d/dx` and its like at a place."""
        own = self.expressions.own
        item = items[at]
        if not is_name(item) or item.text in own:
            return None
        top = _TOP.fullmatch(item.text)
        if top is None:
            return None
        order, at = _order(items, at + 1)
        above: list[Item] | None = None
        if top[2]:
            if order is not None:
                return None  # dy²/dx
            above = [made(top[2], item, NAME)]
        elif at < len(items) and is_name(items[at]) and order is not None:
            above = [items[at]]
            at += 1
        elif at < len(items) and type(items[at]) is Bracket and not top[1]:
            above = items[at].items  # type: ignore[union-attr]
            at += 1
        order = order or int(top[1] or 1)
        if at + 1 >= len(items) or not is_sign(items[at], "/"):
            return None
        below = at + 1
        names, at = _below(items, below, own)
        if names is not None and len(names) != order:  # dy/dx2, which is by x2
            names, at = _below(items, below, own, counted=False)
        if names is None or len(names) != order:
            return None
        if above is not None and len(above) == 1 and is_name(above[0]):
            self._known(above[0], items[:at])
        return _Quotient(above, names, at)

    def _known(self, name: Lexeme, items: list[Item]) -> None:
        if name.text not in self.expressions.own:
            shown = text_of(items)
            raise fault(
                f"{name.text} has no formula, so there is no {shown}",
                [name],
                f"write it before: {name.text} = x^2; {shown}",
            )

    def _operand(self, quotient: list[Item], items: list[Item]) -> list[Item]:
        """What `d/dx` is applied to: a bracket, or one factor."""
        shown = text_of(quotient)
        if not items:
            raise fault(f"what is {shown} applied to?", quotient, f"{shown} (x^2)")
        signs = [item for item in items if type(item) is Lexeme and item.kind == "sign"]
        if any(not is_sign(each, "^", "**", ".", "!", "°", "√") for each in signs) and not is_sign(
            items[0], "|"
        ):
            raise correction(
                f"how far does {shown} reach?", [*quotient, *items], f"{shown} ({text_of(items)})"
            )
        if len(items) == 1 and type(items[0]) is Bracket and items[0].kind in "([":
            return items[0].items
        items[0].gap = ""
        return items


def _order(items: list[Item], at: int) -> tuple[int | None, int]:
    """The order in `d²` or `d^2`, and where the items go on."""
    if at < len(items):
        item = items[at]
        if type(item) is Lexeme and item.kind == POWER and item.text.isdecimal():
            return int(item.text), at + 1
        if is_sign(item, "^", "**") and at + 1 < len(items):
            number = items[at + 1]
            if type(number) is Lexeme and number.kind == NUMBER and number.text.isdecimal():
                return int(number.text), at + 2
    return None, at


def _below(
    items: list[Item], at: int, own: frozenset[str], counted: bool = True
) -> tuple[list[str] | None, int]:
    """The names in `dx`, `dx²`, `dx2`, `dxdy`, `dx dy`.

    Args:
        counted: a digit behind a name says how many times, where there is no such name.
    """
    names: list[str] = []
    below = items[at + 1] if at + 1 < len(items) else None
    if text_of(items[at : at + 1]) == "d" and type(below) is Bracket and len(below.items) == 1:
        return [text_of(below.items)], at + 2  # d(x^2)/d(x)
    while at < len(items) and is_name(items[at]):
        word: str = items[at].text  # type: ignore[union-attr]
        found = None if word in own else _BELOW.fullmatch(word)
        if found is None:
            break
        if _SEVERAL.fullmatch(word):
            for name, order in re.findall(r"d([^\W\d])(\d?)", word):
                own_digit = not counted or order in ("0", "1")
                names += [name + order] if own_digit else [name] * int(order or 1)
            at += 1
            continue
        order, at = _order(items, at + 1)
        name = found[1]
        own_digit = not counted or bool(order) or found[2] in ("0", "1") or name + found[2] in own
        if found[2] and own_digit:
            name, times = name + found[2], 1
        else:
            times = int(found[2] or 1)
        names += [name] * (order or times)
        if at < len(items) and begins_value(items[at]) and not is_name(items[at]):
            break
    return (names or None), at
