import torch
from torch.autograd import Function
a = torch.tensor(1.5, requires_grad=True)
class Once(Function):
    @staticmethod
    def forward(ctx, i): return i.sin()
    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, g): return g * 3
y = Once.apply(a)
g, = torch.autograd.grad(y, a, create_graph=True)
print(g)
import torch
from torch.autograd import Function
a = torch.tensor(1.5, requires_grad=True)
class F1(Function):
    @staticmethod
    def forward(ctx, i): return i.sin()
    @staticmethod
    def backward(ctx, g):
        with torch.no_grad():
            return g * 3
g, = torch.autograd.grad(F1.apply(a), a, create_graph=True)
print(g)
import torch
a = torch.tensor(1.5, requires_grad=True)
b = a*2
b.register_hook(lambda g: g.detach()*3)
g, = torch.autograd.grad(b, a, create_graph=True)
print(g)
@torch.no_grad()
def h(g): return g*3
b = a*2
b.register_hook(h)
a.register_hook(h)
g, = torch.autograd.grad(b, a, create_graph=True)
print(g)
