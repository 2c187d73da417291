import torch
import torch.nn.functional as F

torch.manual_seed(0)
for n in (5, 9):
    x = torch.randn(n, requires_grad=True)
    for f in (torch.sigmoid, torch.tanh):
        (f(x) * torch.linspace(0.1, 1.7, n)).sum().backward()
        print(n, x.grad.tolist())
        x.grad = None
for seed, n, classes in ((0, 3, 4), (2, 10, 3), (0, 4, 16), (3, 5, 20), (5, 6, 50)):
    torch.manual_seed(seed)
    print(F.log_softmax(torch.randn(n, classes), 1)[:, :2].tolist())
for v in ([20.0, 0.0], [100.0, 0.0], [5.0, 0.0, 0.0], [0.0, 30.0], [float("inf"), 0.0], [-float("inf")] * 2):
    x = torch.tensor([v], requires_grad=True)
    loss = F.cross_entropy(x, torch.tensor([0]))
    loss.backward()
    print(v, loss.item(), x.grad)
for n in (1, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 20, 31, 33, 100, 500):
    v, m = torch.randn(n), torch.randn(4, n)
    print(n, v.norm().item(), m.norm().item(), m.norm(dim=1).tolist(), torch.linalg.norm(m[0]).item())
t = torch.tensor([1.0, 4.0, 9.0, 16.0])
print(torch.gradient(t), torch.gradient(t, spacing=2.0), torch.gradient(t.view(2, 2), dim=0))
print(torch.gradient(t, spacing=(torch.tensor([0.0, 1.0, 3.0, 4.0]),)), torch.gradient(t, edge_order=2))
x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
(g,) = torch.gradient(x**2)
g.sum().backward()
print(g, x.grad)
