# expect: bad-argument
# says: singular
import torch

a = torch.tensor([[1.0, 2.0], [2.0, 4.0]])
torch.linalg.inv(a)
