# expect: in-place
# says: one of the variables needed for gradient computation has been modified by an inplace operation
import torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x.exp()
y += 1
y.sum().backward()
