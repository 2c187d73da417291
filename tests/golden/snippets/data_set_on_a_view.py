"""What is no part of its base any more, since its .data was set, is a view all the same."""

import torch


def attempt(write):
    try:
        print(write())
    except RuntimeError as error:
        print(str(error).partition(".")[0])


x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
b = torch.tensor([1.0, 2.0, 3.0])
v = b[:2]
v.grad = torch.ones(2)
n = torch.tensor([4.0, 5.0])
v.data = n
b.mul_(3)
n.mul_(3)
print(v, v._is_view(), v.grad, b)
attempt(lambda: v.detach_())
v.data = torch.zeros(3)
print(v._is_view(), v.is_leaf, b)

v = x[:2]
v.data = n
print(v, v._is_view())
attempt(lambda: v.sigmoid_())
attempt(lambda: v.detach_())
with torch.no_grad():
    u = x[:2]
u.data = n
print(u, u._is_view())
attempt(lambda: u.sigmoid_())
w = x * 2
p, q = w.split([1, 2])
p.data = torch.tensor([7.0])
attempt(lambda: p.sigmoid_())
p.sum().backward()
print(p._is_view(), x.grad)
w = x * 2
v = w[:2]
v.data = torch.tensor([0.0, 1.0])
v.sigmoid_()
print(w._is_view(), v._is_view(), v.detach())
x.grad = None
v.sum().backward()
print(x.grad)
c = torch.tensor([1.0, 2.0])
c.grad = torch.ones(2)
c.data = torch.zeros(2)
print(c._is_view(), c.grad)
c.detach_()
