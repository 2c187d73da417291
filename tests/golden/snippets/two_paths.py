import torch

x = torch.tensor(3.0, requires_grad=True)
a = x * 2
b = x ** 2
c = a * b + x
c.backward()
print(c.item(), x.grad.item())
