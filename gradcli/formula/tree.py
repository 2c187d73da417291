"""The expression tree: what a formula is before it is text. A printer reads nothing else.

A node is an operation by name, its arguments and its attributes, with the shape of its value. Equal nodes
are one object, so that parts used twice are seen as such and a tree never grows by being shared.

| op | args | attrs |
| --- | --- | --- |
| `number` | | the number: int, Fraction or float |
| `symbol` | | the name; of a size, that it is one |
| `add`, `mul` | two or more; in `add`, an argument that is `neg` or a negative number is subtracted | |
| `neg`, `not`, `transpose` | one; `transpose` swaps the last two dims | |
| `div`, `pow`, `matmul`, `eq ne lt le gt ge and or` | two | |
| `index` | what is indexed, then an index for each dim | |
| `slice` | start, stop, step, of which a missing one is the symbol `None` | |
| `tuple` | its items | |
| any other | those of the language's function of that name | keywords: pairs of a name and a value |
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any
from weakref import ref

from gradcli.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

Shape = tuple[int, ...]
Real = int | float | Fraction


class Expr:
    """One node. Made by `apply`, `number` and `symbol` only; compared by identity."""

    __slots__ = ("__weakref__", "args", "attrs", "cost", "key", "keyed", "op", "shape", "within")

    op: str
    args: tuple[Expr, ...]
    attrs: tuple[Any, ...]
    shape: Shape
    key: str
    """What it is sorted by: its text while that is short, so that an order doesn't depend on a run."""
    keyed: bool
    """Whether its key is there."""
    cost: int
    """How long it is to read, in symbols."""
    within: int
    """The bits of `BITS` of all operations that it is made of."""

    def __getattr__(self, name: str) -> str:
        """The key, when it is asked for: most nodes are never sorted."""
        if name != "key":
            raise AttributeError(name)
        pending = [self]
        while pending:  # some nest too deep to call down to their leaves
            each = pending[-1]
            missing = [part for part in each.args if not part.keyed]
            if missing:
                pending += missing
            else:
                each.key, each.keyed = _key(each.op, each.args, each.attrs), True
                pending.pop()
        return self.key

    def __repr__(self) -> str:
        return self.key


class _Reference(ref[Expr]):
    """A weak reference to a node, that knows what it is looked up by."""

    __slots__ = ("looked_up",)

    looked_up: Any


_known: dict[Any, _Reference] = {}
"""Every node that somebody holds. `WeakValueDictionary` does the same in three calls for one."""


def _forget(reference: _Reference) -> None:
    if _known.get(reference.looked_up) is reference:
        del _known[reference.looked_up]


BITS = {op: 1 << at for at, op in enumerate(("where", "div", "exp", "log", "tan", "tanh", "sigmoid"))}
"""Operations that are looked for inside expressions: most have none, which is known without a walk."""


def apply(op: str, *args: Expr, attrs: tuple[Any, ...] = (), shape: Shape = ()) -> Expr:
    """The node of that operation on those arguments."""
    key = (op, args, attrs, tuple([type(each) for each in attrs]), shape) if attrs else (op, args, shape)
    reference = _known.get(key)
    found = None if reference is None else reference()
    if found is None:
        found = Expr.__new__(Expr)
        found.op, found.args, found.attrs, found.shape = op, args, attrs, shape
        found.keyed, found.cost = False, _cost(op, args, attrs)
        within = BITS.get(op, 0)
        for each in args:
            within |= each.within
        found.within = within
        _known[key] = reference = _Reference(found, _forget)
        reference.looked_up = key
    return found


def _key(op: str, args: tuple[Expr, ...], attrs: tuple[Any, ...]) -> str:
    if op == "symbol":
        return str(attrs[0])
    inside = [each.key for each in args]
    if attrs:
        inside += map(str, attrs)
    text = f"{op}({','.join(inside)})"
    if len(text) <= 120:
        return text
    from hashlib import md5  # which loads OpenSSL, and most formulas have no need of it

    return text[:40] + md5(text.encode(), usedforsecurity=False).hexdigest()


LOOSE = frozenset(("add", "neg", "eq", "ne", "lt", "le", "gt", "ge"))
"""What has brackets around it in a product or power."""

PRODUCTS = frozenset(("mul", "div", "matmul"))

BRACKETED = LOOSE | PRODUCTS | {"pow"}
"""What has brackets around it before an index."""


def _cost(op: str, args: tuple[Expr, ...], attrs: tuple[Any, ...]) -> int:
    if op == "number":
        return 3 if type(attrs[0]) is Fraction else 1 + (attrs[0] < 0)
    if op == "symbol":
        name = str(attrs[0])
        return 6 + 2 * name.count(",") if name.endswith("'") else 1  # 'ij,jk->ik', the equation of an einsum
    inside = len(args) - 1
    for each in args:
        inside += each.cost
    if op == "add":
        for each in args[1:]:
            inside -= _subtracted(each)
        return inside
    if op == "pow":
        for each in args:
            inside += 2 * (each.op in LOOSE)
        return inside + 2 * (args[0].op in PRODUCTS or args[0].op == "pow") + 2 * (args[1].op in PRODUCTS)
    if op in PRODUCTS:
        inside -= 2 * (args[0].op == "neg")  # a minus before the first factor is one before the product
        first = True
        for each in args:
            if each.op in LOOSE or (each.op in PRODUCTS and not first):
                inside += 2
            first = False
        return inside
    if op in ("neg", "not"):
        return inside + 1 + 2 * (args[0].op == "add")
    if op == "transpose":
        return inside + 2 + 2 * (args[0].op in BRACKETED)
    if op in ("eq", "ne", "lt", "le", "gt", "ge", "and", "or"):
        return inside
    if op == "slice":
        return 1 + sum([each.cost for each in args if each.attrs != ("None",)])
    if op == "index":
        return sum([each.cost + 1 for each in shown_indices(args)]) + 2 * (args[0].op in BRACKETED)
    return inside + 2 + (not args) + 4 * len(attrs) + (op != "tuple")


def shown_indices(args: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """What is indexed and its indices, without whole dims at the end: X[0] is X[0, :]."""
    end = len(args)
    while end > 2 and args[end - 1].op == "slice" and args[end - 1].cost == 1:
        end -= 1
    return args[:end]


def _subtracted(tree: Expr) -> bool:
    """Whether a term begins with a minus, which then stands for the plus before it."""
    while tree.op in ("mul", "div", "matmul"):
        tree = tree.args[0]
    return tree.op == "neg" or (tree.op == "number" and tree.attrs[0] < 0)


def number(value: Real) -> Expr:
    """A number; a whole one is an int, and a fraction is exact."""
    if type(value) is int:
        return _small.get(value) or apply("number", attrs=(value,))
    if type(value) is Fraction and value.denominator == 1:
        value = value.numerator
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    return apply("number", attrs=(value,))


_small = {value: apply("number", attrs=(value,)) for value in range(-16, 17)}
"""Numbers that are asked for again and again."""


def symbol(name: str, shape: Shape = ()) -> Expr:
    """An input, a size, or the name of a line above."""
    return apply("symbol", attrs=(name,), shape=shape)


def size(name: str) -> Expr:
    """A named size, which is not 0."""
    return apply("symbol", attrs=(name, "size"))


def of_sizes(tree: Expr) -> bool:
    """Whether an expression is made of named sizes and numbers alone."""
    return all(each.op != "symbol" or len(each.attrs) > 1 for each in walk([tree]))


def walk(roots: Iterable[Expr]) -> list[Expr]:
    """Every node once, arguments before what is made of them."""
    found: dict[Expr, None] = {}
    stack = [(each, False) for each in roots]
    stack.reverse()
    while stack:
        node, ready = stack.pop()
        if node in found:
            continue
        if ready or not node.args:
            found[node] = None
        else:
            stack.append((node, True))
            stack.extend([(each, False) for each in reversed(node.args) if each not in found])
    return list(found)


class Label(Record):
    """What a line is the derivative of: `dz/dx`, `d2f/dxdw`; `of` alone is a value."""

    of: str
    wrt: tuple[str, ...] = ()
    kind: str = ""
    """`hvp`, `jvp`, `taylor`, `grad` (weighted), or "" for a derivative."""

    @property
    def text(self) -> str:
        """As `eval` and `check --claim` write it."""
        if self.kind == "grad":
            return f"{self.wrt[0]}.grad"
        if self.kind:
            return f"{self.kind}({', '.join((self.of, *self.wrt))})"
        if not self.wrt:
            return self.of
        order = len(self.wrt)
        above = "d" if order == 1 else f"d{order}"
        if len(set(self.wrt)) == 1:
            return f"{above}{self.of}/d{self.wrt[0]}{order if order > 1 else ''}"
        return f"{above}{self.of}/{''.join('d' + each for each in self.wrt)}"


class Line(Record):
    """A named part (`t1 = …`), or with a `Label` a result."""

    name: str | Label
    value: Expr
    remainder: Expr | None = None
    """Of a Taylor polynomial, what its remainder is of the order of."""


class Formula:
    """What is printed: lines in order, the inputs they read by name, and the sizes that have names.

    Attributes:
        texts: what has been written in the language, which is read again before it is printed.
    """

    def __init__(self, lines: tuple[Line, ...], inputs: dict[str, Shape], sizes: dict[int, str]) -> None:
        self.lines = lines
        self.inputs = inputs
        self.sizes = sizes
        self.texts: dict[Expr, str] = {}

    @property
    def results(self) -> tuple[Line, ...]:
        """The lines that are results."""
        return tuple([line for line in self.lines if isinstance(line.name, Label)])
