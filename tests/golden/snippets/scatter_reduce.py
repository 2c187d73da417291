import torch

index = torch.tensor([[0, 1, 1], [0, 0, 2]])
rows = torch.tensor([2, 0, 0])
for reduce in ("sum", "prod", "mean", "amax", "amin"):
    for include_self in (True, False):
        x = torch.tensor([[1.0, 2, 3], [4, 5, 6], [0.5, 0, -1]], requires_grad=True)
        src = torch.tensor([[1.0, -2, 3], [2, 7, 0.25]], requires_grad=True)
        y = x.scatter_reduce(0, index, src, reduce, include_self=include_self)
        print(reduce, include_self, y)
        (y * torch.arange(9.0).reshape(3, 3)).sum().backward()
        print(x.grad, src.grad)
        if reduce != "sum":
            x.grad = None
            more = torch.tensor([[1.0, 2, 3], [3, 2.5, 1], [0.5, 0, 4]], requires_grad=True)
            z = (x * 1).index_reduce_(0, rows, more, reduce, include_self=include_self)
            print(z)
            (z * torch.arange(1.0, 10).reshape(3, 3)).sum().backward()
            print(x.grad, more.grad)
counts = torch.zeros(3, dtype=torch.int64)
counts.scatter_reduce_(0, torch.tensor([0, 1, 0]), torch.tensor([5, 2, 4]), "amax")
print(counts, counts.scatter_reduce(0, torch.tensor([0, 0]), torch.tensor([1, 1]), reduce="mean"))
print(torch.ones(2, 2).index_reduce(1, torch.tensor([0, 0]), torch.full((2, 2), 3.0), "prod"))
a = torch.ones(3)
b = a[:2]
b.scatter_reduce_(0, torch.tensor([1, 1]), torch.tensor([5.0, 7.0]), "sum")
print(a)
for call in (
    lambda: a.scatter_reduce(0, torch.tensor([0]), torch.ones(1), "largest"),
    lambda: a.index_reduce(0, torch.tensor([0]), torch.ones(1), "sum"),
):
    try:
        call()
    except RuntimeError as error:
        print(error)
# Ties share the gradient.
x = torch.tensor([2.0, 1.0], requires_grad=True)
src = torch.tensor([2.0, 2.0, 0.5], requires_grad=True)
x.scatter_reduce(0, torch.tensor([0, 0, 1]), src, "amax").sum().backward()
print(x.grad, src.grad)
