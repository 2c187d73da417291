"""Names for parts that a formula uses twice: the program's own where it has one, else t1, t2 …"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from gradcli.formula.tree import Expr, Formula, Label, Line, apply, symbol, walk

LONG = 9
"""A part shorter than this is repeated; a line of its own would cost more to read."""


def named(
    results: list[Line], own: Callable[[], Mapping[Expr, str]], taken: Collection[str]
) -> tuple[Line, ...]:
    """The lines, with one for each part that is used more than once and long enough.

    Args:
        results: the lines that are asked for.
        own: gives the parts that the program has a name for, if there is anything to name.
        taken: names that mean something else.
    """
    uses: dict[Expr, int] = {}
    order = walk([line.value for line in results])
    for each in order:
        for part in each.args:
            uses[part] = uses.get(part, 0) + 1
    shared = {
        each
        for each in order
        if uses.get(each, 0) > 1 and each.cost >= LONG and each.op not in ("tuple", "slice", "neg")
    }
    if not shared:
        return tuple(results)
    program = own()
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
        if each in shared and new.cost >= LONG - 3:
            name = program.get(each)
            if name is None or name in taken:
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


def replaced(tree: Expr, parts: Mapping[Expr, Expr]) -> Expr:
    """An expression with parts replaced by others of their shapes."""
    made: dict[Expr, Expr] = {}
    for each in walk([tree]):
        if each in parts:
            made[each] = parts[each]
            continue
        args = tuple([made[part] for part in each.args])
        made[each] = each if args == each.args else apply(each.op, *args, attrs=each.attrs, shape=each.shape)
    return made[tree]


__all__ = ["Formula", "Label", "named", "replaced"]
