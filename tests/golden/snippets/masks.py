import torch

x = torch.tensor([-1.5, 0.0, 2.0, 3.5], requires_grad=True)
mask = x > 0
print(mask, ~mask, mask & (x < 3), mask | (x < -1))
print(x[mask])
print((x == 0).sum(), mask.sum().item(), mask.any(), mask.all())
y = torch.where(mask, x ** 2, -x)
print(y)
y.sum().backward()
print(x.grad)
print((x * mask).sum())
print(x >= torch.tensor([0.0, 0.0, 5.0, 3.5]), x != 0)
