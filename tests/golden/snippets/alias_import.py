import torch as t
from torch import tensor, autograd
import numpy as np
import math

x = tensor(0.5, requires_grad=True)
y = t.exp(x) * math.sin(1.0) + math.pi
g, = autograd.grad(y, x)
print(f"{y.item():.4f} {g.item():.4f} {np.pi:.4f} {math.sqrt(2):.4f}")
