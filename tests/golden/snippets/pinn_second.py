import torch
x = torch.linspace(0, 1, 5).view(-1, 1).requires_grad_(True)
u = torch.sin(3 * x)
du = torch.autograd.grad(u, x, torch.ones_like(u), create_graph=True)[0]
d2u = torch.autograd.grad(du, x, torch.ones_like(du))[0]
print(du.detach().squeeze())
print((d2u + 9 * u.detach()).abs().max() < 1e-5)
