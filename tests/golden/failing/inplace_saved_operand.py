# expect: in-place
# says: one of the variables needed for gradient computation has been modified by an inplace operation
import torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
w = torch.tensor([3.0, 4.0])
y = (x * w).sum()
w.add_(1)
y.backward()
