import torch
from torch.autograd import grad

x = torch.tensor(1.5, requires_grad=True)
f = x ** 4 + 2 * x ** 2
for order in range(1, 5):
    f, = grad(f, x, create_graph=True)
    print(order, f.item())
