"""What a written view is called in complaints once it was turned in place."""

import torch
def tried(f):
    try: f()
    except Exception as e: print(type(e).__name__, str(e).split(' Hint')[0].split('; expected')[0][-100:])
for turn in (lambda g: g.squeeze_(), lambda g: g.t_(), lambda g: g.unsqueeze_(0), lambda g: g.mul_(2)):
  for make in (lambda f: f.permute(1,0), lambda f: f.view(3,2), lambda f: f*1, lambda f: f[:1]):
    for write in (True, False):
        b = torch.ones(2,3, requires_grad=True)
        f = b*2
        g = make(f)
        if write: g.fmod_(g)
        h = torch.hypot(g,g)
        turn(g)
        tried(lambda: h.sum().backward())
        b = torch.ones(2,3, requires_grad=True)
        f = b*2
        g = make(f)
        if write: g.fmod_(g)
        h = torch.hypot(g,g)
        turn(g)
        print(g.grad_fn.name())
        tried(lambda: h.sum().backward())
        h = torch.hypot(g,g)
        with torch.no_grad(): f.mul_(2)
        tried(lambda: h.sum().backward())
