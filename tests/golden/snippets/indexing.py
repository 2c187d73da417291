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

e = torch.zeros(1, 0, requires_grad=True)
print(e[[0, 1]], e[[0, -3]].shape, e[[5], []].shape, torch.zeros(2, 0, 3)[:, :, [5]].shape)
e[[0, 1]].sum().backward()
print(e.grad)
y = torch.zeros(1, 0)
y[[3]] = 1.0
try:
    e[:, [0]]
except IndexError as error:
    print(error)
