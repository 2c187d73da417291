"""Models that people write, each as gradcli's text and as a function for PyTorch and for JAX.

Measured by `works.models`. A new model is an entry of `MODELS` in one of the files here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

FAMILIES = ("pointwise", "along", "regressions", "matrices", "networks", "loops")
"""The files of this folder that hold models."""


@dataclass(frozen=True)
class Whole:
    """An input of integers from 0 to `below`, without it."""

    shape: tuple[int, ...]
    below: int


@dataclass(frozen=True)
class Model:
    """One model.

    Attributes:
        name: what it is called.
        source: gradcli's program; its last value is the loss.
        torch, jax: the same as functions of the package (`torch`, `jax.numpy`) and the inputs by name.
        shapes: for a size the inputs with gradients and those without: normally distributed numbers of that
            shape, or integers.
        sizes: the small one and the large one.
        work: about how many elements the largest value in it has, for a size.
        scale: the standard deviation of inputs for which it isn't 1.
        compared: whether the gradients have to be equal.
    """

    name: str
    source: str
    torch: Callable[..., Any]
    jax: Callable[..., Any]
    shapes: Callable[[int], tuple[dict[str, Any], dict[str, Any]]]
    sizes: tuple[int, int]
    work: Callable[[int], int]
    scale: dict[str, float] = field(default_factory=dict)
    compared: bool = True

    def inputs(self, size: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """The arrays with gradients and those without, the same for every contender."""
        import numpy as np

        draw = np.random.default_rng(0)

        def made(name: str, shape: Any) -> Any:
            if isinstance(shape, Whole):
                return draw.integers(0, shape.below, shape.shape)
            return np.asarray(draw.standard_normal(shape) * self.scale.get(name, 1.0))

        trained, given = self.shapes(size)
        return (
            {name: made(name, shape) for name, shape in trained.items()},
            {name: made(name, shape) for name, shape in given.items()},
        )


def all_models() -> list[Model]:
    """Every model, in the order of the table."""
    return [model for family in FAMILIES for model in import_module(f"benchmarks.models.{family}").MODELS]
