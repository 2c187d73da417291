import torch

x = torch.zeros(2, 3, 4)
print(x.size(), x.shape, x.dim(), x.numel(), x.dtype)
print(x.size(0), x.shape[-1], len(x), x.ndim)
print(x.view(-1).shape, x.permute(2, 0, 1).size(), x.transpose(0, 1).shape)
a, b, c = x.shape
print(a * b * c)
print(torch.tensor(1.0).shape, torch.tensor([1, 2]).dtype, torch.tensor([True]).dtype)
print(x.shape == (2, 3, 4), x.shape[1:], x.size()[0])
print(torch.ones(3, dtype=torch.float64), torch.ones(2, dtype=torch.int64))
print((torch.tensor([1, 2]) / 2).dtype, (torch.tensor([1, 2]) * 2).dtype, (torch.tensor([1, 2]) * 0.5).dtype)
print(torch.tensor([1.7, -1.7]).long(), torch.tensor([1, 2]).float(), torch.tensor([0, 3]).bool())
