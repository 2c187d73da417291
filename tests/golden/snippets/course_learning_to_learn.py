import torch
import torch.nn as nn
from torch.func import functional_call, grad, vmap, grad_and_value, stack_module_state
import math
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1))
params = dict(net.named_parameters())
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
def compute_loss(params, x, y):
    return nn.functional.mse_loss(functional_call(net, params, (x,)), y)
def inner(params, x1, y1, alpha=0.1):
    grads = grad(compute_loss)(params, x1, y1)
    return {k: params[k] - alpha * g for k, g in grads.items()}
def maml_loss(params, x1, y1, x2, y2):
    return compute_loss(inner(params, x1, y1), x2, y2)
def tasks(n, k=4):
    amp = torch.empty(n, 1, 1).uniform_(0.1, 5.0)
    phase = torch.empty(n, 1, 1).uniform_(0, math.pi)
    x = torch.empty(n, 2*k, 1).uniform_(-5, 5)
    y = amp * torch.sin(x + phase)
    return x[:, :k], y[:, :k], x[:, k:], y[:, k:]
for it in range(5):
    x1, y1, x2, y2 = tasks(3)
    opt.zero_grad()
    losses = vmap(maml_loss, in_dims=(None, 0, 0, 0, 0))(params, x1, y1, x2, y2)
    loss = losses.mean()
    loss.backward()
    opt.step()
    print(it, f'{loss.item():.4f}', losses.shape)
# by hand
W = [torch.randn(1, 6, requires_grad=True), torch.zeros(6, requires_grad=True), torch.randn(6, 1, requires_grad=True)]
def f(W, x): return torch.tanh(x @ W[0] + W[1]) @ W[2]
meta = torch.optim.SGD(W, lr=1e-2)
for it in range(3):
    meta.zero_grad()
    total = 0
    for x1, y1, x2, y2 in zip(*tasks(2)):
        g = torch.autograd.grad(((f(W, x1) - y1)**2).mean(), W, create_graph=True)
        fast = [w - 0.05 * gi for w, gi in zip(W, g)]
        total = total + ((f(fast, x2) - y2)**2).mean()
    total.backward()
    meta.step()
    print(f"{total.item():.4f}")
# per-sample gradients
x, y = torch.randn(5, 1), torch.randn(5, 1)
def sample_loss(p, x, y):
    return compute_loss(p, x.unsqueeze(0), y.unsqueeze(0))
ps = vmap(grad(sample_loss), in_dims=(None, 0, 0))({k: v.detach() for k, v in params.items()}, x, y)
print({k: v.shape for k, v in ps.items()})
print(ps['2.bias'].flatten())
g, v = grad_and_value(lambda w: (w**3).sum())(torch.tensor([1., 2.]))
print(g, v)
# ensembling
models = [nn.Linear(2, 1) for _ in range(3)]
p, b = stack_module_state(models)
print({k: v.shape for k, v in p.items()}, b)
base = models[0]
def fmodel(params, buffers, x): return functional_call(base, (params, buffers), (x,))
print(vmap(fmodel, in_dims=(0, 0, None))(p, b, torch.ones(2, 2)).shape)
jac = torch.func.jacrev(lambda w: torch.stack([w[0]*w[1], w[1]**2]))(torch.tensor([2., 3.]))
print(jac, torch.func.jacfwd(torch.sin)(torch.tensor([0., 1.])))
out, vjp = torch.func.vjp(torch.sin, torch.tensor([0.5]))
print(out, vjp(torch.ones(1)))
print(torch.func.jvp(torch.exp, (torch.tensor([1.]),), (torch.tensor([2.]),)))
