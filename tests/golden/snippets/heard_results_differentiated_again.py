"""Hooks on results whose gradients are differentiated once more: which of them are made of the result."""
import torch
import torch.nn.functional as F


def twice(name, function):
    a = torch.tensor([0.75, 0.25], requires_grad=True)
    b = function(a)
    b.register_hook(lambda g: g * 2)
    d, = torch.autograd.grad((b * b).sum(), [a], create_graph=True)
    d.sum().backward()
    print(name, a.grad)


twice("sigmoid", torch.sigmoid)
twice("tanh", torch.tanh)
twice("exp", torch.exp)
twice("expm1", torch.expm1)
twice("sqrt", torch.sqrt)
twice("erfinv", torch.erfinv)
twice("softsign", F.softsign)
twice("normalize", lambda x: F.normalize(x, dim=0))
twice("reciprocal", torch.reciprocal)
twice("1/x", lambda x: 1 / x)
twice("x/(x+1)", lambda x: x / (x + 1))
twice("log", torch.log)
twice("softplus", F.softplus)
twice("prod", torch.prod)
twice("logsumexp", lambda x: x.logsumexp(0))
twice("log_softmax", lambda x: x.logsumexp(-1) - x)

m = torch.tensor([[2.0, 0.5], [0.25, 1.0]], requires_grad=True)
for name, function in (("det", torch.det), ("rows", lambda m: m.prod(1)), ("columns", lambda m: m.logsumexp(0))):
    b = function(m)
    b.register_hook(lambda g: g * 2)
    d, = torch.autograd.grad((b * b).sum(), [m], create_graph=True)
    m.grad = None
    d.sum().backward()
    print(name, m.grad)
z = torch.tensor([0.0, 2.0, 3.0], requires_grad=True)
b = z.prod()
b.register_hook(lambda g: g * 1)
d, = torch.autograd.grad(b, [z], create_graph=True)
d.sum().backward()
print(d.detach(), z.grad)
