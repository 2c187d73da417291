import torch
x = torch.tensor([1., 2.], requires_grad=True)
y = x + 1
y.data.mul_(10)
print(y)
y.sum().backward()
print(x.grad)
