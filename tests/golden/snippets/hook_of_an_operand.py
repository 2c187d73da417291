import torch

# A hook of a view hears nothing of what is written through it, but of the view as an operand of that.


def walked(name, write, view):
    a = torch.tensor([2.0, -1.0, 0.5], requires_grad=True)
    b = a * 1
    c = view(b)
    c.register_hook(lambda g: print("heard", g))
    try:
        write(c)
        print(name, c)
        c.sum().backward()
        print(a.grad)
    except RuntimeError as error:
        print(name, str(error)[:60])


def iadd(c):
    c += c


def isub(c):
    c -= c * 2


WRITES = dict(
    iadd=iadd,
    isub=isub,
    add=lambda c: c.add_(c),
    alpha=lambda c: c.add_(c, alpha=2),
    keyword=lambda c: c.add_(other=c),
    mul=lambda c: c.mul_(c),
    lerp=lambda c: c.lerp_(c, 0.5),
    addcmul=lambda c: c.addcmul_(c, c),
    sub=lambda c: c.sub_(c),
    copy=lambda c: c.copy_(c),
    sum=lambda c: c.add_(c.sum()),
    ones=lambda c: c.add_(torch.ones(3)),
    masked=lambda c: c.masked_fill_(c > 0, 1.0),
    div=lambda c: c.div_(c),
    hypot=lambda c: c.hypot_(c),
)
for name, write in WRITES.items():
    for view in (lambda b: b[...], lambda b: b, lambda b: b.view(3)):
        walked(name, write, view)

a = torch.tensor([2.0, -1.0, 0.5], requires_grad=True)
b = a * 1
c = b[:2]
c.register_hook(lambda g: g * 10)
c += c
b.sum().backward()
print(a.grad)
