# expect: shape or bad-argument
import torch

x = torch.ones(2, requires_grad=True)
x.grad = torch.ones(3)
