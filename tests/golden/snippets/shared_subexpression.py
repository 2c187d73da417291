import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x * x
z = y + y * x
z.sum().backward()
print(x.grad)
print(2 * x + 3 * x ** 2)
