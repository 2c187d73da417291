"""torch.manual_seed gives the generator that everything is drawn from."""

import torch

g = torch.manual_seed(3)
print(type(g).__name__, g.initial_seed(), torch.initial_seed())
a = torch.rand(2)
print(g is torch.manual_seed(3), torch.equal(a, torch.rand(2, generator=g)))
b = torch.rand(2)
g.manual_seed(3)
print(torch.equal(a, torch.rand(2)), torch.equal(b, torch.rand(2)), torch.initial_seed())
g.manual_seed(5)
print(torch.initial_seed())
