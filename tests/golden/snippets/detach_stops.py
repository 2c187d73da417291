import torch

a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
b = a.detach()
c = (a * 3 + b * 5).sum()
c.backward()
print(a.grad)
print(b.grad)
print(b.is_leaf, b.requires_grad)
