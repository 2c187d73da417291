import torch

def f(x):
    return torch.stack([x[0] * x[1], x[1] ** 2, x[0].sin()])

x = torch.tensor([1.0, 2.0], requires_grad=True)
y = f(x)
J = torch.zeros(3, 2)
rows = []
for i in range(3):
    g, = torch.autograd.grad(y[i], x, retain_graph=True)
    rows.append(g)
J = torch.stack(rows)
print(J)
