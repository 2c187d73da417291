"""A view whose memory was written to gets its history when an operation with a history, or somebody, asks for it.

Whoever only looks at its numbers or its shape does not ask; what it is meanwhile decides what may be done with it.
"""
import torch


def said(error): print("  ", str(error).splitlines()[0][:130])


def constant():
    c, w = torch.zeros(3), torch.ones(3, requires_grad=True)
    v = c[1:]
    c.mul_(w)
    return v, c, w


class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return x*2
    @staticmethod
    def backward(ctx, g): return g*2


looks = dict(
    nothing=lambda v, c, w: None, shape=lambda v, c, w: v.shape, more=lambda v, c, w: v > 1,
    equal=lambda v, c, w: v == c[1:], plus=lambda v, c, w: v + 1, sine=lambda v, c, w: v.sin(),
    flag=lambda v, c, w: v.requires_grad, leaf=lambda v, c, w: v.is_leaf, name=lambda v, c, w: v.grad_fn,
    text=lambda v, c, w: str(v), detached=lambda v, c, w: v.detach(), data=lambda v, c, w: v.data,
    item=lambda v, c, w: v[0].item(), listed=lambda v, c, w: v.tolist(), retain=lambda v, c, w: v.retain_grad(),
    wants=lambda v, c, w: v.requires_grad_(), wants_not=lambda v, c, w: v.requires_grad_(False),
    grad=lambda v, c, w: v.grad, seed=lambda v, c, w: torch.autograd.grad(w[1:]*2, w, v),
    found=lambda v, c, w: torch.autograd.grad(c.sum(), v, allow_unused=True),
    walked=lambda v, c, w: v.backward(torch.ones(2)), operand=lambda v, c, w: w[1:]*v, place=lambda v, c, w: v.argmax(),
    floor=lambda v, c, w: v.floor(), zeros=lambda v, c, w: torch.zeros_like(v), same=lambda v, c, w: v.to(torch.float32),
    whole=lambda v, c, w: v.long(), into=lambda v, c, w: torch.zeros(2).copy_(v), filled=lambda v, c, w: torch.ones(2).masked_fill_(v > 0, 1.),
    compared=lambda v, c, w: torch.ones(2).gt_(v), beside=lambda v, c, w: w[1:].gt(v), index=lambda v, c, w: w[v.long()],
    joined=lambda v, c, w: torch.cat([w, v]), passed=lambda v, c, w: torch.nn.functional.dropout(v, training=False),
    flat=lambda v, c, w: v.flatten(), view=lambda v, c, w: v.view(-1), own=lambda v, c, w: Twice.apply(v),
    copied=lambda v, c, w: v.to(torch.float32, copy=True), counts=lambda v, c, w: torch.poisson(v),
)
for name, look in looks.items():
    for recorded in (True, False):
        v, c, w = constant()
        try:
            with torch.set_grad_enabled(recorded): look(v, c, w)
        except RuntimeError as error: said(error)
        try:
            v.add_(1)
            print(name, recorded, "written")
        except RuntimeError as error: print(name, recorded, str(error)[:30])

print("a view with a history and a base that was written to")
looks = dict(
    nothing=lambda v, b: None, more=lambda v, b: v > 1, plus=lambda v, b: v + 1, name=lambda v, b: v.grad_fn,
    retain=lambda v, b: v.retain_grad(), again=lambda v, b: b.mul_(2), then=lambda v, b: (v > 1, b.mul_(2)),
    written=lambda v, b: v.add_(1), cut=lambda v, b: b.detach_(), looked=lambda v, b: (v > 1, b.detach_()),
)
ends = (
    lambda x, b, v, former: former.sum().backward(), lambda x, b, v, former: v.sum().backward(),
    lambda x, b, v, former: (former.sum() + b.sum()).backward(),
    lambda x, b, v, former: print("  ", torch.autograd.grad(former.sum(), v, allow_unused=True)),
)
for retained in (False, True):
    for name, look in looks.items():
        for end in ends:
            x = torch.tensor([1., 2., 3.], requires_grad=True)
            b = x*2
            v = b[1:]
            if retained: v.retain_grad()
            former = v*3
            b.mul_(5)
            try:
                look(v, b)
                end(x, b, v, former)
            except RuntimeError as error: said(error)
            print(name, x.grad, v.grad, v.retains_grad)


class Flat(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return x.view(-1)
    @staticmethod
    def backward(ctx, g): return g


def outside(x, choose):
    with torch.no_grad(): return choose(x)


print("views that cannot be followed")
makers = dict(
    outside=lambda b: outside(b, lambda x: x[1:]), several=lambda b: b.split(1)[0], of_several=lambda b: b.chunk(2)[0][:1],
    of_outside=lambda b: outside(b, lambda x: x[:2])[1:], own=Flat.apply, of_own=lambda b: Flat.apply(b)[1:],
)
looks = (
    lambda v, b: print("  ", v), lambda v, b: print("  ", v > 1, v.requires_grad), lambda v, b: v.grad_fn, lambda v, b: v.is_leaf,
    lambda v, b: v*2, lambda v, b: v.sum().backward(), lambda v, b: torch.autograd.grad(b.sum(), v), lambda v, b: v.retain_grad(),
    lambda v, b: v.add_(1), lambda v, b: v.detach(), lambda v, b: torch.ones(1)*v, lambda v, b: v[:1],
)
writes = (lambda v, b: b.mul_(2), lambda v, b: outside(b, lambda x: x.mul_(2)), lambda v, b: outside(v, lambda x: x.mul_(2)), lambda v, b: b.data.mul_(2))
for name, maker in makers.items():
    for write in writes:
        for look in looks:
            b = torch.tensor([1., 2., 3.], requires_grad=True)*2
            v = maker(b)
            write(v, b)
            try: look(v, b)
            except RuntimeError as error: said(error)
