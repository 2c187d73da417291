import torch
import torch.nn.functional as F

torch.manual_seed(0)
for n in (3, 7, 8, 11, 33, 100, 500, 513, 2000, 9000):
    v = torch.randn(n)
    print(n, v.sum().item(), v.mean().item(), (v**2).mean().item(), v.std().item(), v.var().item())
    print(F.mse_loss(v, 0.5 * v).item(), F.smooth_l1_loss(v, 2 * v).item(), v.cumsum(0)[-1].item())
for shape in ((4, 3), (5, 8), (64, 10), (3, 70), (20, 5, 9), (2, 3, 4, 5)):
    m = torch.randn(shape)
    for dim in range(m.dim()):
        print(shape, dim, m.sum(dim).flatten()[:3].tolist(), m.mean(dim).flatten()[-1].item())
    print(m.sum().item(), m.transpose(0, 1).sum(0).flatten()[0].item(), m.sum((0, -1)).flatten()[:2].tolist())
x = torch.linspace(0.1, 2.9, 9)
for f in (torch.exp, torch.log, torch.tanh, torch.sigmoid, torch.atan, torch.log1p, torch.expm1, torch.log2):
    print(f(x)[::2].tolist())
print((x**4)[::2].tolist(), (x**1.5)[::2].tolist())
w = torch.tensor([0.3, -0.7], requires_grad=True)
t = torch.randn(50)
for step in range(40):
    loss = ((w[0] + w[1] * t - torch.exp(t)) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.05 * w.grad
        w.grad = None
    if step % 10 == 9:
        print(step, loss.item())
for kind in (torch.float32, torch.float64):
    for a, s, n in ((0.1, 0.07, 5), (-1.3, 0.013, 60), (2.5, 0.3, 41)):
        print(torch.linspace(a, a + s * n, n, dtype=kind)[1::4].tolist())
        print(torch.arange(a, a + s * n - s / 2, s, dtype=kind)[3::5].tolist())
print(torch.full((140_000,), 0.1).cumsum(0)[-1].item())
