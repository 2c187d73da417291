import torch
import torch.nn.functional as F

# What ravel copies is a view of a copy; a clone lies as what it was made of.
x = torch.arange(6.0).reshape(2, 3).requires_grad_()
y = x * 1
c = y.T.ravel()
print(c)
d = c[1:3]
c.mul_(2)
d.mul_(3)
print(c, d)
c.sum().backward()
print(x.grad)
print(y.T.clone().is_contiguous(), y.T.contiguous().is_contiguous(), y[:, ::2].clone().is_contiguous())
try:
    y.T.clone().view(-1)
except RuntimeError as e:
    print(str(e)[:60])
print(y.T.contiguous().view(-1))

# What follows a zero moves nothing before it.
for dim in (0, 1):
    z = torch.tensor([[2.0, 3.0], [0.0, 4.0], [5.0, 0.0]], requires_grad=True)
    z.cumprod(dim).backward(torch.tensor([[1.0, 1.0], [1.0, 2.0], [float("inf"), float("nan")]]))
    print(z.grad)

# A loss of logits has the dtype of its target.
for a, b in ((torch.float32, torch.float64), (torch.float64, torch.float32)):
    z = torch.tensor([1.0, 2.0, -0.5], dtype=a, requires_grad=True)
    t = torch.tensor([0.0, 1.0, 1.0], dtype=b)
    loss = F.binary_cross_entropy_with_logits(z, t, weight=torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64))
    print(loss)
    loss.backward()
    print(z.grad)
    print(F.binary_cross_entropy(z.detach().sigmoid(), t.to(a), weight=t.to(b)))

# Where no gradient gets to the operands, the result is saved all the same.
b = torch.tensor([[3.0, 0.5, 3.0], [1.0, 0.5, 2.0]], requires_grad=True)
with torch.no_grad():
    c = b.expand_as(b)
for f in (lambda: torch.copysign(c, c), lambda: c * c, lambda: torch.exp(c), lambda: torch.copysign(c, b.detach())):
    d = f()
    d[-1] = 0.0
    try:
        (d * d).sum().backward()
        print(b.grad)
    except RuntimeError as e:
        print(str(e)[:70])

# Of -0 the exponential linear units keep the sign, with the slopes of the left side.
z = torch.tensor([-0.0, 0.0, -1.0, 2.0, float("nan")])
for dtype in (torch.float32, torch.float64):
    for unit in (F.elu, F.selu, F.celu, lambda z: F.elu(z, 0.5), lambda z: F.elu(z, -1.5), lambda z: F.elu(z, 0.0), lambda z: F.celu(z, 0.5), lambda z: F.celu(z, -0.5)):
        x = z.to(dtype).requires_grad_()
        y = unit(x)
        y.sum().backward()
        print(y.tolist(), x.grad)
        print(unit(x[0].detach()), unit(x.detach() + 0).tolist())

# An index that points outside is told with its place in the brackets.
for k in (lambda: torch.ones(2,3,4)[...,9], lambda: torch.ones(2,3,4)[0,...,9], lambda: torch.ones(2,3,4)[torch.tensor([0]),9], lambda: torch.ones(2,3,4)[:,torch.tensor([0]),9], lambda: torch.ones(2,3)[torch.ones(2,3)>0,9], lambda: torch.ones(2,3,4)[torch.ones(2,3)>0,9], lambda: torch.ones(2,3)[None,0,None,9], lambda: torch.ones(2,3)[torch.tensor(0),9], lambda: torch.ones(2,3)[True,0,9],lambda: torch.ones(2,3)[None][0,9], lambda: torch.ones(1,3)[True,9], lambda: torch.ones(1,3)[None,9], lambda: torch.ones(3)[..., 9, None], lambda: torch.ones(1,2,3)[[0], 9], lambda: torch.ones(1,2,3)[...,[0], 9], lambda: torch.ones(1,2,3)[...,9,[0]], lambda: torch.ones(1,2,3)[9,...,[0]]):
    try: print(k().tolist())
    except Exception as e: print(e)
def w(x, k):
    try: x[k] = 1
    except Exception as e: print(e)
w(torch.ones(2,3,4), (..., 9))
w(torch.ones(2,3,4), (None, 9))
w(torch.ones(2,3,4), (0, None, 9))
w(torch.ones(2,3,4), ([0], ..., 9))

# Units that work in place.
z = torch.tensor([-1.0, -0.0, 0.0, 2.0])
for unit in (
    F.elu_, F.celu_, F.selu_, F.leaky_relu_, F.hardtanh_, F.relu_, torch.celu_, torch.selu_, torch.relu_, F.rrelu_, lambda z: F.threshold_(z, 0.0, -3.0),
    lambda z: torch.threshold_(z, 0.0, 1.0), lambda z: F.elu_(z, 0.5), lambda z: F.elu_(z, alpha=0.5), lambda z: F.leaky_relu_(z, 0.2), lambda z: F.hardtanh_(z, max_val=0.5),
):
    w = z.clone().requires_grad_()
    y = w * 1
    v = unit(y)
    print(v is y, y, torch.autograd.grad(y.sum(), w))
    try:
        unit(w)
    except RuntimeError as e:
        print(str(e)[:60])

# How a result lies is told by the operands in their order, whatever it is computed by.
b = torch.arange(12.0).reshape(2, 3, 2) / 7
c, d, t, u = b.permute(2, 1, 0), torch.ones(2, 3, 2) / 3, torch.arange(6.0).reshape(2, 3).T, torch.ones(3, 2) / 2
for f in (
    lambda c, d: torch.lerp(d, c, 0.5), lambda c, d: torch.lerp(d, c, 0.2), lambda c, d: torch.lerp(d, d, c), lambda c, d: torch.lerp(d, c, c), lambda c, d: torch.lerp(c, d, d),
    lambda c, d: torch.where(c > 0, d, c), lambda c, d: torch.addcmul(d, c, c), lambda c, d: d.masked_fill(c > 1, 0.0), lambda c, d: d.clone().masked_fill_(c > 1, 0.0),
    lambda c, d: torch.remainder(d, c), lambda c, d: torch.clamp(d, c, d), lambda c, d: F.huber_loss(d, c, reduction="none"),
):
    print(f(c, d).stride(), f(d, c).stride(), f(t, u).stride(), f(u, t).stride())
y = t.masked_fill(u > 1, 0.0)
print(y.view(-1), t.requires_grad_().masked_fill(u > 1, 0.0).view(-1).sum())
