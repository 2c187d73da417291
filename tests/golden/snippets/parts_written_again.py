import torch

# A part that is assigned to itself has asked the whole what it is by now: it's no leaf any more.
a = torch.tensor([1.5, -1.0], requires_grad=True)
b = torch.tensor([[[0.5, 0.5]], [[1.0, 3.0]]])
d = b[:, 0]
d[0] *= a[0]
d[...] = 1.0
print(b)
b = torch.tensor([[[0.5, 0.5]], [[1.0, 3.0]]])
d = b[:, 0]
d[0] **= a[0]
d[:] = 1.0
print(b)
b = torch.tensor([[[0.5, 0.5]], [[1.0, 3.0]]])
d = b[:, 0]
d[0].mul_(a[0])
try:
    d[...] = 1.0
except RuntimeError as error:
    print(error)
