import torch

x = torch.arange(24.0).reshape(2, 3, 4)
print(x)
print(x * 0.5 - 3)
print(torch.arange(16).reshape(2, 2, 2, 2))
y = torch.ones(2, 1, 3, requires_grad=True)
print(y)
print(y * 2)
