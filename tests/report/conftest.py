"""Evaluations for the tests of the reports, made by hand: no program is run here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest


@dataclass
class HandmadeNode:
    shape: Sequence[int] = ()
    dtype: str = "float64"
    requires_grad: bool = True
    is_leaf: bool = True
    grad_fn: str | None = None


@dataclass
class Handmade:
    """`y = 2*x; z = y**2` at 1, unless said otherwise."""

    roots: Sequence[str] = ("z",)
    values: Mapping[str, Any] = field(
        default_factory=lambda: {"x": np.array(1.0), "y": np.array(2.0), "z": np.array(4.0)}
    )
    grads: Mapping[str, Any] = field(default_factory=lambda: {"x": np.array(8.0)})
    derivatives: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    orders: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    partials: Mapping[str, Any] = field(default_factory=dict)
    hessian: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    jacobian: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    hvp: Mapping[str, Any] = field(default_factory=dict)
    jvp: Mapping[str, Any] = field(default_factory=dict)
    nodes: Mapping[str, HandmadeNode] = field(
        default_factory=lambda: {
            "x": HandmadeNode(),
            "y": HandmadeNode(is_leaf=False, grad_fn="MulBackward0"),
            "z": HandmadeNode(is_leaf=False, grad_fn="PowBackward0"),
        }
    )
    printed: Sequence[str] = ()
    notes: Sequence[str] = ()
    weighted: bool = False
    own_backward: bool = False


@pytest.fixture
def evaluation() -> Callable[..., Handmade]:
    """Makes an evaluation from the parts that matter in a test."""
    return Handmade


@pytest.fixture
def node() -> Callable[..., HandmadeNode]:
    """Makes what is known of a named tensor."""
    return HandmadeNode


@pytest.fixture
def everything() -> Handmade:
    """An evaluation with every part that an evaluation can have."""
    vector = np.array([0.5, 2.0])
    return Handmade(
        roots=("z",),
        values={"x": vector, "n": 3, "z": np.array(4.0)},
        grads={"x": vector * 2},
        orders={"x": [vector * 2, np.array([2.0, 2.0]), np.zeros(2)]},
        partials={"x,w": np.array(1.5)},
        hessian={"x": {"x": np.eye(2)}},
        jacobian={"z": {"x": vector}},
        hvp={"x": vector},
        jvp={"z": np.array(1.0)},
        nodes={"x": HandmadeNode(shape=(2,)), "z": HandmadeNode(is_leaf=False, grad_fn="SumBackward0")},
        printed=["hello, world", 'a "quote"'],
    )
