import torch

x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
y = x ** 2 / 3
print(y)
print(y.dtype)
y.sum().backward()
print(x.grad)
print(torch.tensor([1, 2], dtype=torch.int32), torch.tensor(1.5, dtype=torch.float64))
print((x * torch.tensor(2.0)).dtype, x.float().dtype, x.float())
