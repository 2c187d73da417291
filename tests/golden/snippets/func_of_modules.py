import torch
from torch.func import grad, vmap, jacrev, jacfwd, hessian, vjp, jvp, functional_call, grad_and_value
import torch.nn as nn
torch.manual_seed(0)
def f(x):
    return (x.sin() * x.cos()).sum()
x = torch.randn(3)
print(grad(f)(x))
print(grad(grad(lambda t: t.sin()))(torch.tensor(1.0)))
print(jacrev(lambda x: x ** 2)(x))
print(jacfwd(torch.sin)(x))
print(hessian(f)(x))
out, vjp_fn = vjp(torch.sin, x)
print(out, vjp_fn(torch.ones(3)))
print(jvp(torch.sin, (x,), (torch.ones(3),)))
print(grad_and_value(f)(x))
model = nn.Linear(3, 1)
params = dict(model.named_parameters())
def loss(params, x, y):
    pred = functional_call(model, params, (x,))
    return ((pred - y) ** 2).mean()
X = torch.randn(8, 3); Y = torch.randn(8, 1)
g = grad(loss)(params, X, Y)
print({k: v.shape for k, v in g.items()})
def sample_loss(params, x, y):
    return loss(params, x.unsqueeze(0), y.unsqueeze(0))
per = vmap(grad(sample_loss), in_dims=(None, 0, 0))(params, X, Y)
print(per['weight'].shape, per['bias'][:3])
print(torch.allclose(per['weight'].mean(0), g['weight'], atol=1e-6))
a = torch.tensor(2., requires_grad=True)
bd = vmap(torch.dot)
print(bd(torch.ones(4, 2), torch.arange(8.).view(4, 2)))
