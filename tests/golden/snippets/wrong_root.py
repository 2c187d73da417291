import torch

# Walking back from y with z as the weight is not the derivative of z.
x = torch.tensor(1.0, requires_grad=True)
y = 2 * x
z = y ** 2
y.backward(z.detach())
print(x.grad)   # 2 * 4, by accident the right number
x.grad = None
x2 = torch.tensor(1.0, requires_grad=True)
y2 = 2 * x2
z2 = y2 ** 2
x2.backward(z2)
print(x2.grad)
