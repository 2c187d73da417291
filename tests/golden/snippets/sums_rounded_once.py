import torch
torch.manual_seed(0)
bad = 0
for n in (1, 2, 3, 7, 8, 16, 33):
    a, b = torch.randn(n), torch.randn(n)
    c = torch.add(a, b, alpha=-0.05); print(n, "add", (c.double()).sum().item())
    d = a.clone().add_(b, alpha=0.01); print(n, "add_", (d.double()).sum().item())
    e = a.clone().mul_(0.9).add_(b); print(n, "muladd", (e.double()).sum().item())
    f = a.clone().add_(b, alpha=-0.05).add_(a, alpha=0.01); print(n, "chain", (f.double()).sum().item())
    g = torch.sub(a, b, alpha=0.3); print(n, "sub", g.double().sum().item(), a.addcmul(a, b, value=0.1).double().sum().item(), a.addcdiv(a, b, value=0.1).double().sum().item(), torch.lerp(a, b, 0.3).double().sum().item(), (a ** 2).double().sum().item(), (a ** 2).sum().item())

import torch
w = torch.nn.Parameter(torch.tensor([1., -2.])); m = torch.zeros(2)
for i in range(4):
    l = (w ** 2).sum(); w.grad = None; l.backward()
    with torch.no_grad():
        m.mul_(0.9).add_(w.grad); w.add_(m, alpha=-0.05).add_(torch.randn_like(w), alpha=0.01)
    print(i, l.item(), w.data.tolist(), m.tolist(), w.grad.tolist())

torch.manual_seed(0)
class SGLD(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1, noise=0.01):
        if lr < 0: raise ValueError(f"Invalid lr: {lr}")
        super().__init__(params, dict(lr=lr, noise=noise))
    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad(): loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None: continue
                st = self.state[p]
                if len(st) == 0: st["step"] = 0; st["m"] = torch.zeros_like(p)
                st["step"] += 1; st["m"].mul_(0.9).add_(p.grad)
                p.add_(st["m"], alpha=-group["lr"]).add_(torch.randn_like(p), alpha=group["noise"])
        return loss
w = torch.nn.Parameter(torch.tensor([1., -2.])); o = SGLD([w], lr=0.05); print(o)
for i in range(4):
    def closure():
        o.zero_grad(); l = (w ** 2).sum(); l.backward(); return l
    print(i, o.step(closure).item(), w.data)
print(o.state[w]["step"], o.state[w]["m"], o.state_dict()["param_groups"], o.defaults)
s = torch.optim.lr_scheduler.LambdaLR(o, lambda e: 1 / (1 + e)); s.step(); print(o.param_groups[0]["lr"], s.state_dict()["last_epoch"], s.last_epoch, s.get_last_lr())
n = 96
a, b, w = torch.randn(n), torch.randn(n), torch.rand(n)
k, half = torch.arange(n), torch.tensor(0.3, dtype=torch.float64)
for name, made in (
    ("number", torch.add(a, 0.3, alpha=0.1)), ("0-d", torch.add(a, half, alpha=0.1)),
    ("0-d first", torch.add(half, a, alpha=0.1)), ("whole", torch.add(a, k, alpha=0.1)),
    ("whole first", torch.sub(k, a, alpha=0.1)), ("rsub", torch.rsub(a, 0.3, alpha=0.1)),
    ("by weights", torch.lerp(a, b, w)), ("addcmul", torch.addcmul(a, b, half, value=0.1)),
    ("addcdiv", torch.addcdiv(a, k, b, value=0.1)),
):
    print(f"{name} {made.dtype} {made.double().sum().item():.9f} {made.double().pow(2).sum().item():.8g}")
for f in (
    lambda: torch.add(a, a, alpha=False), lambda: torch.sub(a, a, alpha=True), lambda: torch.add(k, k, alpha=True),
    lambda: torch.add(k, k, alpha=1.0), lambda: torch.add(a, a, alpha=1e300), lambda: torch.addcmul(a, a, a, value=1e300), lambda: torch.lerp(a, b, 1e300),
):
    try:
        print(f())
    except RuntimeError as e:
        print(e)
print(torch.addcmul(a, a, a, value=False).equal(a), torch.addcmul(a, b, b, value=True).equal(torch.addcmul(a, b, b)))
for value in (1.0, 2, 0.5, True):
    print(torch.addcmul(k, k, k, value=value)[:5], torch.addcmul(a, k, k, value=value).dtype)
