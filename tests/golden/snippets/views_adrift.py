import torch
import torch.nn.functional as F

# What was viewed outside recording says that it requires grad, and nothing is saved for it.
b = torch.ones(2, 2, requires_grad=True) * 1
with torch.no_grad():
    c = b[::2]
c = c * c
b += 1
c.sum().backward()
print(c)

b = torch.ones(2, 2, requires_grad=True) * 1
c = b[::2]
e = c * c
b[:] = b
try:
    e.sum().backward()
except RuntimeError as error:
    print(str(error).split(",")[0])

# A view keeps its history when its base is no leaf that requires grad any more.
b = torch.tensor([[-0.5, 0.0], [1.5, 2.0]], requires_grad=True)
c = torch.flatten(b)
b.requires_grad_(False)
with torch.no_grad():
    F.elu(c, inplace=True)
print(c, c.requires_grad, c.is_leaf)
try:
    c.mean().backward(inputs=[b])
except RuntimeError as error:
    print(error)

# ravel copies what is not row by row.
a = torch.tensor([[-1.0, -0.5], [0.0, 1.5]], requires_grad=True)
with torch.no_grad():
    e, f = a[:, 0].ravel(), a[0].ravel()
print(e, f)
d = (a * 1).reshape(2, 1, 2)
print(d.permute(2, 1, 0)[0].flatten(), d.permute(2, 1, 0).flatten().grad_fn is None)

# Zeros against infinities.
x = torch.tensor([1.5, 0.0], requires_grad=True)
y = torch.tensor([-2.0, 0.5])
(torch.xlogy(x, y) * torch.tensor([0.0, 1.0])).sum().backward()
print(x.grad)
x = torch.zeros(2, requires_grad=True)
(x.sinc() / x).sum().backward()
print(x.grad)

# Which of two broken rules is told: what was freed is freed, overwritten or not.
b = torch.tensor([1.0, 2.0], requires_grad=True)
c = F.logsigmoid(b)
(c * c).sum().backward()
with torch.no_grad():
    b[b > 0] = 0.0
try:
    F.mse_loss(c, torch.ones(2)).backward()
except RuntimeError as error:
    print(str(error)[:50])
try:
    torch.zeros(0, 2).index_select(0, torch.tensor([0]))
except RuntimeError as error:
    print(error)
# A view made outside recording, of what requires no grad any more or again, overwritten, and then missed.
for how in range(4):
    for asked in (False, True):
        a = torch.tensor([[1.0, 0.5], [0.25, -0.5]], requires_grad=True)
        with torch.no_grad():
            b = a[-1]
        c = b * 2 if how == 3 else b.clamp(-1, 1)
        if how == 1:
            a.requires_grad_(False)
        with torch.no_grad():
            a.mul_(a)
        if how in (0, 3):
            a.requires_grad_(False)
        if asked and not a.requires_grad:
            print(b.requires_grad, b.is_leaf)
        try:
            c.sum().backward()
            print(how, "fine", a.grad)
        except RuntimeError as e:
            print(how, str(e)[:40])
