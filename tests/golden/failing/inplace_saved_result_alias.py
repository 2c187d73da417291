# expect: in-place
# says: one of the variables needed for gradient computation has been modified by an inplace operation
import torch

a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
out = a.sigmoid()
c = out.detach()
c.zero_()
out.sum().backward()
