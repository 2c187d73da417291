import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, Sampler, TensorDataset, WeightedRandomSampler

torch.manual_seed(0)
y = torch.tensor([0, 0, 0, 0, 1, 1])
counts = torch.bincount(y)
weights = 1.0 / counts[y].float()
sampler = WeightedRandomSampler(weights, num_samples=8, replacement=True)
print(len(sampler), list(sampler))
loader = DataLoader(TensorDataset(torch.arange(6), y), batch_size=4, sampler=sampler)
print(len(loader))
for xb, yb in loader:
    print(xb, yb)
print(list(WeightedRandomSampler([0.1, 0.9, 0.5], 2, replacement=False)))


class Stream(IterableDataset):
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        for i in range(self.n):
            yield torch.tensor([i, i**2])


for batch in DataLoader(Stream(5), batch_size=2):
    print(batch)
print(len(list(DataLoader(Stream(5), batch_size=2, drop_last=True))))


class EveryOther(Sampler):
    def __init__(self, source):
        self.source = source

    def __iter__(self):
        return iter(range(0, len(self.source), 2))

    def __len__(self):
        return (len(self.source) + 1) // 2


print([b.tolist() for b in DataLoader(range(7), batch_size=2, sampler=EveryOther(range(7)))])
try:
    DataLoader(range(3), shuffle=True, sampler=EveryOther(range(3)))
except ValueError as e:
    print(e)
