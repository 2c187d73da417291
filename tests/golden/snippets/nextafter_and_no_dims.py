"""The slope of `nextafter`, matrices of no dims, and windows of no size."""
import torch
for u, v in ((1., 2.), (1., 1.), (2., 1.), (float('nan'), 1.), (0., 0.)):
    a = torch.tensor(u, requires_grad=True); b = torch.tensor(v, requires_grad=True)
    torch.nextafter(a, b).backward(); print(a.grad, b.grad)
a = torch.tensor(0., requires_grad=True)
print(a.mT, a.T, a.mT is a)
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__, str(e).splitlines()[0][:100])
x = torch.ones(4)
t(lambda: x.unfold(0, -1, 1)); t(lambda: x.unfold(0, 0, 1)); t(lambda: x.unfold(0, 5, 1)); t(lambda: x.unfold(0, 1, 0)); t(lambda: x.unfold(1, 1, 1)); t(lambda: x.unfold(0, -1, 0))
