import torch

x = torch.tensor(1.0, requires_grad=True)
y = torch.tensor(2.0, requires_grad=True)
z = x * y
z.backward(inputs=[x])
print(x.grad, y.grad)
