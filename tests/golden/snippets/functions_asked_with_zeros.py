"""What functions that materialise nothing are asked with, where a partial is zero by rule."""

import torch
class F(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, k):
        ctx.k = k
        ctx.set_materialize_grads(False)
        s = x > 0
        ctx.mark_non_differentiable(s)
        return x*k, s
    @staticmethod
    def backward(ctx, g, h):
        print('own', g, h)
        return (None if g is None else g*ctx.k), None
class G(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.set_materialize_grads(False)
        return x*2, x*3
    @staticmethod
    def backward(ctx, g, h):
        print('two', g, h)
        return g if h is None else h
a = torch.tensor([1.5, -2.0], requires_grad=True)
f, u = F.apply(a, 2.0)
f.trunc().sum().backward(); print(a.grad)
f, h = G.apply(a)
(f.round().sum() + a.sum()).backward(); print(a.grad)
f, h = G.apply(a)
h.sum().backward(); print(a.grad)
f, h = G.apply(a)
(h.floor()+f.exp()).sum().backward(); print(a.grad)
