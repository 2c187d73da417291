import torch

u = torch.tensor(2.0, requires_grad=True)
v = torch.tensor(3.0, requires_grad=True)
p = u * v
q = u + v ** 2
print(torch.autograd.grad([p, q], [u, v]))
