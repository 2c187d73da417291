import torch
a = torch.tensor(2.0, requires_grad=True)
b = torch.tensor([1., 2., 3.], requires_grad=True)
c = torch.ones(2, 3, requires_grad=True)
(a * b + c / a - b ** a).sum().backward()
print(a.grad)
print(b.grad)
print(c.grad)
