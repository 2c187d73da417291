import torch

a = b = torch.tensor(2.0, requires_grad=True)
c, d = a * 3, b ** 2
(e, f), g = [c, d], c + d
g.backward()
print(a.grad, b.grad)
x, (y, z) = 1, [2, 3]
print(x, y, z)
x, y = y, x
print(x, y)
