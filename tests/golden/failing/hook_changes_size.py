# expect: shape or bad-argument
# says: has changed the size of value
import torch


def shorter(grad):
    return grad[:1]


x = torch.tensor([1.0, 2.0], requires_grad=True)
x.register_hook(shorter)
(x * 2).sum().backward()
