import torch
import torch.nn as nn
import torch.nn.functional as F
from itertools import chain, combinations
from functools import partial
torch.manual_seed(11)
class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 8), nn.PReLU(), nn.Linear(8, 2))
    def forward_once(self, x): return F.normalize(self.net(x), p=2, dim=-1)
    def forward(self, a, b): return self.forward_once(a), self.forward_once(b)
class ContrastiveLoss(nn.Module):
    def __init__(self, margin=2.0):
        super().__init__(); self.margin = margin
    def forward(self, o1, o2, label):
        d = F.pairwise_distance(o1, o2, keepdim=True)
        return torch.mean((1 - label) * torch.pow(d, 2) + label * torch.pow(torch.clamp(self.margin - d, min=0.0), 2))
net = Siamese(); crit = ContrastiveLoss(1.0)
opt = torch.optim.RAdam(net.parameters(), lr=0.01)
a, b, l = torch.randn(6, 4), torch.randn(6, 4), torch.randint(0, 2, (6, 1)).float()
for i in range(8):
    loss = crit(*net(a, b), l)
    opt.zero_grad(); loss.backward(); opt.step()
    print(f'{i} {loss.item():.5f}')
def info_nce(z1, z2, t=0.5):
    z = torch.cat([z1, z2]); n = len(z1)
    sim = z @ z.T / t
    sim.fill_diagonal_(float('-inf'))
    target = torch.cat([torch.arange(n, 2*n), torch.arange(n)])
    return F.cross_entropy(sim, target)
print(info_nce(*net(a, b)))
trip = nn.TripletMarginLoss(margin=1.0, p=2)
print(trip(a, b, a.roll(1, 0)), F.cosine_embedding_loss(a, b, torch.tensor([1., -1, 1, 1, -1, -1])))
ema = {k: v.clone() for k, v in net.state_dict().items()}
for k, v in net.state_dict().items():
    ema[k].mul_(0.9).add_(v, alpha=0.1)
print(ema['net.1.weight'])
for name in ("NAdam", "RAdam", "Adamax", "Rprop", "ASGD", "Adadelta", "Adagrad", 'RMSprop', "SGD", "AdamW"):
    w = nn.Parameter(torch.tensor([1.0, -2.0]))
    o = {'NAdam': torch.optim.NAdam, 'RAdam': torch.optim.RAdam, 'Adamax': torch.optim.Adamax, 'Rprop': torch.optim.Rprop, 'ASGD': torch.optim.ASGD, 'Adadelta': torch.optim.Adadelta, 'Adagrad': torch.optim.Adagrad, 'RMSprop': torch.optim.RMSprop, 'SGD': torch.optim.SGD, 'AdamW': torch.optim.AdamW}[name]([w], lr=0.1)
    for _ in range(7):
        o.zero_grad(); (w**4).sum().backward(); o.step()
    print(name, w.data)
pl = partial(F.leaky_relu, negative_slope=0.3)
print(pl(torch.tensor([-1., 1.])), list(combinations('abc', 2)), list(chain([1], [2, 3])))
class Residual(nn.Module):
    def __init__(self, fn): super().__init__(); self.fn = fn
    def forward(self, x, **kw): return self.fn(x, **kw) + x
class PreNorm(nn.Module):
    def __init__(self, dim, fn):
        super().__init__(); self.norm = nn.LayerNorm(dim); self.fn = fn
    def forward(self, x, **kwargs): return self.fn(self.norm(x), **kwargs)
layers = nn.ModuleList([])
for _ in range(2):
    layers.append(nn.ModuleList([Residual(PreNorm(4, nn.Linear(4, 4))), Residual(nn.GELU())]))
x = a
for f, g in layers: x = g(f(x))
print(x.mean(), layers)
print(torch.optim.Rprop([w]), torch.optim.NAdam([w]))
