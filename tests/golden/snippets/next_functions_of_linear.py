import torch
from torch import nn


def above(function):
    return [None if f is None else f.name().split("::")[-1] for f, _ in function.next_functions]


layer, plain = nn.Linear(3, 2), nn.Linear(3, 2, bias=False)
x = torch.ones(4, 3, requires_grad=True)
for y in (layer(x), layer(x * 2), plain(x * 2), plain(torch.ones(4, 3)), torch.addmm(layer.bias, x, layer.weight.T)):
    print(y.grad_fn.name(), above(y.grad_fn))
loss = nn.MSELoss()(torch.relu(layer(x)), torch.zeros(4, 2))
first = loss.grad_fn.next_functions[0][0]
second = first.next_functions[0][0]
print(first.name(), second.name(), above(second), above(second.next_functions[2][0]))
import torch.nn.functional as F
s = torch.tensor(1., requires_grad=True)
t = torch.tensor(2., requires_grad=True)
for y in [2*s, s*2, 2+s, s+2, 2-s, s-2, 2/s, s/2, 2**s, s**2, s*t, s-t, t@t if False else t*s, torch.mul(s, 2), 3 + s*2, s.sum(), -s, s.exp(), torch.max(s, t), torch.stack([s, t]), torch.cat([s.view(1), t.view(1)]), torch.where(s > 0, s, t), torch.nn.functional.mse_loss(s, torch.tensor(1.))]:
    print(y.grad_fn.name(), [(f.name() if f else None, i) for f, i in y.grad_fn.next_functions])
s = torch.tensor([[1., 2.],[3., 4.]], requires_grad=True)
i = torch.tensor([[0, 1]])
m = torch.tensor([[True, False]])
for y in [s[0], s[i], s[m[0]], s.gather(0, i), s.index_select(0, i[0]), F.cross_entropy(s, i[0]), F.log_softmax(s, 1), F.nll_loss(s, i[0]), F.embedding(i, s), torch.take(s, i), s.max(), s.max(1).values, s.sum(0), F.conv1d(s[None], torch.ones(1,2,1)), F.linear(s, torch.ones(2,2)), F.linear(s, torch.ones(2,2), torch.ones(2)), F.relu(s), F.dropout(s), F.mse_loss(s, torch.ones(2,2)), F.binary_cross_entropy(torch.sigmoid(s), torch.ones(2,2)), torch.addmm(torch.ones(2), s, s), s.std(), s.norm(), torch.lerp(s, torch.ones(2,2), 0.5), s.clamp(0, 1), F.layer_norm(s, (2,)), F.batch_norm(s, None, None, training=True)]:
    print(y.grad_fn.name(), [(f.name() if f else None, i) for f, i in y.grad_fn.next_functions])
