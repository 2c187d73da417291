import torch

# A sum keeps nothing for backward, so it can be walked twice.
x = torch.ones(3, requires_grad=True)
s = (x + 1).sum()
s.backward()
s.backward()
print(x.grad)
