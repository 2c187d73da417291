"""What is saved of a view made outside recording, and of its partner, told by overwriting them."""
import torch
x=torch.tensor([1.,2.],requires_grad=True)
w=torch.tensor([3.,4.],requires_grad=True)
fs = dict(
    mul=lambda d,v: d*v,
    mul2=lambda d,v: v*d,
    div=lambda d,v: d/v,
    div2=lambda d,v: v/d,
    copysign=lambda d,v: torch.copysign(d,v),
    copysign2=lambda d,v: torch.copysign(v,d),
    atan2=lambda d,v: torch.atan2(d,v),
    hypot=lambda d,v: torch.hypot(d,v),
    hypot2=lambda d,v: torch.hypot(v,d),
    dot=lambda d,v: d.dot(v),
    pow=lambda d,v: d**v,
    pow2=lambda d,v: v**d,
    maximum=lambda d,v: torch.maximum(d,v),
    lerp=lambda d,v: torch.lerp(d,v,v),
    lerp2=lambda d,v: torch.lerp(v,d,v),
    addcmul=lambda d,v: torch.addcmul(v,d,v),
    addcdiv=lambda d,v: torch.addcdiv(v,d,v),
    fmod=lambda d,v: d.fmod(v),
    xlogy=lambda d,v: torch.xlogy(d,v),
    xlogy2=lambda d,v: torch.xlogy(v,d),
    mse=lambda d,v: torch.nn.functional.mse_loss(d,v),
    outer=lambda d,v: torch.outer(d,v),
    logaddexp=lambda d,v: torch.logaddexp(d,v),
    dist=lambda d,v: torch.dist(d,v),
    where=lambda d,v: torch.where(d>1,d,v),
    stack=lambda d,v: torch.stack([d,v]))
for n in fs:
    out=[]
    for which in range(2):
        c=x*1; v=w*1
        with torch.no_grad():
            d=c.view(2)
        r=fs[n](d,v)
        with torch.no_grad():
            if which==0: c.mul_(2)
            else: v.mul_(2)
        try:
            r.sum().backward(); out.append('fine')
        except RuntimeError as e: out.append('stale')
    print(n,out)

# Of two that were overwritten the one is told that comes first by the names of the operands.
for n in ["mul", "div", "atan2", "hypot", "logaddexp", "pow", "maximum", "fmin", "fmod", "remainder", "copysign",
          "xlogy", "dist", "dot", "vdot"]:
    a, b = x.sin(), x + 1
    r = getattr(torch, n)(a, b)
    with torch.no_grad():
        a.mul_(1)
        b.mul_(1)
    try:
        r.sum().backward()
    except RuntimeError as e:
        print(n, "Add" in str(e), "Sin" in str(e))
m = torch.ones(2, 2)
for f in (
    lambda a, b: torch.lerp(a, b, b), lambda a, b: torch.lerp(a, a, b), lambda a, b: torch.addcdiv(x, a, b),
    lambda a, b: torch.addcmul(x, a, b), lambda a, b: torch.nn.functional.mse_loss(a, b),
    lambda a, b: torch.mm(a.diag(), b.diag()), lambda a, b: (a * m) @ (b + m),
    lambda a, b: torch.addmm(m, a * m, b + m),
):
    a, b = x.sin(), x + 1
    r = f(a, b)
    with torch.no_grad():
        a.mul_(1)
        b.mul_(1)
    try:
        r.sum().backward()
        print("fine")
    except RuntimeError as e:
        print("Add" in str(e), "Sin" in str(e))
c = x.sin()
with torch.no_grad():
    d = c.view(2)
r = torch.atan2(d, c)
c.expm1_()
try:
    r.sum().backward()
except RuntimeError as e:
    print(str(e)[:40])
F = torch.nn.functional
# Losses expand what they save: that is told, and not what was given.
for f in (F.mse_loss, F.smooth_l1_loss, F.huber_loss):
    for view in (False, True):
        a = torch.tensor([[0.5, 2.0], [-0.5, 1.5]], requires_grad=True)
        for which in range(5):
            b = torch.tensor([[3.0, 1.0], [0.0, 3.0]], requires_grad=which != 4)
            c = b.chunk(2)[1] if view else b[0] + 1
            r = f(a, c) if which == 0 else f(c, a[:1]) if which == 1 else f(c, a.detach()) if which == 2 else f(c, a)
            with torch.no_grad():
                if view:
                    b[1:] = 2.0
                else:
                    c.mul_(2)
            try:
                r.backward()
                print("fine")
            except RuntimeError as e:
                print(str(e).split(" is at ")[0].split("operation: ")[-1][:38])
