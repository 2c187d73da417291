"""What several things are wrong of is refused for what PyTorch looks at first."""

import torch
import torch.nn.functional as F


def tried(function, *given):
    try:
        return function(*given).shape
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        return str(error)[:130]


inputs = [torch.ones(each) for each in ((3,), (3, 2), (2, 3, 4), (3, 2, 2, 2))]
targets = [
    torch.ones(each)
    for each in ((), (1,), (3,), (2, 3), (3, 2), (2, 4), (3, 3, 3), (3, 2, 2))
]
for x in inputs:
    for t in targets:
        for loss in (F.cross_entropy, F.nll_loss):
            print(
                list(x.shape),
                list(t.shape),
                tried(loss, x, t),
                tried(loss, x, t.long()),
            )
linalg = torch.linalg
for a in (
    torch.ones(3).double(),
    torch.tensor(2),
    torch.ones(2, 2).long(),
    torch.tensor(True),
):
    for function in (
        linalg.matrix_norm,
        linalg.norm,
        linalg.det,
        linalg.inv,
        linalg.svdvals,
        torch.positive,
    ):
        print(tried(function, a))
for a in (torch.ones(3, 2), torch.ones(3, 1), torch.ones(3, 1).long()):
    for w in (torch.ones(1, 2, 2), torch.ones(1, 1, 1), torch.ones(1, 2, 2).double()):
        print(tried(F.bilinear, a, a, w), tried(F.bilinear, a, a.double(), w))

x = torch.tensor([0.5, -1.0], requires_grad=True)
y = x.exp()
z = y // y
y.mul_(2)
for end in (z, torch.heaviside(y, y)):
    print(end, tried(end.sum().backward))
covariance = torch.cov(x)
with torch.no_grad():
    covariance *= 2
print(covariance.grad_fn.name())
a, twice = torch.tensor(2.0), torch.tensor([0, 0])
print(tried(a.scatter, 0, twice, a), tried(a.scatter_add, 0, twice, a))
print(tried(a.scatter_reduce, 0, twice, a, "amin"), tried(a.scatter_reduce, 0, twice[0], a, "sum"))
