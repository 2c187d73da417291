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
