import torch

x = torch.tensor(2.0, requires_grad=True)
y = torch.tensor(5.0, requires_grad=True)
z = x * 3
gx, gy = torch.autograd.grad(z, (x, y), allow_unused=True)
print(gx)
print(gy)
print(gy is None)
