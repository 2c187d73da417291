import torch

x = torch.tensor(2.0, requires_grad=True)
y = x ** 3
y.backward(create_graph=True)
first = x.grad.item()
g = x.grad
x.grad = None
g.backward()
print(first, x.grad.item())
