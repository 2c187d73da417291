import torch

x = torch.ones(2, requires_grad=True)
print(x.grad, x.grad is None)
y = (x * 5).sum()
print(y.requires_grad, y.is_leaf, x.is_leaf)
y.backward()
if x.grad is not None:
    print(x.grad)
x.grad = None
print(x.grad)
