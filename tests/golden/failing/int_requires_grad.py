# expect: int-requires-grad
import torch

x = torch.tensor([1, 2], requires_grad=True)
