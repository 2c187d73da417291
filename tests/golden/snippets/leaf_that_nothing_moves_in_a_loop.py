"""A walk that a loop repeats gets to a leaf that moves nothing there: its `.grad` stays None."""
import torch

for turn in range(6):
    x = torch.tensor([0.5, 2.0], requires_grad=True)
    w = torch.tensor([0.25, 0.5], requires_grad=True)
    (gradient,) = torch.autograd.grad(torch.xlogy(x, w).sum(), x, create_graph=True)
    gradient.sum().backward()
    print(turn, x.grad, w.grad)
