import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
x = torch.randn(2, 3, 7, 7, requires_grad=True)
for f in (nn.LPPool2d(2, 3, stride=2), nn.LPPool2d(1.2, (3, 2), stride=(2, 1)), nn.LPPool2d(3, 2, ceil_mode=True)):
    y = f(x.abs() + .1); print(f, y.shape, y.grad_fn.name()); print(y[0, 0]); x.grad = None; y.sum().backward(); print(x.grad[0, 0, :3])
y = nn.LPPool1d(2, 3)(torch.arange(8.).view(1, 1, 8)); print(y, F.lp_pool1d(torch.arange(6.).view(1, 6), 1, 2))
print(F.lp_pool3d(torch.ones(1, 1, 2, 2, 2), 2, 2), nn.LPPool3d(2, 2))
w = torch.empty(5, 4); print(nn.init.sparse_(w, 0.3), nn.init.sparse_(torch.empty(3, 3), .5, std=1.))
try: nn.init.sparse_(torch.empty(3), .1)
except ValueError as e: print(e)
class O:
    kind = 3
    def __init__(self, **kw):
        self.__dict__.update(kw)
    def __repr__(self):
        return f"O({', '.join(f'{k}={v!r}' for k, v in self.__dict__.items())})"
o = O(a=1, b='x'); print(o, o.__dict__, vars(o), o.a, 'a' in o.__dict__); o.__dict__['c'] = 5; print(o.c, len(o.__dict__))
for layer in (nn.Linear(3, 2), nn.Conv2d(1, 2, 2), nn.Embedding(3, 2), nn.BatchNorm1d(2), nn.LayerNorm(2), nn.GRU(2, 2)):
    if hasattr(layer, 'reset_parameters'):
        p = next(layer.parameters()); before = p.detach().clone()
        layer.reset_parameters()
        print(type(layer).__name__, p is next(layer.parameters()), torch.equal(before, p.detach()), p.flatten()[:3])
print(hasattr(nn.ReLU(), 'reset_parameters'))
