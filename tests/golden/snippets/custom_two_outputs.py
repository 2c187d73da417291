import torch
from torch.autograd import Function
class SumDiff(Function):
    @staticmethod
    def forward(ctx, a, b):
        return a + b, a - b
    @staticmethod
    def backward(ctx, gs, gd):
        return gs + gd, gs - gd
a = torch.tensor(3., requires_grad=True)
b = torch.tensor(1., requires_grad=True)
s, d = SumDiff.apply(a, b)
print(s, d)
(s * d).backward()
print(a.grad, b.grad)
