import torch

x = torch.tensor([3.0], requires_grad=True)
y = x.pow(2)
y.backward(retain_graph=True)
print(x.grad)
y.backward(retain_graph=True)
print(x.grad)
x.grad.data.zero_()
y.backward()
print(x.grad)
