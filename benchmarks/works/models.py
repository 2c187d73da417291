"""Value and gradient of the models that people write, each at a small and at a large size.

The contenders: gradcli's compiled program, PyTorch's eager backward and JAX's jit, all in 64 bits. Data that
nobody differentiates is handed in at every call. The results are compared: what computes something else is
no peer.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.models import Model, all_models
from benchmarks.works import Work

GROUP = "models"
LEAST = 10**4
"""Elements of work from which on every single model has a bar."""


def gradcli(model: Model, size: int) -> Callable[[], list[Any]]:
    """The compiled program: the value of the loss, then the gradients."""
    import gradcli as package

    trained, given = model.inputs(size)
    program = package.compile(model.source, wrt=list(trained))

    def run() -> list[Any]:
        result = program(**trained, **given)
        (root,) = result.roots
        return [result.values[root], *[result.grads[name] for name in trained]]

    run()
    return run


def torch(model: Model, size: int) -> Callable[[], list[Any]]:
    """PyTorch's eager backward."""
    import torch as package

    trained, given = model.inputs(size)
    leaves = {name: package.from_numpy(each).requires_grad_() for name, each in trained.items()}
    others = {name: package.from_numpy(each) for name, each in given.items()}

    def run() -> list[Any]:
        for leaf in leaves.values():
            leaf.grad = None
        loss = model.torch(package, **leaves, **others)
        loss.backward()
        return [loss.detach(), *[leaf.grad for leaf in leaves.values()]]

    return run


def jax(model: Model, size: int) -> Callable[[], list[Any]]:
    """JAX's jit of value_and_grad."""
    import jax as package

    package.config.update("jax_enable_x64", True)
    numpy = package.numpy
    trained, given = model.inputs(size)
    both = package.jit(
        package.value_and_grad(lambda leaves, others: model.jax(numpy, **leaves, **others)),
    )
    leaves = {name: numpy.asarray(each) for name, each in trained.items()}
    others = {name: numpy.asarray(each) for name, each in given.items()}

    def run() -> list[Any]:
        value, grads = package.block_until_ready(both(leaves, others))
        return [value, *[grads[name] for name in trained]]

    return run


WORKS = [
    Work(
        f"{GROUP}: {model.name}, {kind}",
        {
            "gradcli": partial(gradcli, model, size),
            "PyTorch": partial(torch, model, size),
            "JAX": partial(jax, model, size),
        },
        {"PyTorch": 1.0} if model.work(size) >= LEAST else {},
        group=GROUP,
        compared=model.compared,
    )
    for model in all_models()
    for kind, size in zip(("small", "large"), model.sizes, strict=True)
]
