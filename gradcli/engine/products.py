"""Products of matrices worked on as they come: in the blocks of a group, and never in memory as a whole.

A long matrix times a small one gives rows that a block can do with what it likes, and a sum over the rows of
what comes of them is a product of the block, added up over the blocks: a regression reads its data twice in
the cache, and stores nothing as long as they are. So does a matrix times a vector, of which memory is waited
for: each block reads its rows for the product and, while they are in the cache, for the gradient. `fuse`
asks which products these are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.engine.settings import SMALL, together

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.tape.node import Node

    Letters = tuple[Any, ...]
    Source = tuple[int, Letters]

LEAST = 16
"""Rows and columns that a product has at least."""
INNER = 256
"""The most products that one element of a block is the sum of: with more, BLAS would rather have it whole."""
SHARE = 16
"""How many times smaller what every block reads, or leaves, is than the product or what it reads."""
MULTIPLY, READ = 1 / 16, 1 / 4
"""Nanoseconds that one multiplication takes, twice: a product that several groups need is rather stored. And
with a vector, for which each element of the matrix is read from memory."""


class Product:
    """A product of two matrices computed in blocks, or one of a block and a matrix, added up over the blocks.

    Attributes:
        letters: of the dims of the value, or of the operand in the block.
        sources: for each operand the number that it is read from, and the letters of its dims.
        turned: for each operand whether it has the two the other way round than the product.
        block: which of the operands is in the block; None where the value is.
        out: the letters of the value's dims.
        cost: the nanoseconds that an element takes.
    """

    __slots__ = ("block", "cost", "letters", "out", "sources", "turned")

    def __init__(
        self, out: Letters, sources: Sequence[Source], cost: float, block: int | None = None
    ) -> None:
        self.out = out
        self.sources = sources
        self.block = block
        self.letters = out if block is None else sources[block][1]
        (_, left), (_, right) = sources
        self.turned = (left[0] != out[0], right[1] != out[1])
        self.cost = cost


def product_in_blocks(
    nodes: Sequence[Node],
    letters: Sequence[Letters],
    operands: Sequence[Source],
    sources: Sequence[Source],
    read_in_blocks: bool,
    stays_in_blocks: Callable[[int], bool],
) -> Product | None:
    """How a product of two matrices may be worked on in blocks; None where it is one call.

    Args:
        nodes, letters: the two operands and the value, and the letters of their dims.
        operands: the numbers of the two, with their letters.
        sources: the same of what they are views of.
        read_in_blocks: whether all that reads the value is worked on in blocks.
        stays_in_blocks: whether an operand is worked on in blocks, and need not be whole.
    """
    if any(each.ndim != 2 for each in nodes):
        return None
    left, right, out = letters
    node = nodes[-1]
    sizes = {
        letter: size
        for each, some in zip(nodes, letters, strict=True)
        for letter, size in zip(some, each.shape, strict=True)
    }
    inner = [each for each in sizes if each not in out]
    if (
        len(sizes) != 3
        or len(inner) != 1
        or set(left) != {inner[0], out[0]}
        or set(right) != {inner[0], out[1]}
    ):
        return None
    length = sizes[inner[0]]
    if length < 2 or node.size < 2:
        return None
    long = max(node.size, _streamed(node))
    cost = length * (READ if 1 in node.shape else MULTIPLY)
    if read_in_blocks and long >= together() and (_is_tall(node, length) or _is_wide(node, length)):
        small = min(nodes[0].size, nodes[1].size)
        if small <= SMALL and small * SHARE <= long:
            return Product(out, sources, cost)
    for at, (arg, _) in enumerate(operands):
        if _is_left(node, nodes[at]) and stays_in_blocks(arg):
            found = list(sources)
            found[at] = operands[at]
            return Product(out, found, cost, at)
    return None


def _streamed(value: Node) -> int:
    """How many elements a product with a vector reads, each of them once; 0 for other products."""
    return max([each.size for each in value.inputs]) if 1 in value.shape else 0


def _is_tall(value: Node, length: int) -> bool:
    """Whether a product of so many terms with a vector has rows to be cut: else it is what they leave."""
    return 1 in value.shape and value.size >= length


def _is_wide(value: Node, length: int) -> bool:
    """Whether a product of so many terms has rows and columns for BLAS to do a block of it as well as all."""
    return length <= INNER and min(value.shape) >= LEAST


def _is_left(value: Node, block: Node) -> bool:
    """Whether a value is small enough to be left by each block of an operand."""
    long = max(block.size, _streamed(value))
    return block.size > 1 and long >= together() and value.size <= SMALL and value.size * SHARE <= long


def readers(rows: Sequence[Any], outputs: Sequence[int]) -> list[set[int]]:
    """For each number those that read it, -1 where somebody wants it; a view is read by whom it is."""
    found: list[set[int]] = [set() for _ in rows]
    for index in outputs:
        found[index].add(-1)
    for index in range(len(rows) - 1, -1, -1):
        op, *rest = rows[index]
        if not isinstance(op, str):
            by = found[index] if op.arranges is not None else (index,)
            for each in rest[0]:
                found[each].update(by)
    return found


def goes_by_blocks(rows: Sequence[Any], reader: int) -> bool:
    """Whether what reads something large may do so in a block."""
    if reader < 0:
        return False
    op = rows[reader][0]
    return bool(op.elementwise or op.by_rows is not None or op.reduces is not None)


def is_left_by_blocks(rows: Sequence[Any], nodes: Sequence[Node], reader: int, block: int) -> bool:
    """Whether a reader is a product that each block of what it reads may leave its part of."""
    return reader >= 0 and rows[reader][0].terms is not None and _is_left(nodes[reader], nodes[block])
