"""Which operand of a product is complained of first, where both were overwritten."""

import torch
def tried(f):
    try: f()
    except Exception as e: print(type(e).__name__, str(e).split(' Hint')[0].split('; expected')[0][-100:])
b = torch.tensor([1.0, 2.0, .5], requires_grad=True)
for same in (lambda c: torch.positive(c), lambda c: c, lambda c: c.contiguous(), lambda c: c.view(-1), lambda c: c.to(torch.float32)):
  for first in (True, False):
    for retain in (True, False):
        c = b*2
        d = same(c)
        if retain: d.retain_grad()
        e = b.mul(3); e += 1
        f = (d@e if first else e@d)
        c.addcmul_(d,d)
        e *= 2
        tried(lambda: f.backward())
m = torch.ones(2,3, requires_grad=True)
for f in (lambda x, y: x@y, lambda x, y: torch.mv(x, y), lambda x, y: torch.matmul(x, y), lambda x,y: x.mv(y)):
    x = m*2; y = b*2
    f(x, y)
    h = f(x, y).sum()
    x.add_(1); y.add_(1); y.add_(1)
    tried(lambda: h.backward())
for f in (lambda x, y: x@y, lambda x, y: torch.dot(x, y), lambda x,y: x.dot(y), lambda x,y: torch.vdot(x,y)):
    x = b*3; y = b*2
    h = f(x, y).sum()
    x.add_(1); y.add_(1); y.add_(1)
    tried(lambda: h.backward())
