"""Passes over the items of an expression for what is written with vectors and matrices: `xᵀy`, `‖x‖₁`."""

from __future__ import annotations

from gradcli.syntax.notation import words
from gradcli.syntax.notation.pieces import (
    NAME,
    NUMBER,
    POWER,
    Bracket,
    Item,
    Lexeme,
    begins_value,
    fault,
    grouped,
    is_name,
    made,
    primary_end,
    primary_start,
    split,
    text_of,
)


def transposes(items: list[Item]) -> list[Item]:
    """`Aᵀ` as `A.T`, and `xᵀy` as a product of matrices."""
    found: list[Item] = []
    at = 0
    while at < len(items):
        item = items[at]
        at += 1
        found.append(item)
        if not _is_transpose(item) or len(found) == 1:
            continue
        start = primary_start(found, len(found) - 2)
        if at < len(items) and begins_value(items[at]):
            end = primary_end(items, at)
            _refuse_longer(found[start:], items[at:])
            gap, found[start].gap = found[start].gap, ""
            items[at].gap = " "
            product = [*_transposed(found[start:]), made("@", item, gap=" "), *items[at:end]]
            found[start:] = [grouped(product, item, gap)]
            at = end
        else:
            found[start:] = _transposed(found[start:])
    return found


def _is_transpose(item: Item) -> bool:
    return item.kind == POWER and item.text == "T"  # type: ignore[union-attr]


def _transposed(items: list[Item]) -> list[Item]:
    """The items of a value with a `ᵀ` behind it as those of its transpose."""
    *value, mark = items
    return [*value, made(".", mark), made("T", mark, NAME)]


def _refuse_longer(value: list[Item], rest: list[Item]) -> None:
    """Raises what `xᵀA x` is: names beside each other are no product."""
    parts = [value]
    at = 0
    while at < len(rest) and begins_value(rest[at]):
        end = primary_end(rest, at)
        end += end < len(rest) and rest[end].kind == POWER
        parts.append(rest[at:end])
        at = end
    if len(parts) > 2:
        shown = " @ ".join(
            [text_of(_transposed(each) if _is_transpose(each[-1]) else each) for each in parts]
        )
        raise fault("matrices are multiplied by @", [*value, *rest[:at]], f"write {shown}")


def norms(items: list[Item]) -> list[Item]:
    """`‖x‖₁` and `‖A‖_F`: what stands below the bars says which norm."""
    found: list[Item] = []
    for item in items:
        before = found[-1] if found else None
        below = _below(item)
        if below is None or item.gap or type(before) is not Bracket or before.open.text != "norm(":
            found.append(item)
            continue
        if len(split(before.items, ",")) == 1:
            before.open.text = "linalg.norm("
            order = made(words.NORMS[below], item, NUMBER, " ")
            before.items = [*before.items, made(",", item), order]
    return found


def _below(item: Item) -> str | None:
    """The norm that an index names."""
    if type(item) is not Lexeme or not (is_name(item) or item.text == "inf"):
        return None
    text = item.text.removeprefix("_")
    return text if text in words.NORMS else None
