import torch

x = torch.tensor([0.0, 1.0, 4.0], requires_grad=True)
x.sqrt().sum().backward()
print(x.grad)
y = torch.tensor([0.0, 1.0], requires_grad=True)
y.log().sum().backward()
print(y.grad)
n = torch.zeros(2, requires_grad=True)
n.norm().backward()
print(n.grad)
