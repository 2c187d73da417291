# expect: no-grad
import torch

x = torch.tensor(2.0, requires_grad=True)
g, = torch.autograd.grad(x ** 3, x)
torch.autograd.grad(g, x)
