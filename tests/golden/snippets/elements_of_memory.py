import torch


def refused(call):
    try:
        print(call())
    except (RuntimeError, TypeError) as error:
        print(type(error).__name__, str(error).splitlines()[0])


x = torch.arange(6.0).requires_grad_()
refused(lambda: x.as_strided((2, 2), (1,)))
refused(lambda: x.as_strided((2, 2), (-1, 1)))
refused(lambda: x.as_strided((2, -2), (1, 1)))
refused(lambda: x.as_strided((3, 3), (4, 1)))
refused(lambda: x.as_strided((2,), (1,), -1))
refused(lambda: x.as_strided(2, (1,)))
refused(lambda: x.as_strided((2.0,), (1,)))
refused(lambda: x.as_strided_((2,), (1,)))
print(x.as_strided((2, 0), (10, 1), 20), x.as_strided((), (), 3))
print(torch.as_strided(x, [2, 2], [2, 1], storage_offset=2))

# What lies elsewhere than the tensor is seen, and has no gradient.
y = x * 1
v = y[2:4]
w = v.as_strided((6,), (1,), 0)
w.sum().backward(retain_graph=True)
print(w, x.grad)
w = v.as_strided((2, 2), (1, 1))
x.grad = None
(w * torch.tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
print(w, x.grad)

# A write is seen by all.
y = x * 1
w = y.as_strided((2, 2), (2, 1))
w.mul_(3)
print(y, w)
x.grad = None
(y * y).sum().backward()
print(x.grad)
y[0] = 100.0
print(w)

# Memory, not the order of the dims.
t = torch.arange(6.0).reshape(2, 3).t()
print(t.as_strided((6,), (1,)), t.as_strided((2, 2), (1, 2)))
d = x.detach()[2:]
print(d.as_strided((2,), (1,), 0), d.as_strided((2,), (1,)))
print(torch.arange(4).as_strided((2,), (2,)), torch.tensor(3.0).as_strided((2,), (0,)))

# In place.
z = torch.arange(6.0)
z.as_strided_((2, 2), (2, 1), 1)
print(z, z.stride(), z.storage_offset())
q = x * 1
q.as_strided_((2, 2), (2, 1), 1)
x.grad = None
(q * q).sum().backward()
print(q, x.grad)
q = x * 1
r = q[1:]
r.as_strided_((2,), (1,), 0)
x.grad = None
(r * r).sum().backward()
print(r, q, x.grad)
with torch.no_grad():
    x.as_strided_((2, 2), (1, 2))
    u = y.as_strided((2,), (1,))
print(x, u)
refused(lambda: u.mul_(2))

# Hooks, gradients of gradients, batches.
x = torch.arange(6.0).requires_grad_()
y = x * 2
v = y[2:4]
v.register_hook(lambda g: print("hook", g))
v.as_strided((3,), (1,), 1).sum().backward()
print(x.grad)
y = x * 2
(g,) = torch.autograd.grad((y.as_strided((2, 2), (1, 1)) ** 3).sum(), x, create_graph=True)
print(g, torch.autograd.grad(g.sum(), x))
print(torch.func.vmap(lambda t: t.as_strided((2,), (1,)))(torch.arange(6.0).reshape(2, 3)))
print(torch.func.jacrev(lambda t: t.as_strided((2, 2), (1, 1)))(torch.arange(3.0)))
print(torch.func.jacfwd(lambda t: t.as_strided((2, 2), (1, 1)))(torch.arange(3.0)))

# `resize_` goes along memory as well.
t = torch.arange(6.0).reshape(2, 3).t()
t.resize_(2, 2)
print(t, t.stride())
x = torch.arange(6.0)
v = x[1:3]
v.resize_(2, 2)
v[0, 0] = 9.0
print(v, x)
x.resize_(2, 2)
x.resize_((0,))
x.resize_(3, 2)
print(x, x._version)
refused(lambda: x.resize_(-1))
refused(lambda: torch.ones(2, requires_grad=True).resize_(1))

for missing in (lambda: x.as_strided_(), lambda: x.as_strided_((2, 2))):
    try:
        missing()
    except TypeError as error:
        print(type(error).__name__)
