# expect: shape
import torch

x = torch.arange(6)
x.reshape(4, 2)
