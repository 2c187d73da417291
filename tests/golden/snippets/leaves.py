import torch

a = torch.zeros(2, requires_grad=True)
b = torch.zeros(2)
c = a + 1
d = b + 1
e = torch.ones(2).requires_grad_()
f = (torch.ones(2) * 2).requires_grad_()
g = torch.ones(2, requires_grad=True) * 2
h = a.detach()
i = c.clone()
for t in [a, b, c, d, e, f, g, h, i]:
    print(t.is_leaf, t.requires_grad, t)
