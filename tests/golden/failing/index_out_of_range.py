# expect: bad-argument or shape
import torch

x = torch.arange(3.0)
print(x[5])
