# What was viewed outside recording gets no gradient: what would have been saved for it cannot be freed.
import torch

a = torch.tensor([[[4.0, 0.5]], [[-0.5, 2.0]]], requires_grad=True)
with torch.no_grad():
    c = a.transpose(0, -1)
for f in (
    lambda: c % c,
    lambda: c * c,
    lambda: c / c,
    lambda: torch.copysign(c, c),
    lambda: torch.exp(c),
    lambda: c**c,
    lambda: c * a.transpose(0, -1),
    lambda: torch.atan2(c, c),
    lambda: torch.maximum(c, c),
    lambda: torch.addcmul(c, c, c),
    lambda: torch.hypot(c, c),
    lambda: torch.where(c > 0, c, c),
    lambda: torch.matmul(c, c.transpose(1, 2)),
):
    d = f()
    try:
        d.mean().backward()
        d.sum().backward()
        print("fine", a.grad, c.grad)
    except RuntimeError as e:
        print(str(e)[:50])
b = a.detach()
for f in (
    lambda: c.fmod(c),
    lambda: torch.lerp(c, c, c),
    lambda: torch.xlogy(c, c),
    lambda: torch.logaddexp(c, c),
    lambda: torch.cross(torch.stack((c, c, c)), torch.stack((c, c, c)), dim=0),
    lambda: torch.true_divide(c, b.transpose(0, -1)),
    lambda: torch.mul(c, 2),
    lambda: torch.dot(c[0, 0], c[0, 0]),
    lambda: torch.outer(c[0, 0], c[0, 0]),
    lambda: c[0] @ c[0].T,
    lambda: torch.nn.functional.linear(c, c[0]),
    lambda: torch.nn.functional.mse_loss(c, c),
    lambda: torch.fmax(c, c),
    lambda: torch.dist(c, c),
    lambda: torch.addcdiv(c, c, c),
):
    d = f()
    try:
        d.mean().backward()
        d.sum().backward()
        print("fine", a.grad is None, c.grad)
    except RuntimeError as e:
        print(str(e)[:50])
