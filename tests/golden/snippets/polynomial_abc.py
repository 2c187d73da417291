import torch

a = torch.tensor(1.0, requires_grad=True)
b = torch.tensor(2.0, requires_grad=True)
c = torch.tensor(3.0, requires_grad=True)
x = torch.tensor(4.0)
y = a ** 2 * x + b * x + c
print("before:", a.grad, b.grad, c.grad)
y.backward()
print("after:", a.grad, b.grad, c.grad)
