import torch

x = torch.tensor([[0.0, 2.0], [3.0, 0.0]])
print(x.nonzero(), torch.nonzero(x, as_tuple=True), torch.argwhere(x > 0), torch.nonzero(torch.tensor(3.0)).shape)
print(torch.unique(torch.tensor([3, 1, 1])), torch.unique(torch.tensor([[3, 1], [1, 2]]), return_inverse=True))
print(torch.tensor([2.0, 1.0, 2.0]).unique(return_counts=True), torch.unique(torch.tensor([[1, 2], [1, 2], [0, 1]]), dim=0))
print(torch.bincount(torch.tensor([0, 1, 1, 3])), torch.tensor([0, 1]).bincount(minlength=4))
print(torch.bincount(torch.tensor([0, 1, 1]), weights=torch.tensor([0.5, 1.0, 2.0])))
print(torch.isin(torch.tensor([1, 2, 3]), torch.tensor([2, 9])), torch.bucketize(torch.tensor([2.0, 5.0]), torch.tensor([1.0, 3.0, 5.0])))
print(torch.searchsorted(torch.tensor([1.0, 3.0, 5.0]), torch.tensor([[3.0, 6.0]]), right=True))
print(torch.searchsorted(torch.tensor([[1.0, 3.0], [2.0, 4.0]]), torch.tensor([[2.0], [4.0]])))
print(torch.histc(torch.tensor([1.0, 2.0, 1.0, 5.0]), bins=4, min=0, max=3), torch.histc(torch.tensor([1.0, 2.0, 4.0]), bins=3))
