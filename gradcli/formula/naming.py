"""Names for parts that a formula uses twice: the program's own where it has one, else t1, t2 …"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from gradcli.formula.tree import BITS, Expr, Formula, Label, Line, apply, number, symbol, walk
from gradcli.formula.turning import opposite

LONG = 9
"""A part shorter than this is repeated; a line of its own would cost more to read."""
SHORT = 4
"""So is one shorter than this that the program has a name for."""


def named(
    results: list[Line], own: Callable[[], Mapping[Expr, str]], taken: Collection[str]
) -> tuple[Line, ...]:
    """The lines, with one for each part that is used more than once and long enough.

    Args:
        results: the lines that are asked for.
        own: gives the parts that the program has a name for, if there is anything to name.
        taken: names that mean something else.
    """
    order = walk([line.value for line in results])
    program: Mapping[Expr, str] = {}
    shares = any(line.value.within & BITS["sigmoid"] for line in results)
    if shares and (parts := _complements(order, program := own())):
        results = [Line(line.name, replaced(line.value, parts), line.remainder) for line in results]
        order = walk([line.value for line in results])
    uses: dict[Expr, int] = {}
    for each in order:
        for part in each.args:
            uses[part] = uses.get(part, 0) + 1
    shared = {
        each
        for each in order
        if uses.get(each, 0) > 1 and each.cost >= SHORT and each.op not in ("tuple", "slice", "neg")
    }
    if shared:
        program = {tree: name for tree, name in (program or own()).items() if name not in taken}
        shared = {each for each in shared if each.cost >= LONG or each in program}
    if not shared:
        return tuple(results)
    others = {*taken, *program.values()}
    # What stands only inside a shared part is used once, as long as that part has a line.
    names: dict[Expr, Expr] = {}
    lines: list[Line] = []
    rebuilt: dict[Expr, Expr] = {}
    count = 0
    for each in order:
        args = tuple([names.get(part, rebuilt[part]) for part in each.args])
        new = each if args == each.args else apply(each.op, *args, attrs=each.attrs, shape=each.shape)
        rebuilt[each] = new
        name = program.get(each)
        if each in shared and new.cost >= (SHORT if name else LONG - 3):
            if name is None:
                count += 1
                while f"t{count}" in others:
                    count += 1
                name = f"t{count}"
            names[each] = symbol(name, each.shape)
            lines.append(Line(name, new))
    return (
        *lines,
        *[Line(line.name, names.get(line.value, rebuilt[line.value]), line.remainder) for line in results],
    )


def _complements(order: list[Expr], program: Mapping[Expr, str]) -> dict[Expr, Expr]:
    """sigmoid(-u) as 1 - z where the program has z = sigmoid(u), and the formula z as well."""
    found: dict[Expr, Expr] = {}
    for each in order:
        if each.op == "sigmoid":
            z = apply("sigmoid", opposite(each.args[0]), shape=each.shape)
            if z in program and z in order:
                found[each] = apply("add", number(1), apply("neg", z, shape=z.shape), shape=z.shape)
    return found


def replaced(tree: Expr, parts: Mapping[Expr, Expr]) -> Expr:
    """An expression with parts replaced by others of their shapes."""
    made: dict[Expr, Expr] = {}
    for each in walk([tree]):
        if each in parts:
            made[each] = parts[each]
            continue
        args = tuple([made[part] for part in each.args])
        if each.op == "mul" and args != each.args:  # sums are the last factors: z*(1 - z)
            args = tuple(sorted(args, key=lambda part: part.op == "add"))
        made[each] = each if args == each.args else apply(each.op, *args, attrs=each.attrs, shape=each.shape)
    return made[tree]


__all__ = ["Formula", "Label", "named", "replaced"]
