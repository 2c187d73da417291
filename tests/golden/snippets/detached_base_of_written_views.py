"""What was written through a view stays its history when the base is detached in place."""

import torch
def tried(f):
    try: print(f())
    except Exception as e: print(type(e).__name__, str(e).split(' Hint')[0].split('; expected')[0][:60])
for i in range(4):
    b = torch.ones(2,2, requires_grad=True)
    d = b*3
    if i & 1: d[0] += 1
    e = d.select(0,0)
    e -= 0.5
    if i & 2: e.grad_fn
    d.detach_()
    print(d, e)
    tried(lambda: torch.autograd.grad(e.sum(), [b], allow_unused=True))
    b = torch.ones(2,2, requires_grad=True)
    d = b*3
    e = d.select(0,0)
    if i & 1: d += 1
    if i & 2: e.grad_fn
    d.detach_()
    print(d, e)
    tried(lambda: torch.autograd.grad(e.sum(), [b], allow_unused=True))
