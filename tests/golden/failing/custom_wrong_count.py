# expect: bad-argument or shape
# says: returned an incorrect number of gradients (expected 1, got 2)
import torch

class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, g):
        return g * 2, g

x = torch.tensor([1.0], requires_grad=True)
y = Double.apply(x).sum()
y.backward()
