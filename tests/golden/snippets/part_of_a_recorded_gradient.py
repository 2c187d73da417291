"""A part of a recorded gradient that is written to is its part."""
import torch

x = torch.ones(2, 3, requires_grad=True)
(g,) = torch.autograd.grad((x * torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])).sum(), x, create_graph=True)
g.diagonal().zero_()
print(g.tolist())
(g,) = torch.autograd.grad(x.sum(), x, create_graph=True)
print(g.clone().diagonal().zero_().shape, g.diagonal().tolist())
