import torch

x = torch.tensor(2.0, requires_grad=True)
y = x * 3
z = y.exp().sum()
print(x.grad_fn)
print(y.grad_fn.name())
print(z.grad_fn.name())
