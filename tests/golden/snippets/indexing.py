import torch

x = torch.arange(12.0).reshape(3, 4).requires_grad_()
print(x[1], x[-1, 2], x[:, 1])
print(x[0:2, 1:3], x[::2], x[..., -1])
print(x[[0, 2]], x[[0, 1], [1, 2]])
print(x[:, None, 0].shape, x[None].shape)
y = x[1] * 2 + x[2, 3]
y.sum().backward()
print(x.grad)
