import torch
from torch import nn
from abc import ABC, abstractmethod
from enum import Enum
import typing
from typing import Tuple
class Color(Enum):
    RED = 1
print(Color, type(Color.RED), [Color], type(Color.RED).__name__, Color.RED.__class__.__name__)
class Base(ABC):
    @abstractmethod
    def forward(self, x):
        pass
    @property
    @abstractmethod
    def name(self): ...
    def __call__(self, x):
        return self.forward(x)
class Half(Base):
    def forward(self, x):
        return x / 2
class Full(Half):
    name = "full"
for cls in (Base, Half, Full):
    try:
        print(cls()(torch.ones(2)))
    except TypeError as e:
        print(e)
x = torch.tensor([1., 2.], requires_grad=True)
y = (x * 2).sum()
print(y.grad_fn.__class__.__name__, type(x))
try:
    y.grad_fn.foo
except AttributeError as e:
    print(e)
h = x.register_hook(lambda g: g)
print(h.__class__.__name__)
print(format(3.14159, ".3f"), format(255, "x"), format("a", ">4"), hex(255), bin(-5), oct(8), format(torch.tensor(2.5), ".2f"), format(7))
d = torch.device("cpu")
print(d.type, d.index, x.device.type)
for bad in (1, 0, None, "yes"):
    try:
        x.requires_grad = bad
    except RuntimeError as e:
        print(e)
torch.save({"loss": y, "x": x, "model": nn.Linear(1, 1).state_dict(), "z": x * 3}, "ck.pt")
c = torch.load("ck.pt", weights_only=False)
print(c["loss"], c["x"], c["z"], c["loss"].is_leaf, sorted(c))
net = nn.Linear(2, 1)
net(torch.ones(1, 2)).sum().backward()
torch.save(net, "m.pt")
n2 = torch.load("m.pt", weights_only=False)
print(n2.weight.grad, torch.equal(n2.weight, net.weight), isinstance(n2.weight, nn.Parameter))
bn = nn.BatchNorm1d(3)
for m in (bn, nn.BatchNorm1d(3, track_running_stats=False), bn.eval()):
    try:
        m(torch.randn(4, 5))
    except RuntimeError as e:
        print(e)
try:
    torch.nn.functional.one_hot(torch.tensor([0, 4]), 3)
except RuntimeError as e:
    print(e)
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        s = x > 1
        ctx.mark_non_differentiable(x, s)
        ctx.save_for_backward(x)
        return x ** 3, x, s
    @staticmethod
    def backward(ctx, g, _, __):
        x, = ctx.saved_tensors
        return g * 3 * x ** 2
a, b, s = Cube.apply(x)
a.sum().backward()
print(a, b, s, x.grad, b.requires_grad, b is x)
class Wrong(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 2
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return 3 * x * g
try:
    torch.autograd.gradcheck(Wrong.apply, (torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True),))
except RuntimeError as e:
    print(type(e).__name__)
    print(e)
