# expect: non-scalar-root
import torch

x = torch.ones(2, 2, requires_grad=True)
torch.autograd.grad(x * 3, x)
