"""Hooks of a root that leads nowhere change the gradient that it keeps."""

import torch
a = torch.tensor([1.0], requires_grad=True)
b = a*2
b.register_hook(lambda g: torch.zeros_like(g))
b.sum().backward(retain_graph=True, inputs=[b])
print(b.grad)
e = torch.tensor([3.0], requires_grad=True)*2
b.backward(torch.ones_like(b), retain_graph=True, inputs=[e])
print(b.grad, a.grad, e.grad)
a = torch.tensor([1.0], requires_grad=True)
b = a*2
b.register_hook(lambda g: torch.zeros_like(g))
b.retain_grad()
b.backward(torch.ones_like(b), retain_graph=True)
print(b.grad, a.grad)
b.grad=None
e = torch.tensor([3.0], requires_grad=True)*2
b.backward(torch.ones_like(b), retain_graph=True, inputs=[e])
print(b.grad, a.grad)
b.backward(torch.ones_like(b), retain_graph=True, inputs=[e,b])
print(b.grad, a.grad)
a = torch.tensor([1.0], requires_grad=True)
b = a*2
b.register_hook(lambda g: torch.zeros_like(g))
b.sum().backward(inputs=[e])
print(b.grad, a.grad)
c = a*2
c.retain_grad()
c.register_hook(lambda g: g*3)
f = torch.tensor([3.0], requires_grad=True)
print(torch.autograd.grad(c, [f], torch.ones_like(c), retain_graph=True, allow_unused=True), c.grad)
print(torch.autograd.grad(c, [f], torch.ones_like(c), retain_graph=True, allow_unused=True, create_graph=True), c.grad)
c.backward(torch.ones_like(c), inputs=[f])
print(c.grad, f.grad)
