import torch
x = torch.tensor([1., 2.], requires_grad=True)
y = x * 2
with torch.no_grad():
    y += 1
print(y, y.requires_grad)
y.sum().backward()
print(x.grad)
z = x + 3
with torch.no_grad():
    z.zero_()
print(z)
(z * x).sum().backward()
print(x.grad)
