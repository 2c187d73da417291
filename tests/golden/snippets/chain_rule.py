import torch

# y = 2x, z = y^2: how does z change with x?
x = torch.tensor(1.0, requires_grad=True)
y = 2 * x
z = y ** 2
z.backward()
print("z =", z)
print("dz/dx =", x.grad)
