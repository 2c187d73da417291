# expect: int-requires-grad
# says: only Tensors of floating point
import torch

x = torch.arange(3)
x.requires_grad_(True)
