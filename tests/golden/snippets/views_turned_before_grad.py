"""A view that was turned before its base required grad is asked what it became, as any written view."""

import torch
a = torch.zeros(2,3)
b = a[:1]
b.grad = None
a.sub_(a)
b.unsqueeze_(0)
a.requires_grad_()
print(b)
a = torch.zeros(2,3)
b = a[:1]
b.unsqueeze_(0)
a.requires_grad_()
print(b)
a = torch.zeros(2,3)
b = a[:1]
b.t_()
a.requires_grad_()
print(b.requires_grad)
(b*b).sum().backward()
print(a.grad)
a = torch.zeros(2,3)
b = a.view(3,2)
b.t_()
a.requires_grad_()
print(b)
a = torch.zeros(2,3)
b = a.view(3,2)
a.t_()
a.requires_grad_()
print(b)
a = torch.ones(2,3)
b = a.view(3,2)
c = b[0]
b.squeeze_()
with torch.no_grad():
    c.unsqueeze_(0)
a.requires_grad_()
print(b)
print(c)
(b.sum()*c.sum()).backward()
print(a.grad)
a = torch.ones(2,3)
b = a[:1]
b.t_()
print(b*2)
b.requires_grad_()
print(b)

c = b*2
c.sum().backward()
print(b.grad)
