# expect: int-requires-grad
import torch

m = torch.tensor([True, False])
m.requires_grad = True
