# expect: shape or bad-argument
# says: returned an invalid gradient at index 0 - got [3] but expected shape compatible with [2]
import torch

class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, g):
        return torch.ones(3)

x = torch.tensor([1.0, 2.0], requires_grad=True)
y = Double.apply(x).sum()
y.backward()
