# expect: dtype
# says: mean(): could not infer output dtype
import torch

print(torch.tensor([1, 2, 3]).mean())
