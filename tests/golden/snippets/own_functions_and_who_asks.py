# What the program's own functions saved is looked at when they ask for it, whichever of their results is walked.
import torch
class Two(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y); return x*y, x-y
    @staticmethod
    def backward(ctx, g, h):
        x, y = ctx.saved_tensors
        print("backward runs")
        return g*y+h, g*x-h
class One(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x); return x*x
    @staticmethod
    def backward(ctx, g):
        print("one runs")
        x, = ctx.saved_tensors
        return g*x*2
class Free(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x*2
    @staticmethod
    def backward(ctx, g):
        print("free runs")
        return g*2
class Id0(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return x
    @staticmethod
    def backward(ctx, g): return g
class Dirty(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x.mul_(3); ctx.mark_dirty(x); return x
    @staticmethod
    def backward(ctx, g): return g*3
for F_ in (lambda b: Two.apply(b, b)[0], lambda b: Two.apply(b, b)[1], One.apply, Free.apply):
    x = torch.ones(2, requires_grad=True)
    b = x*1
    c = F_(b)
    b.mul_(2)
    try: c.sum().backward(); print(x.grad)
    except RuntimeError as e: print(str(e)[:60])
    x = torch.ones(2, requires_grad=True)
    b = x*1
    c = F_(b)
    with torch.no_grad(): x.add_(1)
    try: c.sum().backward(); print(x.grad)
    except RuntimeError as e: print(str(e)[:60])


# The history of what cannot be followed is asked for before shapes are looked at, and after those of a root.
x = torch.ones(2, 2, 2, requires_grad=True)
with torch.no_grad():
    v = x[:]
    v.mul_(2)
for look in (lambda: v.permute(1, 0), lambda: v + torch.ones(3), lambda: v[0, 0, 0, 0], lambda: v.backward()):
    try: look()
    except (RuntimeError, IndexError) as e: print(str(e)[:60])
y = torch.ones(2, requires_grad=True)*2
with torch.no_grad():
    w = y[1:]
power = w.pow(2)
y.mul_(2)
for write in (lambda: y[:1].add_(w), lambda: y.fmod_(w), lambda: power.sum().backward(), lambda: torch.ones(2)[:1].copy_(w)):
    try: write()
    except RuntimeError as e: print(str(e)[:60])
for choose in (lambda y: y.split(1)[1], lambda y: y.unbind()[1], lambda y: y.chunk(2)[1][:1], lambda y: Id0.apply(y)):
    y = torch.ones(2, requires_grad=True)*2
    w = choose(y)
    power = w.pow(2)
    y.mul_(2)
    for walk in (lambda: power.sum().backward(), lambda: Dirty.apply(w), lambda: Dirty.apply(choose(y)), lambda: Two.apply(w, torch.ones(3))):
        try: walk()
        except RuntimeError as e: print(str(e)[:60])

# An argument that forward gives back where nothing is recorded is that without its history.
def told(name, a, j):
    print(name, j is a, j.requires_grad, j.is_leaf, j._version, a._version, a.requires_grad, a.is_leaf)
    with torch.no_grad(): j.add_(1)
    print(a.tolist(), j.tolist(), j.data_ptr() == a.data_ptr())
    try: print(torch.autograd.grad((j*1).sum(), a))
    except RuntimeError as e: print(str(e)[:50])
for F_ in (Id0, Dirty):
    for mk in (lambda: torch.ones(2, requires_grad=True), lambda: torch.ones(2, requires_grad=True)*1, lambda: torch.ones(2), lambda: torch.ones(2)[:], lambda: (torch.ones(2, requires_grad=True)*1)[:]):
        a = mk()
        with torch.no_grad(): j = F_.apply(a)
        told("no_grad", a, j)
        a = mk()
        try:
            j = F_.apply(a); told("grad", a, j)
        except RuntimeError as e: print(str(e)[:70])
