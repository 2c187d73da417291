"""Elements beside each other: every choice of one from each of several vectors, or of several from one."""

from __future__ import annotations

from itertools import combinations as chosen
from itertools import combinations_with_replacement
from math import comb
from typing import Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops.gathering import index_select
from gradcli.ops.joining import meshgrid, stacked
from gradcli.ops.registry import function
from gradcli.ops.shapes import SHAPE, integer
from gradcli.tape import context
from gradcli.tape.node import INT64, Node, Operand, constant, leaf
from gradcli.tape.primitives import as_node, expand_to, reshape_to


def _vector(given: Operand) -> Node:
    x = as_node(given)
    if x.ndim != 1:
        raise GradcliError("shape", f"Expect a 1D vector, but got shape {list(x.shape)}")
    return x


@function(SHAPE, "cartesian_prod", method=False, grad_fn="Stack")
def cartesian_prod(*tensors: Operand) -> Node:
    """every choice of an element from each of the vectors, a row for each; a vector alone is itself"""
    vectors = [_vector(each) for each in tensors]
    if len(vectors) == 1:
        return vectors[0]
    grids: Any = meshgrid(*vectors)
    return stacked([reshape_to(each, (each.size,)) for each in grids], -1)


@function(SHAPE, "combinations", grad_fn="Stack")
def combinations(input: Operand, r: int = 2, with_replacement: bool = False) -> Node:
    """every choice of r elements of a vector in their order, a row for each"""
    x, count = _vector(input), integer(r, "r")
    if count < 0:
        raise GradcliError("bad-argument", f"Expect a non-negative number, but got {count}")
    if not count:
        return expand_to(constant(0, x.dtype), (0,))
    rows = comb(x.size + count - 1 if with_replacement else x.size, count)
    context.admit(rows * count * 8, (rows, count))
    choose = combinations_with_replacement if with_replacement else chosen
    places = np.array(list(choose(range(x.size), count)), INT64).reshape(-1, count)
    columns: list[Node] = [index_select(x, 0, leaf(np.ascontiguousarray(each))) for each in places.T]
    return stacked(columns, -1)
