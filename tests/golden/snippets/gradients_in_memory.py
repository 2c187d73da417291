"""How gradients lie in memory: recorded ones as the steps of the walk make them, `.grad` as its leaf."""

import torch
import torch.nn.functional as F

x = torch.tensor([[1.0, 2.0, 3.0], [0.5, -1.0, 2.0]], requires_grad=True)
w = torch.tensor([[2.0, 0.2, 1.0], [1.5, -1.0, 0.7]], requires_grad=True)
functions = {
    "sin": lambda a, b: a.sin(),
    "neg": lambda a, b: -a,
    "mul(3)": lambda a, b: a * 3,
    "reciprocal": lambda a, b: a.reciprocal(),
    "relu": lambda a, b: a.relu(),
    "clamp": lambda a, b: a.clamp(-1, 1),
    "clip": lambda a, b: a.clip(-1, 1),
    "softmax": lambda a, b: a.softmax(0),
    "mean(0)": lambda a, b: a.mean(0),
    "cumsum": lambda a, b: a.cumsum(0),
    "add": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "where": lambda a, b: torch.where(a > b, a, b),
    "mse_loss": lambda a, b: F.mse_loss(a, b),
    "row": lambda a, b: a + b[0],
    "mm": lambda a, b: a.mm(b.t()),
    "linear": lambda a, b: F.linear(a, b),
}
for name, function in functions.items():
    for turned in (False, True):
        a, b = (x.t(), w.t()) if turned else (x, w)
        y = function(a, b)
        for root in (y.sin().sum(), (y * y).mean()):
            found = torch.autograd.grad(
                root, [a, b], create_graph=True, allow_unused=True
            )
            print(
                name,
                turned,
                [None if each is None else each.stride() for each in found],
            )

a = x.t()
(g,) = torch.autograd.grad(a.sin().sum(), [a], create_graph=True)
try:
    g.view(-1)
except RuntimeError as error:
    print(error)
print(g.t().view(-1), g.sum(0).view(-1))

leaf = x.detach().t().clone().requires_grad_()
leaf.sum().backward()
print(leaf.grad.stride(), leaf.grad.is_contiguous())
(leaf * leaf).mean().backward()
print(leaf.grad.stride(), leaf.grad.t().view(-1))
column = x.detach().t()[:, :1].requires_grad_()
(column * 2).sum().backward(create_graph=True)
print(column.grad.is_contiguous(), column.grad.view(-1))
