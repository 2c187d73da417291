"""What the last step of a recorded gradient is called."""

import torch
import torch.nn.functional as F

x = torch.tensor([2.0, -1.0], requires_grad=True)


def told(y):
    g, = torch.autograd.grad((y * y * y).sum(), x, create_graph=True)
    print(g)


class Clipped(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clamp(0, 1)

    @staticmethod
    def backward(ctx, g):
        return g


class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x + x

    @staticmethod
    def backward(ctx, g):
        return g + g


print("# an own function's last step is its own")
for y in (torch.sigmoid(Clipped.apply(x)), torch.tanh(Clipped.apply(x)), Clipped.apply(x).cumsum(0)):
    told(y)
told(Twice.apply(x))

print("# zeros by rule are added up")
for y in (x.sign() + x.exp(), x.exp() + x.round(), x.floor() * x, torch.copysign(x, x), x.ceil() + x.sin()):
    told(y)
told(torch.div(x.exp(), x, rounding_mode="floor") + x.exp())
d = x.frac()
d.index_fill_(0, torch.tensor([1]), 3.0)
told(d)

print("# one tensor for two operands")
for y in (torch.lerp(x, x, 0.5), torch.dot(x, x), torch.vdot(x, x), F.mse_loss(x, x * 1), F.huber_loss(x, x)):
    told(y)
for y in (torch.stack([x, x]), torch.cat([x, x]), torch.ldexp(x, x), F.smooth_l1_loss(x, x), F.silu(x)):
    told(y)
told(F.binary_cross_entropy_with_logits(x, x))

print("# steps that leave everything as it is")
for y in (x.view(-1), x.reshape(2), x.ravel(), x[:], x[:2], x[...], x.view_as(x), x.narrow(0, 0, 2), x.squeeze()):
    told(y)
for y in (x.roll(2), torch.cat([x]), x.unflatten(0, (2,)), x.unfold(0, 2, 1), x.split(2)[0], x.contiguous()):
    told(y)
for y in (x.logcumsumexp(0), F.softmin(x, 0), x.flatten(), x.expand(2), x.unsqueeze(0)):
    told(y)

print("# views of a leaf that was written to")
for view in (lambda: x[None], lambda: x[:1], lambda: x.view(-1), lambda: x.T):
    y = view()
    with torch.no_grad():
        x.add_(1)
    print(y)
    told(y)
