import torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
c = x.clone()
d = x.clone().detach()
e = x.detach().clone().requires_grad_(True)
print(c.requires_grad, d.requires_grad, e.requires_grad, c.is_leaf, e.is_leaf)
(c * 2).sum().backward()
(e * 3).sum().backward()
print(x.grad, e.grad)
