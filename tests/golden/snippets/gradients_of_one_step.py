"""Backward through a recorded gradient frees the call that it is of only if that saved its result."""
import torch
import torch.nn.functional as F


def told(walk):
    try:
        walk()
        return "fine"
    except RuntimeError:
        return "freed"


for name, f in (
    ("silu", lambda x, y: F.silu(x)),
    ("gelu", lambda x, y: F.gelu(x)),
    ("mish", lambda x, y: F.mish(x)),
    ("hardswish", lambda x, y: F.hardswish(x)),
    ("glu", lambda x, y: F.glu(x)),
    ("huber_loss", lambda x, y: F.huber_loss(x, y)),
    ("layer_norm", lambda x, y: F.layer_norm(x, (2,))),
    ("group_norm", lambda x, y: F.group_norm(x, 1)),
    ("batch_norm", lambda x, y: F.batch_norm(x, None, None, training=True)),
    ("addcdiv", lambda x, y: torch.addcdiv(x, x, y)),
    ("std", lambda x, y: x.std()),
    ("softmax", lambda x, y: x.softmax(0)),
    ("normalize", lambda x, y: F.normalize(x)),
):
    found = []
    for first in (True, False):
        x = torch.tensor([[0.5, 2.0], [1.0, 0.25]], requires_grad=True)
        y = torch.tensor([[0.5, 0.2], [0.1, 0.25]])
        z = f(x, y).sum()
        (g,) = torch.autograd.grad(z, x, create_graph=True)
        walks = [lambda: g.sum().backward(), lambda: z.backward()]
        found += [told(walk) for walk in (walks if first else walks[::-1])]
    (h,) = torch.autograd.grad(f(x, y).sum(), x, create_graph=True)
    found += [told(lambda: h.sum().backward()), told(lambda: h.sum().backward())]
    print(name, *found)
