# expect: non-scalar-root
import torch

x = torch.ones(4, requires_grad=True)
z = x + 2
z.backward()
