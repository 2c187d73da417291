"""Powers in a run of many rows, of which each would have numbers of its own alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.interpreter.row_values import Array, Divided
from gradcli.ops.elementwise import power, power_number
from gradcli.tape.node import Node, postorder
from gradcli.tape.primitives import where

if TYPE_CHECKING:
    from gradcli.interpreter.row_values import RowValues


def divide_powers(rows: RowValues, wanted: Sequence[Node], columns: Collection[Node]) -> None:
    """Raises `Divided` where rows have numbers of their own in a power.

    What is a tensor here only since rows left a loop in different turns is a number in a run of one row.
    All else comes to the same by both, but a power of or by a number goes other ways than one of tensors.
    """
    powers = [node for node in postorder(wanted) if node.op in (power, power_number)]
    by_column: set[Node] = set()
    for node in postorder([node.inputs[-1] for node in powers], _chosen_from):
        if node in columns or not by_column.isdisjoint(_chosen_from(node)):
            by_column.add(node)
    for node in powers:
        number = node.inputs[-1]
        values = None if number in by_column or number.shape else rows.of(number)
        if values is not None and not _is_exact(values, node.attrs):
            raise Divided(values == values[0])  # all of them: they came to it in other ways


def _chosen_from(node: Node) -> tuple[Node, ...]:
    """What a node is computed from, but for what it is chosen by."""
    return node.inputs[1:] if node.op is where else node.inputs


def _is_exact(values: Array, exponent: tuple[Any, ...]) -> bool:
    """Whether a power of whole numbers is one too, and has no other value however it is computed."""
    return (
        exponent != ()
        and exponent[0] >= 0
        and exponent[0] % 1 == 0
        and bool((np.trunc(values) == values).all() and (np.abs(values) ** exponent[0] < 2**53).all())
    )
