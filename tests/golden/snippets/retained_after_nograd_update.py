import torch
x = torch.tensor([1., 2.], requires_grad=True)
y = x + 1
y.retain_grad()
y.data.add_(1)
(y * y).sum().backward()
print(y.grad, x.grad, y)
