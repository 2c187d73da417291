"""Arguments that a function, a method or a row doesn't take: who says so, and in which words."""

from __future__ import annotations

import numpy as np
import pytest

import gradcli


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("l = []\nl.append()", "list.append() missing 1 required positional argument: 'value'"),
        ("'a'.upper(1)", "str.upper() takes no arguments (1 given)"),
        ("ones(2).allclose()", "Tensor.allclose() missing 1 required positional argument: 'other'"),
        ("f = ones(2).allclose\nf()", "Tensor.allclose() missing 1 required positional argument: 'other'"),
        ("(0.5).is_integer(1)", "float.is_integer() takes no arguments (1 given)"),
        ("softmax(ones(2), 0, 2)", "softmax(): argument 'dtype' (position 3) must be dtype or None, not int"),
        (
            "sum(ones(2), 'a')",
            "sum(): argument 'dim' (position 2) must be int or sequence of ints or None, not str",
        ),
        ("sum(ones(2), dim='a')", "sum(): argument 'dim' must be int or sequence of ints or None, not str"),
        ("softplus(1.0, beta=ones(2))", "softplus(): argument 'beta' must be Number, not Tensor"),
        ("elu(1.0, ones(2))", "elu(): argument 'alpha' (position 2) must be Number, not Tensor"),
        ("hardshrink(1.0, [1])", "hardshrink(): argument 'lambd' (position 2) must be Number, not list"),
        ("cat(1.5)", "cat(): argument 'tensors' (position 1) must be tuple of Tensors, not float"),
        (
            "linalg.solve_triangular(eye(2), eye(2))",
            'linalg.solve_triangular() missing 1 required positional arguments: "upper"',
        ),
        ("torch.Size(5)", "'int' object is not iterable"),
        ("torch.set_printoptions(profile=[1])", "profile must be 'default', 'short' or 'full'"),
        ("np.int64(1e300)", "1e+300 does not fit int64"),
        (
            "zeros(3).uniform_(1, 0)",
            "uniform_ expects to return a [from, to) range, but found from=1.0 > to=0.0",
        ),
        ("zeros(3).normal_(0, -1)", "normal expects std >= 0.0, but found std -1.0"),
        ("max()", 'max() missing 1 required positional arguments: "input"'),
        ("math.log(2, 1)", "float division by zero"),
        ("jacobian(sin, ones(2), zzz=1)", "jacobian() got an unexpected keyword argument 'zzz'"),
    ],
)
def test_wrong_arguments(program: str, message: str) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(program)
    assert (caught.value.code, caught.value.message) == ("bad-argument", message)


def test_where_alone_gives_indices() -> None:
    assert gradcli.evaluate("print(where(tensor([[0., 1.], [2., 0.]])))").printed == [
        "(tensor([0, 1]), tensor([1, 0]))"
    ]


@pytest.mark.parametrize(
    "call",
    [
        "np.std(x)",
        "np.var(x, axis=0, ddof=1)",
        "np.max(x, axis=1)",
        "np.sort(x, axis=0)",
        "np.median(x)",
        "np.percentile(x, 30, axis=1)",
        "np.repeat(x, 2, axis=1)",
        "np.array_split(x, 2, axis=1)[0]",
        "np.meshgrid(x[0], x[1])[1]",
        "np.cumsum(x)",
        "np.transpose(x)",
        "np.dot(x, x.T)",
        "np.round(x, 1)",
        "np.mean(np.arange(4))",
    ],
)
def test_numpys_functions_are_numpys(call: str) -> None:
    """In programs of NumPy alone too, whose results are tensors with gradients."""
    x = np.array([[3.25, 1.0, 2.5], [6.0, 5.5, 4.0]])
    found = gradcli.evaluate(f"import numpy as np\ny = {call}", {"x": x}, wrt=[], unused_inputs=True)
    np.testing.assert_allclose(found.values["y"], eval(call, {"np": np, "x": x}), rtol=1e-15)
