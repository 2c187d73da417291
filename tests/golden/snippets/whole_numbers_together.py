"""Whole numbers have one dtype, wherever they come from."""
import torch

m, v = torch.ones(2, 3).long(), torch.tensor([1, 2, 3])
print(m @ v, v @ m.T, m @ torch.arange(3), torch.arange(3) @ v)
print(torch.tensor([3, 1, 1]).unique() @ torch.tensor([1, 2]), v.argsort() @ v)
print(v.argsort().index_copy(0, torch.tensor([1]), torch.tensor([7])))
