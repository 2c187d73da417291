import torch
x = torch.tensor([1., 2., 3.], requires_grad=True)
y = x ** 2
y.backward(torch.ones_like(y))
print(x.grad)
x.grad.zero_()
y = x ** 3
y.backward(gradient=torch.tensor([1., 0.1, 0.01]))
print(x.grad)
