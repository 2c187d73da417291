# expect: graph-freed
# says: Trying to backward through the graph a second time
import torch

x = torch.tensor(2.0, requires_grad=True)
y = x ** 3
g, = torch.autograd.grad(y, x)
y.backward()
