import torch
x = torch.tensor([1., 2.], requires_grad=True)
d = x.detach()
d += 10
print(x)
d.mul_(2)
print(x, d)
x.data.fill_(0.5)
print(x, d)
with torch.no_grad():
    x.zero_()
print(x, d, x.is_leaf)
