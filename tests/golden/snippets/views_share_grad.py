import torch

x = torch.arange(6.0, requires_grad=True)
y = x.view(2, 3)
z = y.t()
w = z.reshape(-1)
print(z)
print(w)
(w * torch.arange(6.0)).sum().backward()
print(x.grad)
