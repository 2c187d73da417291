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
