import torch

x = torch.tensor(0.5, requires_grad=True)
a = x.exp()
b = a * 2
c = b.sin()
a.retain_grad()
b.retain_grad()
c.retain_grad()
c.backward()
print(c.grad)
print(b.grad)
print(a.grad)
print(x.grad)
