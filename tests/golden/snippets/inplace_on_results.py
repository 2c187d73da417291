import torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x + 1
y += 3
y.add_(x)
y.mul_(2.0)
print(y)
y.sum().backward()
print(x.grad)
