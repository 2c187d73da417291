# expect: no-grad
import torch

x = torch.tensor(2.0, requires_grad=True)
c = torch.tensor(5.0)
torch.autograd.grad(x * c, c)
