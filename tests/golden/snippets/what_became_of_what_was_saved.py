# An error about a variable that was overwritten says what the tensor that was saved is by then.
import torch
import torch.nn.functional as F

a = torch.tensor([[4.0, 0.5], [1.0, 2.0]], requires_grad=True)


def tried(y, retain=False):
    try:
        y.sum().backward(retain_graph=retain)
    except RuntimeError as error:
        print(str(error).partition(". Hint")[0])


def written(other, retain):
    # What a function saved that wrote through a view: of that as long as it is what the view is.
    c = a * 1
    d = c[1:]
    d.rsqrt_()
    if other == "asked":
        with torch.no_grad():
            c.mul_(2)
        d.grad_fn
    elif other == "used":
        kept = d * 2
        d.cos_()
    elif other == "again":
        d.cos_()
    elif other == "gone":
        del d
        c.exp_()
    elif other == "base":
        c.mul_(2)
    else:
        with torch.no_grad():
            d.mul_(2)
    tried(c, retain)


for other in ("asked", "used", "again", "gone", "base", "unrecorded"):
    written(other, False)
    written(other, True)

for f in (
    torch.sin,
    lambda x: F.smooth_l1_loss(x, x),
    lambda x: F.linear(x, x),
    lambda x: F.linear(x, x, x[0]),
):
    c = a * 1
    d = c[:]
    y = f(d)
    d.unsqueeze_(0)
    tried(y)
    d = c[:]
    d.transpose_(0, 1)
    y = f(d)
    c.mul_(2)
    tried(y)
    y = f(d)
    d.unsqueeze_(0)
    tried(y)

c = a * 1
d = c.unsqueeze(0)
d.lerp_(d, 0.5)
y = F.cosine_similarity(c, d, dim=0)
with torch.no_grad():
    c.sub_(1)
tried(y)

# Matrices of which a product makes one are saved as that, or copied where they lie otherwise.
for part in (
    lambda x: x,
    lambda x: x.movedim(0, -1),
    lambda x: x.transpose(0, 1),
    lambda x: x[:1],
):
    for f in (
        lambda x: F.linear(x, a),
        lambda x: x @ a,
        lambda x: a @ x,
        lambda x: torch.outer(x[0, 0], a[0]),
    ):
        c = part(torch.stack([a, a]))
        y = f(c)
        c.mul_(2)
        tried(y)

c = a[0] * 1
y = torch.outer(a[1], c)
c.mul_(2)
tried(y)

b = torch.tensor([[[2.0, 1.0]]], requires_grad=True)
y = b.max()
with torch.no_grad():
    b.squeeze_()
tried(y)

# Memory that a detached tensor shares: each of the two is asked what it is.
for written in (
    lambda w, b: b.copy_(a[0]),
    lambda w, b: w.mul_(2),
    lambda w, b: b.copy_(a[0]).sin_(),
):
    w = a[0] * 1
    b = w.detach()
    y = b * a[0]
    written(w, b)
    tried(y)

# A view that is asked again lets go of what it was.
b = a.norm()
c = b.view(-1)
c.exp2_()
c.sum()
with torch.no_grad():
    b.mul_(2)
c * 2
tried(b)

# A result that is saved stays what it was.
for f in (torch.sigmoid, lambda x: x.log_softmax(0), torch.exp):
    c = f(a)
    c.t_()
    tried(c)


# Whatever happened to it in between, and whatever else shows its memory.
@torch.no_grad()
def unrecorded(write, *given):
    return write(*given)


writes = (
    lambda c: c.mul_(2),
    lambda c: unrecorded(c.mul_, 2),
    lambda c: c.mul_(2).exp_(),
    lambda c: c[0].fill_(1.0),
    lambda c: unrecorded(c[:1].fill_, 1.0),
)
turns = (
    lambda c: c.unsqueeze_(0),
    lambda c: unrecorded(c.unsqueeze_, 0),
    lambda c: c.t_(),
    lambda c: unrecorded(c.t_),
    lambda c: unrecorded(c.unsqueeze_, 0).mul_(2),
)
shows = (lambda c: None, lambda c: c[:], lambda c: c.detach())
for write in writes:
    for turn in turns:
        for made in (a * 1, torch.ones(2, 2), (a * 1)[1:]):
            c = made * 1 if len(made) == 2 else made
            y = a * c
            write(c)
            turn(c)
            tried(y)
        for show in shows:
            c = a * 1
            other = show(c)
            y = c.sin()
            write(c)
            turn(c)
            tried(y)

# A cosine similarity of two shapes saves views of both, also of the one that has the shape already.
for other in (torch.tensor(2.0), torch.ones(1, 2), a.detach() * 3):
    for turned in (False, True):
        c = a * 1
        y = (
            F.cosine_similarity(other, c, dim=0)
            if turned
            else F.cosine_similarity(c, other, dim=0)
        )
        c.sigmoid_()
        tried(y)

# What a view became by a write is there as long as anything holds it: what was written later and no walk has
# freed, and what a recorded walk made of that.
again = (
    lambda d: d.logit_(),
    lambda d: d.mul_(a[0, :1]),
    lambda d: d.clamp_(0, 1),
    lambda d: d.exp_(),
    lambda d: d.sub_(d),
    lambda d: d[0].sin_(),
)
for second in again:
    for settings in (
        {},
        {"retain_graph": True},
        {"create_graph": True},
        {"create_graph": True, "retain_graph": False},
    ):
        for retained in (False, True):
            for root in (lambda c, d: c, lambda c, d: d.sin()):
                c = a[0].tanh()
                d = c[:1]
                if retained:
                    d.retain_grad()
                d.rsqrt_()
                second(d)
                try:
                    root(c, d).sum().backward(**settings)
                except RuntimeError as error:
                    print(str(error).partition(". Hint")[0])

# A view made while nothing was recorded, or one of several, of what got a history later.
for show in (
    lambda c: unrecorded(c.select, 0, 0),
    lambda c: c.unbind()[0],
    lambda c: c.split(1)[1][0],
    lambda c: c[0],
):
    for base in (torch.ones(2, 2), a * 1):
        for write in (
            lambda c: c.mul_(2),
            lambda c: c[0].copy_(a[0]),
            lambda c: unrecorded(c.mul_, 2),
        ):
            c = base * 1
            d = show(c)
            y = d * a.sum()
            del d
            write(c)
            tried(y)
