import torch

# What was detached in place says for ever that it retains its gradient, which is that of what had been computed of it.
x = torch.ones(3, requires_grad=True)
y = x * 2
y.retain_grad()
z = y * 3
y.detach_()
print(y.retains_grad, y.is_leaf, y.requires_grad)
z.sum().backward()
print(y.grad, x.grad)
y.requires_grad_()
(y * 2).sum().backward()
print(y.grad, y.retains_grad)
y.grad = None
print(y.retains_grad, y.detach().retains_grad, y[1:].retains_grad)
with torch.no_grad():
    y += 1
y.requires_grad_(False)
y *= 2
y[0] = 3
y.zero_()
print(y.retains_grad)

leaf = torch.ones(3, requires_grad=True)
leaf.detach_()
leaf.requires_grad_()
leaf.retain_grad()
print(leaf.retains_grad)
