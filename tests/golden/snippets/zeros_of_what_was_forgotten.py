"""A recorded gradient of what was overwritten by numbers has the history of what it is zero times."""

import torch


def filled(y, x):
    y.fill_(3.0)


def zeroed(y, x):
    y.zero_()


def copied(y, x):
    y.copy_(x.detach())


def assigned(y, x):
    y[:] = 5.0


def compared(y, x):
    y.eq_(x.cos())


def drawn(y, x):
    y.uniform_(1, 1)


for write in (filled, zeroed, copied, assigned, compared, drawn):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x.sin()
    y.register_hook(lambda g: print(g))
    write(y, x)
    (y * y).sum().backward(create_graph=True)
    print(x.grad, torch.autograd.grad(x.grad.sum(), x))

x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x.sin()
y.register_hook(lambda g: print(g))
z = y * 2
y.zero_()
(z * z + y).sum().backward(create_graph=True)
print(x.grad)

x = torch.tensor([0.1, 0.2], requires_grad=True)
for y in (torch.normal(x.sin(), torch.zeros(2)), torch.bernoulli(x.sin()), torch.poisson(x.sin())):
    (gradient,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    print(gradient)
