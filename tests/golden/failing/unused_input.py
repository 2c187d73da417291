# expect: unused-input
# says: appears to not have been used in the graph
import torch

x = torch.tensor(2.0, requires_grad=True)
y = torch.tensor(5.0, requires_grad=True)
torch.autograd.grad(x * 3, [x, y])
