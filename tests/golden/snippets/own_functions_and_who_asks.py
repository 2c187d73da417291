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

# Most functions ask before they look whether operands fit; those that PyTorch composes look first.
import torch.nn.functional as F
def outside():
    u = (torch.ones(2, 3, requires_grad=True)*1)
    v = u.unbind()[0]
    u.mul_(2)
    return v
def into(n, key):
    def write(u): torch.ones(n).mul_(1)[key()] = u
    return write
one, two = torch.ones(1), torch.ones(2)
for look in (
    lambda u: torch.matmul(u, torch.tensor(1.)), lambda u: torch.tensor(1.) @ u, lambda u: u @ two, lambda u: u @ torch.ones(2, 2),
    lambda u: torch.inner(u, two), lambda u: torch.outer(u, torch.ones(2, 2)), lambda u: torch.tensordot(u, two, dims=1), lambda u: torch.einsum("i,i->", u, two),
    lambda u: torch.cat([u, torch.ones(2, 2)]), lambda u: torch.stack([two, u]), lambda u: u + two, lambda u: u == two, lambda u: torch.lt(two, u),
    lambda u: torch.logical_and(u, two), lambda u: F.mse_loss(u, two), lambda u: F.binary_cross_entropy_with_logits(u, two), lambda u: F.kl_div(u, two),
    lambda u: F.cosine_similarity(u, two, dim=0), lambda u: u.narrow(0, 2, 4), lambda u: u.split([1, 1]), lambda u: u.tensor_split(0), lambda u: u.flatten(0, 3),
    lambda u: u[5], lambda u: u[None, 5], lambda u: u[torch.tensor([7])], lambda u: u[two > 0], lambda u: u.sum(4), lambda u: u.argmax(4),
    lambda u: torch.linalg.matrix_power(u, 2), lambda u: torch.linalg.det(u), lambda u: F.conv1d(u, torch.ones(1, 1, 1)), lambda u: F.layer_norm(u, (2,)),
    lambda u: F.group_norm(u, 2), lambda u: torch.diff(u, dim=4), lambda u: torch.trace(u),
    lambda u: torch.ones(2).add_(u), lambda u: torch.ones(2).pow_(u), lambda u: torch.ones(2).copy_(u), lambda u: torch.ones(2).addcmul_(u, u),
    lambda u: torch.ones(2).atan2_(u), lambda u: torch.ones(2).logical_and_(u), lambda u: torch.ones(2).index_put_((torch.tensor([0, 1]),), u),
    into(2, lambda: slice(None)), into(2, lambda: 0), into(2, lambda: 5), into(2, lambda: two > 0), into(3, lambda: two > 0), into(2, lambda: torch.tensor([0, 1])),
    into(2, lambda: torch.tensor([9])), into(3, lambda: slice(1)), into(3, lambda: slice(None)),
    lambda u: torch.isclose(u, one), torch.isfinite, torch.argsort, torch.isnan, torch.isinf, torch.argmax, lambda u: torch.allclose(u, one), lambda u: u.isfinite().all(),
):
    try: print(look(outside()))
    except (RuntimeError, IndexError, ValueError) as e: print(str(e)[:60])
def constant():
    c, w = torch.zeros(3), torch.ones(3, requires_grad=True)
    v = c[1:]
    c.mul_(w)
    return v
for look in (torch.isfinite, torch.isnan, torch.argsort, torch.argmax, lambda v: torch.isclose(v, one), lambda v: v > 0, lambda v: v.isfinite()):
    v = constant()
    look(v)
    try: print(v.add_(1).requires_grad)
    except RuntimeError as e: print(str(e)[:40])
for look in (
    lambda u: u.chunk(2), lambda u: u.unbind(), lambda u: u[:, 1], lambda u: u[torch.tensor([0])], lambda u: u[None, 1], lambda u: u.fliplr(), lambda u: u.diag(), lambda u: F.glu(u), lambda u: torch.combinations(u),
    lambda u: F.linear(u, torch.ones(2)), lambda u: torch.take_along_dim(u, torch.tensor([0]), 1), lambda u: torch.outer(u, torch.ones(2)),
):
    y = torch.ones(3, requires_grad=True)*1
    with torch.no_grad(): v = y[0]
    y.mul_(2)
    try: print(look(v))
    except (RuntimeError, IndexError) as e: print(str(e)[:50])

# What requires no grad any more is no view that cannot be followed.
for use in (lambda a: a*a, lambda a: a.gather(0, torch.zeros_like(a, dtype=torch.long)), lambda a: a.sin()):
    a = torch.ones(2, requires_grad=True)
    b = use(a)
    a.requires_grad_(False)
    with torch.no_grad(): a.relu_()
    try: b.mean().backward(); print(a.grad)
    except RuntimeError as e: print(str(e)[:60])
