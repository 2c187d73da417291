# expect: unset-input
# says:
import torch

x = torch.tensor(2.0)
print(x + y)
