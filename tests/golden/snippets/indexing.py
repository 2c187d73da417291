import torch

x = torch.arange(12.0).reshape(3, 4).requires_grad_()
print(x[1], x[-1, 2], x[:, 1])
print(x[0:2, 1:3], x[::2], x[..., -1])
print(x[[0, 2]], x[[0, 1], [1, 2]])
print(x[:, None, 0].shape, x[None].shape)
y = x[1] * 2 + x[2, 3]
y.sum().backward()
print(x.grad)

x = torch.ones(2, 3, requires_grad=True) * 1
e = torch.ones(1, 0, requires_grad=True) * 1
for y in (
    x[0, 0:7],
    x[0, -3:],
    x[:, -5:],
    x[:, :3],
    x[0, -3:3],
    x[0, ::2],
    x[-2:],
    e[0, 1:],
    e[:, 0:],
    e[0, :5],
):
    print(y.shape, y.grad_fn.name())
