# Writing where there is nothing to write to, and through a mask of fewer dims to what stands several times.
import torch

a = torch.tensor([[[-1.0, 2.0]], [[0.0, 3.0]]], requires_grad=True)
b = torch.tensor([[3.0, 4.0], [-2.0, -0.5]], requires_grad=True)
f = a[0, 1:]
g = f.asinh()
g.index_add_(0, torch.tensor([0]), b[:1])
print(f, g)
print(torch.ones(2, 0).index_add(0, torch.tensor([5]), torch.ones(1, 0)))

a = torch.tensor([4.0, -1.0, -1.0, 1.5], requires_grad=True)
b = a.hardshrink()
c = b.ravel()
d = c.expand(2, -1)
d.masked_fill_(b > 0, 1.0)
print(b)
print(c)
print(d)
try:
    d.sum().backward()
except RuntimeError as error:
    print(error)
e = torch.zeros(3).expand(2, 3)
try:
    e.masked_fill_(torch.tensor([True, False, True]), 2.0)
except RuntimeError as error:
    print(error)
print(e)
f = torch.zeros(3, 1).unfold(0, 2, 1)
try:
    f.masked_fill_(torch.ones(3, 1) > 0, 1.0)
except RuntimeError as error:
    print(error)
