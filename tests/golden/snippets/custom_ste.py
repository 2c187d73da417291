import torch
class Round(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return torch.round(x)
    @staticmethod
    def backward(ctx, g):
        return g.clone()
class GradReverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, lambd):
        ctx.lambd = lambd
        return x.view_as(x)
    @staticmethod
    def backward(ctx, g):
        return g.neg() * ctx.lambd, None
x = torch.tensor([0.4, 1.6], requires_grad=True)
Round.apply(x).sum().backward()
print(x.grad)
x.grad = None
GradReverse.apply(x, 0.5).sum().backward()
print(x.grad)
def straight_through(x):
    return x + (x.round() - x).detach()
x.grad = None
y = straight_through(x)
print(y)
y.sum().backward()
print(x.grad)
