import torch

x = torch.tensor([1.0, 3.0, 3.0], requires_grad=True)
x.max().backward()
print(x.grad)
x.grad = None
values, indices = x.max(dim=0)
values.backward()
print(values, indices, x.grad)
y = torch.tensor([1.0, 3.0, 3.0], requires_grad=True)
torch.maximum(x, y).sum().backward()
print(y.grad)
r = torch.tensor([-1.0, 0.0, 1.0], requires_grad=True)
(torch.relu(r) + r.abs()).sum().backward()
print(r.grad)
