"""What `vmap` makes of no entries."""
import torch

nothing, rows = torch.ones(0), torch.ones(0, 2)
print(torch.func.vmap(lambda t: t.sum())(rows))
print(torch.func.vmap(lambda t: t.sin())(nothing))
print(torch.func.vmap(lambda t, u: t * u)(nothing, nothing))
print(torch.func.vmap(torch.func.grad(lambda t: t**2))(nothing))
print(torch.func.vmap(lambda t, u: (t + u, t.sum()), in_dims=(0, None))(rows, torch.ones(2)))
