import torch

a = torch.tensor([[0.5, -1.0], [2.0, 3.0]])
a = (a * 3) / (a - 1)
print(a.requires_grad)
a.requires_grad_(True)
print(a.requires_grad)
b = (a * a).sum()
print(b.requires_grad, b.grad_fn is None)
b.backward()
print(a.grad)
