"""A gradient that a constant view was given stays, however its memory is written to."""

import torch


def show(*ts):
    for t in ts:
        print(t, t.grad, t.requires_grad, t.is_leaf)


def begin():
    a = torch.tensor([3.0, 1.0, 4.0])
    c = a[:2]
    v = c.view(2, 1)
    w = a.view(3)
    c.grad = torch.full((2,), 7.0)
    v.grad = torch.full((2, 1), 8.0)
    a.grad = torch.ones(3)
    w.grad = torch.full((3,), 9.0)
    return a, c, v, w


x = torch.tensor([3.0, 1.0, 4.0], requires_grad=True)
a, c, v, w = begin()
a.mul_(x)
show(a, c, v, w)
(a.sum() + c.sum() * 2 + v.sum() * 3 + w.sum()).backward()
show(a, c, v, w)
a, c, v, w = begin()
c.mul_(x[:2])
show(a, c, v, w)
(a.sum() + c.sum() * 2 + v.sum() * 3 + w.sum()).backward()
show(a, c, v, w)
a, c, v, w = begin()
v.mul_(x[:1])
show(a, c, v, w)
(a.sum() + c.sum() * 2 + v.sum() * 3 + w.sum()).backward()
show(a, c, v, w)
a, c, v, w = begin()
w.mul_(x[:1])
show(a, c, v, w)
(a.sum() + c.sum() * 2 + v.sum() * 3 + w.sum()).backward()
show(a, c, v, w)
a, c, v, w = begin()
c.t_().mul_(2)
show(a, c, v, w)
a, c, v, w = begin()
c.requires_grad_()
a.detach().mul_(2)
show(a, c, v, w)
c.sum().backward()
show(c)
a, c, v, w = begin()
a.detach().mul_(2)
c.requires_grad_()
c.sum().backward()
show(a, c, v, w)
a, c, v, w = begin()
a.detach().mul_(2)
a.mul_(x)
c.retain_grad()
c.sum().backward()
show(a, c, v, w)
a, c, v, w = begin()
a.mul_(2)
a.mul_(3)
c.mul_(2)
a.mul_(x)
c.retain_grad()
c.sum().backward()
show(a, c, v, w)
a, c, v, w = begin()
a.requires_grad_()
with torch.no_grad():
    a.mul_(2)
show(a, c, v, w)
a = torch.tensor([[3.0, 1.0, 4.0], [1.5, 4.0, 3.0]])
c = a[0]
c.grad = torch.ones(3)
c.detach().mul_(2)
print(a, c)
print(c.grad, a.grad)
a = torch.tensor([3.0, 1.0, 4.0])
c = a[:2]
c.grad = torch.ones(2)
a.detach().mul_(2)
print(c.grad, c)
a = torch.tensor([3.0, 1.0, 4.0])
c = a[:2]
c.grad = torch.ones(2)
a.mul_(2)
print(c.grad, c)
a = torch.tensor([3.0, 1.0, 4.0])
c = a[:2]
c.grad = torch.ones(2)
c.data.mul_(2)
print(c.grad, c)
a = torch.tensor([3.0, 1.0, 4.0])
c = a[:2]
e = a[1:]
c.grad = torch.ones(2)
e.grad = torch.ones(2)
c.detach().mul_(2)
print(c.grad, e.grad, c, e)
c.grad = None
a.detach().mul_(2)
print(c.grad, e.grad, c, e)
x = torch.tensor([3.0, 1.0, 4.0], requires_grad=True)
a = torch.tensor([3.0, 1.0, 4.0])
c = a[:2]
c.grad = torch.ones(2)
a.mul_(x)
print(c.grad, c.requires_grad)
c.sum().backward()
print(c.grad, x.grad)
x = torch.tensor([3.0, 1.0, 4.0], requires_grad=True)
a = torch.tensor([3.0, 1.0, 4.0])
c = a[:2]
c.grad = torch.ones(2)
with torch.no_grad():
    a.mul_(2)
print(c.grad)
with torch.no_grad():
    c.mul_(2)
print(c.grad)
d = c.detach()
d.grad = torch.ones(2)
d.mul_(2)
print(c.grad, d.grad)
d.mul_(x[:2])
print(c.grad, d.grad)
