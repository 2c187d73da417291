import torch

x = torch.arange(-8.0, 8.0, 2.0, requires_grad=True)
y = torch.sigmoid(x)
y.backward(torch.ones_like(x), retain_graph=True)
print(y)
print(x.grad)
x.grad.data.zero_()
t = torch.tanh(x)
t.backward(torch.ones_like(x))
print(x.grad)
