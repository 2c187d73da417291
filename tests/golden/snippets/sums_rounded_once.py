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
