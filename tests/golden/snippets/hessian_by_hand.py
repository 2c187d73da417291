import torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
f = x[0] ** 2 * x[1] + x[1] ** 3
g, = torch.autograd.grad(f, x, create_graph=True)
print(g.detach())
rows = []
for i in range(2):
    row, = torch.autograd.grad(g[i], x, retain_graph=True)
    rows.append(row)
print(torch.stack(rows))
