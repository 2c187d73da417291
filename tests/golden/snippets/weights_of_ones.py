import torch

x = torch.arange(4.0, requires_grad=True)
y = x + 2
y.backward(torch.ones_like(y))
print(x.grad)
x.grad.zero_()
y = x * x
y.sum().backward()
print(x.grad)
print(x.grad == 2 * x)
