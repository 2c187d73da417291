"""The last steps of the gradients of linear: what isn't a matrix was made one."""

import torch
import torch.nn.functional as F

for shape in ((3,), (2, 3), (2, 2, 3)):
    for bias in (None, torch.ones(2, requires_grad=True)):
        x, w = torch.ones(shape, requires_grad=True), torch.ones(2, 3, requires_grad=True)
        y = F.linear(x, w, bias)
        found = torch.autograd.grad((y * y).sum(), [x, w], create_graph=True)
        print(shape, y.grad_fn.name(), [each.grad_fn.name() for each in found])
