import torch as t
import torch.nn.functional as F, math as m
from torch import tensor, nn, autograd
from torch.autograd import grad as g, Variable
from torch import (sin,
                   cos)
import torch.autograd as ag
import torch.nn as nn2
x = tensor(0.5, requires_grad=True)
print(g(sin(x) * cos(x), x)[0], F.relu(x), m.cos(0.5))
print(t.exp(x).item() == torch.exp(x).item() if False else nn.functional.relu(-x), nn2.functional.softplus(x))
print(ag.grad(x * 2, x))
