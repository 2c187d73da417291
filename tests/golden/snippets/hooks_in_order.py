"""Hooks are called from what was recorded last to the first, and those of a leaf as soon as it is reached."""

import torch

x = torch.tensor([4.0, -1.0, 1.0, -2.0], requires_grad=True)
w = torch.tensor([4.0, -1.0, 1.0, -2.0], requires_grad=True)


def h(name):
    return lambda g: print(name, g)


x.register_hook(h("x"))
w.register_hook(h("w"))
a = x * 2
a.register_hook(h("a"))
b = w.exp()
b.register_hook(h("b"))
c = (b * a).sin()
c.register_hook(h("c"))
d = a.sum()
d.register_hook(h("d"))
(d * c).sum().backward()
y = x
for i in range(3):
    y = y * w
    y.register_hook(h(i))
(y + x).sum().backward()
a = torch.addcdiv(x, x, x)
a.register_hook(h("a"))
c = x[x > 0]
c.register_hook(h("c"))
a.add(c.mean(0), alpha=2).sum().backward()
b = torch.tensor([1.0, 2.0], requires_grad=True)
with torch.no_grad():
    b[1:] *= 3
    b -= b
b.register_hook(h("written"))
b.backward(torch.ones_like(b), inputs=[x])
