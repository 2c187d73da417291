"""What makes tensors. Random functions are asked only for what does not depend on the generator."""

from __future__ import annotations

from golden.operations import Row

NONE: dict[str, str] = {}

ROWS: list[Row] = [
    (
        "tensor",
        NONE,
        [
            "tensor(1.5)",
            "tensor([1, 2, 3])",
            "tensor([[1.0, 2.0], [3.0, 4.0]])",
            "tensor([True, False])",
            "tensor([])",
            "tensor([1, 2.5])",
            "tensor([1.0, 2.0]).sum()",
            "torch.tensor([1, 2], dtype=torch.float64)",
        ],
    ),
    ("tensor", {"x": "any:3"}, ["tensor([1.0, 2.0, 3.0]) * x", "x + tensor(2)"]),
    (
        "zeros",
        NONE,
        [
            "zeros(3)",
            "zeros(2, 3)",
            "zeros((2, 2))",
            "zeros([1])",
            "zeros(())",
            "zeros(0)",
            "zeros(2, dtype=torch.int64)",
        ],
    ),
    ("ones", NONE, ["ones(3)", "ones(2, 3)", "ones((2, 2))", "ones(size=(2,))", "ones(2, dtype=torch.bool)"]),
    (
        "full",
        NONE,
        [
            "full((2,), 3.5)",
            "full((2, 2), 7)",
            "full([3], True)",
            "full((), 1.5)",
            "full((2,), fill_value=1, dtype=torch.float64)",
        ],
    ),
    ("empty", NONE, ["zeros_like(empty(2, 3))", "empty(0)", "empty((2,)).shape[0] + zeros(1)"]),
    ("eye", NONE, ["eye(3)", "eye(2, 3)", "eye(n=3, m=2)", "eye(0)"]),
    (
        "arange",
        NONE,
        [
            "arange(5)",
            "arange(1, 4)",
            "arange(0, 1, 0.25)",
            "arange(5, 0, -2)",
            "arange(2.5)",
            "arange(1.0, 4)",
            "arange(start=1, end=3)",
            "arange(0)",
            "arange(3, dtype=torch.float64)",
        ],
    ),
    (
        "linspace",
        NONE,
        [
            "linspace(0, 1, 5)",
            "linspace(-1.0, 2.0, steps=4)",
            "linspace(3, 1, 1)",
            "linspace(start=0, end=10, steps=3)",
            "linspace(0, 1, 0)",
        ],
    ),
    (
        "logspace",
        NONE,
        [
            "logspace(0, 2, 3)",
            "logspace(-1, 1, steps=5)",
            "logspace(0, 3, 4, base=2)",
            "logspace(start=0, end=1, steps=2, base=10.0)",
        ],
    ),
    ("rand", NONE, ["rand(2, 3) >= 0", "rand(3) < 1", "zeros_like(rand(2, 2))"]),
    ("randn", NONE, ["zeros_like(randn(2, 3))", "randn(2, 2) * 0", "randn((3,)) * 0"]),
    (
        "randint",
        NONE,
        [
            "randint(3, (2, 2)) < 3",
            "randint(1, 5, (4,)) >= 1",
            "randint(low=0, high=1, size=(3,))",
            "randint(2, 3, (2,))",
        ],
    ),
    (
        "normal",
        {"x": "any:3"},
        [
            "normal(x, 0.0) * 1",
            "normal(2.0, 0.0, (2, 2))",
            "normal(x * 0, zeros(3))",
            "normal(mean=1.5, std=zeros(2))",
        ],
    ),
    ("bernoulli", NONE, ["bernoulli(zeros(3))", "bernoulli(ones(2, 2))", "zeros(3).bernoulli()"]),
    (
        "zeros_like",
        {"x": "any:2,3"},
        ["zeros_like(x)", "zeros_like(x) + x", "zeros_like(x, dtype=torch.int64)"],
    ),
    ("zeros_like", {"x": "ints:4"}, ["zeros_like(x)", "ones_like(x)"]),
    ("ones_like", {"x": "any:2,3"}, ["ones_like(x)", "ones_like(x) * x", "ones_like(input=x)"]),
    (
        "full_like",
        {"x": "any:2,3"},
        ["full_like(x, 2.5)", "full_like(x, fill_value=3)", "full_like(x, 2) * x"],
    ),
    ("full_like", {"x": "ints:3"}, ["full_like(x, 2)"]),
    ("empty_like", {"x": "any:2"}, ["zeros_like(empty_like(x))"]),
    ("rand_like", {"x": "any:2"}, ["rand_like(x) * 0 + x", "rand_like(x) < 1"]),
    ("randn_like", {"x": "any:2"}, ["randn_like(x) * 0 + x"]),
    ("randint_like", {"x": "any:2"}, ["randint_like(x, 1)", "randint_like(x, 1, 2)"]),
    ("detach", {"x": "any:2,3"}, ["detach(x) * x", "x.detach() * x", "x * x.detach() ** 2", "detach(x)"]),
    ("param", {"x": "any:3"}, ["x * tensor([1.0, 2.0, 3.0], requires_grad=True)"]),
]
