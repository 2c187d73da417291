import torch

# What is named twice among the inputs gets its gradient once.
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x * x
z = y * 3
z.sum().backward(inputs=[x, x], retain_graph=True)
print(x.grad)
z.sum().backward(inputs=[x, torch.atleast_1d(x), y, y], retain_graph=True)
print(x.grad, y.grad)
torch.autograd.backward([z.sum()], inputs=[y, x, y], create_graph=True)
print(x.grad, y.grad)
print(torch.autograd.grad(x.pow(3).sum(), [x, x]))
