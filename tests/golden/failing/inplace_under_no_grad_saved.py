# expect: in-place
# says: one of the variables needed for gradient computation has been modified by an inplace operation
import torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x * 2
z = y ** 2
with torch.no_grad():
    y += 1
z.sum().backward()
