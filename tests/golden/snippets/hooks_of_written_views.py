import torch


def hear(name):
    return lambda g: print(name, g)


# A write through a view goes around it: what hooks it hears only of what else was made of it.
a = torch.tensor([1.0, 2, 3], requires_grad=True)
b = a * 1
c = b[:2]
c.register_hook(hear("sin_"))
c.sin_()
b.sum().backward()
print(a.grad)

b = a * 1
c = b[:2]
c.register_hook(hear("item"))
c[0] = c[1]
b.sum().backward()

b = a * 1
c = b[:2]
d = c * 3
c.register_hook(hear("used before"))
c += 1
c.register_hook(hear("between"))
c *= 2
(b.sum() + d.sum()).backward()

b = a * 1
c = b[:2]
c.register_hook(hear("retained"))
c.retain_grad()
c.cos_()
b.sum().backward()
print(c.grad)

b = a * 1
b.register_hook(hear("base"))
b.sin_()
b.sum().backward()

e = torch.tensor([[-2.0], [-2.0], [-1.0]], requires_grad=True)
b = e.nan_to_num()
c = b[:, 0]
c.register_hook(hear("mask"))
c.register_hook(lambda g: g + 1)
c[c > 0] = c[c > 0]
d = b.take(torch.tensor([0]))
d.mean().backward()
print(e.grad)

# The history of a view is asked for by the first hook alone: where it could not be followed that refuses.
for first in (True, False):
    c = torch.tensor([4.0, 0.0], requires_grad=True) * 1
    with torch.no_grad():
        d = c[1:]
    if first:
        d.register_hook(hear("adrift"))
    c.sin_()
    try:
        d.register_hook(hear("adrift"))
        print("registered")
        c.sum().backward()
    except RuntimeError as error:
        print(str(error)[:40])
