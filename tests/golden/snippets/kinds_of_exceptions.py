"""Which of Python's exceptions a refusal is."""

import torch
import torch.nn as nn
import torch.nn.functional as F

x = torch.tensor([1.0, 2.0, 3.0])
m = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
s = torch.tensor(1.5)
i = torch.tensor([0, 1])


def told(work):
    try:
        print(work())
    except Exception as error:
        print(type(error).__name__, str(error)[:26])


for work in (
    lambda: x[0, 1], lambda: s[0], lambda: s[1:], lambda: x[5], lambda: x[::-1], lambda: x[0.5],
    lambda: x[torch.tensor([True])], lambda: m[[0, 1], [0, 1, 1]], lambda: x[torch.tensor([4])],
):
    told(work)
for work in (
    lambda: x.gather(0, torch.tensor([5])), lambda: x.scatter(0, torch.tensor([3]), 1.0), lambda: x.topk(4),
    lambda: x.index_select(0, torch.tensor([7])), lambda: x.index_select(0, torch.tensor([[0]])),
    lambda: x.take(torch.tensor([9])), lambda: torch.tensor([]).take(i), lambda: x.kthvalue(7),
    lambda: x.index_copy(0, i, x), lambda: x.index_add(0, i, x), lambda: x.index_copy(0, torch.tensor([5]), x[:1]),
):
    told(work)
for work in (
    lambda: x.sum(3), lambda: x.cumsum((0, 1)), lambda: x.unsqueeze((0,)), lambda: torch.zeros(0, 2).max(0),
    lambda: x.softmax(5), lambda: m.transpose(0, 2), lambda: x.view(2), lambda: x + x[:2], lambda: m @ x,
    lambda: len(s), lambda: list(s), lambda: float(x), lambda: x.item(), lambda: bool(x), lambda: f"{x:.2f}",
    lambda: torch.cat([x, m]), lambda: torch.stack([x, m]), lambda: x.requires_grad_().add_(1), lambda: ~x,
):
    told(work)
x = x.detach()
for work in (
    lambda: F.mse_loss(x, m), lambda: F.binary_cross_entropy_with_logits(x, m), lambda: F.dropout(x, 1.5),
    lambda: F.binary_cross_entropy(x[:2], x), lambda: F.cross_entropy(m, x), lambda: F.nll_loss(m, torch.tensor([0])),
    lambda: F.cross_entropy(m, torch.tensor([0, 1, 1])), lambda: F.cross_entropy(m, torch.tensor([0, 5])),
    lambda: F.l1_loss(x, x, reduction="avg"), lambda: F.nll_loss(s, i), lambda: F.batch_norm(m[:1], None, None, training=True),
    lambda: F.interpolate(x, scale_factor=2), lambda: F.pad(x, (1, 1), mode="reflect"), lambda: F.linear(x, m),
):
    told(work)
for work in (
    lambda: nn.init.xavier_uniform_(x.clone()), lambda: nn.BatchNorm1d(3)(x), lambda: nn.Linear(4, 2)(m),
    lambda: torch.linalg.inv(torch.zeros(2, 2)), lambda: torch.linalg.solve(torch.zeros(2, 2), m),
    lambda: torch.linalg.cholesky(-m), lambda: torch.linalg.inv(torch.ones(2, 3)), lambda: round(x),
    lambda: torch.func.vmap(lambda t: t, in_dims=3)(x), lambda: torch.optim.SGD([], lr=0.1),
    lambda: torch.optim.SGD([x], lr=-1.0), lambda: torch.tensor([[1, 2], [3]]), lambda: torch.ones(2).numpy().foo,
):
    told(work)
try:
    torch.linalg.inv(torch.zeros(2, 2))
except RuntimeError as error:
    print("caught", type(error).__name__)
y = torch.ones(2, 2)
for root, weights in ((y, torch.ones(3)), (y, torch.ones(2, 2)), (y.sum(), torch.ones(2)), (y, None)):
    told(lambda: root.backward(weights))
for work in (
    lambda: x & x[:2], lambda: x & x, lambda: ~x, lambda: torch.bitwise_not(x), lambda: torch.gcd(x, x[:2]),
    lambda: i | torch.tensor([True, False, True]), lambda: i.bool() & x,
):
    told(work)
class MyError(Exception):
    def __init__(self, code):
        self.code = code
        super().__init__(f'code {code}')
try: raise MyError(3)
except MyError as err: print(err, err.code, err.args)
class E2(ValueError): pass
try: raise E2("a", 1)
except ValueError as err: print(err, err.args, repr(err))
