# expect: unknown-name or unknown-function
# says:
import torch

x = torch.ones(2, requires_grad=True)
print(x.gradient)
