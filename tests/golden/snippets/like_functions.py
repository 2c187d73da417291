import torch

x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
print(torch.zeros_like(x), torch.ones_like(x))
print(torch.full_like(x, 7.0), torch.full((2,), 3))
print(torch.eye(3), torch.arange(0, 10, 3), torch.linspace(0, 1, 3))
print(torch.zeros_like(x).requires_grad, torch.empty(2, 2).shape)
print(torch.zeros(2, requires_grad=True), torch.rand_like(x).shape)
