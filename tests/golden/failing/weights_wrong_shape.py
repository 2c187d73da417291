# expect: weights-shape
import torch

x = torch.ones(4, requires_grad=True)
z = x + 2
z.backward(torch.ones(3))
