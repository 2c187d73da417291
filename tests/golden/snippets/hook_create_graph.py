import torch
def square(g):
    return g * g
x = torch.tensor(3., requires_grad=True)
y = x ** 2
y.register_hook(square)
z = y ** 2
g, = torch.autograd.grad(z, x, create_graph=True)
print(g.item())
print(torch.autograd.grad(g, x))
