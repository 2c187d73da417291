import torch

a = torch.ones(3, 1, requires_grad=True)
b = torch.arange(4.0, requires_grad=True)
c = a * b
print(c)
c.sum().backward()
print(a.grad)
print(b.grad)
