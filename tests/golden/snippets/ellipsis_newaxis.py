import torch
x = torch.arange(24.).reshape(2, 3, 4)
print(x[..., 0], x[0, ..., 1], x[:, None].shape, x[0, 1:, ::2], x[-1, -1, -1])
print(x[1][2][3], x[:, 1].sum(), x[..., -1:].shape, x[None].shape)
print(x[0, [0, 2]], x[x > 20], x[:, :, 1:3][0])
i = torch.tensor([1, 0])
print(x[i, 0])
