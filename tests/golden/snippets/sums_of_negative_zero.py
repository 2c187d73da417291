import torch

for dtype in (torch.float32, torch.float64):
    x = torch.tensor([-0.0], dtype=dtype)
    rows = torch.full((1, 3), -0.0, dtype=dtype)
    scalar = torch.tensor(-0.0, dtype=dtype)
    print(x.sum(), x.mean(), x.nansum(), x.nanmean(), scalar.sum(), scalar.sum(0), scalar.mean(0))
    print(rows.sum(0), rows.sum(1), rows.T.sum(1), rows.mean(0), rows.sum_to_size(3), rows.sum_to_size(1, 3))
    print(x.cumsum(0), rows.cumsum(0), rows.cumsum(1), rows[:, :1].trace(), torch.einsum("ij->j", rows))
    # What is negative behind a zero that is not.
    print(torch.tensor([-0.0, -0.0, -1.0, 1.0, -0.0], dtype=dtype).cumsum(0))
    large = torch.full((300, 400), -0.0, dtype=dtype)
    print(torch.signbit((large * 2).sum()), torch.signbit((large * 2).sum(0)).any())
    print(torch.signbit((-large.abs()).sum(1)).any(), torch.signbit((large.view(3, -1) * 2).sum(0)).any())
    print(torch.signbit((large * 2).cumsum(0)).any(), torch.signbit((large * 2).view(-1).cumsum(0)).any())

    print(torch.signbit((large.abs() * -2).sum(0)).any(), torch.signbit((large.abs() * torch.tensor(-2.0)).sum(0)).any())

    # A gradient is added up along the dims that were added, and stays as it is where only 1 became 1.
    x = torch.tensor([1.0, 2.0, 3.0], dtype=dtype, requires_grad=True)
    y = torch.ones(1, 3, dtype=dtype, requires_grad=True)
    (x * y).backward(torch.full((1, 3), -0.0, dtype=dtype))
    print(1 / x.grad, 1 / y.grad)
    z = torch.ones(1, 1, dtype=dtype, requires_grad=True)
    z.expand(1, 1, 1).backward(torch.full((1, 1, 1), -0.0, dtype=dtype))
    print(1 / z.grad)
