# expect: weights-shape
import torch

x = torch.ones(3, requires_grad=True)
z = x.sum()
z.backward(torch.ones(3))
