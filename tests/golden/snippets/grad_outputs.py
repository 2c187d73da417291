import torch

x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
y = x ** 3
v = torch.tensor([[1.0, 0.0], [0.5, 2.0]])
g = torch.autograd.grad(outputs=y, inputs=x, grad_outputs=v)
print(g)
print(x.grad)
