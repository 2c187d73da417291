"""Shapes at the edge: more dims than an array can have, no elements, no dims."""

from __future__ import annotations

import pytest

import gradcli
from gradcli import GradcliError
from gradcli.tape.context import MOST_DIMS


@pytest.mark.parametrize(
    "program",
    [
        "zeros({one})",
        "ones(3).reshape({one} + [3])",
        "ones(3).expand({one} + [3])",
        "torch.tensordot(ones({half}), ones({half}), 0)",
        "ones(3)[(None,) * {most}]",
        "ones({half}).unflatten(0, {half})",
        "torch.kron(ones({half}), ones(2)).reshape({one})",
        "x = param(3.0)\nfor i in range({most} + 1): x = x[None]\nx",
        "x = param(3.0)\nfor i in range({most} + 1): x = stack([x])\nx",
        "torch.meshgrid([ones(1)] * ({most} + 1))",
    ],
)
def test_more_dims_than_arrays_have(program: str) -> None:
    one, half = f"[1] * ({MOST_DIMS} + 1)", f"[1] * ({MOST_DIMS} // 2 + 1)"
    with pytest.raises(GradcliError, match="dims is more than the limit") as caught:
        gradcli.evaluate(program.format(one=one, half=half, most=MOST_DIMS))
    assert caught.value.code == "limit"


@pytest.mark.parametrize("call", ["x.max(0)[0]", "x.gather(0, x.long()*0)", "x.logsumexp(0)", "x.topk(1)[0]"])
def test_as_many_dims_as_arrays_have(call: str) -> None:
    shape = [1] * MOST_DIMS
    result = gradcli.evaluate(f"x = param(ones({shape}))\ny = {call}", weights="ones")
    assert result.grads["x"].shape == tuple(shape)


@pytest.mark.parametrize("p", [0, 0.5, 1, 2, 3])
def test_norms_of_nothing_are_zero(p: float) -> None:
    """As PyTorch has them."""
    result = gradcli.evaluate(f"x = zeros(0, 2)\na = x.norm({p}); b = x.norm({p}, dim=0)\na, b")
    assert result.values["a"] == 0
    assert result.values["b"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("zeros(0).norm(inf)", "linalg.vector_norm cannot compute the inf norm on an empty tensor because"),
        ("dist(zeros(0), zeros(0), inf)", "linalg.vector_norm cannot compute the inf norm on an empty"),
        ("torch.tril_indices(-1, 2)", "row must be non-negative, got -1"),
        ("torch.triu_indices(1, -2)", "col must be non-negative, got -2"),
        ("tensor(1.0).unflatten(0, (1,))", "Dimension specified as 0 but tensor has no dimensions"),
        ("dist(tensor([1]), tensor([2]))", "should be either floating point or complex"),
        ("nll_loss(tensor([True, False]), 1)", "not implemented for 'Bool'"),
        ("cross_entropy(tensor(2.0), 1.5)", "tensor has no dimensions"),
        ("randint_like(zeros(2), 1e300)", "long"),
        ("zeros(0).bernoulli_(tensor([0.5, 0.5, 0.5]))", "must match the size of tensor"),
        ("'{²}'.format(1)", "nothing was given for the field"),
        ("tensor(2.0).repeat_interleave(3, -1)", r"in range of \[-1, 0\], but got 1"),
        ("tensordot(ones(2), tensor(-0.5), [-1, 0])", "tensor has no dimensions"),
        ("linalg.vander(tensor([1.0, 2.0]), N=10**7)", "pieces of a tensor would take"),
        ("mish(input=[[], [1.0]], inplace=True)", "differ|shape|length|box|entries|rows"),
        ("ones(2).multigammaln(2**62)", "pieces of a tensor would take"),
        ("zeros(0).repeat_interleave(1e300)", "a count of 1e.300 does not fit in 64 bits"),
        ("zeros(1, 1e300, 2**62)", "a size of 1e.300 does not fit in 64 bits"),
        ("zeros(2**31, 2**62)", r"would take more than 2\*\*66 GiB"),
    ],
)
def test_refused(call: str, message: str) -> None:
    with pytest.raises(GradcliError, match=message):
        gradcli.evaluate(call)
