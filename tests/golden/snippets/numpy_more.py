import torch
x = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
(x ** 2).sum().backward()
g = x.grad.numpy()
print(g, g.shape, g.dtype, g[0], g[0, 1], g.sum(), g.mean(), len(g), g.tolist())
print(f"{g[0, 1]:.3f} {g}")
print("%.2f" % g[1, 1], float(g[0, 0]), [g[0]])
print(g * 2, g + g, 1 - g, -g if False else "", g ** 2, g.T)
print(torch.from_numpy(g), torch.tensor(g))
print(type(g), x.detach().numpy().flatten(), x.data.cpu().numpy().max())
for row in g:
    print(row)
print(torch.allclose(torch.from_numpy(g), 2 * x))
print(repr(g), g.size, g.ndim)
if g[0, 0] > 1 if False else True:
    print(round(float(g[1, 0]), 2))
print("grad:", x.grad.detach().cpu().numpy())
print(torch.arange(3).numpy() + 1, torch.tensor([0.1, 0.25]).numpy(), torch.linspace(0, 1, 11).numpy())
