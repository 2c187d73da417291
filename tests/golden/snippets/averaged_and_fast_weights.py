import torch, copy
import torch.nn as nn
import torch.nn.functional as F
from collections import OrderedDict, defaultdict, Counter
from functools import partial
torch.manual_seed(0)
class EMA:
    def __init__(self, model, decay=0.9):
        self.model = model
        self.decay = decay
        self.shadow = {name: p.clone().detach() for name, p in model.named_parameters() if p.requires_grad}
    @torch.no_grad()
    def update(self):
        for name, p in self.model.named_parameters():
            self.shadow[name].mul_(self.decay).add_(p, alpha=1 - self.decay)
    def apply(self):
        for name, p in self.model.named_parameters():
            p.data.copy_(self.shadow[name])
class MLP(nn.Module):
    def __init__(self, sizes, act=nn.ReLU):
        super().__init__()
        layers = []
        for i, (a, b) in enumerate(zip(sizes[:-1], sizes[1:])):
            layers += [nn.Linear(a, b)]
            if i < len(sizes) - 2:
                layers.append(act())
        self.net = nn.Sequential(*layers)
    def forward(self, x):
        return self.net(x)
    @property
    def num_params(self):
        return sum(p.numel() for p in self.parameters())
m = MLP([2, 8, 8, 1], act=partial(nn.LeakyReLU, 0.1))
print(m, m.num_params)
ema = EMA(m)
opt = torch.optim.Adam(m.parameters(), lr=1e-2)
x = torch.randn(16, 2); y = (x[:, :1] * x[:, 1:]).sin()
history = defaultdict(list)
best = float('inf')
for step in range(5):
    loss = F.mse_loss(m(x), y)
    opt.zero_grad(set_to_none=True)
    loss.backward()
    grad_norm = torch.sqrt(sum(p.grad.pow(2).sum() for p in m.parameters()))
    opt.step()
    ema.update()
    history['loss'].append(loss.item())
    history['gn'].append(grad_norm.item())
    if loss < best:
        best = loss.item()
        state = copy.deepcopy(m.state_dict())
print({k: [round(v, 4) for v in vs] for k, vs in history.items()})
ema.apply()
print(m.net[0].weight[0])
print(Counter([1, 1, 2]).most_common(1))
fast = OrderedDict((n, p) for n, p in m.named_parameters())
grads = torch.autograd.grad(F.mse_loss(m(x), y), fast.values(), create_graph=True)
fast = OrderedDict((n, p - 0.1 * g) for (n, p), g in zip(fast.items(), grads))
out = torch.func.functional_call(m, fast, (x,))
outer = F.mse_loss(out, y)
outer.backward()
print(m.net[0].weight.grad[0])
assert torch.isfinite(outer), 'bad'
print(f"{outer.item():.3e} {best:>10.4f} {'x':^5}|{3:03d}|{1e6:,.0f}|{0.256:.1%}")
for g in opt.param_groups:
    g['lr'] *= 0.5
print(opt.param_groups[0]['lr'], len(opt.state_dict()['state']))
trainable = [n for n, p in m.named_parameters() if not n.endswith('bias')]
print(trainable)
w = torch.eye(3).unsqueeze(0).repeat(2, 1, 1)
w[:, 0, 1] = 5
print(w.sum((1, 2)), w.nonzero().shape, (w > 1).any().item(), torch.where(w > 1))
print(torch.cdist(x[:3], x[:2]), torch.einsum('bi,bj->bij', x[:1], x[:1]))
i = torch.topk(x[:, 0], 3).indices
print(x[i, 0], torch.sort(x[:4, 1], descending=True)[0], torch.unique(torch.tensor([3, 1, 1])), torch.bincount(torch.tensor([0, 1, 1])))
