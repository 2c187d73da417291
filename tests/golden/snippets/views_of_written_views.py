"""What a view became by a write goes with what was made of it, when that is written to."""

import torch


def told(r):
    try:
        r.sum().backward()
        print("ok")
    except RuntimeError as ex:
        print(str(ex).split("which is")[1].split("instead")[0])


x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)


def made():
    c = x * 2
    d = c[:2]
    d.rsqrt_()
    return c, d


c, d = made()
e = d[:1]
e.mul_(2)
told(c)
c, d = made()
e = d[:1]
e.mul_(2)
told(d)
c, d = made()
e = d[:1]
e.mul_(2)
told(e)
c, d = made()
e = d[:1]
e.mul_(2)
d = None
told(c)
c, d = made()
e = d[:1]
e.mul_(2)
d = None
e = None
told(c)
c, d = made()
e = d[:1]
g = e * 1
e.mul_(2)
d = None
e = None
told(c)
c, d = made()
e = d[:1]
d = None
e.mul_(2)
told(c)
c, d = made()
d[:1].mul_(2)
told(c)
c, d = made()
c.mul_(2)
told(c)
c, d = made()
c.mul_(2)
told(d)
c, d = made()
d = None
c.mul_(2)
told(c)
c, d = made()
e = d[:1]
f = e[:1]
f.mul_(2)
told(c)
c, d = made()
e = d[:1]
f = e[:1]
d = None
f.mul_(2)
told(c)
c, d = made()
e = d[:1]
f = e[:1]
d = None
f.mul_(2)
e = None
told(c)
c, d = made()
e = d[:1]
f = e[:1]
d = None
f.mul_(2)
e = None
f = None
told(c)
c = x * 2
d = c[:2]
d.exp_()
e = d[:1]
e.mul_(2)
d = None
e = None
told(c)
d = x * 2
d.rsqrt_()
e = d[:1]
e.mul_(2)
told(d)
d = x * 2
d.rsqrt_()
e = d[:1]
e.mul_(2)
told(e)
with torch.no_grad():
    d = x[:2]
c = x * 2
d = c.view(3)
d.rsqrt_()
e = d[:1]
e.mul_(2)
told(c)
c = x * 2
d = c.view(3)
d.rsqrt_()
e = d[:1]
e.mul_(2)
told(d)
c = x * 2
d = c.t()
d.rsqrt_()
e = d[:1]
e.mul_(2)
told(d)
c = x * 2
d = c[:]
d.rsqrt_()
e = d[:1]
e.mul_(2)
told(d)
c = x * 2
d = c.squeeze()
d.rsqrt_()
e = d[:1]
e.mul_(2)
told(d)
c = x * 2
d = c.detach()
d.requires_grad_()
d = d * 1
d.rsqrt_()
e = d[:1]
e.mul_(2)
told(d)
c = x * 2
c.t_()
c.rsqrt_()
e = c[:1]
e.mul_(2)
told(c)
c = x * 2
c.unsqueeze_(0)
c.rsqrt_()
e = c[:1]
e.mul_(2)
told(c)


def t(what, f):
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    d = x * 2
    f(d)
    try:
        d.sum().backward()
        print(what, "ok")
    except RuntimeError as ex:
        print(what, str(ex).split("instead")[0])


def a(d):
    d.rsqrt_()
    e = d[:1]
    e.mul_(2)


def b(d):
    d.rsqrt_()
    d.mul_(2)


def c(d):
    d.rsqrt_()
    d[:1] = 3


def g(d):
    d.exp_()
    e = d[:1]
    e.mul_(2)


def h(d):
    d.sqrt_()
    e = d[:1]
    e.mul_(2)


def i(d):
    d.sigmoid_()
    e = d[:1]
    e.mul_(2)


def j(d):
    e = d[:1]
    d.rsqrt_()
    e.mul_(2)


def k(d):
    e = d[:1]
    e.rsqrt_()
    e.mul_(2)


def l(d):
    e = d[:1]
    e.rsqrt_()
    d.mul_(2)


def m(d):
    e = d[:1]
    e.rsqrt_()
    f = e[:1]
    f.mul_(2)


def n(d):
    d.reciprocal_()
    e = d[:1]
    e.mul_(2)


def o(d):
    d.tanh_()
    e = d[:1]
    e.mul_(2)


def p(d):
    d.pow_(-0.5)
    e = d[:1]
    e.mul_(2)


def q(d):
    r = d.rsqrt()
    e = r[:1]
    e.mul_(2)
    d.add_(r)


def r(d):
    r = d.exp()
    e = r[:1]
    e.mul_(2)
    d.add_(r)


for name, f in dict(
    a=a, b=b, c=c, g=g, h=h, i=i, j=j, k=k, l=l, m=m, n=n, o=o, p=p, q=q, r=r
).items():
    t(name, f)
