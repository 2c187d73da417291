"""Hooks are called with None where a function of the program gave nothing."""

import torch
class Nothing(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return x*2
    @staticmethod
    def backward(ctx, g):
        print('nothing', g)
        return None
class Same(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return x*2
    @staticmethod
    def backward(ctx, g):
        print('same', g)
        return g*2
class Raw(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.set_materialize_grads(False)
        return x*2
    @staticmethod
    def backward(ctx, g):
        print('raw', g)
        return g
class Two(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y): return x*2, y*3
    @staticmethod
    def backward(ctx, g, h): return None, h
def hk(name):
    def f(g): print(name, g)
    return f
def leaf(*n):
    a = torch.tensor([1., 2.], requires_grad=True)
    return a
a = leaf(); a.register_hook(hk('a'))
Nothing.apply(a).sum().backward(); print(a.grad)
b = (a*2).exp(); b.register_hook(hk('b')); b.retain_grad()
Nothing.apply(b).sum().backward(); print(a.grad, b.grad)
b = (a*2).exp(); b.register_hook(hk('b'))
(Nothing.apply(b)+b).sum().backward(); print(a.grad)
a.grad = None
c = Same.apply(a*1); c.register_hook(hk('c'))
Nothing.apply(c).sum().backward(); print(a.grad)
c = Raw.apply(a*1); c.register_hook(hk('c'))
Nothing.apply(c).sum().backward(); print(a.grad)
b = a.round(); b.register_hook(hk('b'))
Nothing.apply(b).sum().backward(); print(a.grad)
u, v = Two.apply(a, a*3)
(u+v).sum().backward(); print(a.grad)
u, v = (a*1).unbind(); u.register_hook(hk('u'))
Nothing.apply(u).backward(); print(a.grad)
Nothing.apply(a).sum().backward(); print(a.grad)
g, = torch.autograd.grad(Nothing.apply(a).sum(), a, allow_unused=True); print(g)
g, = torch.autograd.grad(Nothing.apply(a).sum(), a, allow_unused=True, create_graph=True); print(g)
g, = torch.autograd.grad(Nothing.apply(a*1).sum(), a, allow_unused=True, materialize_grads=True); print(g)
try:
    g, = torch.autograd.grad(Nothing.apply(a).sum(), a)
except RuntimeError as e: print(e)
def bad(g): return torch.ones(2)
d = a*1
d.register_hook(bad)
try:
    Nothing.apply(d).sum().backward()
except Exception as e: print(type(e).__name__, str(e).split('\n')[0])
d = a*1
d.register_hook(lambda g: g*2)
try:
    Nothing.apply(d).sum().backward()
except Exception as e: print(type(e).__name__, str(e).split('\n')[0])
