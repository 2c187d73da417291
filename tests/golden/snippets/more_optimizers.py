import torch
from torch import nn
torch.manual_seed(0); OPT = {o.__name__: o for o in (torch.optim.NAdam, torch.optim.RAdam, torch.optim.Rprop, torch.optim.ASGD, torch.optim.Adam, torch.optim.AdamW, torch.optim.Adamax, torch.optim.Adadelta)}
X, Y = torch.randn(16, 3), torch.randn(16, 1)
for name, kw in (("NAdam", {}), ("NAdam", dict(weight_decay=.1)), ("NAdam", dict(weight_decay=.1, decoupled_weight_decay=True, maximize=True)), ("RAdam", {}), ("RAdam", dict(weight_decay=.1, betas=(.5, .9))), ("RAdam", dict(weight_decay=.1, decoupled_weight_decay=True)), ("Rprop", {}), ("Rprop", dict(etas=(.3, 1.5), step_sizes=(1e-3, .02))), ("ASGD", {}), ("ASGD", dict(t0=3, lambd=.1, weight_decay=.2)), ("Adam", {}), ("AdamW", dict(amsgrad=True)), ("Adamax", {}), ("Adadelta", {}), ("ASGD", dict(maximize=True))):
    for dtype in (torch.float64,):
        torch.manual_seed(1)
        m = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)).to(dtype)
        opt = OPT[name](m.parameters(), lr=.05, **kw)
        for i in range(9):
            opt.zero_grad(); nn.functional.mse_loss(m(X.to(dtype)), Y.to(dtype)).backward(); opt.step()
        print(name, kw, m[0].bias.tolist() if dtype is torch.float32 else m[0].bias)
    st = opt.state_dict()['state'][3]
    print({k: v.dtype if k != 'step' else v for k, v in st.items()})
    o2 = OPT[name](m.parameters(), lr=.01); o2.load_state_dict(opt.state_dict()); o2.step(); print(m[2].bias)
    print(opt)
for bad in (lambda: torch.optim.Rprop(m.parameters(), etas=(1.5, 1.2)), lambda: torch.optim.NAdam(m.parameters(), momentum_decay=-1.)):
    try: bad()
    except ValueError as e: print(e)
torch.manual_seed(1)
w = nn.Parameter(torch.randn(4)); opt = torch.optim.Adam([w], lr=.01, betas=(0.5, 0.999))
for i in range(5):
    opt.zero_grad(); (w**2).sum().backward(); opt.step()
print(w.tolist())
